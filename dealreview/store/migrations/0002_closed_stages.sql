-- A stage can be known as closed while nobody knows whether its deals were won.
-- SQLite can't change a CHECK, so the table is made anew; no table refers to it.
ALTER TABLE "stages" RENAME TO "stages_before";

CREATE TABLE "stages" (
  "stage_id" TEXT NOT NULL CHECK (trim("stage_id") <> ''),
  "pipeline_id" TEXT,
  "name" TEXT,
  "position" INTEGER,
  "kind" TEXT CHECK ("kind" = 'open' OR "kind" = 'won' OR "kind" = 'lost' OR "kind" = 'closed'),
  "milestone" INTEGER CHECK ("milestone" >= 1) CHECK ("milestone" <= 6),
  "exit_criteria" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("stage_id")
) STRICT, WITHOUT ROWID;

INSERT INTO "stages" (stage_id, pipeline_id, name, position, kind, milestone, exit_criteria, source_row, gone_on)
SELECT stage_id, pipeline_id, name, position, kind, milestone, exit_criteria, source_row, gone_on FROM "stages_before";

DROP TABLE "stages_before";

CREATE TRIGGER "stages_insert_log" AFTER INSERT ON "stages"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stages', NEW."stage_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "stages_delete_log" AFTER DELETE ON "stages"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stages', OLD."stage_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "stages_update_log" AFTER UPDATE ON "stages"
WHEN OLD."stage_id" IS NOT NEW."stage_id"
  OR OLD."pipeline_id" IS NOT NEW."pipeline_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."position" IS NOT NEW."position"
  OR OLD."kind" IS NOT NEW."kind"
  OR OLD."milestone" IS NOT NEW."milestone"
  OR OLD."exit_criteria" IS NOT NEW."exit_criteria"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stages', NEW."stage_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "stages_move_log" AFTER UPDATE ON "stages"
WHEN OLD."stage_id" IS NOT NEW."stage_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stages', OLD."stage_id", NULL, NULL, 'update');
END;

-- What a mail, call, meeting or task is about, from which its kind can be read where nobody marks it.
ALTER TABLE "activities" ADD COLUMN "title" TEXT;

DROP TRIGGER "activities_update_log";

CREATE TRIGGER "activities_update_log" AFTER UPDATE ON "activities"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."kind" IS NOT NEW."kind"
  OR OLD."direction" IS NOT NEW."direction"
  OR OLD."status" IS NOT NEW."status"
  OR OLD."moved_by" IS NOT NEW."moved_by"
  OR OLD."at" IS NOT NEW."at"
  OR OLD."duration_min" IS NOT NEW."duration_min"
  OR OLD."person_id" IS NOT NEW."person_id"
  OR OLD."automated" IS NOT NEW."automated"
  OR OLD."meeting_kind" IS NOT NEW."meeting_kind"
  OR OLD."commitment_id" IS NOT NEW."commitment_id"
  OR OLD."relay_reason" IS NOT NEW."relay_reason"
  OR OLD."side_task" IS NOT NEW."side_task"
  OR OLD."title" IS NOT NEW."title"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activities', NEW."activity_id", NEW."account_id", NEW."deal_id", 'update');
END;

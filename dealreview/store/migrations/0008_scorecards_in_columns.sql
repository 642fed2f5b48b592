-- Scorecards in columns, some thousand together; those of earlier runs stay rows of run_scorecards.
CREATE TABLE "run_cards" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "first_id" TEXT NOT NULL CHECK (trim("first_id") <> ''),
  "last_id" TEXT,
  "subjects" INTEGER,
  "data" BLOB,
  PRIMARY KEY ("run", "kind", "first_id"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

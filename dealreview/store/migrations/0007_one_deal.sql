-- What one deal is judged by between two reviews: benchmarks of the last one, and its rows by their keys.
CREATE TABLE "run_benchmarks" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "first_id" TEXT NOT NULL CHECK (trim("first_id") <> ''),
  "last_id" TEXT,
  "data" BLOB,
  PRIMARY KEY ("run", "kind", "first_id"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX "accounts_by_parent_account_id" ON "accounts" ("parent_account_id");
CREATE INDEX "activity_attendees_by_attendee_id" ON "activity_attendees" ("attendee_id");

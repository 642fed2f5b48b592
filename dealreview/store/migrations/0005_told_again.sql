-- What runs keep of findings that can be told again, and which runs are kept or were taken out.
CREATE TABLE "run_rules" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "format" INTEGER,
  "data" BLOB,
  PRIMARY KEY ("run", "kind"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE "run_facts" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "first_id" TEXT NOT NULL CHECK (trim("first_id") <> ''),
  "last_id" TEXT,
  "subjects" INTEGER,
  "data" BLOB,
  PRIMARY KEY ("run", "kind", "first_id"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE "run_pins" (
  "run" INTEGER NOT NULL,
  "reason" TEXT,
  "pinned_on" TEXT,
  "until" TEXT,
  PRIMARY KEY ("run"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE "pruned_runs" (
  "run" INTEGER NOT NULL,
  "key" TEXT,
  "as_of" TEXT,
  "created_at" TEXT,
  "pruned_at" TEXT,
  PRIMARY KEY ("run")
) STRICT, WITHOUT ROWID;

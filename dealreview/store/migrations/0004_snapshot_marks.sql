-- Which snapshots were made of this database: a copy that is put back has none of the later ones.
CREATE TABLE "snapshot_marks" (
  "mark" TEXT NOT NULL CHECK (trim("mark") <> ''),
  "data_revision" INTEGER,
  "made_at" TEXT,
  PRIMARY KEY ("mark")
) STRICT, WITHOUT ROWID;

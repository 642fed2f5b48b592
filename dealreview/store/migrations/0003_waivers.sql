-- What people decided about findings.
CREATE TABLE "waivers" (
  "waiver" INTEGER PRIMARY KEY AUTOINCREMENT,
  "check_id" TEXT,
  "kind" TEXT,
  "id" TEXT,
  "outcome" TEXT CHECK ("outcome" = 'watch' OR "outcome" = 'risk'),
  "disposition" TEXT CHECK ("disposition" = 'accepted' OR "disposition" = 'false_positive'),
  "reason" TEXT,
  "author" TEXT,
  "approver" TEXT,
  "made_on" TEXT,
  "until" TEXT,
  "withdrawn_on" TEXT
) STRICT;

-- Frozen: later changes of the schema are further steps.

CREATE TABLE "accounts" (
  "account_id" TEXT NOT NULL CHECK (trim("account_id") <> ''),
  "parent_account_id" TEXT,
  "name" TEXT,
  "segment" TEXT,
  "industry" TEXT,
  "country" TEXT,
  "employees" INTEGER,
  "owner_id" TEXT,
  "is_key" INTEGER CHECK ("is_key" IN (0, 1)),
  "key_since_on" TEXT,
  "key_reviewed_on" TEXT,
  "key_review_kept" INTEGER CHECK ("key_review_kept" IN (0, 1)),
  "first_revenue_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("account_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "contacts" (
  "contact_id" TEXT NOT NULL CHECK (trim("contact_id") <> ''),
  "account_id" TEXT,
  "name" TEXT,
  "job_title" TEXT,
  "function" TEXT CHECK ("function" = 'operations' OR "function" = 'finance' OR "function" = 'it' OR "function" = 'purchasing' OR "function" = 'legal' OR "function" = 'sales' OR "function" = 'marketing' OR "function" = 'hr' OR "function" = 'production' OR "function" = 'executive' OR "function" = 'other'),
  "left_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("contact_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "contacts_by_account_id" ON "contacts" ("account_id");

CREATE TABLE "people" (
  "person_id" TEXT NOT NULL CHECK (trim("person_id") <> ''),
  "name" TEXT,
  "role" TEXT CHECK ("role" = 'rep' OR "role" = 'manager' OR "role" = 'leader' OR "role" = 'presales' OR "role" = 'delivery' OR "role" = 'service' OR "role" = 'operations' OR "role" = 'finance' OR "role" = 'other'),
  "team_id" TEXT,
  "manager_id" TEXT,
  "started_on" TEXT,
  "left_on" TEXT,
  "weekly_hours" REAL CHECK ("weekly_hours" >= 0) CHECK ("weekly_hours" <= 168),
  "hourly_cost_minor" INTEGER,
  "currency" TEXT,
  "max_discount_ratio" REAL CHECK ("max_discount_ratio" >= 0) CHECK ("max_discount_ratio" <= 1),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("person_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "teams" (
  "team_id" TEXT NOT NULL CHECK (trim("team_id") <> ''),
  "name" TEXT,
  "leader_id" TEXT,
  "parent_team_id" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("team_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "stages" (
  "stage_id" TEXT NOT NULL CHECK (trim("stage_id") <> ''),
  "pipeline_id" TEXT,
  "name" TEXT,
  "position" INTEGER,
  "kind" TEXT CHECK ("kind" = 'open' OR "kind" = 'won' OR "kind" = 'lost'),
  "milestone" INTEGER CHECK ("milestone" >= 1) CHECK ("milestone" <= 6),
  "exit_criteria" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("stage_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "deals" (
  "deal_id" TEXT NOT NULL CHECK (trim("deal_id") <> ''),
  "account_id" TEXT,
  "name" TEXT,
  "stage_id" TEXT,
  "owner_id" TEXT,
  "amount_minor" INTEGER,
  "currency" TEXT,
  "created_on" TEXT,
  "closed_on" TEXT,
  "expected_close_on" TEXT,
  "signed_on" TEXT,
  "forecast_category" TEXT CHECK ("forecast_category" = 'omitted' OR "forecast_category" = 'pipeline' OR "forecast_category" = 'best_case' OR "forecast_category" = 'commit'),
  "scope" TEXT CHECK ("scope" = 'team' OR "scope" = 'department' OR "scope" = 'enterprise'),
  "units_affected" INTEGER,
  "term_months" INTEGER,
  "value_horizon_months" INTEGER CHECK ("value_horizon_months" >= 1) CHECK ("value_horizon_months" <= 120),
  "reference_minor" INTEGER,
  "reference_kind" TEXT CHECK ("reference_kind" = 'competitor' OR "reference_kind" = 'current_supplier' OR "reference_kind" = 'in_house' OR "reference_kind" = 'do_nothing'),
  "first_quote_on" TEXT,
  "first_quote_minor" INTEGER,
  "payment_terms_days" INTEGER,
  "cost_to_serve_minor" INTEGER,
  "hours_to_go" REAL CHECK ("hours_to_go" >= 0),
  "external_cost_to_go_minor" INTEGER,
  "reference_worth" TEXT,
  "future_value_minor" INTEGER,
  "decision_meeting_on" TEXT,
  "loss_reason" TEXT CHECK ("loss_reason" = 'price' OR "loss_reason" = 'product' OR "loss_reason" = 'competitor' OR "loss_reason" = 'no_decision' OR "loss_reason" = 'operations' OR "loss_reason" = 'timing' OR "loss_reason" = 'relationship' OR "loss_reason" = 'other'),
  "loss_contact_id" TEXT,
  "snoozed_until" TEXT,
  "snooze_reason" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("deal_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "deals_by_account_id" ON "deals" ("account_id");

CREATE TABLE "deal_lines" (
  "line_id" TEXT NOT NULL CHECK (trim("line_id") <> ''),
  "deal_id" TEXT,
  "product" TEXT,
  "quantity" REAL,
  "list_minor" INTEGER,
  "invoice_minor" INTEGER,
  "cost_minor" INTEGER,
  "period" TEXT CHECK ("period" = 'one_off' OR "period" = 'month' OR "period" = 'quarter' OR "period" = 'year'),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("line_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "deal_lines_by_deal_id" ON "deal_lines" ("deal_id");

CREATE TABLE "price_steps" (
  "step_id" TEXT NOT NULL CHECK (trim("step_id") <> ''),
  "deal_id" TEXT,
  "line_id" TEXT,
  "place" TEXT CHECK ("place" = 'on_invoice' OR "place" = 'off_invoice'),
  "kind" TEXT CHECK ("kind" = 'volume' OR "kind" = 'contract' OR "kind" = 'promotion' OR "kind" = 'negotiated' OR "kind" = 'surcharge' OR "kind" = 'rebate' OR "kind" = 'freight' OR "kind" = 'payment_terms' OR "kind" = 'free_service' OR "kind" = 'other'),
  "amount_minor" INTEGER,
  "period" TEXT CHECK ("period" = 'one_off' OR "period" = 'month' OR "period" = 'quarter' OR "period" = 'year'),
  "negotiated" INTEGER CHECK ("negotiated" IN (0, 1)),
  "given_on" TEXT,
  "given_by" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("step_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "price_steps_by_deal_id" ON "price_steps" ("deal_id");

CREATE TABLE "concessions" (
  "concession_id" TEXT NOT NULL CHECK (trim("concession_id") <> ''),
  "deal_id" TEXT,
  "given_by" TEXT CHECK ("given_by" = 'us' OR "given_by" = 'buyer'),
  "kind" TEXT CHECK ("kind" = 'payment_terms' OR "kind" = 'term_length' OR "kind" = 'volume' OR "kind" = 'scope' OR "kind" = 'reference' OR "kind" = 'access' OR "kind" = 'decision_date' OR "kind" = 'prepayment' OR "kind" = 'service_level' OR "kind" = 'warranty' OR "kind" = 'liability' OR "kind" = 'delivery' OR "kind" = 'exclusivity' OR "kind" = 'other'),
  "value_minor" INTEGER,
  "agreed_on" TEXT,
  "step_id" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("concession_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "concessions_by_deal_id" ON "concessions" ("deal_id");

CREATE TABLE "value_items" (
  "value_item_id" TEXT NOT NULL CHECK (trim("value_item_id") <> ''),
  "deal_id" TEXT,
  "name" TEXT,
  "compared_with" TEXT CHECK ("compared_with" = 'alternative' OR "compared_with" = 'status_quo'),
  "amount_minor" INTEGER,
  "period" TEXT CHECK ("period" = 'one_off' OR "period" = 'month' OR "period" = 'quarter' OR "period" = 'year'),
  "author_contact_id" TEXT,
  "author_person_id" TEXT,
  "confirmed_by_contact_id" TEXT,
  "confirmed_on" TEXT,
  "rejected_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("value_item_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "value_items_by_deal_id" ON "value_items" ("deal_id");

CREATE TABLE "stakeholders" (
  "deal_id" TEXT NOT NULL CHECK (trim("deal_id") <> ''),
  "contact_id" TEXT NOT NULL CHECK (trim("contact_id") <> ''),
  "is_main" INTEGER CHECK ("is_main" IN (0, 1)),
  "external_adviser" INTEGER CHECK ("external_adviser" IN (0, 1)),
  "influence" INTEGER CHECK ("influence" >= 1) CHECK ("influence" <= 3),
  "stance" INTEGER CHECK ("stance" >= -2) CHECK ("stance" <= 2),
  "stance_on" TEXT,
  "recommends" TEXT CHECK ("recommends" = 'yes' OR "recommends" = 'no' OR "recommends" = 'unclear' OR "recommends" = 'not_asked'),
  "recommends_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("deal_id", "contact_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "stakeholders_by_contact_id" ON "stakeholders" ("contact_id");

CREATE TABLE "stakeholder_roles" (
  "deal_id" TEXT NOT NULL CHECK (trim("deal_id") <> ''),
  "contact_id" TEXT NOT NULL CHECK (trim("contact_id") <> ''),
  "role" TEXT NOT NULL CHECK ("role" = 'decision_maker' OR "role" = 'approver' OR "role" = 'evaluator' OR "role" = 'user' OR "role" = 'finance' OR "role" = 'technical' OR "role" = 'legal' OR "role" = 'champion' OR "role" = 'gatekeeper'),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("deal_id", "contact_id", "role"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "stakeholder_roles_by_contact_id" ON "stakeholder_roles" ("contact_id");

CREATE TABLE "commitments" (
  "commitment_id" TEXT NOT NULL CHECK (trim("commitment_id") <> ''),
  "deal_id" TEXT,
  "what" TEXT,
  "side" TEXT CHECK ("side" = 'us' OR "side" = 'buyer'),
  "contact_id" TEXT,
  "person_id" TEXT,
  "asked_on" TEXT,
  "due_on" TEXT,
  "done_on" TEXT,
  "status" TEXT CHECK ("status" = 'asked' OR "status" = 'agreed' OR "status" = 'done' OR "status" = 'declined' OR "status" = 'dropped'),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("commitment_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "commitments_by_deal_id" ON "commitments" ("deal_id");

CREATE INDEX "commitments_by_contact_id" ON "commitments" ("contact_id");

CREATE INDEX "commitments_by_person_id" ON "commitments" ("person_id");

CREATE TABLE "deal_changes" (
  "change_id" TEXT NOT NULL CHECK (trim("change_id") <> ''),
  "deal_id" TEXT,
  "field" TEXT CHECK ("field" = 'stage_id' OR "field" = 'amount_minor' OR "field" = 'currency' OR "field" = 'expected_close_on' OR "field" = 'owner_id' OR "field" = 'forecast_category'),
  "old_value" TEXT,
  "new_value" TEXT,
  "changed_at" TEXT,
  "changed_by" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("change_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "deal_changes_by_deal_id" ON "deal_changes" ("deal_id");

CREATE TABLE "delivery_dates" (
  "delivery_id" TEXT NOT NULL CHECK (trim("delivery_id") <> ''),
  "deal_id" TEXT,
  "promised_on" TEXT,
  "promise_made_on" TEXT,
  "earliest_on" TEXT,
  "actual_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("delivery_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "delivery_dates_by_deal_id" ON "delivery_dates" ("deal_id");

CREATE TABLE "approvals" (
  "approval_id" TEXT NOT NULL CHECK (trim("approval_id") <> ''),
  "deal_id" TEXT,
  "approver_id" TEXT,
  "decision" TEXT CHECK ("decision" = 'pending' OR "decision" = 'approved' OR "decision" = 'rejected' OR "decision" = 'withdrawn'),
  "requested_on" TEXT,
  "decided_on" TEXT,
  "valid_until" TEXT,
  "discount_ratio" REAL,
  "contribution_ratio" REAL,
  "payment_terms_days" INTEGER,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("approval_id"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "approvals_by_deal_id" ON "approvals" ("deal_id");

CREATE TABLE "fit_answers" (
  "deal_id" TEXT NOT NULL CHECK (trim("deal_id") <> ''),
  "criterion" TEXT NOT NULL CHECK (trim("criterion") <> ''),
  "met" INTEGER CHECK ("met" IN (0, 1)),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("deal_id", "criterion"),
  FOREIGN KEY ("deal_id") REFERENCES "deals" ("deal_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE "activities" (
  "activity_id" TEXT NOT NULL CHECK (trim("activity_id") <> ''),
  "account_id" TEXT,
  "deal_id" TEXT,
  "kind" TEXT CHECK ("kind" = 'email' OR "kind" = 'message' OR "kind" = 'call' OR "kind" = 'meeting' OR "kind" = 'document' OR "kind" = 'task'),
  "direction" TEXT CHECK ("direction" = 'inbound' OR "direction" = 'outbound' OR "direction" = 'internal'),
  "status" TEXT CHECK ("status" = 'planned' OR "status" = 'held' OR "status" = 'answered' OR "status" = 'unanswered' OR "status" = 'postponed' OR "status" = 'cancelled' OR "status" = 'no_show'),
  "moved_by" TEXT CHECK ("moved_by" = 'us' OR "moved_by" = 'buyer'),
  "at" TEXT,
  "duration_min" INTEGER CHECK ("duration_min" >= 0),
  "person_id" TEXT,
  "automated" INTEGER CHECK ("automated" IN (0, 1)),
  "meeting_kind" TEXT CHECK ("meeting_kind" = 'discovery' OR "meeting_kind" = 'demo' OR "meeting_kind" = 'technical' OR "meeting_kind" = 'pricing' OR "meeting_kind" = 'legal' OR "meeting_kind" = 'executive' OR "meeting_kind" = 'review' OR "meeting_kind" = 'other'),
  "commitment_id" TEXT,
  "relay_reason" TEXT CHECK ("relay_reason" = 'superior' OR "relay_reason" = 'budget' OR "relay_reason" = 'legal' OR "relay_reason" = 'purchasing' OR "relay_reason" = 'absent_colleague' OR "relay_reason" = 'other_priority'),
  "side_task" TEXT CHECK ("side_task" = 'order_chasing' OR "side_task" = 'report' OR "side_task" = 'invoice' OR "side_task" = 'ticket'),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("activity_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "activities_by_account_id" ON "activities" ("account_id");

CREATE INDEX "activities_by_deal_id" ON "activities" ("deal_id");

CREATE INDEX "activities_by_person_id" ON "activities" ("person_id");

CREATE TABLE "activity_attendees" (
  "activity_id" TEXT NOT NULL CHECK (trim("activity_id") <> ''),
  "attendee_id" TEXT NOT NULL CHECK (trim("attendee_id") <> ''),
  "side" TEXT CHECK ("side" = 'us' OR "side" = 'buyer'),
  "attended" INTEGER CHECK ("attended" IN (0, 1)),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("activity_id", "attendee_id"),
  FOREIGN KEY ("activity_id") REFERENCES "activities" ("activity_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE "activity_topics" (
  "activity_id" TEXT NOT NULL CHECK (trim("activity_id") <> ''),
  "topic" TEXT NOT NULL CHECK ("topic" = 'price' OR "topic" = 'value' OR "topic" = 'incident_update' OR "topic" = 'date_renegotiated' OR "topic" = 'mitigation'),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("activity_id", "topic"),
  FOREIGN KEY ("activity_id") REFERENCES "activities" ("activity_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE "account_months" (
  "account_id" TEXT NOT NULL CHECK (trim("account_id") <> ''),
  "month" TEXT NOT NULL CHECK (trim("month") <> ''),
  "list_minor" INTEGER,
  "revenue_minor" INTEGER,
  "off_invoice_minor" INTEGER,
  "cost_of_goods_minor" INTEGER,
  "currency" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("account_id", "month")
) STRICT, WITHOUT ROWID;

CREATE TABLE "service_costs" (
  "account_id" TEXT NOT NULL CHECK (trim("account_id") <> ''),
  "month" TEXT NOT NULL CHECK (trim("month") <> ''),
  "pool" TEXT NOT NULL CHECK ("pool" = 'support' OR "pool" = 'delivery' OR "pool" = 'account_care' OR "pool" = 'returns' OR "pool" = 'other'),
  "minutes" REAL CHECK ("minutes" >= 0),
  "cost_minor" INTEGER,
  "currency" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("account_id", "month", "pool")
) STRICT, WITHOUT ROWID;

CREATE TABLE "incidents" (
  "incident_id" TEXT NOT NULL CHECK (trim("incident_id") <> ''),
  "account_id" TEXT,
  "opened_on" TEXT,
  "resolved_on" TEXT,
  "kind" TEXT CHECK ("kind" = 'delivery' OR "kind" = 'quality' OR "kind" = 'billing' OR "kind" = 'service'),
  "severity" INTEGER CHECK ("severity" >= 1) CHECK ("severity" <= 3),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("incident_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "incidents_by_account_id" ON "incidents" ("account_id");

CREATE TABLE "loss_statements" (
  "statement_id" TEXT NOT NULL CHECK (trim("statement_id") <> ''),
  "subject" TEXT CHECK ("subject" = 'deal' OR "subject" = 'account'),
  "subject_id" TEXT,
  "reason" TEXT,
  "owner_id" TEXT,
  "ends_on" TEXT,
  "stated_on" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("statement_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "time_entries" (
  "entry_id" TEXT NOT NULL CHECK (trim("entry_id") <> ''),
  "person_id" TEXT,
  "day" TEXT,
  "hours" REAL CHECK ("hours" >= 0) CHECK ("hours" <= 24),
  "category" TEXT CHECK ("category" = 'prospecting' OR "category" = 'selling' OR "category" = 'account_care' OR "category" = 'preparation' OR "category" = 'internal' OR "category" = 'operations' OR "category" = 'service' OR "category" = 'travel' OR "category" = 'training' OR "category" = 'absence'),
  "deal_id" TEXT,
  "account_id" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("entry_id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "time_entries_by_account_id" ON "time_entries" ("account_id");

CREATE INDEX "time_entries_by_deal_id" ON "time_entries" ("deal_id");

CREATE INDEX "time_entries_by_person_id" ON "time_entries" ("person_id");

CREATE TABLE "diversions" (
  "diversion_id" TEXT NOT NULL CHECK (trim("diversion_id") <> ''),
  "team_id" TEXT,
  "from_on" TEXT,
  "to_on" TEXT,
  "hours_per_day" REAL CHECK ("hours_per_day" >= 0) CHECK ("hours_per_day" <= 24),
  "cause" TEXT CHECK ("cause" = 'resources' OR "cause" = 'process' OR "cause" = 'talent' OR "cause" = 'leadership' OR "cause" = 'other'),
  "cause_owner_id" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("diversion_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "diversion_people" (
  "diversion_id" TEXT NOT NULL CHECK (trim("diversion_id") <> ''),
  "person_id" TEXT NOT NULL CHECK (trim("person_id") <> ''),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("diversion_id", "person_id"),
  FOREIGN KEY ("diversion_id") REFERENCES "diversions" ("diversion_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX "diversion_people_by_person_id" ON "diversion_people" ("person_id");

CREATE TABLE "fx_rates" (
  "currency" TEXT NOT NULL CHECK (trim("currency") <> ''),
  "on_date" TEXT NOT NULL CHECK (trim("on_date") <> ''),
  "rate" REAL CHECK ("rate" >= 1e-12),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("currency", "on_date")
) STRICT, WITHOUT ROWID;

CREATE TABLE "targets" (
  "target_id" TEXT NOT NULL CHECK (trim("target_id") <> ''),
  "holder" TEXT CHECK ("holder" = 'person' OR "holder" = 'team'),
  "holder_id" TEXT,
  "metric" TEXT CHECK ("metric" = 'revenue' OR "metric" = 'bookings' OR "metric" = 'new_opportunities' OR "metric" = 'activities' OR "metric" = 'contribution' OR "metric" = 'pocket_margin' OR "metric" = 'gross_margin' OR "metric" = 'other'),
  "period_from" TEXT,
  "period_to" TEXT,
  "value" REAL,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("target_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "holidays" (
  "calendar" TEXT NOT NULL CHECK (trim("calendar") <> ''),
  "on_date" TEXT NOT NULL CHECK (trim("on_date") <> ''),
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("calendar", "on_date")
) STRICT, WITHOUT ROWID;

CREATE TABLE "feeds" (
  "table_name" TEXT NOT NULL CHECK (trim("table_name") <> ''),
  "scope" TEXT NOT NULL CHECK (trim("scope") <> ''),
  "covers_from" TEXT NOT NULL CHECK (trim("covers_from") <> ''),
  "covers_to" TEXT,
  "source_row" TEXT,
  "gone_on" TEXT,
  PRIMARY KEY ("table_name", "scope", "covers_from")
) STRICT, WITHOUT ROWID;

CREATE TABLE "aliases" (
  "table_name" TEXT NOT NULL CHECK (trim("table_name") <> ''),
  "alias_id" TEXT NOT NULL CHECK (trim("alias_id") <> ''),
  "canonical_id" TEXT,
  PRIMARY KEY ("table_name", "alias_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "custom_fields" (
  "table_name" TEXT NOT NULL CHECK (trim("table_name") <> ''),
  "name" TEXT NOT NULL CHECK (trim("name") <> ''),
  "type" TEXT CHECK ("type" = 'text' OR "type" = 'int' OR "type" = 'real' OR "type" = 'money' OR "type" = 'bool' OR "type" = 'date' OR "type" = 'instant'),
  "description" TEXT,
  "unit" TEXT,
  PRIMARY KEY ("table_name", "name")
) STRICT, WITHOUT ROWID;

CREATE TABLE "custom_values" (
  "table_name" TEXT NOT NULL CHECK (trim("table_name") <> ''),
  "row_id" TEXT NOT NULL CHECK (trim("row_id") <> ''),
  "name" TEXT NOT NULL CHECK (trim("name") <> ''),
  "value" ANY,
  PRIMARY KEY ("table_name", "row_id", "name")
) STRICT, WITHOUT ROWID;

CREATE TABLE "imports" (
  "import_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "started_at" TEXT,
  "finished_at" TEXT,
  "mapping" TEXT,
  "digest" TEXT,
  "rows_in" INTEGER,
  "rows_stored" INTEGER,
  "rows_rejected" INTEGER,
  "summary_json" TEXT
) STRICT;

CREATE TABLE "import_problems" (
  "problem_id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "import_id" INTEGER,
  "file" TEXT,
  "line" INTEGER,
  "column_name" TEXT,
  "value" TEXT,
  "reason" TEXT,
  "action" TEXT CHECK ("action" = 'rejected' OR "action" = 'emptied' OR "action" = 'noted'),
  FOREIGN KEY ("import_id") REFERENCES "imports" ("import_id") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT;

CREATE INDEX "import_problems_by_import_id" ON "import_problems" ("import_id");

CREATE TABLE "change_log" (
  "seq" INTEGER PRIMARY KEY AUTOINCREMENT,
  "table_name" TEXT,
  "row_key" TEXT,
  "account_id" TEXT,
  "deal_id" TEXT,
  "op" TEXT CHECK ("op" = 'insert' OR "op" = 'update' OR "op" = 'delete')
) STRICT;

CREATE TABLE "runs" (
  "run" INTEGER PRIMARY KEY AUTOINCREMENT,
  "key" TEXT,
  "digest" TEXT,
  "created_at" TEXT,
  "as_of" TEXT,
  "data_revision" INTEGER,
  "config_hash" TEXT,
  "header_json" TEXT,
  "checks_json" TEXT
) STRICT;

CREATE TABLE "run_scorecards" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "id" TEXT NOT NULL CHECK (trim("id") <> ''),
  "outcomes" BLOB,
  "e2" INTEGER,
  "wd2" INTEGER,
  "wa2" INTEGER,
  "band" TEXT,
  "account_revision" INTEGER,
  PRIMARY KEY ("run", "kind", "id"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE "run_verdicts" (
  "run" INTEGER NOT NULL,
  "kind" TEXT NOT NULL CHECK (trim("kind") <> ''),
  "id" TEXT NOT NULL CHECK (trim("id") <> ''),
  "check_id" TEXT NOT NULL CHECK (trim("check_id") <> ''),
  "outcome" TEXT,
  "severity" TEXT,
  "fingerprint" TEXT,
  "detail_json" TEXT,
  PRIMARY KEY ("run", "kind", "id", "check_id"),
  FOREIGN KEY ("run") REFERENCES "runs" ("run") ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER "accounts_insert_log" AFTER INSERT ON "accounts"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('accounts', NEW."account_id", NEW."account_id", NULL, 'insert');
END;

CREATE TRIGGER "accounts_delete_log" AFTER DELETE ON "accounts"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('accounts', OLD."account_id", OLD."account_id", NULL, 'delete');
END;

CREATE TRIGGER "accounts_update_log" AFTER UPDATE ON "accounts"
WHEN OLD."account_id" IS NOT NEW."account_id"
  OR OLD."parent_account_id" IS NOT NEW."parent_account_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."segment" IS NOT NEW."segment"
  OR OLD."industry" IS NOT NEW."industry"
  OR OLD."country" IS NOT NEW."country"
  OR OLD."employees" IS NOT NEW."employees"
  OR OLD."owner_id" IS NOT NEW."owner_id"
  OR OLD."is_key" IS NOT NEW."is_key"
  OR OLD."key_since_on" IS NOT NEW."key_since_on"
  OR OLD."key_reviewed_on" IS NOT NEW."key_reviewed_on"
  OR OLD."key_review_kept" IS NOT NEW."key_review_kept"
  OR OLD."first_revenue_on" IS NOT NEW."first_revenue_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('accounts', NEW."account_id", NEW."account_id", NULL, 'update');
END;

CREATE TRIGGER "accounts_move_log" AFTER UPDATE ON "accounts"
WHEN OLD."account_id" IS NOT NEW."account_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('accounts', OLD."account_id", OLD."account_id", NULL, 'update');
END;

CREATE TRIGGER "contacts_insert_log" AFTER INSERT ON "contacts"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('contacts', NEW."contact_id", NEW."account_id", NULL, 'insert');
END;

CREATE TRIGGER "contacts_delete_log" AFTER DELETE ON "contacts"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('contacts', OLD."contact_id", OLD."account_id", NULL, 'delete');
END;

CREATE TRIGGER "contacts_update_log" AFTER UPDATE ON "contacts"
WHEN OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."job_title" IS NOT NEW."job_title"
  OR OLD."function" IS NOT NEW."function"
  OR OLD."left_on" IS NOT NEW."left_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('contacts', NEW."contact_id", NEW."account_id", NULL, 'update');
END;

CREATE TRIGGER "contacts_move_log" AFTER UPDATE ON "contacts"
WHEN OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."account_id" IS NOT NEW."account_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('contacts', OLD."contact_id", OLD."account_id", NULL, 'update');
END;

CREATE TRIGGER "people_insert_log" AFTER INSERT ON "people"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('people', NEW."person_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "people_delete_log" AFTER DELETE ON "people"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('people', OLD."person_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "people_update_log" AFTER UPDATE ON "people"
WHEN OLD."person_id" IS NOT NEW."person_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."role" IS NOT NEW."role"
  OR OLD."team_id" IS NOT NEW."team_id"
  OR OLD."manager_id" IS NOT NEW."manager_id"
  OR OLD."started_on" IS NOT NEW."started_on"
  OR OLD."left_on" IS NOT NEW."left_on"
  OR OLD."weekly_hours" IS NOT NEW."weekly_hours"
  OR OLD."hourly_cost_minor" IS NOT NEW."hourly_cost_minor"
  OR OLD."currency" IS NOT NEW."currency"
  OR OLD."max_discount_ratio" IS NOT NEW."max_discount_ratio"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('people', NEW."person_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "people_move_log" AFTER UPDATE ON "people"
WHEN OLD."person_id" IS NOT NEW."person_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('people', OLD."person_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "teams_insert_log" AFTER INSERT ON "teams"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('teams', NEW."team_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "teams_delete_log" AFTER DELETE ON "teams"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('teams', OLD."team_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "teams_update_log" AFTER UPDATE ON "teams"
WHEN OLD."team_id" IS NOT NEW."team_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."leader_id" IS NOT NEW."leader_id"
  OR OLD."parent_team_id" IS NOT NEW."parent_team_id"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('teams', NEW."team_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "teams_move_log" AFTER UPDATE ON "teams"
WHEN OLD."team_id" IS NOT NEW."team_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('teams', OLD."team_id", NULL, NULL, 'update');
END;

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

CREATE TRIGGER "deals_insert_log" AFTER INSERT ON "deals"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deals', NEW."deal_id", NEW."account_id", NEW."deal_id", 'insert');
END;

CREATE TRIGGER "deals_delete_log" AFTER DELETE ON "deals"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deals', OLD."deal_id", OLD."account_id", OLD."deal_id", 'delete');
END;

CREATE TRIGGER "deals_update_log" AFTER UPDATE ON "deals"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."stage_id" IS NOT NEW."stage_id"
  OR OLD."owner_id" IS NOT NEW."owner_id"
  OR OLD."amount_minor" IS NOT NEW."amount_minor"
  OR OLD."currency" IS NOT NEW."currency"
  OR OLD."created_on" IS NOT NEW."created_on"
  OR OLD."closed_on" IS NOT NEW."closed_on"
  OR OLD."expected_close_on" IS NOT NEW."expected_close_on"
  OR OLD."signed_on" IS NOT NEW."signed_on"
  OR OLD."forecast_category" IS NOT NEW."forecast_category"
  OR OLD."scope" IS NOT NEW."scope"
  OR OLD."units_affected" IS NOT NEW."units_affected"
  OR OLD."term_months" IS NOT NEW."term_months"
  OR OLD."value_horizon_months" IS NOT NEW."value_horizon_months"
  OR OLD."reference_minor" IS NOT NEW."reference_minor"
  OR OLD."reference_kind" IS NOT NEW."reference_kind"
  OR OLD."first_quote_on" IS NOT NEW."first_quote_on"
  OR OLD."first_quote_minor" IS NOT NEW."first_quote_minor"
  OR OLD."payment_terms_days" IS NOT NEW."payment_terms_days"
  OR OLD."cost_to_serve_minor" IS NOT NEW."cost_to_serve_minor"
  OR OLD."hours_to_go" IS NOT NEW."hours_to_go"
  OR OLD."external_cost_to_go_minor" IS NOT NEW."external_cost_to_go_minor"
  OR OLD."reference_worth" IS NOT NEW."reference_worth"
  OR OLD."future_value_minor" IS NOT NEW."future_value_minor"
  OR OLD."decision_meeting_on" IS NOT NEW."decision_meeting_on"
  OR OLD."loss_reason" IS NOT NEW."loss_reason"
  OR OLD."loss_contact_id" IS NOT NEW."loss_contact_id"
  OR OLD."snoozed_until" IS NOT NEW."snoozed_until"
  OR OLD."snooze_reason" IS NOT NEW."snooze_reason"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deals', NEW."deal_id", NEW."account_id", NEW."deal_id", 'update');
END;

CREATE TRIGGER "deals_move_log" AFTER UPDATE ON "deals"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."account_id" IS NOT NEW."account_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deals', OLD."deal_id", OLD."account_id", OLD."deal_id", 'update');
END;

CREATE TRIGGER "deal_lines_insert_log" AFTER INSERT ON "deal_lines"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_lines', NEW."line_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "deal_lines_delete_log" AFTER DELETE ON "deal_lines"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_lines', OLD."line_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "deal_lines_update_log" AFTER UPDATE ON "deal_lines"
WHEN OLD."line_id" IS NOT NEW."line_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."product" IS NOT NEW."product"
  OR OLD."quantity" IS NOT NEW."quantity"
  OR OLD."list_minor" IS NOT NEW."list_minor"
  OR OLD."invoice_minor" IS NOT NEW."invoice_minor"
  OR OLD."cost_minor" IS NOT NEW."cost_minor"
  OR OLD."period" IS NOT NEW."period"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_lines', NEW."line_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "deal_lines_move_log" AFTER UPDATE ON "deal_lines"
WHEN OLD."line_id" IS NOT NEW."line_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_lines', OLD."line_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "price_steps_insert_log" AFTER INSERT ON "price_steps"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('price_steps', NEW."step_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "price_steps_delete_log" AFTER DELETE ON "price_steps"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('price_steps', OLD."step_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "price_steps_update_log" AFTER UPDATE ON "price_steps"
WHEN OLD."step_id" IS NOT NEW."step_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."line_id" IS NOT NEW."line_id"
  OR OLD."place" IS NOT NEW."place"
  OR OLD."kind" IS NOT NEW."kind"
  OR OLD."amount_minor" IS NOT NEW."amount_minor"
  OR OLD."period" IS NOT NEW."period"
  OR OLD."negotiated" IS NOT NEW."negotiated"
  OR OLD."given_on" IS NOT NEW."given_on"
  OR OLD."given_by" IS NOT NEW."given_by"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('price_steps', NEW."step_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "price_steps_move_log" AFTER UPDATE ON "price_steps"
WHEN OLD."step_id" IS NOT NEW."step_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('price_steps', OLD."step_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "concessions_insert_log" AFTER INSERT ON "concessions"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('concessions', NEW."concession_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "concessions_delete_log" AFTER DELETE ON "concessions"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('concessions', OLD."concession_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "concessions_update_log" AFTER UPDATE ON "concessions"
WHEN OLD."concession_id" IS NOT NEW."concession_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."given_by" IS NOT NEW."given_by"
  OR OLD."kind" IS NOT NEW."kind"
  OR OLD."value_minor" IS NOT NEW."value_minor"
  OR OLD."agreed_on" IS NOT NEW."agreed_on"
  OR OLD."step_id" IS NOT NEW."step_id"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('concessions', NEW."concession_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "concessions_move_log" AFTER UPDATE ON "concessions"
WHEN OLD."concession_id" IS NOT NEW."concession_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('concessions', OLD."concession_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "value_items_insert_log" AFTER INSERT ON "value_items"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('value_items', NEW."value_item_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "value_items_delete_log" AFTER DELETE ON "value_items"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('value_items', OLD."value_item_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "value_items_update_log" AFTER UPDATE ON "value_items"
WHEN OLD."value_item_id" IS NOT NEW."value_item_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."compared_with" IS NOT NEW."compared_with"
  OR OLD."amount_minor" IS NOT NEW."amount_minor"
  OR OLD."period" IS NOT NEW."period"
  OR OLD."author_contact_id" IS NOT NEW."author_contact_id"
  OR OLD."author_person_id" IS NOT NEW."author_person_id"
  OR OLD."confirmed_by_contact_id" IS NOT NEW."confirmed_by_contact_id"
  OR OLD."confirmed_on" IS NOT NEW."confirmed_on"
  OR OLD."rejected_on" IS NOT NEW."rejected_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('value_items', NEW."value_item_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "value_items_move_log" AFTER UPDATE ON "value_items"
WHEN OLD."value_item_id" IS NOT NEW."value_item_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('value_items', OLD."value_item_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "stakeholders_insert_log" AFTER INSERT ON "stakeholders"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholders', NEW."deal_id" || char(31) || NEW."contact_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "stakeholders_delete_log" AFTER DELETE ON "stakeholders"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholders', OLD."deal_id" || char(31) || OLD."contact_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "stakeholders_update_log" AFTER UPDATE ON "stakeholders"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."is_main" IS NOT NEW."is_main"
  OR OLD."external_adviser" IS NOT NEW."external_adviser"
  OR OLD."influence" IS NOT NEW."influence"
  OR OLD."stance" IS NOT NEW."stance"
  OR OLD."stance_on" IS NOT NEW."stance_on"
  OR OLD."recommends" IS NOT NEW."recommends"
  OR OLD."recommends_on" IS NOT NEW."recommends_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholders', NEW."deal_id" || char(31) || NEW."contact_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "stakeholders_move_log" AFTER UPDATE ON "stakeholders"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."contact_id" IS NOT NEW."contact_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholders', OLD."deal_id" || char(31) || OLD."contact_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "stakeholder_roles_insert_log" AFTER INSERT ON "stakeholder_roles"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholder_roles', NEW."deal_id" || char(31) || NEW."contact_id" || char(31) || NEW."role", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "stakeholder_roles_delete_log" AFTER DELETE ON "stakeholder_roles"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholder_roles', OLD."deal_id" || char(31) || OLD."contact_id" || char(31) || OLD."role", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "stakeholder_roles_update_log" AFTER UPDATE ON "stakeholder_roles"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."role" IS NOT NEW."role"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholder_roles', NEW."deal_id" || char(31) || NEW."contact_id" || char(31) || NEW."role", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "stakeholder_roles_move_log" AFTER UPDATE ON "stakeholder_roles"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."role" IS NOT NEW."role"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('stakeholder_roles', OLD."deal_id" || char(31) || OLD."contact_id" || char(31) || OLD."role", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "commitments_insert_log" AFTER INSERT ON "commitments"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('commitments', NEW."commitment_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "commitments_delete_log" AFTER DELETE ON "commitments"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('commitments', OLD."commitment_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "commitments_update_log" AFTER UPDATE ON "commitments"
WHEN OLD."commitment_id" IS NOT NEW."commitment_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."what" IS NOT NEW."what"
  OR OLD."side" IS NOT NEW."side"
  OR OLD."contact_id" IS NOT NEW."contact_id"
  OR OLD."person_id" IS NOT NEW."person_id"
  OR OLD."asked_on" IS NOT NEW."asked_on"
  OR OLD."due_on" IS NOT NEW."due_on"
  OR OLD."done_on" IS NOT NEW."done_on"
  OR OLD."status" IS NOT NEW."status"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('commitments', NEW."commitment_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "commitments_move_log" AFTER UPDATE ON "commitments"
WHEN OLD."commitment_id" IS NOT NEW."commitment_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('commitments', OLD."commitment_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "deal_changes_insert_log" AFTER INSERT ON "deal_changes"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_changes', NEW."change_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "deal_changes_delete_log" AFTER DELETE ON "deal_changes"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_changes', OLD."change_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "deal_changes_update_log" AFTER UPDATE ON "deal_changes"
WHEN OLD."change_id" IS NOT NEW."change_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."field" IS NOT NEW."field"
  OR OLD."old_value" IS NOT NEW."old_value"
  OR OLD."new_value" IS NOT NEW."new_value"
  OR OLD."changed_at" IS NOT NEW."changed_at"
  OR OLD."changed_by" IS NOT NEW."changed_by"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_changes', NEW."change_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "deal_changes_move_log" AFTER UPDATE ON "deal_changes"
WHEN OLD."change_id" IS NOT NEW."change_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('deal_changes', OLD."change_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "delivery_dates_insert_log" AFTER INSERT ON "delivery_dates"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('delivery_dates', NEW."delivery_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "delivery_dates_delete_log" AFTER DELETE ON "delivery_dates"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('delivery_dates', OLD."delivery_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "delivery_dates_update_log" AFTER UPDATE ON "delivery_dates"
WHEN OLD."delivery_id" IS NOT NEW."delivery_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."promised_on" IS NOT NEW."promised_on"
  OR OLD."promise_made_on" IS NOT NEW."promise_made_on"
  OR OLD."earliest_on" IS NOT NEW."earliest_on"
  OR OLD."actual_on" IS NOT NEW."actual_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('delivery_dates', NEW."delivery_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "delivery_dates_move_log" AFTER UPDATE ON "delivery_dates"
WHEN OLD."delivery_id" IS NOT NEW."delivery_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('delivery_dates', OLD."delivery_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "approvals_insert_log" AFTER INSERT ON "approvals"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('approvals', NEW."approval_id", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "approvals_delete_log" AFTER DELETE ON "approvals"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('approvals', OLD."approval_id", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "approvals_update_log" AFTER UPDATE ON "approvals"
WHEN OLD."approval_id" IS NOT NEW."approval_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."approver_id" IS NOT NEW."approver_id"
  OR OLD."decision" IS NOT NEW."decision"
  OR OLD."requested_on" IS NOT NEW."requested_on"
  OR OLD."decided_on" IS NOT NEW."decided_on"
  OR OLD."valid_until" IS NOT NEW."valid_until"
  OR OLD."discount_ratio" IS NOT NEW."discount_ratio"
  OR OLD."contribution_ratio" IS NOT NEW."contribution_ratio"
  OR OLD."payment_terms_days" IS NOT NEW."payment_terms_days"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('approvals', NEW."approval_id", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "approvals_move_log" AFTER UPDATE ON "approvals"
WHEN OLD."approval_id" IS NOT NEW."approval_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('approvals', OLD."approval_id", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "fit_answers_insert_log" AFTER INSERT ON "fit_answers"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fit_answers', NEW."deal_id" || char(31) || NEW."criterion", NULL, NEW."deal_id", 'insert');
END;

CREATE TRIGGER "fit_answers_delete_log" AFTER DELETE ON "fit_answers"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fit_answers', OLD."deal_id" || char(31) || OLD."criterion", NULL, OLD."deal_id", 'delete');
END;

CREATE TRIGGER "fit_answers_update_log" AFTER UPDATE ON "fit_answers"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."criterion" IS NOT NEW."criterion"
  OR OLD."met" IS NOT NEW."met"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fit_answers', NEW."deal_id" || char(31) || NEW."criterion", NULL, NEW."deal_id", 'update');
END;

CREATE TRIGGER "fit_answers_move_log" AFTER UPDATE ON "fit_answers"
WHEN OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."criterion" IS NOT NEW."criterion"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fit_answers', OLD."deal_id" || char(31) || OLD."criterion", NULL, OLD."deal_id", 'update');
END;

CREATE TRIGGER "activities_insert_log" AFTER INSERT ON "activities"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activities', NEW."activity_id", NEW."account_id", NEW."deal_id", 'insert');
END;

CREATE TRIGGER "activities_delete_log" AFTER DELETE ON "activities"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activities', OLD."activity_id", OLD."account_id", OLD."deal_id", 'delete');
END;

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
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activities', NEW."activity_id", NEW."account_id", NEW."deal_id", 'update');
END;

CREATE TRIGGER "activities_move_log" AFTER UPDATE ON "activities"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activities', OLD."activity_id", OLD."account_id", OLD."deal_id", 'update');
END;

CREATE TRIGGER "activity_attendees_insert_log" AFTER INSERT ON "activity_attendees"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_attendees', NEW."activity_id" || char(31) || NEW."attendee_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "activity_attendees_delete_log" AFTER DELETE ON "activity_attendees"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_attendees', OLD."activity_id" || char(31) || OLD."attendee_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "activity_attendees_update_log" AFTER UPDATE ON "activity_attendees"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."attendee_id" IS NOT NEW."attendee_id"
  OR OLD."side" IS NOT NEW."side"
  OR OLD."attended" IS NOT NEW."attended"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_attendees', NEW."activity_id" || char(31) || NEW."attendee_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "activity_attendees_move_log" AFTER UPDATE ON "activity_attendees"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."attendee_id" IS NOT NEW."attendee_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_attendees', OLD."activity_id" || char(31) || OLD."attendee_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "activity_topics_insert_log" AFTER INSERT ON "activity_topics"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_topics', NEW."activity_id" || char(31) || NEW."topic", NULL, NULL, 'insert');
END;

CREATE TRIGGER "activity_topics_delete_log" AFTER DELETE ON "activity_topics"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_topics', OLD."activity_id" || char(31) || OLD."topic", NULL, NULL, 'delete');
END;

CREATE TRIGGER "activity_topics_update_log" AFTER UPDATE ON "activity_topics"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."topic" IS NOT NEW."topic"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_topics', NEW."activity_id" || char(31) || NEW."topic", NULL, NULL, 'update');
END;

CREATE TRIGGER "activity_topics_move_log" AFTER UPDATE ON "activity_topics"
WHEN OLD."activity_id" IS NOT NEW."activity_id"
  OR OLD."topic" IS NOT NEW."topic"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('activity_topics', OLD."activity_id" || char(31) || OLD."topic", NULL, NULL, 'update');
END;

CREATE TRIGGER "account_months_insert_log" AFTER INSERT ON "account_months"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('account_months', NEW."account_id" || char(31) || NEW."month", NEW."account_id", NULL, 'insert');
END;

CREATE TRIGGER "account_months_delete_log" AFTER DELETE ON "account_months"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('account_months', OLD."account_id" || char(31) || OLD."month", OLD."account_id", NULL, 'delete');
END;

CREATE TRIGGER "account_months_update_log" AFTER UPDATE ON "account_months"
WHEN OLD."account_id" IS NOT NEW."account_id"
  OR OLD."month" IS NOT NEW."month"
  OR OLD."list_minor" IS NOT NEW."list_minor"
  OR OLD."revenue_minor" IS NOT NEW."revenue_minor"
  OR OLD."off_invoice_minor" IS NOT NEW."off_invoice_minor"
  OR OLD."cost_of_goods_minor" IS NOT NEW."cost_of_goods_minor"
  OR OLD."currency" IS NOT NEW."currency"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('account_months', NEW."account_id" || char(31) || NEW."month", NEW."account_id", NULL, 'update');
END;

CREATE TRIGGER "account_months_move_log" AFTER UPDATE ON "account_months"
WHEN OLD."account_id" IS NOT NEW."account_id"
  OR OLD."month" IS NOT NEW."month"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('account_months', OLD."account_id" || char(31) || OLD."month", OLD."account_id", NULL, 'update');
END;

CREATE TRIGGER "service_costs_insert_log" AFTER INSERT ON "service_costs"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('service_costs', NEW."account_id" || char(31) || NEW."month" || char(31) || NEW."pool", NEW."account_id", NULL, 'insert');
END;

CREATE TRIGGER "service_costs_delete_log" AFTER DELETE ON "service_costs"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('service_costs', OLD."account_id" || char(31) || OLD."month" || char(31) || OLD."pool", OLD."account_id", NULL, 'delete');
END;

CREATE TRIGGER "service_costs_update_log" AFTER UPDATE ON "service_costs"
WHEN OLD."account_id" IS NOT NEW."account_id"
  OR OLD."month" IS NOT NEW."month"
  OR OLD."pool" IS NOT NEW."pool"
  OR OLD."minutes" IS NOT NEW."minutes"
  OR OLD."cost_minor" IS NOT NEW."cost_minor"
  OR OLD."currency" IS NOT NEW."currency"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('service_costs', NEW."account_id" || char(31) || NEW."month" || char(31) || NEW."pool", NEW."account_id", NULL, 'update');
END;

CREATE TRIGGER "service_costs_move_log" AFTER UPDATE ON "service_costs"
WHEN OLD."account_id" IS NOT NEW."account_id"
  OR OLD."month" IS NOT NEW."month"
  OR OLD."pool" IS NOT NEW."pool"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('service_costs', OLD."account_id" || char(31) || OLD."month" || char(31) || OLD."pool", OLD."account_id", NULL, 'update');
END;

CREATE TRIGGER "incidents_insert_log" AFTER INSERT ON "incidents"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('incidents', NEW."incident_id", NEW."account_id", NULL, 'insert');
END;

CREATE TRIGGER "incidents_delete_log" AFTER DELETE ON "incidents"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('incidents', OLD."incident_id", OLD."account_id", NULL, 'delete');
END;

CREATE TRIGGER "incidents_update_log" AFTER UPDATE ON "incidents"
WHEN OLD."incident_id" IS NOT NEW."incident_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."opened_on" IS NOT NEW."opened_on"
  OR OLD."resolved_on" IS NOT NEW."resolved_on"
  OR OLD."kind" IS NOT NEW."kind"
  OR OLD."severity" IS NOT NEW."severity"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('incidents', NEW."incident_id", NEW."account_id", NULL, 'update');
END;

CREATE TRIGGER "incidents_move_log" AFTER UPDATE ON "incidents"
WHEN OLD."incident_id" IS NOT NEW."incident_id"
  OR OLD."account_id" IS NOT NEW."account_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('incidents', OLD."incident_id", OLD."account_id", NULL, 'update');
END;

CREATE TRIGGER "loss_statements_insert_log" AFTER INSERT ON "loss_statements"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('loss_statements', NEW."statement_id", CASE NEW.subject WHEN 'account' THEN NEW.subject_id END, CASE NEW.subject WHEN 'deal' THEN NEW.subject_id END, 'insert');
END;

CREATE TRIGGER "loss_statements_delete_log" AFTER DELETE ON "loss_statements"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('loss_statements', OLD."statement_id", CASE OLD.subject WHEN 'account' THEN OLD.subject_id END, CASE OLD.subject WHEN 'deal' THEN OLD.subject_id END, 'delete');
END;

CREATE TRIGGER "loss_statements_update_log" AFTER UPDATE ON "loss_statements"
WHEN OLD."statement_id" IS NOT NEW."statement_id"
  OR OLD."subject" IS NOT NEW."subject"
  OR OLD."subject_id" IS NOT NEW."subject_id"
  OR OLD."reason" IS NOT NEW."reason"
  OR OLD."owner_id" IS NOT NEW."owner_id"
  OR OLD."ends_on" IS NOT NEW."ends_on"
  OR OLD."stated_on" IS NOT NEW."stated_on"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('loss_statements', NEW."statement_id", CASE NEW.subject WHEN 'account' THEN NEW.subject_id END, CASE NEW.subject WHEN 'deal' THEN NEW.subject_id END, 'update');
END;

CREATE TRIGGER "loss_statements_move_log" AFTER UPDATE ON "loss_statements"
WHEN OLD."statement_id" IS NOT NEW."statement_id"
  OR OLD."subject" IS NOT NEW."subject"
  OR OLD."subject_id" IS NOT NEW."subject_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('loss_statements', OLD."statement_id", CASE OLD.subject WHEN 'account' THEN OLD.subject_id END, CASE OLD.subject WHEN 'deal' THEN OLD.subject_id END, 'update');
END;

CREATE TRIGGER "time_entries_insert_log" AFTER INSERT ON "time_entries"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('time_entries', NEW."entry_id", NEW."account_id", NEW."deal_id", 'insert');
END;

CREATE TRIGGER "time_entries_delete_log" AFTER DELETE ON "time_entries"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('time_entries', OLD."entry_id", OLD."account_id", OLD."deal_id", 'delete');
END;

CREATE TRIGGER "time_entries_update_log" AFTER UPDATE ON "time_entries"
WHEN OLD."entry_id" IS NOT NEW."entry_id"
  OR OLD."person_id" IS NOT NEW."person_id"
  OR OLD."day" IS NOT NEW."day"
  OR OLD."hours" IS NOT NEW."hours"
  OR OLD."category" IS NOT NEW."category"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."account_id" IS NOT NEW."account_id"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('time_entries', NEW."entry_id", NEW."account_id", NEW."deal_id", 'update');
END;

CREATE TRIGGER "time_entries_move_log" AFTER UPDATE ON "time_entries"
WHEN OLD."entry_id" IS NOT NEW."entry_id"
  OR OLD."deal_id" IS NOT NEW."deal_id"
  OR OLD."account_id" IS NOT NEW."account_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('time_entries', OLD."entry_id", OLD."account_id", OLD."deal_id", 'update');
END;

CREATE TRIGGER "diversions_insert_log" AFTER INSERT ON "diversions"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversions', NEW."diversion_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "diversions_delete_log" AFTER DELETE ON "diversions"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversions', OLD."diversion_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "diversions_update_log" AFTER UPDATE ON "diversions"
WHEN OLD."diversion_id" IS NOT NEW."diversion_id"
  OR OLD."team_id" IS NOT NEW."team_id"
  OR OLD."from_on" IS NOT NEW."from_on"
  OR OLD."to_on" IS NOT NEW."to_on"
  OR OLD."hours_per_day" IS NOT NEW."hours_per_day"
  OR OLD."cause" IS NOT NEW."cause"
  OR OLD."cause_owner_id" IS NOT NEW."cause_owner_id"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversions', NEW."diversion_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "diversions_move_log" AFTER UPDATE ON "diversions"
WHEN OLD."diversion_id" IS NOT NEW."diversion_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversions', OLD."diversion_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "diversion_people_insert_log" AFTER INSERT ON "diversion_people"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversion_people', NEW."diversion_id" || char(31) || NEW."person_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "diversion_people_delete_log" AFTER DELETE ON "diversion_people"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversion_people', OLD."diversion_id" || char(31) || OLD."person_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "diversion_people_update_log" AFTER UPDATE ON "diversion_people"
WHEN OLD."diversion_id" IS NOT NEW."diversion_id"
  OR OLD."person_id" IS NOT NEW."person_id"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversion_people', NEW."diversion_id" || char(31) || NEW."person_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "diversion_people_move_log" AFTER UPDATE ON "diversion_people"
WHEN OLD."diversion_id" IS NOT NEW."diversion_id"
  OR OLD."person_id" IS NOT NEW."person_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('diversion_people', OLD."diversion_id" || char(31) || OLD."person_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "fx_rates_insert_log" AFTER INSERT ON "fx_rates"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fx_rates', NEW."currency" || char(31) || NEW."on_date", NULL, NULL, 'insert');
END;

CREATE TRIGGER "fx_rates_delete_log" AFTER DELETE ON "fx_rates"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fx_rates', OLD."currency" || char(31) || OLD."on_date", NULL, NULL, 'delete');
END;

CREATE TRIGGER "fx_rates_update_log" AFTER UPDATE ON "fx_rates"
WHEN OLD."currency" IS NOT NEW."currency"
  OR OLD."on_date" IS NOT NEW."on_date"
  OR OLD."rate" IS NOT NEW."rate"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fx_rates', NEW."currency" || char(31) || NEW."on_date", NULL, NULL, 'update');
END;

CREATE TRIGGER "fx_rates_move_log" AFTER UPDATE ON "fx_rates"
WHEN OLD."currency" IS NOT NEW."currency"
  OR OLD."on_date" IS NOT NEW."on_date"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('fx_rates', OLD."currency" || char(31) || OLD."on_date", NULL, NULL, 'update');
END;

CREATE TRIGGER "targets_insert_log" AFTER INSERT ON "targets"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('targets', NEW."target_id", NULL, NULL, 'insert');
END;

CREATE TRIGGER "targets_delete_log" AFTER DELETE ON "targets"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('targets', OLD."target_id", NULL, NULL, 'delete');
END;

CREATE TRIGGER "targets_update_log" AFTER UPDATE ON "targets"
WHEN OLD."target_id" IS NOT NEW."target_id"
  OR OLD."holder" IS NOT NEW."holder"
  OR OLD."holder_id" IS NOT NEW."holder_id"
  OR OLD."metric" IS NOT NEW."metric"
  OR OLD."period_from" IS NOT NEW."period_from"
  OR OLD."period_to" IS NOT NEW."period_to"
  OR OLD."value" IS NOT NEW."value"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('targets', NEW."target_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "targets_move_log" AFTER UPDATE ON "targets"
WHEN OLD."target_id" IS NOT NEW."target_id"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('targets', OLD."target_id", NULL, NULL, 'update');
END;

CREATE TRIGGER "holidays_insert_log" AFTER INSERT ON "holidays"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('holidays', NEW."calendar" || char(31) || NEW."on_date", NULL, NULL, 'insert');
END;

CREATE TRIGGER "holidays_delete_log" AFTER DELETE ON "holidays"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('holidays', OLD."calendar" || char(31) || OLD."on_date", NULL, NULL, 'delete');
END;

CREATE TRIGGER "holidays_update_log" AFTER UPDATE ON "holidays"
WHEN OLD."calendar" IS NOT NEW."calendar"
  OR OLD."on_date" IS NOT NEW."on_date"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('holidays', NEW."calendar" || char(31) || NEW."on_date", NULL, NULL, 'update');
END;

CREATE TRIGGER "holidays_move_log" AFTER UPDATE ON "holidays"
WHEN OLD."calendar" IS NOT NEW."calendar"
  OR OLD."on_date" IS NOT NEW."on_date"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('holidays', OLD."calendar" || char(31) || OLD."on_date", NULL, NULL, 'update');
END;

CREATE TRIGGER "feeds_insert_log" AFTER INSERT ON "feeds"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('feeds', NEW."table_name" || char(31) || NEW."scope" || char(31) || NEW."covers_from", NULL, NULL, 'insert');
END;

CREATE TRIGGER "feeds_delete_log" AFTER DELETE ON "feeds"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('feeds', OLD."table_name" || char(31) || OLD."scope" || char(31) || OLD."covers_from", NULL, NULL, 'delete');
END;

CREATE TRIGGER "feeds_update_log" AFTER UPDATE ON "feeds"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."scope" IS NOT NEW."scope"
  OR OLD."covers_from" IS NOT NEW."covers_from"
  OR OLD."covers_to" IS NOT NEW."covers_to"
  OR OLD."gone_on" IS NOT NEW."gone_on"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('feeds', NEW."table_name" || char(31) || NEW."scope" || char(31) || NEW."covers_from", NULL, NULL, 'update');
END;

CREATE TRIGGER "feeds_move_log" AFTER UPDATE ON "feeds"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."scope" IS NOT NEW."scope"
  OR OLD."covers_from" IS NOT NEW."covers_from"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('feeds', OLD."table_name" || char(31) || OLD."scope" || char(31) || OLD."covers_from", NULL, NULL, 'update');
END;

CREATE TRIGGER "custom_fields_insert_log" AFTER INSERT ON "custom_fields"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_fields', NEW."table_name" || char(31) || NEW."name", NULL, NULL, 'insert');
END;

CREATE TRIGGER "custom_fields_delete_log" AFTER DELETE ON "custom_fields"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_fields', OLD."table_name" || char(31) || OLD."name", NULL, NULL, 'delete');
END;

CREATE TRIGGER "custom_fields_update_log" AFTER UPDATE ON "custom_fields"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."type" IS NOT NEW."type"
  OR OLD."description" IS NOT NEW."description"
  OR OLD."unit" IS NOT NEW."unit"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_fields', NEW."table_name" || char(31) || NEW."name", NULL, NULL, 'update');
END;

CREATE TRIGGER "custom_fields_move_log" AFTER UPDATE ON "custom_fields"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."name" IS NOT NEW."name"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_fields', OLD."table_name" || char(31) || OLD."name", NULL, NULL, 'update');
END;

CREATE TRIGGER "custom_values_insert_log" AFTER INSERT ON "custom_values"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_values', NEW."table_name" || char(31) || NEW."row_id" || char(31) || NEW."name", CASE NEW.table_name WHEN 'accounts' THEN NEW.row_id END, CASE NEW.table_name WHEN 'deals' THEN NEW.row_id END, 'insert');
END;

CREATE TRIGGER "custom_values_delete_log" AFTER DELETE ON "custom_values"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_values', OLD."table_name" || char(31) || OLD."row_id" || char(31) || OLD."name", CASE OLD.table_name WHEN 'accounts' THEN OLD.row_id END, CASE OLD.table_name WHEN 'deals' THEN OLD.row_id END, 'delete');
END;

CREATE TRIGGER "custom_values_update_log" AFTER UPDATE ON "custom_values"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."row_id" IS NOT NEW."row_id"
  OR OLD."name" IS NOT NEW."name"
  OR OLD."value" IS NOT NEW."value"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_values', NEW."table_name" || char(31) || NEW."row_id" || char(31) || NEW."name", CASE NEW.table_name WHEN 'accounts' THEN NEW.row_id END, CASE NEW.table_name WHEN 'deals' THEN NEW.row_id END, 'update');
END;

CREATE TRIGGER "custom_values_move_log" AFTER UPDATE ON "custom_values"
WHEN OLD."table_name" IS NOT NEW."table_name"
  OR OLD."row_id" IS NOT NEW."row_id"
  OR OLD."name" IS NOT NEW."name"
BEGIN
  INSERT INTO change_log (table_name, row_key, account_id, deal_id, op)
  VALUES ('custom_values', OLD."table_name" || char(31) || OLD."row_id" || char(31) || OLD."name", CASE OLD.table_name WHEN 'accounts' THEN OLD.row_id END, CASE OLD.table_name WHEN 'deals' THEN OLD.row_id END, 'update');
END;

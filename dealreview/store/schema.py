"""Every table and column of the database: names, types, values, where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.model.errors import StoreError, did_you_mean
from dealreview.model.table import OWNERS, SOURCES, TRACE, TYPES, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["INTERNAL", "OWNERS", "SOURCES", "TABLES", "TRACE", "TYPES", "Column", "Table", "table"]

PERIODS = ("one_off", "month", "quarter", "year")


def table(name: str) -> Table:
    """Return a data table.

    Raises:
        StoreError: There is no such table.
    """
    if name not in TABLES:
        raise StoreError(f"There is no table '{name}'.", mend=did_you_mean(name, TABLES).strip())
    return TABLES[name]


def _column(
    name: str, kind: str, recorded_from: str, description: str, derived: str = "", **rest: Any
) -> Column:
    return Column(name, kind, description, recorded_from=recorded_from, derived=derived, **rest)


def _table(name: str, description: str, key: str, *columns: Column, **rest: Any) -> Table:
    return Table(name, description, tuple(key.split()), (*columns, *TRACE), **rest)


def _deal() -> Column:
    return _column("deal_id", "text", "C", "The deal", references="deals.deal_id")


def _account() -> Column:
    return _column("account_id", "text", "C", "The account", references="accounts.account_id")


def _contact(name: str, recorded_from: str, description: str, derived: str = "") -> Column:
    return _column(
        name, "text", recorded_from, description, derived, references="contacts.contact_id"
    )


def _person(name: str, recorded_from: str, description: str, derived: str = "") -> Column:
    return _column(name, "text", recorded_from, description, derived, references="people.person_id")


def _currency(recorded_from: str, derived: str = "") -> Column:
    return _column("currency", "text", recorded_from, "ISO 4217 code", derived)


def _period(recorded_from: str) -> Column:
    meaning = "What the amount is for: once, or each period"
    return _column("period", "enum", recorded_from, meaning, "one_off", values=PERIODS)


# One line a column reads as the table it is; the formatter would make five of each.
# fmt: off
# ruff: noqa: E501
_SHARED = (
    _table(
        "accounts", "A company that buys or could buy.", "account_id",
        _column("account_id", "text", "C", "Key"),
        _column("parent_account_id", "text", "C", "The company it belongs to", "none: stands alone", references="accounts.account_id"),
        _column("name", "text", "C", "Name"),
        _column("segment", "text", "C", "Segment that it is compared within", "one segment 'all' where no account has one"),
        _column("industry", "text", "C", "Industry"),
        _column("country", "text", "C", "Country"),
        _column("employees", "int", "C", "Number of employees", unit="people"),
        _person("owner_id", "C", "Who of us looks after it", "owner of the newest open deal"),
        _column("is_key", "bool", "C", "Whether it is treated as a key account", "tier or type value through the mapping file"),
        _column("key_since_on", "date", "CH", "Since when it is a key account"),
        _column("key_reviewed_on", "date", "H", "When its key status was last reviewed"),
        _column("key_review_kept", "bool", "H", "Whether that review kept the status"),
        _column("first_revenue_on", "date", "F", "First day with revenue", "first month with revenue above 0"),
        owner="account",
    ),
    _table(
        "contacts", "A person on the buyer's side.", "contact_id",
        _column("contact_id", "text", "C", "Key"),
        _account(),
        _column("name", "text", "C", "Name"),
        _column("job_title", "text", "C", "Job title as written"),
        _column("function", "enum", "C", "What the person works in", "words of job_title, where no function is recorded",
                values=("operations", "finance", "it", "purchasing", "legal", "sales", "marketing", "hr", "production", "executive", "other")),
        _column("left_on", "date", "CH", "Day on which the person left the company"),
        owner="account",
    ),
    _table(
        "people", "A person on our side.", "person_id",
        _column("person_id", "text", "C", "Key"),
        _column("name", "text", "C", "Name"),
        _column("role", "enum", "C", "What the person does", "rep if owner of deals",
                values=("rep", "manager", "leader", "presales", "delivery", "service", "operations", "finance", "other")),
        _column("team_id", "text", "C", "The team", "role hierarchy", references="teams.team_id"),
        _person("manager_id", "C", "The manager", "role hierarchy"),
        _column("started_on", "date", "CF", "First day with us"),
        _column("left_on", "date", "CF", "Last day with us", "inactive flag and date of the last change"),
        _column("weekly_hours", "real", "F", "Agreed hours a week", "40", unit="hours", low=0, high=168),
        _column("hourly_cost_minor", "money", "F", "Cost of an hour", "[hourly_cost] of the role, where nobody's is recorded", unit="currency"),
        _currency("F"),
        _column("max_discount_ratio", "real", "QX", "Largest discount the person may give alone", "[discount_ladder] of the role, where nobody's is recorded", unit="share", low=0, high=1),
    ),
    _table(
        "teams", "A team of ours.", "team_id",
        _column("team_id", "text", "C", "Key"),
        _column("name", "text", "C", "Name"),
        _person("leader_id", "C", "Who leads it"),
        _column("parent_team_id", "text", "C", "The team it belongs to", references="teams.team_id"),
    ),
    _table(
        "stages", "A stage of a sales pipeline.", "stage_id",
        _column("stage_id", "text", "C", "Key", "the stage's name"),
        _column("pipeline_id", "text", "C", "The pipeline; positions are never compared across", "'default'"),
        _column("name", "text", "C", "Name"),
        _column("position", "int", "C", "Order inside the pipeline, gaps allowed", "order in the CRM's list"),
        _column("kind", "enum", "C", "Whether deals in it are open, won, lost, or closed and nobody knows how", "closed and won flags",
            values=("open", "won", "lost", "closed")),
        _column("milestone", "int", "X", "What the stage means: 1 qualifying, 2 discovery, 3 evaluation, 4 proposal, 5 negotiation, 6 closing", "word list proposes, a person confirms", low=1, high=6),
        _column("exit_criteria", "text", "X", "Facts that must be true to leave, separated by commas"),
    ),
)

_DEALS = (
    _table(
        "deals", "A sale that is worked on, won or lost.", "deal_id",
        _column("deal_id", "text", "C", "Key"),
        _account(),
        _column("name", "text", "C", "Name"),
        _column("stage_id", "text", "C", "The stage it is in today", references="stages.stage_id"),
        _person("owner_id", "C", "Who of us owns it"),
        _column("amount_minor", "money", "C", "Amount", "pocket price from the lines", unit="currency"),
        _currency("C"),
        _column("created_on", "date", "C", "Day on which it was created", "first stage change"),
        _column("closed_on", "date", "C", "Day on which it was won or lost", "last stage change"),
        _column("expected_close_on", "date", "C", "Day on which it should close; more than 1,095 days ahead counts as empty"),
        _column("signed_on", "date", "QF", "Day of the signature; contract start is not a substitute"),
        _column("forecast_category", "enum", "C", "What the forecast counts it as", "from the stage through the mapping file", values=("omitted", "pipeline", "best_case", "commit")),
        _column("scope", "enum", "H", "How far the purchase reaches", "units_affected, where no scope is recorded: 1 team, 2 to 4 department, 5 or more enterprise", values=("team", "department", "enterprise")),
        _column("units_affected", "int", "H", "Units of the customer that it changes", unit="units"),
        _column("term_months", "int", "QH", "Length of the contract", unit="months"),
        _column("value_horizon_months", "int", "QH", "Months over which price, value and cost are compared", "term_months, else 12", unit="months", low=1, high=120),
        _column("reference_minor", "money", "H", "Price of the customer's alternative over the horizon; 0 only with kind do_nothing", unit="currency"),
        _column("reference_kind", "enum", "H", "What the alternative is", values=("competitor", "current_supplier", "in_house", "do_nothing")),
        _column("first_quote_on", "date", "Q", "Day of the first quote", "first document of type quote on the deal"),
        _column("first_quote_minor", "money", "Q", "Amount of the first quote", "amount as of first_quote_on from deal_changes, where none is recorded", unit="currency"),
        _column("payment_terms_days", "int", "QF", "Days net from the invoice", "account's standard terms", unit="days"),
        _column("cost_to_serve_minor", "money", "F", "Cost after signature over the horizon", "fact cost_to_serve", unit="currency"),
        _column("hours_to_go", "real", "H", "Selling hours still needed", "fact remaining_pursuit_cost", unit="hours", low=0),
        _column("external_cost_to_go_minor", "money", "H", "Other selling cost still needed", "fact remaining_pursuit_cost", unit="currency"),
        _column("reference_worth", "text", "H", "What the customer is worth as a reference, in words"),
        _column("future_value_minor", "money", "H", "Business that it could lead to", unit="currency"),
        _column("decision_meeting_on", "date", "H", "Day on which they decide"),
        _column("loss_reason", "enum", "C", "Why it was lost", "value translation", values=("price", "product", "competitor", "no_decision", "operations", "timing", "relationship", "other")),
        _contact("loss_contact_id", "H", "Who said no", "sender of the last inbound in 14 days before closing, labelled"),
        _column("snoozed_until", "date", "H", "Rightly quiet until this day; needs a reason, at most 90 days ahead"),
        _column("snooze_reason", "text", "H", "Reason for the quiet"),
        dated_by="created_on", owner="account",
    ),
    _table(
        "deal_lines", "A position of a deal.", "line_id",
        _column("line_id", "text", "CQ", "Key"),
        _deal(),
        _column("product", "text", "CQ", "Product"),
        _column("quantity", "real", "CQ", "Quantity", "1"),
        _column("list_minor", "money", "Q", "List price of the whole line, per period", "quantity × price book on the quote date", unit="deal currency"),
        _column("invoice_minor", "money", "CQ", "Invoice price of the whole line, per period", "list − on-invoice steps", unit="deal currency"),
        _column("cost_minor", "money", "F", "Cost of goods of the whole line, per period", "quantity × standard cost on the quote date", unit="deal currency"),
        _period("Q"),
        parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "price_steps", "A step from list price to pocket price; positive amounts lower the price.", "step_id",
        _column("step_id", "text", "QF", "Key"),
        _deal(),
        _column("line_id", "text", "QF", "The line; empty means the whole deal", references="deal_lines.line_id"),
        _column("place", "enum", "QF", "Whether the invoice shows it", "by kind", values=("on_invoice", "off_invoice")),
        _column("kind", "enum", "QF", "What it is for", "negotiated if typed in by a person",
                values=("volume", "contract", "promotion", "negotiated", "surcharge", "rebate", "freight", "payment_terms", "free_service", "other")),
        _column("amount_minor", "money", "QF", "Amount by which it lowers the price", "ratio × list", unit="deal currency"),
        _period("QF"),
        _column("negotiated", "bool", "Q", "Whether it was given in a negotiation", "true for negotiated, free_service and payment_terms; empty elsewhere counts as true"),
        _column("given_on", "date", "Q", "Day on which it was given", "date of the quote version"),
        _person("given_by", "Q", "Who of us gave it", "author of the quote version"),
        dated_by="given_on", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "concessions", "Something that one side gave in a negotiation.", "concession_id",
        _column("concession_id", "text", "H", "Key"),
        _deal(),
        _column("given_by", "enum", "H", "Which side gave it", values=("us", "buyer")),
        _column("kind", "enum", "H", "What was given",
                values=("payment_terms", "term_length", "volume", "scope", "reference", "access", "decision_date", "prepayment", "service_level", "warranty", "liability", "delivery", "exclusivity", "other")),
        _column("value_minor", "money", "H", "What it is worth", unit="deal currency"),
        _column("agreed_on", "date", "H", "Day on which it was agreed"),
        _column("step_id", "text", "H", "The price step it was traded for", "same deal, agreed_on within 3 days of given_on", references="price_steps.step_id"),
        dated_by="agreed_on", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "value_items", "A difference in money that the customer gets.", "value_item_id",
        _column("value_item_id", "text", "H", "Key"),
        _deal(),
        _column("name", "text", "H", "What the difference is"),
        _column("compared_with", "enum", "H", "Against what", "status_quo if reference_kind = do_nothing", values=("alternative", "status_quo")),
        _column("amount_minor", "money", "H", "Worth to the customer, negative for a disadvantage", unit="deal currency"),
        _period("H"),
        _contact("author_contact_id", "H", "Contact who wrote it"),
        _person("author_person_id", "H", "Person of ours who wrote it", "creator of the record"),
        _contact("confirmed_by_contact_id", "H", "Contact who confirmed it"),
        _column("confirmed_on", "date", "H", "Day of the confirmation"),
        _column("rejected_on", "date", "H", "Day on which the customer rejected it; empty means in force"),
        parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "stakeholders", "A contact who has to do with a deal.", "deal_id contact_id",
        _deal(),
        _contact("contact_id", "C", "The contact", "attendees of the deal's meetings, without role"),
        _column("is_main", "bool", "C", "Whether this is our main contact", "person with most two-way events in 90 days, ties by id"),
        _column("external_adviser", "bool", "H", "Whether the contact advises the buyer from outside", "false"),
        _column("influence", "int", "H", "Influence on the decision, 1 little to 3 much", low=1, high=3),
        _column("stance", "int", "H", "From −2 against us to 2 for us", low=-2, high=2),
        _column("stance_on", "date", "H", "Day of that judgement"),
        _column("recommends", "enum", "H", "Answer to whether they recommend us inside", values=("yes", "no", "unclear", "not_asked")),
        _column("recommends_on", "date", "H", "Day of that answer"),
        parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "stakeholder_roles", "A role that a contact has in a deal.", "deal_id contact_id role",
        _deal(),
        _contact("contact_id", "CH", "The contact"),
        _column("role", "enum", "CH", "The role", "value translation of the CRM's roles; title words only as a proposal",
                values=("decision_maker", "approver", "evaluator", "user", "finance", "technical", "legal", "champion", "gatekeeper")),
        parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "commitments", "Something that one side asked of the other, or promised.", "commitment_id",
        _column("commitment_id", "text", "CH", "Key"),
        _deal(),
        _column("what", "text", "CH", "What was asked or promised"),
        _column("side", "enum", "H", "Which side has to act", "who has to do it", values=("us", "buyer")),
        _contact("contact_id", "H", "The contact"),
        _person("person_id", "H", "The person of ours"),
        _column("asked_on", "date", "H", "Day on which it was asked", "created date of the task"),
        _column("due_on", "date", "H", "Day by which it is due"),
        _column("done_on", "date", "H", "Day on which it was done", "completed date of the task"),
        _column("status", "enum", "H", "How it stands", "done if done_on", values=("asked", "agreed", "done", "declined", "dropped")),
        dated_by="asked_on", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "deal_changes", "A change of an attribute of a deal.", "change_id",
        _column("change_id", "text", "C", "Key"),
        _deal(),
        _column("field", "enum", "C", "The column of deals that changed", "difference of two imports, dated by the later one",
                values=("stage_id", "amount_minor", "currency", "expected_close_on", "owner_id", "forecast_category")),
        _column("old_value", "text", "C", "Value before, as the column of deals holds it", "previous row"),
        _column("new_value", "text", "C", "Value after, as the column of deals holds it"),
        _column("changed_at", "instant", "C", "When it changed"),
        _person("changed_by", "C", "Who changed it"),
        dated_by="changed_at", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "delivery_dates", "A delivery that was promised.", "delivery_id",
        _column("delivery_id", "text", "CF", "Key"),
        _deal(),
        _column("promised_on", "date", "QH", "Day that was promised", "quote's delivery date"),
        _column("promise_made_on", "date", "QH", "Day on which it was promised", "the quote's date"),
        _column("earliest_on", "date", "F", "Earliest day by the capacity plan as known when the promise was made", "standard lead time + promise date"),
        _column("actual_on", "date", "F", "Day of delivery"),
        dated_by="promise_made_on", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "approvals", "A request to approve a deal's price or terms.", "approval_id",
        _column("approval_id", "text", "QC", "Key"),
        _deal(),
        _person("approver_id", "QC", "Who decides"),
        _column("decision", "enum", "Q", "The decision", values=("pending", "approved", "rejected", "withdrawn")),
        _column("requested_on", "date", "Q", "Day of the request"),
        _column("decided_on", "date", "Q", "Day of the decision"),
        _column("valid_until", "date", "Q", "Last day of the approval", "decided_on + 90 days, where none is recorded"),
        _column("discount_ratio", "real", "Q", "Discount as approved", "the deal's value on decided_on", unit="share"),
        _column("contribution_ratio", "real", "Q", "Contribution as approved", "the deal's value on decided_on", unit="share"),
        _column("payment_terms_days", "int", "Q", "Payment terms as approved", "the deal's value on decided_on", unit="days"),
        dated_by="requested_on", parents={"deal_id": "deals"}, owner="deal",
    ),
    _table(
        "fit_answers", "Whether a deal meets a criterion of a good fit.", "deal_id criterion",
        _deal(),
        _column("criterion", "text", "X", "The criterion"),
        _column("met", "bool", "X", "Whether it is met", "[[fit]] of the configuration, where no answers are recorded"),
        parents={"deal_id": "deals"}, owner="deal",
    ),
)

_ACTIVITIES = (
    _table(
        "activities", "A mail, call, meeting, document or task.", "activity_id",
        _column("activity_id", "text", "CM", "Key"),
        _account(),
        _column("deal_id", "text", "CM", "The deal", "the only open deal of the account", references="deals.deal_id"),
        _column("kind", "enum", "CM", "What it is", values=("email", "message", "call", "meeting", "document", "task")),
        _column("direction", "enum", "M", "Which way it went", "sender's domain; meetings and held calls need none", values=("inbound", "outbound", "internal")),
        _column("status", "enum", "CM", "What became of it", "past meeting with no status and an accepted invitation = held",
                values=("planned", "held", "answered", "unanswered", "postponed", "cancelled", "no_show")),
        _column("moved_by", "enum", "MH", "Which side moved it", "organiser of the change", values=("us", "buyer")),
        _column("at", "instant", "CM", "When it took place or will"),
        _column("duration_min", "int", "CM", "How long", unit="minutes", low=0),
        _person("person_id", "C", "The person of ours"),
        _column("automated", "bool", "M", "Whether a machine sent it", "sequence tools' type, auto-reply headers"),
        _column("meeting_kind", "enum", "H", "What the meeting was for", "words of the title, where no meeting has a kind",
                values=("discovery", "demo", "technical", "pricing", "legal", "executive", "review", "other")),
        _column("commitment_id", "text", "H", "The commitment it follows up", "outbound to the same contact after asked_on", references="commitments.commitment_id"),
        _column("relay_reason", "enum", "H", "What the contact says they wait for", values=("superior", "budget", "legal", "purchasing", "absent_colleague", "other_priority")),
        _column("side_task", "enum", "C", "Work that is not selling", "words of a task's title, where no activity is marked", values=("order_chasing", "report", "invoice", "ticket")),
        _column("title", "text", "CM", "Subject or title as written"),
        dated_by="at", owner="deal",
    ),
    _table(
        "activity_attendees", "A person in an activity.", "activity_id attendee_id",
        _column("activity_id", "text", "CM", "The activity", references="activities.activity_id"),
        _column("attendee_id", "text", "M", "A contact or a person of ours", "recipients"),
        _column("side", "enum", "M", "Which side", values=("us", "buyer")),
        _column("attended", "bool", "M", "Whether they were there", "accepted or tentative = true; declined = false"),
        parents={"activity_id": "activities"}, owner="activity",
    ),
    _table(
        "activity_topics", "A topic of an activity.", "activity_id topic",
        _column("activity_id", "text", "H", "The activity", references="activities.activity_id"),
        _column("topic", "enum", "H", "The topic", "note tagging", values=("price", "value", "incident_update", "date_renegotiated", "mitigation")),
        parents={"activity_id": "activities"}, owner="activity",
    ),
)

_ACCOUNTS = (
    _table(
        "account_months", "Actual money of an account in a month; budget rows are refused.", "account_id month",
        _account(),
        _column("month", "date", "F", "First day of the month"),
        _column("list_minor", "money", "F", "Sales at list price", "sum of lines at list of won deals", unit="currency"),
        _column("revenue_minor", "money", "F", "Sales after on-invoice discounts", "invoices", unit="currency"),
        _column("off_invoice_minor", "money", "F", "Rebates, freight and the like", "0 only if the feed says that it is recorded", unit="currency"),
        _column("cost_of_goods_minor", "money", "F", "Cost of goods", unit="currency"),
        _currency("F"),
        dated_by="month", owner="account",
    ),
    _table(
        "service_costs", "Cost to serve an account in a month, by pool.", "account_id month pool",
        _account(),
        _column("month", "date", "SF", "First day of the month"),
        _column("pool", "enum", "SF", "What the cost is for", values=("support", "delivery", "account_care", "returns", "other")),
        _column("minutes", "real", "ST", "Minutes spent", "tickets × average minutes", unit="minutes", low=0),
        _column("cost_minor", "money", "F", "Cost", "minutes × rate; rate = pool cost ÷ (paid minutes × 0.8)", unit="currency"),
        _currency("F"),
        dated_by="month", owner="account",
    ),
    _table(
        "incidents", "Something that went wrong for a customer.", "incident_id",
        _column("incident_id", "text", "S", "Key"),
        _account(),
        _column("opened_on", "date", "S", "Day on which it began", "cases with priority high"),
        _column("resolved_on", "date", "S", "Day on which it was solved"),
        _column("kind", "enum", "S", "What went wrong", "value translation", values=("delivery", "quality", "billing", "service")),
        _column("severity", "int", "S", "1 to 3", "value translation", low=1, high=3),
        dated_by="opened_on", owner="account",
    ),
    _table(
        "loss_statements", "A stated reason for a deal or account that loses money.", "statement_id",
        _column("statement_id", "text", "H", "Key"),
        _column("subject", "enum", "H", "What it is about", values=("deal", "account")),
        _column("subject_id", "text", "H", "The deal or account"),
        _column("reason", "text", "H", "The reason"),
        _person("owner_id", "H", "Who answers for it"),
        _column("ends_on", "date", "H", "Last day on which it holds"),
        _column("stated_on", "date", "H", "Day on which it was stated"),
        dated_by="stated_on",
    ),
)

_OPERATIONS = (
    _table(
        "time_entries", "Hours of a person on a day.", "entry_id",
        _column("entry_id", "text", "T", "Key"),
        _person("person_id", "T", "The person"),
        _column("day", "date", "T", "The day", "calendar blocks by category words, labelled"),
        _column("hours", "real", "T", "Hours", unit="hours", low=0, high=24),
        _column("category", "enum", "T", "What for", "task code through the mapping file",
                values=("prospecting", "selling", "account_care", "preparation", "internal", "operations", "service", "travel", "training", "absence")),
        _column("deal_id", "text", "T", "The deal", references="deals.deal_id"),
        _column("account_id", "text", "T", "The account", references="accounts.account_id"),
        dated_by="day", owner="deal",
    ),
    _table(
        "diversions", "A time in which a team was kept from selling.", "diversion_id",
        _column("diversion_id", "text", "H", "Key", "half of a team's reps or more with 50 % operations hours on the same 2 business days or more, confirmed by a person"),
        _column("team_id", "text", "H", "The team", references="teams.team_id"),
        _column("from_on", "date", "H", "First day"),
        _column("to_on", "date", "H", "Last day"),
        _column("hours_per_day", "real", "H", "Hours lost a day and person", "8", unit="hours", low=0, high=24),
        _column("cause", "enum", "H", "Root cause", values=("resources", "process", "talent", "leadership", "other")),
        _person("cause_owner_id", "H", "Who works on the cause"),
        dated_by="from_on",
    ),
    _table(
        "diversion_people", "A person who was kept from selling.", "diversion_id person_id",
        _column("diversion_id", "text", "H", "The diversion", references="diversions.diversion_id"),
        _person("person_id", "H", "The person", "all reps of the team"),
        parents={"diversion_id": "diversions"},
    ),
    _table(
        "fx_rates", "The worth of a currency on a day.", "currency on_date",
        _column("currency", "text", "F", "ISO 4217 code"),
        _column("on_date", "date", "F", "The day"),
        _column("rate", "real", "F", "Units of the reporting currency for one unit", "1 for the reporting currency", low=1e-12),
        dated_by="on_date",
    ),
    _table(
        "targets", "A goal of a person or team for a time.", "target_id",
        _column("target_id", "text", "CH", "Key"),
        _column("holder", "enum", "CH", "Whose goal it is", values=("person", "team")),
        _column("holder_id", "text", "CH", "The person or team"),
        _column("metric", "enum", "H", "What is measured", values=("revenue", "bookings", "new_opportunities", "activities", "contribution", "pocket_margin", "gross_margin", "other")),
        _column("period_from", "date", "CH", "First day"),
        _column("period_to", "date", "CH", "Last day"),
        _column("value", "real", "CH", "The goal in the metric's unit"),
    ),
    _table(
        "holidays", "A day that is not worked.", "calendar on_date",
        _column("calendar", "text", "X", "Name of the calendar"),
        _column("on_date", "date", "X", "The day"),
    ),
    _table(
        "feeds", "A time for which a table is recorded without gaps.", "table_name scope covers_from",
        _column("table_name", "text", "X", "The table"),
        _column("scope", "text", "X", "Whose rows: 'all', or a name such as that of a source"),
        _column("covers_from", "date", "X", "First day", "earliest date in the file"),
        _column("covers_to", "date", "X", "Last day", "latest date in the file"),
    ),
)

_INTERNAL = (
    Table("aliases", "Another id under which a record is known.", ("table_name", "alias_id"), (
        Column("table_name", "text", "The table"),
        Column("alias_id", "text", "The other id"),
        Column("canonical_id", "text", "The id that the table holds"),
    )),
    Table("custom_fields", "A column of a company's own, mapped to x.<name>.", ("table_name", "name"), (
        Column("table_name", "text", "The table it belongs to"),
        Column("name", "text", "Its name without 'x.'"),
        Column("type", "enum", "Its type", values=("text", "int", "real", "money", "bool", "date", "instant")),
        Column("description", "text", "What it means"),
        Column("unit", "text", "Its unit"),
    )),
    Table("custom_values", "A cell of such a column.", ("table_name", "row_id", "name"), (
        Column("table_name", "text", "The table"),
        Column("row_id", "text", "The key of the row; parts are joined by U+001F"),
        Column("name", "text", "The column's name without 'x.'"),
        Column("value", "any", "The value"),
    )),
    Table("imports", "One import.", ("import_id",), (
        Column("import_id", "int", "Number of the import"),
        Column("started_at", "instant", "When it started"),
        Column("finished_at", "instant", "When it finished"),
        Column("mapping", "text", "The mapping's name"),
        Column("digest", "text", "Digest of mapping and files"),
        Column("rows_in", "int", "Rows read"),
        Column("rows_stored", "int", "Rows stored"),
        Column("rows_rejected", "int", "Rows rejected"),
        Column("summary_json", "text", "Counts by table, as JSON"),
    )),
    Table("import_problems", "A value or row that an import could not take as it was.", ("problem_id",), (
        Column("problem_id", "int", "Number of the problem"),
        Column("import_id", "int", "The import", references="imports.import_id"),
        Column("file", "text", "The file"),
        Column("line", "int", "The line, 1 is the first"),
        Column("column_name", "text", "The column in the file"),
        Column("value", "text", "The value as written"),
        Column("reason", "text", "What is wrong with it"),
        Column("action", "enum", "What was done", values=("rejected", "emptied", "noted")),
    ), parents={"import_id": "imports"}),
    Table("change_log", "A change of a row; written by triggers, also for other programs.", ("seq",), (
        Column("seq", "int", "Number of the change; the highest ever is the data revision"),
        Column("table_name", "text", "The table"),
        Column("row_key", "text", "The key of the row; parts are joined by U+001F"),
        Column("account_id", "text", "The row's account, if it names one"),
        Column("deal_id", "text", "The row's deal, if it names one"),
        Column("op", "enum", "What happened", values=("insert", "update", "delete")),
    )),
    Table("runs", "One review of the data.", ("run",), (
        Column("run", "int", "Number of the run"),
        Column("key", "text", "Digest of what went in"),
        Column("digest", "text", "Digest of what came out"),
        Column("created_at", "instant", "When it was stored"),
        Column("as_of", "date", "The day that it looks at"),
        Column("data_revision", "int", "Data revision that it read"),
        Column("config_hash", "text", "Digest of the configuration"),
        Column("header_json", "text", "The report header, as JSON"),
        Column("checks_json", "text", "The ids of the checks in the order of the outcome bytes, as JSON"),
    )),
    Table("run_scorecards", "The outcomes of one subject in a run that an earlier version stored.", ("run", "kind", "id"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("id", "text", "The subject"),
        Column("outcomes", "bytes", "One outcome code a check, in the run's order"),
        Column("e2", "int", "Twice E of the score"),
        Column("wd2", "int", "Twice W(D)"),
        Column("wa2", "int", "Twice W(A)"),
        Column("band", "text", "The band; empty for reps"),
        Column("account_revision", "int", "Data revision of the subject's account"),
    ), parents={"run": "runs"}),
    Table("waivers", "A finding that people have agreed to live with until a day.", ("waiver",), (
        Column("waiver", "int", "Number of the waiver"),
        Column("check_id", "text", "The check"),
        Column("kind", "text", "Kind of subject"),
        Column("id", "text", "The subject"),
        Column("outcome", "enum", "The outcome that was accepted; a worse one is not", values=("watch", "risk")),
        Column("disposition", "enum", "What was decided", values=("accepted", "false_positive")),
        Column("reason", "text", "Why"),
        Column("author", "text", "Who asked for it"),
        Column("approver", "text", "Who agreed"),
        Column("made_on", "date", "When it was made"),
        Column("until", "date", "Last day on which it holds"),
        Column("withdrawn_on", "date", "When it was taken back; empty while it stands"),
    )),
    Table("snapshot_marks", "A columnar copy that was made of this database.", ("mark",), (
        Column("mark", "text", "Name of the copy, never given twice"),
        Column("data_revision", "int", "Data revision that it holds"),
        Column("made_at", "instant", "When it was made"),
    )),
    Table("run_verdicts", "A finding in full: those of functions, and all of runs of earlier versions.", ("run", "kind", "id", "check_id"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("id", "text", "The subject"),
        Column("check_id", "text", "The check"),
        Column("outcome", "text", "The outcome"),
        Column("severity", "text", "The severity in force"),
        Column("fingerprint", "text", "Identity of the verdict over runs"),
        Column("detail_json", "text", "Everything else, as JSON"),
    ), parents={"run": "runs"}),
    Table("run_rules", "What the checks of a run say of the facts that it keeps.", ("run", "kind"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("format", "int", "Format of the data"),
        Column("data", "bytes", "Parameters, conditions and messages by check, as JSON, compressed with zlib"),
    ), parents={"run": "runs"}),
    Table("run_cards", "Scorecards of subjects that follow each other.", ("run", "kind", "first_id"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("first_id", "text", "The first subject"),
        Column("last_id", "text", "The last subject"),
        Column("subjects", "int", "How many there are"),
        Column("data", "bytes", "A row a subject with outcomes, sums and band, as Parquet"),
    ), parents={"run": "runs"}),
    Table("run_facts", "Facts of subjects with findings, from which a run tells them again.", ("run", "kind", "first_id"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("first_id", "text", "The first subject"),
        Column("last_id", "text", "The last subject"),
        Column("subjects", "int", "How many there are"),
        Column("data", "bytes", "A row a subject with the facts that its findings rest on, as Parquet"),
    ), parents={"run": "runs"}),
    Table("run_benchmarks", "Facts of deals and accounts that the whole organisation decides, of the last review.", ("run", "kind", "first_id"), (
        Column("run", "int", "The run", references="runs.run"),
        Column("kind", "text", "Kind of subject"),
        Column("first_id", "text", "The first subject"),
        Column("last_id", "text", "The last subject"),
        Column("data", "bytes", "A row a subject with the facts, as Parquet"),
    ), parents={"run": "runs"}),
    Table("run_pins", "A run that is kept however old it is.", ("run",), (
        Column("run", "int", "The run", references="runs.run"),
        Column("reason", "text", "What for"),
        Column("pinned_on", "date", "Since when, or when it was last used"),
        Column("until", "date", "Last day on which it holds; empty means always"),
    ), parents={"run": "runs"}),
    Table("pruned_runs", "A run that was taken out because it was old.", ("run",), (
        Column("run", "int", "Number of the run"),
        Column("key", "text", "Digest of what went in"),
        Column("as_of", "date", "The day that it looked at"),
        Column("created_at", "instant", "When it was stored"),
        Column("pruned_at", "instant", "When it was taken out"),
    )),
)
# fmt: on


def _by_name(tables: Iterable[Table]) -> dict[str, Table]:
    return {table.name: table for table in tables}


TABLES: dict[str, Table] = _by_name((*_SHARED, *_DEALS, *_ACTIVITIES, *_ACCOUNTS, *_OPERATIONS))
"""The data tables by name."""

INTERNAL: dict[str, Table] = _by_name(_INTERNAL)
"""Tables that the tool keeps for itself, by name."""

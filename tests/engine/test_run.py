"""A whole review: frozen and live views, records, the header, and that nothing ends the run."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from polars.testing import assert_frame_equal

from dealreview import Account, Columns, Deal, Fact, Pipeline, Rep, Rules, Verdict, check, facts
from dealreview.engine.config import Config, Organisation
from dealreview.engine.gate import INCOMPLETE, Gate, exit_code
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Kind
from dealreview.testing import database_of
from tests.support.packs import accepted, review_with

AS_OF = dt.date(2025, 5, 16)
ASK = ["What changed?"]


def day(number: int) -> dt.date:
    """Return a day so many after the review's date."""
    return AS_OF + dt.timedelta(days=number)


@facts(
    "deal",
    Fact("acme_amount", "money", "Amount.", "deal currency", origin="deals.amount_minor"),
    Fact("acme_age", "int", "Days since creation.", "days"),
    Fact("acme_hours", "real", "Hours.", "hours", requires=["time_entries.hours"]),
    reads={
        "deals": ["deal_id", "amount_minor", "created_on"],
        "time_entries": ["deal_id", "hours"],
    },
)
def of_deals(inputs: Any) -> pl.DataFrame:
    """Read deals and their hours."""
    hours = inputs.table("time_entries").group_by("deal_id").agg(acme_hours=pl.col("hours").sum())
    frame = inputs.subjects().join(inputs.table("deals"), left_on="id", right_on="deal_id")
    frame = frame.join(hours, left_on="id", right_on="deal_id", how="left")
    age = (pl.col("day") - pl.col("created_on")).dt.total_days()
    return frame.select("id", "acme_hours", acme_amount="amount_minor", acme_age=age)


@facts(
    "account",
    Fact("acme_size", "int", "Employees.", origin="accounts.employees"),
    reads={"accounts": ["account_id", "employees"]},
)
def of_accounts(inputs: Any) -> pl.DataFrame:
    """Read accounts."""
    return inputs.table("accounts").select(id="account_id", acme_size="employees")


def rule(check_id: str, make: Any, **options: Any) -> Any:
    """Return a check over columns that returns what ``make`` does."""

    def function(d: Columns) -> Any:
        """A deal is in order."""
        return make(d)

    return check.columns(check_id, **{"ask": ASK, "severity": "major", **options})(function)


AMOUNT = rule(
    "acme/amount", lambda d: Rules(watch=d.acme_amount > 100, message="{acme_amount:money}")
)
HOURS = rule("acme/hours", lambda d: Rules(watch=d.acme_hours > 9, message="{acme_hours:hours}"))
LIVE = rule(
    "acme/live",
    lambda d: Rules(watch=d.acme_hours > 9, message="{acme_hours:hours}"),
    after_close=True,
)


def hours(deal: str, number: int, amount: float) -> dict[str, Any]:
    """Return hours on a deal."""
    return {"entry_id": f"{deal}{number}", "deal_id": deal, "day": day(number), "hours": amount}


ROWS: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": "a", "employees": 4}],
    "people": [{"person_id": "p", "role": "rep"}],
    "stages": [{"stage_id": "s", "kind": "open"}, {"stage_id": "won", "kind": "won"}],
    "deals": [
        {
            "deal_id": "open",
            "account_id": "a",
            "stage_id": "s",
            "created_on": day(-30),
            "amount_minor": 200,
        },
        {
            "deal_id": "won",
            "account_id": "a",
            "stage_id": "won",
            "created_on": day(-60),
            "closed_on": day(-20),
        },
    ],
    "time_entries": [hours("open", -1, 4.0), hours("won", -21, 4.0), hours("won", -5, 8.0)],
}


def reviewed(*members: Any, rows: Any = None, as_of: dt.date = AS_OF, **request: Any) -> Any:
    """Return a review by checks over the facts of this module."""
    registry = accepted(of_deals, of_accounts, *members)
    return review_with(registry, ROWS | (rows or {}), as_of, **request)


def said(review: Any, subject: str = "open", kind: str = "deal") -> dict[str, str]:
    """Return outcomes by check."""
    return {v.check: str(v.outcome) for v in review.scorecard(kind, subject).verdicts}


# --- frozen and live -----------------------------------------------------------------------------


def test_a_closed_deal_is_judged_as_of_its_closing_day() -> None:
    """But for checks that go on after closing, which see what happened since."""
    review = reviewed(HOURS, LIVE)
    card = review.scorecard("deal", "won")
    found = {v.check: (str(v.outcome), v.message) for v in card.verdicts}
    assert found == {"acme/hours": ("pass", "4 h"), "acme/live": ("watch", "12 h")}
    assert card.closed
    assert card.facts["day"] == day(-20)


def test_a_check_that_goes_on_after_closing_on_several_kinds() -> None:
    """Accounts do not close: there it judges as every other check does."""
    both = rule(
        "acme/both",
        lambda d: Rules(
            watch=getattr(d, "acme_size" if d._kind == "account" else "acme_age") > 3, message="x"
        ),
        on=["deal", "account"],
        after_close=True,
    )
    review = reviewed(both)
    assert review.errors == ()
    assert said(review, "a", "account") == {"acme/both": "watch"}
    assert said(review, "won") == {"acme/both": "watch"}


def test_deals_with_impossible_days_are_reviewed() -> None:
    """A deal that closed before it was created is reviewed, beside checks that go on after closing."""
    odd = {"deal_id": "odd", "stage_id": "won", "created_on": day(-3), "closed_on": day(-20)}
    review = reviewed(AMOUNT, LIVE, rows={"deals": [*ROWS["deals"], odd]})
    assert said(review, "odd") == {
        "acme/amount": "insufficient_data",
        "acme/live": "insufficient_data",
    }
    assert said(review, "won")["acme/live"] == "watch"


def records(name: str, kind: str, table: str, column: str, **options: Any) -> Any:
    """Return a function that says which records it got."""

    def function(subject: Deal) -> Verdict:
        """Somebody worked on it."""
        return Verdict.strength(str([r[column] for r in subject.related[table]]))

    given = {"on": kind, "related": {table: [column]}, "ask": ASK}
    return check(f"acme/{name}", **given, **options)(function)


def test_records_end_with_the_deal() -> None:
    """A function gets the records up to the closing day; one that goes on after closing gets all."""
    review = reviewed(
        records("frozen", "deal", "time_entries", "hours"),
        records("live", "deal", "time_entries", "hours", after_close=True),
    )
    assert {v.check: v.message for v in review.scorecard("deal", "won").verdicts} == {
        "acme/frozen": "[4.0]",
        "acme/live": "[4.0, 8.0]",
    }


def test_records_of_people_do_not_end_with_a_deal() -> None:
    """The hours of a rep go on when a deal is closed, and all rows are the pipeline's."""
    entries = [{**row, "person_id": "p"} for row in ROWS["time_entries"]]
    review = reviewed(
        records("rep", "rep", "time_entries", "hours"),
        records("all", "pipeline", "time_entries", "hours"),
        rows={"time_entries": entries},
    )
    [of_rep] = review.scorecard("rep", "p").verdicts
    [of_all] = review.scorecard("pipeline", "pipeline").verdicts
    assert of_rep.message == of_all.message
    assert sorted(of_rep.message) == sorted("[4.0, 4.0, 8.0]")


def test_subjects_of_each_kind_have_their_class() -> None:
    """A function gets an Account, a Rep or the Pipeline, by what it judges."""
    seen: dict[str, Any] = {}

    def noting(kind: str, **options: Any) -> Any:
        def function(subject: Any) -> Verdict:
            """Somebody is there."""
            seen[kind] = type(subject)
            return Verdict.passed()

        return check(f"acme/{kind}", on=kind, related={"time_entries": ["hours"]}, ask=ASK)(
            function
        )

    entries = [{**row, "account_id": "a", "person_id": "p"} for row in ROWS["time_entries"]]
    kinds = {"account": Account, "deal": Deal, "rep": Rep, "pipeline": Pipeline}
    reviewed(*map(noting, kinds), rows={"time_entries": entries})
    assert seen == kinds


# --- what is not recorded ------------------------------------------------------------------------


def test_not_reviewed_and_required() -> None:
    """Without time entries the check has no verdict and no weight; required, it lacks data."""
    review = reviewed(AMOUNT, HOURS, rows={"time_entries": []})
    card = review.scorecard("deal", "open")
    assert [v.check for v in card.verdicts] == ["acme/amount"]
    assert [(n.check, n.needs) for n in card.not_reviewed] == [
        ("acme/hours", ("time_entries.hours",))
    ]
    assert (card.score, card.coverage) == (50.0, 1.0)
    config = Config(required_checks=("acme/hours",))
    card = reviewed(AMOUNT, HOURS, rows={"time_entries": []}, config=config).scorecard(
        "deal", "open"
    )
    assert {v.check: v.outcome for v in card.verdicts}["acme/hours"] == "insufficient_data"
    assert (card.coverage, card.not_reviewed) == (0.5, ())


def test_an_empty_database() -> None:
    """Where there is nothing, nobody is judged but the pipeline, and nothing fails."""
    review = review_with(accepted(of_deals, of_accounts, AMOUNT, HOURS), {}, AS_OF)
    assert [card.id for card in review.scorecards()] == ["pipeline"]
    assert review.errors == ()
    assert exit_code(review, Gate(min_score=50)) == 0


# --- errors --------------------------------------------------------------------------------------


class Later:
    """A function that gives a result while the pack is loaded and planned, and raises afterwards."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.calls = 0

    def __call__(self, d: Columns) -> Rules:
        """Return rules twice, then raise."""
        self.calls += 1
        if self.calls > 2:
            raise self.error
        return Rules(watch=d.acme_age > 3, message="x")


@pytest.mark.parametrize("error", [ValueError("no luck"), SystemExit(0), BaseException("low")])
def test_nothing_that_is_raised_ends_the_run(error: BaseException) -> None:
    """A check, a function and a provider that raise are named, cost their own, and the run is incomplete."""

    @facts("deal", Fact("acme_bad", "int", "Bad."))
    def bad(inputs: Any) -> Any:
        """Raise."""
        raise error

    @check("acme/function", needs=["acme_age"], ask=ASK)
    def function(deal: Deal) -> Verdict:
        """A deal is in order."""
        raise error

    needs = rule("acme/needs", lambda d: Rules(watch=d.acme_bad > 3, message="x"))
    review = reviewed(bad, function, needs, rule("acme/columns", Later(error)), AMOUNT)
    assert said(review) == {
        "acme/amount": "watch",
        "acme/columns": "error",
        "acme/function": "error",
        "acme/needs": "error",
    }
    named = " ".join(map(str, review.errors))
    assert all(
        name in named
        for name in ("acme/columns", "acme/function", "acme/needs", "facts of acme/bad")
    )
    assert exit_code(review, Gate()) == INCOMPLETE


def test_a_problem_is_named_once() -> None:
    """Two facts of a provider and both views of a deal give one problem."""

    @facts("deal", Fact("acme_one", "int", "One."), Fact("acme_two", "int", "Two."))
    def bad(inputs: Any) -> Any:
        """Raise."""
        raise ValueError("no luck")

    one = rule("acme/one", lambda d: Rules(watch=d.acme_one > d.acme_two, message="x"))
    two = rule("acme/two", lambda d: Rules(watch=d.acme_two > 3, message="x"), after_close=True)
    review = reviewed(bad, one, two)
    assert sum("no luck" in p.cause for p in review.errors) == 1


# --- the header ----------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_output() -> None:
    """Two reviews of the same rows agree in every fact, outcome and hash."""
    first, second = (reviewed(AMOUNT, HOURS, LIVE) for _ in range(2))
    assert evolve(first.header, data_revision=0) == evolve(second.header, data_revision=0)
    for kind in Kind:
        assert_frame_equal(first.kinds[kind].base, second.kinds[kind].base)
        assert_frame_equal(first.kinds[kind].codes, second.kinds[kind].codes)
    assert list(first.scorecards()) == list(second.scorecards())


def test_the_identity_of_parameters() -> None:
    """The header names each selected check with its version and the digest of its parameters."""
    review = reviewed(AMOUNT, HOURS)
    other = reviewed(AMOUNT, HOURS, config=Config(checks={"acme/amount": {"severity": "info"}}))
    assert list(review.header.checks) == ["acme/amount", "acme/hours"]
    assert review.header.checks["acme/amount"] != other.header.checks["acme/amount"]
    assert review.header.checks["acme/hours"] == other.header.checks["acme/hours"]
    assert review.header.config_hash != other.header.config_hash


@pytest.mark.parametrize(
    ("created", "closed", "proposed"),
    [
        (-30, -20, None),
        (-400, -180, None),
        (-400, -181, -181),
        (-200, None, -200),
        (10, None, 10),
        (10, 40, 40),
    ],
)
def test_a_better_date_is_proposed(created: int, closed: int | None, proposed: int | None) -> None:
    """When everything lies over half a year back, or all after the date, the newest day is proposed."""
    deals = [
        {
            "deal_id": "d",
            "created_on": day(created),
            "closed_on": None if closed is None else day(closed),
        }
    ]
    review = reviewed(AMOUNT, rows={"deals": deals, "time_entries": []})
    wanted = None if proposed is None else day(proposed)
    assert review.header.proposed_as_of == wanted


def test_what_happened_after_the_deals_counts_for_the_date() -> None:
    """Activities, hours and the configured day move the proposal on; planned activities do not."""
    deals = [{"deal_id": "d", "created_on": day(-400), "closed_on": day(-300)}]
    at = {"kind": "call", "activity_id": "a", "at": f"{day(-290)}T10:00:00Z", "status": "held"}
    planned = at | {"activity_id": "b", "at": f"{day(-100)}T10:00:00Z", "status": "planned"}
    rows = {"deals": deals, "activities": [at, planned], "time_entries": []}
    assert reviewed(AMOUNT, rows=rows).header.proposed_as_of == day(-290)
    worked = [{"entry_id": "t", "day": day(-280), "hours": 1.0}]
    more = rows | {"time_entries": worked}
    assert reviewed(AMOUNT, rows=more).header.proposed_as_of == day(-280)
    configured = Config(as_of=day(-270))
    assert reviewed(AMOUNT, rows=more, config=configured).header.proposed_as_of == day(-270)
    recent = rows | {"time_entries": [worked[0] | {"day": day(-3)}]}
    assert reviewed(AMOUNT, rows=recent).header.proposed_as_of is None


def test_deals_judged_by_todays_values() -> None:
    """A review as of the past without a history of changes says how many deals that concerns."""
    feeds = [{"table_name": "deals", "scope": "all", "covers_from": day(-90), "covers_to": day(0)}]
    assert reviewed(AMOUNT, rows={"feeds": feeds}).header.judged_by_todays_values == 0
    past = reviewed(AMOUNT, rows={"feeds": feeds}, as_of=day(-10))
    assert past.header.judged_by_todays_values == 2
    history = [{**feeds[0], "table_name": "deal_changes"}]
    past = reviewed(AMOUNT, rows={"feeds": feeds + history}, as_of=day(-10))
    assert past.header.judged_by_todays_values == 0


def test_gone_deals_are_counted() -> None:
    """A deal that an export no longer had is not reviewed and is counted."""
    gone = {"deal_id": "gone", "gone_on": day(-1)}
    review = reviewed(AMOUNT, rows={"deals": [*ROWS["deals"], gone]})
    assert review.header.gone == 1
    assert "gone" not in review.kinds[Kind.DEAL].rows


def test_rejected_rows_of_the_latest_import_are_counted(tmp_path: Any) -> None:
    """What the latest import of each file rejected is in the header; what was mended since is not."""
    database = database_of(ROWS, tmp_path / "x.db")
    imports = [{"deals.csv": 3_615, "people.csv": 2}, {"deals.csv": 1}, {}]
    with database.write() as connection:
        for files in imports:
            counts = [{"file": file, "table": "deals", "rejected": n} for file, n in files.items()]
            connection.execute(
                "INSERT INTO imports (summary_json) VALUES (?)", (json.dumps(counts),)
            )
    request = Request(AS_OF, Config(autoload=False))
    assert review_database(database, request).header.rejected_rows == 3


def test_a_feed_that_stopped_is_named_and_no_error() -> None:
    """An old feed of a table that is read is a note: the run is not incomplete for it."""
    feeds = [
        {"table_name": name, "scope": "all", "covers_from": day(-90), "covers_to": day(-30)}
        for name in ("time_entries", "activities")
    ]
    review = reviewed(HOURS, rows={"feeds": feeds})
    assert [p.where for p in review.header.problems] == ["feed time_entries"]
    assert review.errors == ()


def test_a_day_ends_where_the_company_is() -> None:
    """The time zone of the configuration decides on which day an hour falls."""
    meetings = {
        "activities": [{"activity_id": "x", "deal_id": "open", "at": "2025-05-16T22:30:00Z"}],
    }
    check_ = records("met", "deal", "activities", "activity_id")
    berlin = Config(organisation=Organisation(time_zone="Europe/Berlin"))
    [here] = reviewed(check_, rows=meetings).scorecard("deal", "open").verdicts
    [there] = reviewed(check_, rows=meetings, config=berlin).scorecard("deal", "open").verdicts
    assert (here.message, there.message) == ("['x']", "[]")


@pytest.mark.parametrize(
    ("codes", "currency"),
    [(["USD", "USD", "EUR"], "USD"), (["GBP", "EUR"], "EUR"), (["xx", None], "XXX"), ([], "XXX")],
)
def test_the_reporting_currency_of_a_database(codes: list[str | None], currency: str) -> None:
    """It is that of most deals, the first by code of several; none is made up. The file may name one."""
    deals = [{"deal_id": str(n), "currency": code} for n, code in enumerate(codes)]
    rows = {"deals": deals, "time_entries": []}
    assert reviewed(AMOUNT, rows=rows).header.reporting_currency == currency
    config = Config(organisation=Organisation(reporting_currency="CHF"))
    assert reviewed(AMOUNT, rows=rows, config=config).header.reporting_currency == "CHF"

"""A review seen by subject: figures, points, money, and what is only made when somebody looks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dealreview import (
    Columns,
    Deal,
    Exposure,
    Fact,
    MoneyAtRisk,
    Param,
    Rules,
    Verdict,
    check,
    facts,
)
from dealreview.engine import review as module
from dealreview.engine.config import Config, Organisation, Override
from dealreview.model.errors import NothingSelected
from dealreview.model.outcome import Band, Kind, Outcome
from dealreview.testing import review_tables
from tests.support.packs import accepted, review_with

if TYPE_CHECKING:
    import polars as pl

AS_OF = dt.date(2025, 5, 16)
ASK = ["What changed?"]
EUR = Config(organisation=Organisation(reporting_currency="EUR"))


@facts(
    "deal",
    Fact("acme_terms", "int", "Days.", "days", origin="deals.payment_terms_days"),
    Fact("acme_amount", "money", "Amount.", "deal currency"),
    Fact("acme_future", "money", "Amount.", "reporting currency"),
    reads={"deals": ["deal_id", "payment_terms_days", "amount_minor", "future_value_minor"]},
)
def given(inputs: Any) -> pl.DataFrame:
    """Read deals."""
    return inputs.table("deals").select(
        id="deal_id",
        acme_terms="payment_terms_days",
        acme_amount="amount_minor",
        acme_future="future_value_minor",
    )


def rule(check_id: str, make: Any, **options: Any) -> Any:
    """Return a check over columns that returns what ``make`` does."""

    def function(d: Columns) -> Any:
        """A deal is in order."""
        return make(d)

    return check.columns(check_id, **{"ask": ASK, "severity": "major", **options})(function)


def terms(check_id: str, limit: int, **options: Any) -> Any:
    """Return a check that finds a risk above a limit."""
    return rule(check_id, lambda d: Rules(risk=d.acme_terms > limit, message="x"), **options)


def deal(deal_id: str, terms_: int | None = None, **cells: Any) -> dict[str, Any]:
    """Return a deal."""
    return {"deal_id": deal_id, "payment_terms_days": terms_, "currency": "EUR", **cells}


def reviewed(*members: Any, deals: list[dict[str, Any]], config: Config = EUR, **rows: Any) -> Any:
    """Return a review of some deals."""
    registry = accepted(given, *members)
    return review_with(registry, {"deals": deals, **rows}, AS_OF, config=config)


# --- figures -------------------------------------------------------------------------------------


def test_figures_and_points_of_a_card() -> None:
    """Score, bounds, band, dimensions and points are those of the verdicts on the card."""
    checks = [
        terms("acme/minor", 10, severity="minor"),
        terms("acme/major", 50),
        rule("acme/gap", lambda d: Rules(risk=d.acme_amount > 5, message="x")),
    ]
    card = reviewed(*checks, deals=[deal("d", 20)]).scorecard("deal", "d")
    assert (card.score, card.lower, card.upper, card.coverage) == (71.4, 41.7, 83.3, 0.5833)
    assert card.band is Band.RISK
    assert {v.check: (v.points_lost, v.points_open) for v in card.verdicts} == {
        "acme/gap": (None, 41.6),
        "acme/major": (0.0, None),
        "acme/minor": (28.6, None),
    }
    [dimension] = card.dimensions
    assert (dimension.name, dimension.score, dimension.lower) == ("acme", 71.4, 41.7)


@pytest.mark.parametrize(("floor", "band"), [(0.7143, "unrated"), (0.7142, "watch")])
def test_the_floor_of_coverage(floor: float, band: str) -> None:
    """Five of seven decided is rated where the floor is just under that share, else unrated."""
    checks = [
        terms("acme/known", 50),
        rule("acme/gap", lambda d: Rules(risk=d.acme_amount > 5, message="x"), severity="minor"),
    ]
    config = Config(coverage_floor=floor)
    card = reviewed(*checks, deals=[deal("d", 20)], config=config).scorecard("deal", "d")
    assert str(card.band) == band


def test_severities_of_overrides_weigh() -> None:
    """The score of a deal is made with its own severities."""
    settings = {"acme/second": {"severity": "info"}}
    config = Config(overrides=(Override("acme_amount > 5", Kind.DEAL, settings),))
    checks = [terms("acme/first", 50), terms("acme/second", 10)]
    deals = [deal("large", 20, amount_minor=9), deal("small", 20, amount_minor=1)]
    review = reviewed(*checks, deals=deals, config=config)
    scores = {card.id: card.score for card in review.scorecards() if card.kind is Kind.DEAL}
    assert scores == {"large": 100.0, "small": 50.0}


def test_nothing_is_asked_of_a_kind() -> None:
    """Subjects of a kind without a check have a card with nothing on it."""
    review = reviewed(
        terms("acme/first", 50), deals=[deal("d", 20)], accounts=[{"account_id": "a"}]
    )
    card = review.scorecard("account", "a")
    assert (card.score, card.lower, card.upper, card.coverage, card.band) == (None,) * 5
    assert card.verdicts == ()
    assert review.band_counts(Kind.ACCOUNT) == dict.fromkeys(Band, 0)


def test_reps_have_verdicts_and_no_number() -> None:
    """A rep has neither score, bounds, band, dimensions nor points."""

    @check("acme/rep", on="rep", related={"time_entries": ["hours"]}, ask=ASK, severity="blocker")
    def rep(person: Any) -> Verdict:
        """A rep has time."""
        return Verdict.risk("none")

    rows = {
        "people": [{"person_id": "p", "role": "rep"}],
        "time_entries": [{"entry_id": "e", "person_id": "p", "hours": 1.0}],
    }
    review = reviewed(rep, deals=[deal("d")], **rows)
    card = review.scorecard("rep", "p")
    assert (card.score, card.lower, card.upper, card.coverage, card.band) == (None,) * 5
    assert card.dimensions == ()
    assert [(v.outcome, v.points_lost, v.points_open) for v in card.verdicts] == [
        ("risk", None, None)
    ]
    assert review.band_counts(Kind.REP) == dict.fromkeys(Band, 0)


# --- cards ---------------------------------------------------------------------------------------


def test_cards_come_in_order_and_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards are made in parts of any size, by kind and id, each with its own facts."""
    deals = [deal(f"d{n:02}", n) for n in range(23)]
    review = reviewed(terms("acme/first", 10), deals=deals)
    whole = list(review.scorecards())
    monkeypatch.setattr(module, "CARDS_AT_ONCE", 4)
    assert list(review.scorecards()) == whole
    cards = [card for card in whole if card.kind is Kind.DEAL]
    assert [card.id for card in cards] == [d["deal_id"] for d in deals]
    assert [card.facts["acme_terms"] for card in cards] == list(range(23))
    assert [card.verdicts[0].outcome for card in cards] == ["pass"] * 11 + ["risk"] * 12


def test_only_some_outcomes() -> None:
    """Verdicts that are left out of a card still count in its figures and points."""
    checks = [terms("acme/first", 10), terms("acme/second", 50)]
    review = reviewed(*checks, deals=[deal("d", 20)])
    [card] = [c for c in review.scorecards(only={Outcome.RISK}) if c.kind is Kind.DEAL]
    assert [v.check for v in card.verdicts] == ["acme/first"]
    assert (card.score, card.verdicts[0].points_lost) == (50.0, 50.0)


def test_a_subject_that_is_not_there() -> None:
    """An unknown id names the day and the nearest id."""
    review = reviewed(terms("acme/first", 10), deals=[deal("crm:417")])
    with pytest.raises(
        NothingSelected, match=r"no deal 'crm:471' as of 2025-05-16\. Did you mean 'crm:417'"
    ):
        review.scorecard("deal", "crm:471")


def test_counts() -> None:
    """Outcomes are counted over all subjects, bands over open deals."""
    won = deal("won", 20, closed_on=dt.date(2025, 5, 1))
    review = reviewed(terms("acme/first", 10), deals=[deal("a", 20), deal("b", 5), deal("c"), won])
    counts = {str(o): n for o, n in review.outcome_counts.items() if n}
    assert counts == {"pass": 1, "risk": 2, "insufficient_data": 1}
    assert {str(b): n for b, n in review.band_counts(Kind.DEAL).items()} == {
        "healthy": 1,
        "watch": 0,
        "risk": 1,
        "unrated": 1,
    }
    found = review.kinds[Kind.DEAL]
    assert [str(found.outcome(row, "acme/first")) for row in range(4)] == [
        "risk",
        "pass",
        "insufficient_data",
        "risk",
    ]


# --- money ---------------------------------------------------------------------------------------

RATES = {
    "fx_rates": [
        {"currency": "USD", "on_date": "2025-05-15", "rate": 0.5},
        {"currency": "USD", "on_date": "2025-05-01", "rate": 0.25},
        {"currency": "JPY", "on_date": "2025-05-15", "rate": 0.01},
    ]
}


def exposing(check_id: str, kind: str, minor: Any, **options: Any) -> Any:
    """Return a check whose findings expose money."""
    return rule(
        check_id,
        lambda d: Rules(risk=d.acme_terms > 10, message="x", at_risk=Exposure(kind, minor(d))),
        **options,
    )


def money(review: Any, subject: str) -> list[tuple[str, int, str | None, int | None]]:
    """Return what the verdicts of a deal expose."""
    found = [v.money_at_risk for v in review.scorecard("deal", subject).verdicts]
    return [(m.kind, m.minor, m.currency, m.reporting_minor) for m in found if m]


def test_money_is_converted_at_the_day_that_counts() -> None:
    """Open deals take the rate of the review's date, closed ones that of their closing day."""
    deals = [
        deal("d", 20, amount_minor=1000, currency="USD"),
        deal("won", 20, amount_minor=1000, currency="USD", closed_on=dt.date(2025, 5, 2)),
        deal("old", 20, amount_minor=1000, currency="USD", closed_on=dt.date(2025, 4, 2)),
        deal("yen", 20, amount_minor=1000, currency="JPY"),
        deal("own", 20, amount_minor=1000),
        deal("bare", 20, amount_minor=1000, currency=None),
        deal("fine", 5, amount_minor=1000),
        deal("gap", 20),
        deal("less", 20, amount_minor=-1000),
    ]
    review = reviewed(
        exposing("acme/first", "margin", lambda d: d.acme_amount), deals=deals, **RATES
    )
    assert money(review, "d") == [("margin", 1000, "USD", 500)]
    assert money(review, "won") == [("margin", 1000, "USD", 250)]
    assert money(review, "old") == [("margin", 1000, "USD", None)]
    assert money(review, "yen") == [("margin", 1000, "JPY", 1000)]
    assert money(review, "own") == [("margin", 1000, "EUR", 1000)]
    assert money(review, "bare") == [("margin", 1000, "EUR", 1000)]
    assert [money(review, name) for name in ("fine", "gap", "less")] == [[], [], []]
    assert review.pipeline_money() == {"margin": 500 + 1000 + 1000 + 1000}


def test_the_largest_of_each_kind_counts() -> None:
    """Findings of a kind are never added up on a deal; the pipeline adds deals kind by kind."""
    checks = [
        exposing("acme/first", "margin", lambda d: d.acme_amount),
        exposing("acme/second", "margin", lambda d: d.acme_amount * 2),
        exposing("acme/third", "delay", lambda d: d.acme_amount),
    ]
    deals = [deal("d", 20, amount_minor=100), deal("e", 20, amount_minor=10)]
    review = reviewed(*checks, deals=deals)
    assert review.kinds[Kind.DEAL].exposed.to_dicts() == [
        {"margin": 200, "value": None, "delay": 100},
        {"margin": 20, "value": None, "delay": 10},
    ]
    assert review.pipeline_money() == {"margin": 220, "delay": 110}


def test_money_that_is_in_reporting_currency_already() -> None:
    """An amount in reporting currency is not converted by the deal's currency."""
    deals = [deal("d", 20, future_value_minor=1000, currency="USD")]
    review = reviewed(
        exposing("acme/first", "value", lambda d: d.acme_future), deals=deals, **RATES
    )
    assert money(review, "d") == [("value", 1000, "EUR", 1000)]
    assert review.pipeline_money() == {"value": 1000}


def test_money_that_is_the_same_for_everybody() -> None:
    """A fixed amount is exposed by every finding."""
    deals = [deal("d", 20), deal("e", 20), deal("f", 5)]
    review = reviewed(exposing("acme/first", "value", lambda _d: 700), deals=deals)
    assert review.pipeline_money() == {"value": 1400}


def test_money_of_a_function() -> None:
    """What the verdicts of a function expose counts as that of conditions does."""

    @check("acme/function", needs=["acme_terms", "acme_amount"], ask=ASK)
    def function(deal: Deal) -> Verdict:
        """Terms are short."""
        currency = {"d": "USD", "e": "EUR", "f": "CHF"}[deal.id]
        kind = "margin" if deal.id != "e" else "delay"
        stake = MoneyAtRisk(kind, deal.acme_amount, currency)
        verdict = Verdict.watch if deal.acme_terms > 10 else Verdict.passed
        return verdict("x", money_at_risk=stake)

    deals = [deal(name, 20, amount_minor=1000) for name in "def"]
    review = reviewed(function, deals=deals, **RATES)
    assert money(review, "d") == [("margin", 1000, "USD", 500)]
    assert money(review, "e") == [("delay", 1000, "EUR", 1000)]
    assert money(review, "f") == [("margin", 1000, "CHF", None)]
    assert review.pipeline_money() == {"delay": 1_000}
    fine = reviewed(function, deals=[deal("d", 5, amount_minor=1000)], **RATES)
    assert money(fine, "d") == []
    assert fine.pipeline_money() == {}


def test_money_of_groups() -> None:
    """Where an override changes what a check exposes, each deal has that of its own group."""

    @check.columns("acme/share", ask=ASK)
    def share(d: Columns, *, part: Annotated[int, Param("Times", ge=1, le=9)] = 1) -> Rules:
        """Terms are short."""
        exposure = Exposure("margin", d.acme_amount * part)
        return Rules(risk=d.acme_terms > 10, message="x", at_risk=exposure)

    override = Override("acme_amount > 50", Kind.DEAL, {"acme/share": {"part": 3}})
    deals = [deal("d", 20, amount_minor=100), deal("e", 20, amount_minor=10)]
    config = Config(overrides=(override,))
    review = reviewed(share, deals=deals, config=config)
    assert review.kinds[Kind.DEAL].exposed["margin"].to_list() == [300, 10]


@pytest.mark.parametrize(("foreign", "known"), [(0, True), (1, True), (2, False)])
def test_money_without_a_rate_may_be_two_percent(foreign: int, known: bool) -> None:
    """Up to 2 % of amounts without a rate are left out and counted; beyond, the sum is unknown."""
    deals = [
        {
            "deal_id": f"d{n}",
            "stage_id": "open",
            "currency": "USD" if n < foreign else "EUR",
            "amount_minor": 100,
            "created_on": "2025-05-01",
            "expected_close_on": "2025-05-01",
        }
        for n in range(60)
    ]
    rows = {"stages": [{"stage_id": "open", "kind": "open"}], "deals": deals}
    review = review_tables(rows, AS_OF, select=["hygiene/close-date-passed"])
    assert review.pipeline_money() == ({"delay": 100 * (60 - foreign)} if known else {})
    assert review.money_without_rate() == ({"delay": foreign} if foreign else {})

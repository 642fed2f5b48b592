"""Deals that fit and deals that do not: by deal, by value and by hours."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import AS_OF, Span, facts_of

Rows = dict[str, list[dict[str, Any]]]
THEN = dt.date(2024, 11, 15)
SHARE = ["poor_fit_value_share_lo", "poor_fit_value_share_hi"]
PAST = ["poor_fit_value_share_182d_lo", "poor_fit_value_share_182d_hi"]


def company(**deals: tuple[int | None, bool | None]) -> Rows:
    """Return open deals of Ana by amount and whether they meet the only criterion."""
    return {
        "stages": [
            {"stage_id": "s", "kind": "open", "milestone": 3},
            {"stage_id": "w", "kind": "won"},
        ],
        "people": [{"person_id": "ana", "role": "rep"}, {"person_id": "ben", "role": "rep"}],
        "deals": [
            {
                "deal_id": name,
                "stage_id": "s",
                "owner_id": "ana",
                "amount_minor": amount,
                "currency": "EUR",
                "created_on": dt.date(2024, 1, 1),
                "closed_on": None,
            }
            for name, (amount, _) in deals.items()
        ],
        "fit_answers": [
            {"deal_id": name, "criterion": "need", "met": met} for name, (_, met) in deals.items()
        ],
    }


def of_pipeline(rows: Rows, *names: str, **options: Any) -> list[Any]:
    """Return facts of the pipeline, the same over one bucket of accounts and over three."""
    one, three = (
        facts_of(rows, "pipeline", *names, buckets=buckets, **options)["pipeline"]
        for buckets in (1, 3)
    )
    assert one == three
    return list(one.values())


def test_criteria_are_those_that_open_deals_are_asked() -> None:
    """One that only another open deal answered is unanswered; a closed deal keeps to its own."""
    rows = company(A=(1, True), B=(1, False), C=(1, True))
    rows["fit_answers"] += [
        {"deal_id": "B", "criterion": "size", "met": True},
        {"deal_id": "C", "criterion": "colour", "met": None},
    ]
    rows["deals"][2] |= {"stage_id": "w", "closed_on": dt.date(2025, 1, 1)}
    names = ["fit_met_lo", "fit_met_hi", "fit_criteria", "fit_missed", "fit_unanswered"]
    found = facts_of(rows, "deal", *names)
    assert list(found["A"].values()) == [1, 2, 2, [], ["size"]]
    assert list(found["B"].values()) == [1, 1, 2, ["need"], []]
    assert list(found["C"].values()) == [1, 2, 2, [], ["colour"]]


def test_without_criteria_there_is_no_fit() -> None:
    """Nothing is met and nothing missed."""
    rows = company(A=(1, True))
    rows["fit_answers"] = []
    names = ["fit_ratio_lo", "fit_ratio_hi", "fit_criteria", "poor_fit", "fit_words"]
    found = facts_of(rows, "deal", *names, also=["fit_answers"])["A"]
    assert list(found.values()) == [None, None, 0, None, "no criteria"]


def test_half_is_not_poor() -> None:
    """A fit is poor under the limit, and unknown where answers decide."""
    rows = company(A=(1, True), B=(1, False), C=(1, None))
    rows["fit_answers"] += [{"deal_id": d, "criterion": "size", "met": False} for d in "AC"]
    found = facts_of(rows, "deal", "poor_fit")
    assert [row["poor_fit"] for row in found.values()] == [False, None, None]


def test_open_value_in_poor_fits() -> None:
    """A deal of unknown fit is weighed both ways, while the fit of most of the value is known."""
    assert of_pipeline(company(A=(30, False), B=(70, True)), *SHARE) == [0.3, 0.3]
    assert of_pipeline(company(A=(30, None), B=(70, True)), *SHARE) == [0.0, 0.3]
    assert of_pipeline(company(A=(31, None), B=(69, True)), *SHARE) == [None, None]


def test_an_unknown_amount_may_be_anything() -> None:
    """It may be nothing or more than all others; the sign of its fit is known all the same."""
    rows = company(A=(30, False), B=(70, True), C=(None, False))
    assert of_pipeline(rows, *SHARE) == [0.3, 1.0]
    rows = company(A=(30, False), B=(70, True), C=(None, True))
    assert of_pipeline(rows, *SHARE) == [0.0, 0.3]


def test_two_currencies() -> None:
    """Amounts count in reporting currency; without a rate they are unknown."""
    rows = company(A=(30, False), B=(70, True))
    rows["deals"][0]["currency"] = "USD"
    assert of_pipeline(rows, *SHARE) == [0.0, 1.0]
    rows["fx_rates"] = [{"currency": "USD", "on_date": dt.date(2025, 5, 16), "rate": 1.0}]
    assert of_pipeline(rows, *SHARE) == [0.3, 0.3]


def change(field: str, old: str, day: dt.date) -> dict[str, Any]:
    """Return a change of deal A."""
    at = dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC)
    return {
        "change_id": f"{field}{day}",
        "deal_id": "A",
        "field": field,
        "old_value": old,
        "changed_at": at,
    }


def test_the_share_of_182_days_ago() -> None:
    """Amounts of then: that before the first later change, also of deals closed since."""
    rows = company(A=(30, False), B=(70, True), C=(100, True))
    rows["deals"][2] |= {"stage_id": "w", "closed_on": dt.date(2025, 1, 1)}
    rows["deal_changes"] = [
        change("amount_minor", "999", THEN),
        change("amount_minor", "170", dt.date(2025, 3, 1)),
        change("amount_minor", "20", dt.date(2025, 4, 1)),
    ]
    assert of_pipeline(rows, *SHARE, *PAST) == [0.3, 0.3, 0.5, 0.5]
    counts = ["fit_open_deals_182d_lo", "fit_open_deals_182d_hi"]
    rows["deals"][1]["created_on"] = None
    assert of_pipeline(rows, *counts) == [2, 3]


def test_a_deal_created_on_that_day_was_open_on_it() -> None:
    """The day itself counts, for the first day of a deal as for its last."""
    rows = company(A=(30, False), B=(70, True))
    rows["deals"][0]["created_on"] = THEN
    rows["deals"][1] |= {"stage_id": "w", "closed_on": THEN}
    assert of_pipeline(rows, "fit_open_deals_182d_lo", "fit_open_deals_182d_hi") == [1, 1]


def risen(poor: int, good: int, amount: int = 100) -> str:
    """Return what is said of a rise from 10 of 50 equal deals to these, the first of another amount."""
    deals = {f"P{n}": (100, False) for n in range(poor)}
    deals |= {f"G{n}": (100, True) for n in range(good)}
    rows = company(**deals)
    rows["deals"][0]["amount_minor"] = amount
    for row in rows["deals"]:
        row["created_on"] = AS_OF
    shared = {"stage_id": "w", "created_on": THEN, "closed_on": AS_OF, "currency": "EUR"}
    for n in range(50):
        rows["deals"].append({"deal_id": f"W{n}", "amount_minor": 100, **shared})
        rows["fit_answers"].append({"deal_id": f"W{n}", "criterion": "need", "met": n >= 10})
    rows["deal_changes"] = [change("amount_minor", "1", dt.date(2024, 1, 1))]
    [said] = of_pipeline(rows, "poor_fit_rise_words")
    return str(said)


def test_a_rise_that_could_be_chance() -> None:
    """Half of 50 after a fifth is beyond chance, half of four is not, nor is one large deal of 50."""
    assert risen(25, 25) == (
        "; compared: 50 open deals now with 50 then, which count like 50 and 50 of one size; a rise this "
        "large comes about by chance alone in fewer than 0.1% of cases (p < 0.001), so it is more than "
        "chance"
    )
    chance = "; a rise this large comes about by chance alone in {} of cases (p = {}), so it may be chance"
    few = "; compared: 4 open deals now with 50 then, which count like 4 and 50 of one size"
    assert (
        risen(2, 2) == f"{few}{chance.format('8.2%', '0.082')}: about 31 deals a side would show it"
    )
    large = "; compared: 50 open deals now with 50 then, which count like 11 and 50 of one size"
    assert (
        risen(10, 40, amount=2_000)
        == f"{large}{chance.format('6.3%', '0.063')}: about 54 deals a side would show it"
    )


def test_no_rise_no_word_of_chance() -> None:
    """A share that fell, that rose by too little to speak of, or that nobody knows says nothing."""
    assert risen(5, 45) == risen(10, 39) == risen(10, 40) == ""
    rows = company(A=(30, None), B=(70, True))
    assert of_pipeline(rows, "poor_fit_rise_words") == [""]


def test_a_history_that_does_not_reach_back() -> None:
    """Amounts of then are unknown, and so is the share."""
    rows = company(A=(30, False), B=(70, True))
    rows["deal_changes"] = [change("amount_minor", "1", dt.date(2025, 3, 1))]
    feeds = [Span("deal_changes", first=dt.date(2024, 11, 16))]
    assert of_pipeline(rows, *PAST, feeds=feeds) == [None, None]
    feeds = [Span("deal_changes", first=THEN)]
    assert of_pipeline(rows, *PAST, feeds=feeds) == [0.014084507, 0.014084507]


def test_a_deal_belonged_to_its_owner_of_then() -> None:
    """What Ben owned 182 days ago was his share."""
    rows = company(A=(30, False), B=(70, True))
    rows["deal_changes"] = [change("owner_id", "ben", dt.date(2025, 3, 1))]
    found = facts_of(rows, "rep", "fit_open_deals_lo", "fit_open_deals_182d_lo")
    assert [list(row.values()) for row in found.values()] == [[2, 1], [0, 1]]


def hours(*entries: tuple[float | None, str | None, str | None]) -> Rows:
    """Return a company where Ana spent hours by category and deal."""
    rows = company(A=(1, False), B=(1, True), C=(1, None))
    rows["time_entries"] = [
        {
            "entry_id": str(n),
            "person_id": "ana",
            "day": dt.date(2025, 5, 7),
            "hours": spent,
            "category": category,
            "deal_id": deal,
        }
        for n, (spent, category, deal) in enumerate(entries)
    ]
    return rows


POOR = ["poor_fit_hours_ratio_lo", "poor_fit_hours_ratio_hi"]
SEEKING = ["prospecting_ratio_lo", "prospecting_ratio_hi"]
USUAL = ((15.0, "selling", "A"), (25.0, "selling", "B"))


def ratios(rows: Rows, *names: str, **options: Any) -> list[Any]:
    """Return facts of Ana."""
    return list(facts_of(rows, "rep", *names, **options)["ana"].values())


@pytest.mark.parametrize(
    ("more", "poor", "seeking"),
    [
        ((), [0.375, 0.375], [0.0, 0.0]),
        (((10.0, "prospecting", None),), [0.375, 0.375], [0.2, 0.2]),
        (((10.0, None, None),), [0.375, 0.375], [0.0, 0.2]),
        (((10.0, "selling", "C"),), [0.3, 0.5], [0.0, 0.0]),
        (((24.0, "selling", "C"),), [None, None], [0.0, 0.0]),
        (((24.0, "absence", "A"),), [0.375, 0.375], [0.0, 0.0]),
        (((None, "selling", "A"),), [None, None], [None, None]),
    ],
)
def test_hours_on_deals_of_poor_fit(more: Any, poor: list[Any], seeking: list[Any]) -> None:
    """Unknown fits and hours without category are weighed at both ends; a blank hour is unknown."""
    assert ratios(hours(*USUAL, *more), *POOR, *SEEKING) == [*poor, *seeking]


def test_hours_of_eight_recorded_weeks() -> None:
    """All eight weeks must be recorded, and forty hours in them."""
    first, last = dt.date(2025, 3, 17), dt.date(2025, 5, 11)
    rows = hours(*USUAL)
    assert ratios(rows, *POOR, feeds=[Span("time_entries", first, last)]) == [0.375, 0.375]
    short = [Span("time_entries", first + dt.timedelta(days=1), last)]
    assert ratios(rows, *POOR, feeds=short) == [None, None]
    assert ratios(rows, *POOR, min_hours_8w=41) == [None, None]


def test_deals_that_are_named() -> None:
    """Open deals that are surely poor fits are named, no others."""
    rows = company(A=(1, True), B=(1, False), C=(1, None), D=(1, False), E=(1, False))
    rows["deals"][3] |= {"stage_id": "w", "closed_on": AS_OF}
    assert of_pipeline(rows, "poor_fit_deals") == [["B", "E"]]

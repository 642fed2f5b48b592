"""What the customer gains, against the alternative and against today, and who says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.plugins.tinyfacts import facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
EXTRA = {"compared_with": "alternative", "amount_minor": 1000}
TODAY = {"compared_with": "status_quo", "amount_minor": 5000}


def company(*items: dict[str, Any], **deal: Any) -> Rows:
    """Return a deal D of account A with value items; A belongs to P, and B is a stranger."""
    return {
        "accounts": [
            {"account_id": "A", "parent_account_id": "P"},
            {"account_id": "P"},
            {"account_id": "B"},
        ],
        "contacts": [
            {"contact_id": "own", "account_id": "A"},
            {"contact_id": "boss", "account_id": "P"},
            {"contact_id": "guest", "account_id": "B"},
            {"contact_id": "somebody"},
        ],
        "deals": [{"deal_id": "D", "account_id": "A", "amount_minor": 700, **deal}],
        "value_items": [
            {"value_item_id": str(n), "deal_id": "D", **item} for n, item in enumerate(items)
        ],
    }


def gained(rows: Rows) -> list[Any]:
    """Return reference, what we add, what the customer gains, and what of that is the least."""
    names = ["reference_price", "differentiation_value", "customer_value", "customer_value_label"]
    return list(facts_of(rows, "deal", *names)["D"].values())


def confirmed(*items: dict[str, Any], **deal: Any) -> list[float | None]:
    """Return the confirmed share at its worst and at its best."""
    names = ["value_confirmed_ratio_lo", "value_confirmed_ratio_hi"]
    return list(facts_of(company(*items, **deal), "deal", *names)["D"].values())


def test_items_over_the_horizon() -> None:
    """Monthly amounts count over the horizon, disadvantages are taken off, rejected items do not count."""
    monthly = {**EXTRA, "amount_minor": 10, "period": "month"}
    less = {**EXTRA, "amount_minor": -300}
    rejected = {**EXTRA, "amount_minor": 9999, "rejected_on": dt.date(2025, 1, 1)}
    rows = company(EXTRA, monthly, less, rejected, reference_minor=500, term_months=24)
    assert gained(rows) == [500, 940, 1440, " at least"]


def test_against_today() -> None:
    """Items against today are what the customer gains; without any it is at least the alternative's."""
    assert gained(company(EXTRA, TODAY, reference_minor=500)) == [500, 1000, 5000, ""]
    assert gained(company(EXTRA)) == [None, 1000, None, ""]


def test_an_item_without_side_or_amount() -> None:
    """It is against today where the alternative is to do nothing; else nothing is known of the sums."""
    open_side = {"amount_minor": 100}
    nothing = company(open_side, reference_minor=0, reference_kind="do_nothing")
    assert gained(nothing) == [0, None, 100, ""]
    assert gained(company(EXTRA, open_side, reference_minor=5)) == [5, None, None, ""]
    blank = {**EXTRA, "amount_minor": None}
    assert gained(company(EXTRA, blank, reference_minor=5)) == [5, None, None, ""]


def test_an_alternative_of_zero_is_typed_in() -> None:
    """Zero counts only where the customer would do nothing; an alternative under zero never does."""
    assert gained(company(EXTRA, reference_minor=0, reference_kind="competitor"))[0] is None
    assert gained(company(EXTRA, reference_kind="do_nothing"))[0] is None
    assert gained(company(EXTRA, reference_minor=-5, reference_kind="do_nothing"))[0] is None


def test_who_confirms() -> None:
    """People of the account and its parent confirm; strangers do not; of others it is open."""
    half = {**EXTRA, "confirmed_by_contact_id": "boss"}
    assert confirmed(half, EXTRA) == [0.5, 0.5]
    assert confirmed({**EXTRA, "confirmed_by_contact_id": "guest"}, EXTRA) == [0.0, 0.0]
    assert confirmed({**EXTRA, "confirmed_by_contact_id": "somebody"}, EXTRA) == [0.0, 0.5]
    assert confirmed() == [None, None]


def test_an_adviser_confirms() -> None:
    """Somebody of another company who advises the customer confirms too."""
    rows = company({**EXTRA, "confirmed_by_contact_id": "guest"})
    rows["stakeholders"] = [{"deal_id": "D", "contact_id": "guest", "external_adviser": True}]
    names = ["value_confirmed_ratio_lo", "value_confirmers"]
    assert facts_of(rows, "deal", *names)["D"] == {
        "value_confirmed_ratio_lo": 1.0,
        "value_confirmers": ["guest"],
    }


def test_confirmed_share_with_unknown_amounts() -> None:
    """An unknown amount that nobody confirmed may outweigh all, one that is confirmed too."""
    own = {"confirmed_by_contact_id": "own"}
    blank = {**EXTRA, "amount_minor": None}
    assert confirmed({**EXTRA, **own}, blank) == [0.0, 1.0]
    assert confirmed(EXTRA, {**blank, **own}) == [0.0, 1.0]


def test_price_and_value_of_the_report() -> None:
    """The facts that the report draws are there for a deal with an alternative."""
    names = ["reference_price", "differentiation_value", "customer_value", "capture_ratio"]
    found = facts_of(company(EXTRA, reference_minor=500), "deal", *names)["D"]
    assert found == {
        "reference_price": 500,
        "differentiation_value": 1000,
        "customer_value": 1500,
        "capture_ratio": 0.2,
    }


def test_doing_nothing_without_a_price_is_not_judged() -> None:
    """An empty price of the alternative is unknown, whatever the alternative is."""
    rows = company(EXTRA, stage_id="s", reference_kind="do_nothing")
    rows["stages"] = [{"stage_id": "s", "kind": "open", "milestone": 4}]
    assert verdict("pricing/value-share", rows, "deal", "D") == "insufficient_data"

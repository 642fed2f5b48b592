"""Pictures: steps add up, and only what is known is shown."""

from typing import Any

from dealreview.reports.html.pictures import (
    account_waterfall,
    contribution_name,
    deal_waterfall,
    hours_picture,
    price_picture,
)

PRICES: dict[str, Any] = {
    "list_price": 100_000,
    "invoice_price": 80_000,
    "pocket_price": 75_000,
    "customer_price": 78_000,
    "cost_of_goods": 60_000,
    "cost_to_serve": 5_000,
    "cost_to_serve_recorded": True,
    "contribution_lo": 10_000,
    "contribution_hi": 10_000,
    "contribution_label": "contribution",
}


def without(*names: str) -> dict[str, Any]:
    """Return the prices with some unknown."""
    return PRICES | dict.fromkeys(names)


def steps(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return names and numbers of the way from list price to contribution."""
    found = deal_waterfall(facts, "EUR")
    return [] if found is None else [(line.name, line.number) for line in found.lines]


def test_the_way_from_list_price_to_contribution_adds_up() -> None:
    """Every sum is the one before it with the steps between."""
    assert steps(PRICES) == [
        ("List price", "1,000"),
        ("Discount on the invoice", "−200"),
        ("Invoice price", "800"),
        ("Rebates, freight, terms", "−50"),
        ("Pocket price", "750"),
        ("Cost of goods", "−600"),
        ("Cost to serve", "−50"),
        ("Contribution", "100"),
    ]


def test_shares_are_of_the_pocket_price() -> None:
    """The share of the contribution is the one that the margin check speaks of."""
    found = deal_waterfall(PRICES, "EUR")
    assert found is not None
    assert (found.share_of, found.lines[-1].share) == ("pocket", "13.3%")


def test_a_surcharge_is_added() -> None:
    """An invoice over the list price says so with its sign."""
    assert ("Discount on the invoice", "+100") in steps(PRICES | {"invoice_price": 110_000})


def test_what_is_not_known_is_left_out() -> None:
    """Without a list price the way begins at the invoice; without cost it ends at the pocket."""
    assert steps(without("list_price"))[0] == ("Invoice price", "800")
    assert steps(without("cost_of_goods"))[-1] == ("Pocket price", "750")
    assert steps(without("contribution_lo"))[-1] == ("Pocket price", "750")
    assert steps(PRICES | {"cost_to_serve_recorded": False})[-2] == ("Cost of goods", "−600")


def test_two_equal_prices_are_no_picture() -> None:
    """An amount that stands for every price says nothing as a picture."""
    assert not steps({"invoice_price": 5_000, "pocket_price": 5_000})
    assert not steps({})


def test_the_price_lies_between_cost_and_value() -> None:
    """Marks are in order of their amounts; alternative and value come in where they are known."""
    facts = PRICES | {"reference_price": 70_000, "differentiation_value": 40_000}
    found = price_picture(facts, "EUR")
    assert found is not None
    assert found.title == "Price between cost and value"
    assert [(line.name, line.number) for line in found.lines] == [
        ("Cost of goods and service", "650"),
        ("Next best alternative", "700"),
        ("Price to the customer", "780"),
        ("List price", "1,000"),
        ("Value to the customer", "1,100"),
    ]
    assert found.note.endswith("29.1% of the value stays with the customer.")
    stated = price_picture(PRICES | {"customer_value": 60_000}, "EUR")
    assert stated is not None
    assert ("Value to the customer", "600") in [(line.name, line.number) for line in stated.lines]
    assert stated.note.endswith("The price is 30% above the value.")
    known = price_picture(PRICES, "EUR")
    assert known is not None
    assert known.title == "Price between cost and list"
    assert price_picture(without("cost_of_goods"), "EUR") is None


def test_an_account_that_loses_money_ends_under_zero() -> None:
    """The last step is what is left, with its sign."""
    facts = {
        "revenue_12m": 100_000,
        "net_revenue_12m": 90_000,
        "contribution_12m_hi": -10_000,
        "known_months_12m": 11,
        "service_cost_recorded": True,
    }
    found = account_waterfall(facts, "EUR")
    assert found is not None
    assert [line.number for line in found.lines] == ["1,000", "−100", "900", "−1,000", "−100"]
    assert found.note == "11 of 12 months are known whole."
    assert account_waterfall({"revenue_12m": 5}, "EUR") is None


def test_hours_add_up_to_what_is_recorded() -> None:
    """What is neither selling nor operations is everything else."""
    facts = {
        "hours_4w": 100.0,
        "operations_hours_4w": 40.0,
        "selling_hours_4w": 35.0,
        "uncategorised_hours_4w": 5.0,
    }
    found = hours_picture(facts, "Where four weeks went")
    assert found is not None
    assert [line.number for line in found.lines] == ["35.0", "40.0", "20.0", "5.0", "100.0"]
    assert hours_picture({"hours_4w": None}, "") is None


def test_a_contribution_has_its_plain_name() -> None:
    """What a message says beside the name is left out."""
    assert contribution_name("loses money: contribution") == "Contribution"
    assert contribution_name("contribution before cost to serve at most") == (
        "Contribution before cost to serve"
    )
    assert contribution_name(None) == "Contribution"

"""Pictures of a card: steps from list price to contribution, the price between its limits, hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from dealreview.model.money import before_amount
from dealreview.model.outcome import Kind
from dealreview.reports.charts import Part, Scale, curve_chart, dot, segments, step
from dealreview.reports.quantities import bare_money, short_money, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.html.book import Book


@frozen
class Line:
    """A row of a picture: a name, a chart and a number.

    Attributes:
        name: What it is.
        chart: Its chart.
        number: Its value.
        share: The value as a share of something; empty where that says nothing.
        strong: Whether it is a sum of what stands above it.
    """

    name: str
    chart: str
    number: str
    share: str = ""
    strong: bool = False


@frozen
class Picture:
    """Rows that belong together.

    Attributes:
        title: What it shows.
        unit: Unit of the numbers.
        lines: The rows.
        share_of: What shares are shares of; empty for none.
        note: What has to be known to read it.
    """

    title: str
    unit: str
    lines: tuple[Line, ...]
    share_of: str = ""
    note: str = ""


@frozen
class Amount:
    """A step of a waterfall.

    Attributes:
        name: What it is.
        minor: Minor units; below zero for what is taken off.
        total: Whether it is what is left, counted from zero.
    """

    name: str
    minor: int
    total: bool = False


# --- from list price to contribution -------------------------------------------------------------


def waterfall(
    title: str, amounts: Sequence[Amount], currency: str, note: str = ""
) -> Picture | None:
    """Return steps between sums; None where nothing lies between two. Shares are of the last sum but one."""
    sums = [amount for amount in amounts if amount.total]
    if len(sums) < 2 or len(sums) == len(amounts):
        return None
    base = sums[-2]
    places = list(_places(amounts))
    scale = Scale.over([0, *(end for place in places for end in place)])
    lines = tuple(
        Line(
            amount.name,
            step(start, end, scale, _style(amount)),
            signed(amount.minor, currency, plain=amount.total),
            spoken(amount.minor / base.minor, "share") if base.minor > 0 else "",
            amount.total,
        )
        for amount, (start, end) in zip(amounts, places, strict=True)
    )
    share_of = base.name.lower().removesuffix(" price") if base.minor > 0 else ""
    return Picture(title, called(currency), lines, share_of, note)


def _places(amounts: Sequence[Amount]) -> Iterator[tuple[int, int]]:
    """Yield from where to where each step goes."""
    at = 0
    for amount in amounts:
        start = 0 if amount.total else at
        at = start + amount.minor
        yield start, at


def _style(amount: Amount) -> str:
    if amount.total:
        return "f-total" if amount.minor >= 0 else "f-risk"
    return "f-less" if amount.minor < 0 else "f-more"


def contribution_name(label: str | None) -> str:
    """Return what to call a contribution, of a label that may say more: ``loses money: contribution``."""
    name = (label or "contribution").rpartition(": ")[2].removesuffix(" at most")
    return name[:1].upper() + name[1:]


def called(currency: str) -> str:
    """Return the heading of amounts in a currency."""
    return before_amount(currency).strip() or "amount"


def signed(minor: int, currency: str, *, plain: bool = False) -> str:
    """Return an amount that says whether it is added or taken off."""
    text = bare_money(minor, currency)
    return text if plain or minor <= 0 else f"+{text}"


def deal_waterfall(facts: Mapping[str, Any], currency: str) -> Picture | None:
    """Return the way of a deal's price from list to contribution, as far as it is known."""
    label = contribution_name(facts.get("contribution_label"))
    served = facts.get("cost_to_serve") if facts.get("cost_to_serve_recorded") else None
    sums = [
        ("List price", facts.get("list_price"), "Discount on the invoice"),
        ("Invoice price", facts.get("invoice_price"), "Rebates, freight, terms"),
        ("Pocket price", facts.get("pocket_price"), ""),
    ]
    amounts: list[Amount] = []
    for name, minor, _ in sums:
        if minor is None:
            continue
        amounts += _between(amounts, minor, _taken(sums, amounts))
        amounts.append(Amount(name, minor, total=True))
    amounts += _costs(facts, served, label) if facts.get("pocket_price") is not None else []
    return waterfall("From list price to contribution", amounts, currency)


def _taken(sums: Sequence[tuple[str, Any, str]], amounts: Sequence[Amount]) -> str:
    """Return what is taken off between the last sum and the next."""
    last = amounts[-1].name if amounts else ""
    return next((step for name, _, step in sums if name == last), "")


def _between(amounts: Sequence[Amount], minor: int, name: str) -> list[Amount]:
    if not amounts or amounts[-1].minor == minor:
        return []
    return [Amount(name, minor - amounts[-1].minor)]


def _costs(facts: Mapping[str, Any], served: int | None, label: str) -> list[Amount]:
    low, high, cost = (
        facts.get(n) for n in ("contribution_lo", "contribution_hi", "cost_of_goods")
    )
    if cost is None or low is None or low != high:
        return []
    steps = [Amount("Cost of goods", -cost)]
    steps += [Amount("Cost to serve", -served)] if served else []
    return [*steps, Amount(label, low, total=True)]


def account_waterfall(facts: Mapping[str, Any], currency: str) -> Picture | None:
    """Return what twelve months of an account brought and what is left of it."""
    revenue, net, most = (
        facts.get(n) for n in ("revenue_12m", "net_revenue_12m", "contribution_12m_hi")
    )
    if revenue is None or net is None or most is None:
        return None
    label = contribution_name(facts.get("contribution_12m_label"))
    costs = "Cost of goods and service" if facts.get("service_cost_recorded") else "Cost of goods"
    amounts = [Amount("Revenue", revenue, total=True)]
    if net != revenue:
        amounts += [
            Amount("Steps off the invoice", net - revenue),
            Amount("Net revenue", net, total=True),
        ]
    amounts += [Amount(costs, most - net), Amount(label, most, total=True)]
    known = facts.get("known_months_12m")
    note = "" if known == 12 else f"{known} of 12 months are known whole."
    return waterfall("Where the money goes, twelve months", amounts, currency, note)


# --- the price between its limits ----------------------------------------------------------------


def price_picture(facts: Mapping[str, Any], currency: str) -> Picture | None:
    """Return where the price lies between what it costs us, the alternative and what it is worth."""
    price = facts.get("customer_price", facts.get("pocket_price"))
    cost, served = facts.get("cost_of_goods"), facts.get("cost_to_serve") or 0
    value = customer_value(facts)
    known = [
        ("Cost of goods and service" if served else "Cost of goods", cost, "f-less"),
        ("Next best alternative", facts.get("reference_price"), "f-neutral"),
        ("Price to the customer", price, "f-accent"),
        ("List price", facts.get("list_price"), "f-neutral"),
        ("Value to the customer", value, "f-strength"),
    ]
    marks = [
        (name, minor + (served if style == "f-less" else 0), style)
        for name, minor, style in known
        if minor is not None
    ]
    if price is None or len(marks) < 3:
        return None
    picture = _on_a_line(marks, value, currency)
    return evolve(picture, note=" ".join(filter(None, (picture.note, _left(price, value)))))


def customer_value(facts: Mapping[str, Any]) -> int | None:
    """Return what the deal is worth to the customer: the alternative's price and what is better than it."""
    stated: int | None = facts.get("customer_value")
    reference, extra = facts.get("reference_price"), facts.get("differentiation_value")
    if stated is not None or reference is None or extra is None:
        return stated
    return int(reference + extra)


def _left(price: int, value: int | None) -> str:
    """Return which part of the value stays with the customer."""
    if value is None or value <= 0:
        return ""
    if price > value:
        return f"The price is {spoken(price / value - 1, 'share')} above the value."
    return f"{spoken(1 - price / value, 'share')} of the value stays with the customer."


def _on_a_line(marks: Sequence[tuple[str, int, str]], value: int | None, currency: str) -> Picture:
    """Return amounts on one scale, the smallest first; shaded is the room for the price."""
    ordered = sorted(marks, key=lambda mark: mark[1])
    scale = Scale.over([minor for _, minor, _ in ordered], margin=0.08)
    floor = next((m for _, m, style in ordered if style == "f-less"), ordered[0][1])
    head = value if value is not None else ordered[-1][1]
    span = (floor, head) if head > floor else None
    lines = tuple(
        Line(name, dot(m, scale, style, span), bare_money(m, currency), strong=style == "f-accent")
        for name, m, style in ordered
    )
    title = "Price between cost and value" if value is not None else "Price between cost and list"
    what = "value" if value is not None else "the highest price"
    return Picture(
        title,
        called(currency),
        lines,
        note=f"Shaded: the room from cost to {what}." if span else "",
    )


# --- hours ---------------------------------------------------------------------------------------


def hours_picture(facts: Mapping[str, Any], title: str) -> Picture | None:
    """Return where four weeks of a person or a team went."""
    total, operations = facts.get("hours_4w"), facts.get("operations_hours_4w")
    if not total or operations is None:
        return None
    selling, unsaid = facts.get("selling_hours_4w") or 0, facts.get("uncategorised_hours_4w") or 0
    rest = max(total - operations - selling - unsaid, 0)
    kinds = [
        ("Selling", selling, "f-accent"),
        ("Operations and service", operations, "f-watch"),
        ("Everything else", rest, "f-neutral"),
        ("Without a category", unsaid, "f-gap"),
    ]
    lines = tuple(
        Line(
            name,
            segments([Part(hours, style)], total, height=12),
            f"{hours:,.1f}",
            spoken(hours / total, "share"),
        )
        for name, hours, style in kinds
        if hours or style != "f-gap"
    )
    all_of_it = Line("All recorded", "", f"{total:,.1f}", "", strong=True)
    return Picture(title, "hours", (*lines, all_of_it), "hours", _recorded(facts))


def _recorded(facts: Mapping[str, Any]) -> str:
    ratio = facts.get("recorded_ratio")
    return "" if ratio is None else f"{spoken(ratio, 'share')} of contract hours are recorded."


# --- the place among all accounts ----------------------------------------------------------------


@frozen
class Place:
    """Where an account stands on the whale curve.

    Attributes:
        chart: The curve with the account on it.
        text: The same in words.
    """

    chart: str
    text: str


def place_of(book: Book, card: Scorecard) -> Place | None:
    """Return an account's place among all accounts by what it contributes."""
    whale = book.whale
    if card.kind is not Kind.ACCOUNT or whale is None or card.id not in whale.ranks:
        return None
    rank = whale.ranks[card.id]
    amount = whale.amounts[rank - 1]
    text = (
        f"Number {rank:,} of {len(whale.ids):,} by contribution: "
        f"{short_money(amount, book.currency)}."
    )
    return Place(curve_chart(whale.curve, text, own_rank=rank), text)

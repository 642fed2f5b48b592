"""Fields: how the cells of a row become the value of a column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.ingest.cells import BadCell, Cell
from dealreview.ingest.lookups import Index, position
from dealreview.ingest.mapping import (
    BARE_KEYS,
    NAMED_REFERENCES,
    FieldRule,
    Filter,
    Mapping,
    Target,
)
from dealreview.ingest.values import (
    DateFormat,
    NumberFormat,
    Parsed,
    as_int,
    as_text,
    bad,
    exact_difference,
    odd,
    parse_bool,
    parse_date,
    parse_discount,
    parse_enum,
    parse_id,
    parse_instant,
    parse_number,
    parse_ratio,
    parse_text,
    product,
    sized,
    translate,
)
from dealreview.model.money import is_currency, to_minor

if TYPE_CHECKING:
    from decimal import Decimal

    from dealreview.ingest.readers import Source
    from dealreview.store.schema import Column, Table

Cells = tuple[Cell, ...]
Test = Callable[[Cells], bool]

UNKNOWN = ""
"""Stands for a currency that the row states and nobody knows, as against None for none stated."""

CLASH = "/"
"""Stands between the currency that a row states and another one, that of its deal."""

LARGEST_REAL = 1e300
REMEMBERED_TEXTS = 4096
MONTHS = frozenset({("account_months", "month"), ("service_costs", "month")})


@frozen
class Finding:
    """Something about a cell: what is wrong with it and what was done."""

    column: str
    value: str
    reason: str
    action: str


Findings = list[Finding]
Text = Callable[[Cells, Findings], str | None]
Value = Callable[[Cells, Findings], Any]


@frozen
class Scope:
    """What a field needs to know besides its rule.

    Attributes:
        mapping: The mapping.
        target: What the file feeds.
        source: The file.
        indexes: What lookups look into.
        aliases: Other ids of records, by table and id.
        today: The day of the import.
        deal_currency: What gives the currency of a stored deal; empty for an unknown one, None where
            there is no such deal or nothing is said.
    """

    mapping: Mapping
    target: Target
    source: Source
    indexes: dict[Any, Index] = field(factory=dict)
    aliases: dict[tuple[str, str], str] = field(factory=dict)
    today: dt.date = dt.date.max
    deal_currency: Callable[[str], str | None] = lambda _deal: None

    def numbers(self, rule: FieldRule) -> NumberFormat:
        """Return how a field's numbers are written."""
        return rule.numbers or self.mapping.numbers

    def dates(self, rule: FieldRule) -> DateFormat:
        """Return how a field's days are written."""
        return DateFormat(rule.dates or self.mapping.dates, self.mapping.zone, self.today)

    def key(self, table: str, text: str) -> str:
        """Return the id of a record of this source, or the record that it is an alias of."""
        full = f"{self.mapping.source}:{text}"
        return self.aliases.get((table, full), full)


def report(findings: Findings, column: str, text: str, parsed: Parsed) -> Any:
    """Return a parsed value and keep what is wrong with its text."""
    if parsed.reason:
        shown = "" if parsed.is_habit else text
        findings.append(Finding(column, shown, parsed.reason, parsed.action))
    return parsed.value


# Texts


def label(rule: FieldRule) -> str:
    """Return the source columns of a rule for messages."""
    return " or ".join(" + ".join(part.columns) or part.name for part in (rule, *rule.otherwise))


def passes(wanted: Filter | None, source: Source, *, unless: bool = False) -> Test | None:
    """Return a test of a row against a filter; None when there is none."""
    if wanted is None:
        return None
    spots = [(column, position(source, column)) for column in wanted.wanted]

    def test(cells: Cells) -> bool:
        fits = (wanted.accepts(column, as_text(cells[spot])) for column, spot in spots)
        return not any(fits) if unless else all(fits)

    return test


def row_tests(scope: Scope) -> tuple[Test, ...]:
    """Return what a row must pass to be meant."""
    found = (
        passes(scope.target.where, scope.source),
        passes(scope.target.where_not, scope.source, unless=True),
    )
    return tuple(test for test in found if test)


def origin(rule: FieldRule, scope: Scope) -> Text:
    """Return what gives the trimmed text of a rule, before nulls and translations."""
    if rule.constant is not None:
        return lambda _cells, _findings: rule.constant
    spots = [position(scope.source, column) for column in rule.columns]
    if len(spots) > 1:
        return joined(spots, rule, scope)
    (spot,) = spots

    def one(cells: Cells, findings: Findings) -> str | None:
        refuse_cell(cells[spot], rule, findings)
        return as_text(cells[spot])

    return one


def refuse_cell(cell: Cell, rule: FieldRule, findings: Findings) -> None:
    """Report a cell that holds no value that could be trusted."""
    if isinstance(cell, bytes):
        report(findings, label(rule), f"{len(cell)} bytes", bad("is binary"))
    elif isinstance(cell, BadCell):
        report(findings, label(rule), cell.text, bad(cell.reason))


def joined(spots: list[int], rule: FieldRule, scope: Scope) -> Text:
    """Return what joins several cells; empty ones are left out of names and kept in ids."""
    nulls = scope.mapping.nulls | rule.nulls
    keeps_empty = rule.name.endswith("_id")

    def join(cells: Cells, findings: Findings) -> str | None:
        for spot in spots:
            refuse_cell(cells[spot], rule, findings)
        texts = [as_text(cells[spot]) for spot in spots]
        texts = ["" if text in nulls else text for text in texts]
        if not any(texts):
            return None
        return rule.sep.join(text for text in texts if text or keeps_empty)

    return join


def text_of(rule: FieldRule, scope: Scope) -> Text:
    """Return what gives the text of a rule, of the first of its alternatives that is not empty."""
    readers = [own_text(part, scope) for part in (rule, *rule.otherwise)]
    if len(readers) == 1:
        return readers[0]

    def read(cells: Cells, findings: Findings) -> str | None:
        mine: Findings = []
        found = (reader(cells, mine) for reader in readers)
        text = next((text for text in found if text), None)
        # What could not be taken of one alternative has not emptied the field where another counts.
        findings += [evolve(f, action="noted") for f in mine] if text else mine
        return text

    return read


def own_text(rule: FieldRule, scope: Scope) -> Text:
    """Return what gives the text of a rule: filtered, nulls out, looked up, translated."""
    first = origin(rule, scope)
    nulls = scope.mapping.nulls | rule.nulls
    tests = [
        t
        for t in (passes(rule.when, scope.source), passes(rule.when_not, scope.source, unless=True))
        if t
    ]
    index = scope.indexes[rule.lookup] if rule.lookup else None

    def read(cells: Cells, findings: Findings) -> str | None:
        if tests and not all(test(cells) for test in tests):
            return None
        text = first(cells, findings)
        if text is None or text in nulls:
            return None
        if rule.first_of:
            text = report(findings, label(rule), text, first_entry(text, rule.first_of))
        if text and index:
            text = report(findings, label(rule), text, index.find(text))
        if text and rule.values:
            text = translated(text, rule.values)
        return f"{rule.prefix}{text}" if text and rule.prefix else text or None

    return read


def first_entry(text: str, separator: str) -> Parsed:
    """Return the first entry of a list; that there are more is noted."""
    entries = [entry.strip() for entry in text.split(separator) if entry.strip()]
    if len(entries) > 1:
        return odd(entries[0], f"has {len(entries)} entries; the first is taken")
    return Parsed(entries[0] if entries else None)


def translated(text: str, values: Any) -> str:
    """Return the translation of a text, or the text where there is none."""
    new = translate(text, values)
    return text if new is None else new


# Values


def parsing(rule: FieldRule, scope: Scope, parse: Callable[[str], Parsed]) -> Value:
    """Return what reads a rule's text and parses it."""
    read, name = text_of(rule, scope), label(rule)
    # Owners, accounts and days come again and again; "1.234" as a text is not the number 1.234.
    parse = lru_cache(REMEMBERED_TEXTS, typed=True)(parse)

    def value(cells: Cells, findings: Findings) -> Any:
        text = read(cells, findings)
        return None if text is None else report(findings, name, text, parse(text))

    return value


def value_of(rule: FieldRule, column: Column, scope: Scope, currency: Value) -> Value:
    """Return what gives the value of a column."""
    if column.type == "money":
        return money_of(rule, scope, currency)
    if column.unit == "share":
        return limited(share_of(rule, scope), column, rule)
    if column.type in ("int", "real"):
        return number_of(rule, column, scope)
    return parsing(rule, scope, parser(rule, column, scope))


def parser(rule: FieldRule, column: Column, scope: Scope) -> Callable[[str], Parsed]:
    """Return the parser of a column that is no number."""
    words = (rule.true or scope.mapping.true, rule.false or scope.mapping.false)
    dates = scope.dates(rule)
    by_type: dict[str, Callable[[str], Parsed]] = {
        "date": day_parser(dates, column, scope),
        "instant": lambda text: parse_instant(text, dates),
        "bool": lambda text: parse_bool(text, *words),
        "enum": lambda text: parse_enum(text, column.values),
    }
    return by_type.get(column.type) or text_parser(rule, column, scope)


def text_parser(rule: FieldRule, column: Column, scope: Scope) -> Callable[[str], Parsed]:
    """Return the parser of a text: a currency, an id, or any."""
    if column.name == "currency":
        return parse_currency
    table = points_at(column, scope.target.table) or rule.table
    if not table:
        return parse_text
    # A row's own key stays its own: whether it is another record is decided when it is stored.
    return id_parser(table, scope, own=not column.references)


def day_parser(dates: DateFormat, column: Column, scope: Scope) -> Callable[[str], Parsed]:
    """Return the parser of days; a month is its first day."""
    if (scope.target.table.name, column.name) not in MONTHS:
        return lambda text: parse_date(text, dates)

    def month(text: str) -> Parsed:
        parsed = parse_date(text, dates)
        first = parsed.value and f"{parsed.value[:8]}01"
        return evolve(parsed, value=first)

    return month


def parse_currency(text: str) -> Parsed:
    """Return a known ISO 4217 code."""
    code = text.upper()
    return Parsed(code) if is_currency(code) else bad("is no ISO 4217 currency")


def points_at(column: Column, table: Table) -> str:
    """Return the table whose ids a column holds, its own for its key; empty for other columns."""
    if column.references:
        return column.references.partition(".")[0]
    if (table.name, column.name) in NAMED_REFERENCES:
        return ""
    is_own_id = column.name in table.key and column.name.endswith("_id")
    return table.name if is_own_id and table.name not in BARE_KEYS else ""


def id_parser(table: str, scope: Scope, *, own: bool = False) -> Callable[[str], Parsed]:
    """Return the parser of ids that point at a table, or of a table's own ids."""

    def parse(text: str) -> Parsed:
        parsed = parse_id(text)
        key = f"{scope.mapping.source}:{text}" if own else scope.key(table, text)
        return Parsed(key, parsed.reason, parsed.action)

    return parse


# Numbers


def decimal_of(rule: FieldRule, scope: Scope, currency: Value | None = None) -> Value:
    """Return what gives an exact decimal: a number, a share, or 1 − it."""
    numbers = scope.numbers(rule)
    if rule.unit in ("fraction", "percent"):
        # A factor that is taken off from 1 is a discount, whatever its column is called.
        is_discount = rule.one_minus or "discount" in rule.name

        def ratio(text: str) -> Parsed:
            parsed = parse_ratio(text, numbers, rule.unit)
            return parse_discount(parsed) if is_discount else parsed

        inner = parsing(rule, scope, ratio)
    else:
        inner = plain_number(rule, scope, currency)
    if not rule.one_minus:
        return inner

    def complement(cells: Cells, findings: Findings) -> Any:
        value = inner(cells, findings)
        return None if value is None else 1 - value

    return complement


def plain_number(rule: FieldRule, scope: Scope, currency: Value | None) -> Value:
    """Return what gives an exact decimal; a currency mark must be that of the row."""
    read, name, numbers = text_of(rule, scope), label(rule), scope.numbers(rule)

    def value(cells: Cells, findings: Findings) -> Any:
        text = read(cells, findings)
        if text is None:
            return None
        code = currency(cells, []) if currency else ""
        return report(findings, name, text, parse_number(text, numbers, code or ""))

    return value


def amount_of(rule: FieldRule, scope: Scope, currency: Value | None) -> Value:
    """Return what gives an exact amount: one number or a product, less what is taken off."""
    factors = rule.multiply or (rule,)
    parts = [decimal_of(factor, scope, currency) for factor in factors]
    off = [amount_of(part, scope, currency) for part in rule.minus]
    tests = [
        t
        for t in (passes(rule.when, scope.source), passes(rule.when_not, scope.source, unless=True))
        if t
    ]

    def value(cells: Cells, findings: Findings) -> Any:
        if tests and not all(test(cells) for test in tests):
            return None
        values = [part(cells, findings) for part in parts]
        less = [part(cells, findings) for part in off]
        if None in values or None in less:
            return None
        return exact_difference(product(values), less)

    return value


def money_of(rule: FieldRule, scope: Scope, currency: Value) -> Value:
    """Return what gives minor units: multiplied exactly, rounded once."""
    amount = amount_of(rule, scope, currency)

    def value(cells: Cells, findings: Findings) -> Any:
        exact = amount(cells, findings)
        if exact is None:
            return None
        code = currency(cells, [])
        parsed = wrong_currency(code) or minor(exact, code)
        return report(findings, label(rule), str(exact), parsed)

    return value


def wrong_currency(code: str | None) -> Parsed | None:
    """Return why an amount can't be taken: in no known currency, or in another than its deal."""
    if code == UNKNOWN:
        return bad("is in an unknown currency")
    own, clash, deal = (code or "").partition(CLASH)
    return bad(f"is in {own}, and its deal in {deal}") if clash else None


def minor(amount: Decimal, currency: str | None) -> Parsed:
    """Return an amount in minor units; hundredths where no currency is known."""
    if amount and amount.adjusted() > 17:
        return bad("is too large")
    return sized(to_minor(amount, currency or "XXX"))


def share_of(rule: FieldRule, scope: Scope) -> Value:
    """Return what gives a share: a fraction, a percentage, or an amount of another amount."""
    if rule.of is None:
        return decimal_of(rule, scope)
    part, whole = plain_number(rule, scope, None), amount_of(rule.of, scope, None)

    def value(cells: Cells, findings: Findings) -> Decimal | None:
        amount, base = part(cells, findings), whole(cells, findings)
        if amount is None or not base:
            return None
        ratio: Decimal = amount / base
        if abs(ratio) > 1:
            report(
                findings,
                label(rule),
                str(amount),
                bad(f"is more than the {base} that it is a share of"),
            )
            return None
        return ratio

    return value


def number_of(rule: FieldRule, column: Column, scope: Scope) -> Value:
    """Return what gives a whole or real number within its limits."""
    amount = amount_of(rule, scope, None)
    if column.type == "real":
        return limited(amount, column, rule)

    def whole(cells: Cells, findings: Findings) -> Any:
        exact = amount(cells, findings)
        return None if exact is None else report(findings, label(rule), str(exact), as_int(exact))

    return limited(whole, column, rule)


def limited(inner: Value, column: Column, rule: FieldRule) -> Value:
    """Return what keeps a number within the column's limits, as a float where the column is real."""
    low = float("-inf") if column.low is None else column.low
    high = float("inf") if column.high is None else column.high

    def value(cells: Cells, findings: Findings) -> Any:
        number = inner(cells, findings)
        if number is None:
            return None
        if not low <= number <= high or abs(number) > LARGEST_REAL:
            return report(
                findings, label(rule), str(number), bad(f"is not within {low:g} and {high:g}")
            )
        return float(number) if column.type == "real" else number

    return value


# The currency of a row


def currency_of(scope: Scope) -> Value:
    """Return what gives the currency of a row's amounts; None where nothing states it."""
    target = scope.target
    rule = target.fields.get("currency")
    if rule is None and target.currency_column:
        rule = FieldRule("currency", columns=(target.currency_column,))
    stated = target.currency or scope.mapping.currency or None
    if target.table.name == "fx_rates":
        return lambda _cells, _findings: stated
    read = parsing(rule, scope, parse_currency) if rule else lambda _cells, _findings: None

    def code(cells: Cells, findings: Findings) -> Any:
        mine: Findings = []
        found = read(cells, mine)
        findings.extend(mine)
        return found or (UNKNOWN if mine else stated)

    return code if stated_by_deal(target.table) is None else in_deal_currency(scope, code)


def stated_by_deal(table: Table) -> Column | None:
    """Return the column with the deal whose currency a table's amounts are in, if there is one."""
    is_deals = any(column.unit == "deal currency" for column in table.columns)
    is_deals = is_deals or table.name == "deal_changes"
    return table.by_name["deal_id"] if is_deals else None


def in_deal_currency(scope: Scope, own: Value) -> Value:
    """Return what gives the currency of a row that belongs to a deal: the deal's own."""
    column, rule = stated_by_deal(scope.target.table), scope.target.fields.get("deal_id")
    if column is None or rule is None:
        return own
    read = parsing(rule, scope, parser(rule, column, scope))
    # A history tells amounts as they were, perhaps before the deal had its present currency.
    may_differ = scope.target.table.name == "deal_changes"
    says = bool(scope.target.currency or scope.target.currency_column)

    def code(cells: Cells, findings: Findings) -> Any:
        mine = own(cells, findings)
        deal = scope.deal_currency(read(cells, []) or "")
        if deal is None or mine == UNKNOWN or (says and mine and may_differ):
            return mine
        return f"{mine}{CLASH}{deal}" if says and mine and deal and mine != deal else deal

    return code

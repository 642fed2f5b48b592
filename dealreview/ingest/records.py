"""Records: a row of a file as the columns of a table, with everything that was found wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from dealreview.ingest.fields import (
    Cells,
    Findings,
    Scope,
    Test,
    Value,
    currency_of,
    label,
    minor,
    report,
    row_tests,
    text_of,
    value_of,
    wrong_currency,
)
from dealreview.ingest.mapping import NAMED_REFERENCES, FieldRule
from dealreview.ingest.snapshots import read_snapshots
from dealreview.ingest.totals import refuse_totals
from dealreview.ingest.values import (
    Parsed,
    as_text,
    parse_date,
    parse_enum,
    parse_number,
)
from dealreview.store.schema import TABLES, Column

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET_WORDS = frozenset(
    {"budget", "budgeted", "plan", "planned", "forecast", "target", "soll", "prévision"}
)


SEPARATORS = re.compile("[\\n\\r\\v\\f\\x1c-\\x1f\\x85\\u2028\\u2029]")
"""What no id can hold: it would look like two, or like the key of a row with several parts."""


@define
class Record:
    """What a row comes to.

    Attributes:
        values: The columns of the table.
        custom: The company's own columns.
        extra: The fields that steer the import.
        findings: What was wrong with cells.
        refusal: Why the row can't be taken; empty when it can.
        refused_column: The column that is to blame.
    """

    values: dict[str, Any] = field(factory=dict)
    custom: dict[str, Any] = field(factory=dict)
    extra: dict[str, Any] = field(factory=dict)
    findings: Findings = field(factory=list)
    refusal: str = ""
    refused_column: str = ""


@frozen
class Plan:
    """How the rows of one file become records of one table.

    Attributes:
        scope: What the fields know.
        values: What gives each column.
        custom: What gives each of the company's own columns.
        extra: What gives each steering field.
        tests: What rows must pass; others are left out by the mapping.
        finish: What is done to each record at the end.
        refuse_total: What refuses rows of totals.
    """

    scope: Scope
    values: dict[str, Value]
    custom: dict[str, Value]
    extra: dict[str, Value]
    tests: tuple[Test, ...]
    finish: tuple[Callable[[Record, Cells], None], ...]
    refuse_total: Callable[[Record, Cells], None]

    def accepts(self, cells: Cells) -> bool:
        """Whether the mapping means this row."""
        return all(test(cells) for test in self.tests)

    def record(self, cells: Cells) -> Record:
        """Return what a row comes to."""
        record = Record()
        for part, readers in (
            (record.values, self.values),
            (record.custom, self.custom),
            (record.extra, self.extra),
        ):
            for name, read in readers.items():
                part[name] = read(cells, record.findings)
        self.refuse_total(record, cells)
        for finish in self.finish:
            finish(record, cells)
        refuse_without_key(record, self.scope)
        return record


def make_plan(scope: Scope) -> Plan:
    """Return how the rows of a file become records.

    Raises:
        ConfigurationError: when the file lacks a column that the mapping names.
    """
    target = scope.target
    currency = currency_of(scope)
    plan = Plan(scope, {}, {}, {}, row_tests(scope), finishers(scope), refuse_totals(scope))
    for name, rule in target.fields.items():
        column = scope.mapping.column_of(target.table.name, name)
        if column is None:
            own = Column(name, rule.type or "text", rule.description)
            plan.custom[name.removeprefix("x.")] = value_of(rule, own, scope, currency)
        elif name not in target.table.by_name:
            plan.extra[name] = value_of(rule, column, scope, currency)
        else:
            plan.values[name] = value_of(rule, column, scope, currency)
    if target.snapshots:
        plan = with_snapshots(plan)
    if has_money(scope):
        plan.values["currency"] = lambda cells, findings: currency(cells, findings) or None
    return plan


def with_snapshots(plan: Plan) -> Plan:
    """Return a plan that leaves out snapshots which change nothing, and knows the value before."""
    found = read_snapshots(plan.scope)
    plan.values["old_value"] = found.old_value
    return evolve(plan, tests=(*plan.tests, found.accepts))


def has_money(scope: Scope) -> bool:
    """Whether the record has a currency of its own: a deal always, for its lines are in it too."""
    table = scope.target.table
    columns = [c for name in scope.target.fields if (c := table.by_name.get(name))]
    wanted = table.name == "deals" or any(column.type == "money" for column in columns)
    return wanted and "currency" in table.by_name


def refuse_without_key(record: Record, scope: Scope) -> None:
    """Refuse a record without a key or a parent: nothing could ever find it."""
    table = scope.target.table
    for name in (*table.key, *table.parents):
        value = record.values.get(name)
        what = f"has no {name}" if value in (None, "") else ""
        if isinstance(value, str) and SEPARATORS.search(value):
            what = f"has a line break or a separator in {name}"
        if what and not record.refusal:
            record.refusal, record.refused_column = what, name


def finishers(scope: Scope) -> tuple[Callable[[Record, Cells], None], ...]:
    """Return what is special about the records of a table."""
    name = scope.target.table.name
    found: list[Callable[[Record, Cells], None]] = []
    if any(table == name for table, _ in NAMED_REFERENCES):
        found.append(named_references(scope))
    if name == "deals":
        found.append(keep_source_total)
    if name == "deal_changes":
        found.append(change_values(scope))
    if name == "account_months":
        found.append(refuse_budget(scope))
    return tuple(found)


def named_references(scope: Scope) -> Callable[[Record, Cells], None]:
    """Return what completes ids whose table another column names."""
    name = scope.target.table.name
    wanted = [(c, *how) for (table, c), how in NAMED_REFERENCES.items() if table == name]

    def complete(record: Record, _cells: Cells) -> None:
        for column, naming, tables in wanted:
            text = record.values.get(column)
            if text:
                table = tables.get(record.values.get(naming) or "", "")
                record.values[column] = scope.key(table, text)

    return complete


def keep_source_total(record: Record, _cells: Cells) -> None:
    """Keep the source's own total beside the deal."""
    if "source_total" in record.extra:
        record.custom["source_total"] = record.extra.pop("source_total")


def change_values(scope: Scope) -> Callable[[Record, Cells], None]:
    """Return what turns old and new values of a change into what the column of deals holds."""
    fields = scope.target.fields
    rules = {name: fields[name] for name in ("old_value", "new_value") if name in fields}
    if scope.target.snapshots:
        rules["old_value"] = fields["new_value"]
    currency = currency_of(scope)

    def convert(record: Record, cells: Cells) -> None:
        changed = record.values.get("field")
        if changed is None:
            record.refusal = record.refusal or "has no field that is followed"
            return
        for name, rule in rules.items():
            text = record.values.get(name)
            if text:
                parsed = change_value(changed, text, rule, scope, currency(cells, []))
                record.values[name] = report(record.findings, label(rule), text, parsed)

    return convert


def change_value(
    field_: str, text: str, rule: FieldRule, scope: Scope, currency: str | None
) -> Parsed:
    """Return a changed value as the column of deals holds it; a stage stays a name here."""
    if field_ == "owner_id":
        return Parsed(scope.key("people", text))
    if field_ == "expected_close_on":
        return parse_date(text, scope.dates(rule))
    if field_ == "forecast_category":
        return parse_enum(text, TABLES["deals"].by_name[field_].values)
    if field_ != "amount_minor":
        return Parsed(text)
    parsed = parse_number(text, scope.numbers(rule), currency or "")
    if parsed.value is None:
        return parsed
    whole = wrong_currency(currency) or minor(parsed.value, currency)
    return evolve(whole, value=None if whole.value is None else str(whole.value))


def refuse_budget(scope: Scope) -> Callable[[Record, Cells], None]:
    """Return what refuses budget rows, by the field ``scenario`` or by a word in an unmapped column."""
    used = {scope.source.spot(column) for column in scope.target.used_columns()}
    free = [(spot, name) for spot, name in enumerate(scope.source.columns) if spot not in used]
    rule = scope.target.fields.get("scenario")
    read = text_of(rule, scope) if rule else None

    def refuse(record: Record, cells: Cells) -> None:
        said = [(name, as_text(cells[spot])) for spot, name in free]
        if read and rule:
            said = [(label(rule), read(cells, []) or "")]
        for name, text in said:
            if text.casefold() in BUDGET_WORDS and not record.refusal:
                record.refusal = f"is a budget row ('{text}'); only actuals are taken"
                record.refused_column = name

    return refuse

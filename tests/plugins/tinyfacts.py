"""Facts and verdicts from a few rows in memory, through the engine's own planner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import frozen

from dealreview.checks.columns import Columns
from dealreview.checks.ladder import decide
from dealreview.checks.parameters import effective
from dealreview.engine.config import Config
from dealreview.engine.factplan import Setting
from dealreview.engine.facts import Sights, View, compute_facts
from dealreview.engine.feeds import RecordedFeeds
from dealreview.engine.loader import load_packs
from dealreview.engine.onethread import on_this_thread
from dealreview.engine.plan import try_rules
from dealreview.engine.rates import Rates
from dealreview.engine.selection import fact_parameters, make_selection
from dealreview.model.calendar import Calendar
from dealreview.model.outcome import Kind, Outcome
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from dealreview.checks.rules import Rules
    from dealreview.engine.registry import Registry

AS_OF = dt.date(2025, 5, 16)
SINCE = dt.date(2023, 1, 1)
WORKDAYS = Calendar()
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
_TYPES = {
    "text": pl.String,
    "enum": pl.String,
    "int": pl.Int64,
    "money": pl.Int64,
    "bool": pl.Boolean,
    "real": pl.Float64,
    "date": pl.Date,
    "instant": pl.Datetime("us", "UTC"),
}


@frozen
class Span:
    """A time for which a table is recorded."""

    table: str
    first: dt.date | None = SINCE
    last: dt.date | None = AS_OF
    scope: str = "all"


@frozen
class Memory:
    """Tables as lists of rows."""

    rows: Rows

    def frame(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Return columns of a table."""
        kinds = {column.name: column.type for column in TABLES[name].columns}
        schema = {column: _TYPES[kinds[column]] for column in dict.fromkeys(columns)}
        rows = [[row.get(column) for column in schema] for row in self.rows.get(name, ())]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def marks(self, _name: str) -> tuple[str, ...]:
        """Return nothing: no row says what it is doing here."""
        return ()


@cache
def built_in() -> Registry:
    """Return the built-in packs."""
    return load_packs(autoload=False)


def rules_of(check_id: str) -> dict[Kind, Rules]:
    """Return what a check says of each kind of subject with its defaults."""
    registry = built_in()
    check = registry.by_id[check_id]
    base = make_selection(registry, Config(), select=[check_id]).base[check_id]
    tried = {kind: try_rules(registry, check, kind, base) for kind in check.on}
    return {kind: rules for kind, rules in tried.items() if rules is not None}


def recorded(rows: Rows, also: Iterable[str] = ()) -> frozenset[str]:
    """Return tables with rows, their columns with values, and the histories with changes."""
    cells = {
        f"{t}.{c}" for t, held in rows.items() for r in held for c, v in r.items() if v is not None
    }
    changed = {f"deal_changes.{row['field']}" for row in rows.get("deal_changes", ())}
    changed |= {
        "activities.planned" for row in rows.get("activities", ()) if row.get("status") == "planned"
    }
    return frozenset({*cells, *changed, *(table for table, held in rows.items() if held), *also})


def facts_of(
    rows: Rows,
    kind: str,
    *names: str,
    feeds: Sequence[Span] | None = None,
    also: Iterable[str] = (),
    as_of: dt.date = AS_OF,
    buckets: int = 1,
    calendar: Calendar = WORKDAYS,
    **params: Any,
) -> dict[str, dict[str, Any]]:
    """Return the named facts of every subject of a kind, by id.

    Args:
        rows: Rows by table.
        kind: Kind of subject.
        *names: Facts.
        feeds: What is recorded when; None means every table with rows since 2023.
        also: Names that are recorded although no row shows it.
        as_of: The review's date.
        buckets: Number of buckets of accounts.
        calendar: Working days and fiscal year.
        **params: Fact parameters.
    """
    registry = built_in()
    tables = {name.partition(".")[0] for name in (*rows, *also)}
    spans = [Span(table) for table in sorted(tables)] if feeds is None else feeds
    values = effective(fact_parameters(registry), params, of="test")
    setting = Setting(
        as_of,
        calendar,
        "EUR",
        RecordedFeeds(tuple(spans), recorded(rows, also), as_of),
        Rates(Memory(rows).frame("fx_rates", ["currency", "on_date", "rate"]), "EUR"),
        values,
    )
    on = Kind(kind)
    views = [View(frozenset((on, n) for n in names))]
    sights = Sights.of(Memory(rows), setting)
    compute = partial(compute_facts, registry, views, sights, setting, buckets=buckets)
    (found,) = on_this_thread(compute)
    assert not found.broken, {str(key): str(problem) for key, problem in found.broken.items()}
    return {row.pop("id"): row for row in found.tables[on].at_hand.select("id", *names).to_dicts()}


def judge(check_id: str, kind: str, facts: Mapping[str, Any], **params: Any) -> Outcome:
    """Return what a check says about one row of facts; what is not given is unknown."""
    registry = built_in()
    check = registry.by_id[check_id]
    types = registry.fact_types[Kind(kind)]
    values = effective(check.parameters, params, of=check_id)
    rules = check.function(Columns(kind, types), **values)
    return decide(rules, {**dict.fromkeys(types), **facts})[0]


def verdict(check_id: str, rows: Rows, kind: str, subject: str, **options: Any) -> Outcome:
    """Return what a check says about a subject of a few rows in memory."""
    registry = built_in()
    check = registry.by_id[check_id]
    params = options.pop("params", {})
    values = effective(check.parameters, params, of=check_id)
    rules = check.function(Columns(kind, registry.fact_types[Kind(kind)]), **values)
    facts = facts_of(rows, kind, *rules.condition_inputs, **options)
    return decide(rules, facts[subject])[0]

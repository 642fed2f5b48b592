"""Which cells are missing most often, counted over columns without making a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.checks.ladder import decide, high_end
from dealreview.checks.terms import Apply, Column, inputs_of, to_polars
from dealreview.model.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import polars as pl

    from dealreview.checks.rules import Rules
    from dealreview.checks.terms import Term
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.review import KindReview

_OPEN = Outcome.INSUFFICIENT_DATA.code


def missing_cells(review: KindReview, judged: pl.Series) -> Mapping[str, int]:
    """Return for how many subjects each cell or fact is missing, the most frequent first.

    Args:
        review: What was said.
        judged: Which subjects count.
    """
    found: dict[str, set[int]] = {}
    for result in review.results:
        rows = (judged & (result.codes == _OPEN)).arg_true()
        if rows.len():
            for name, subjects in _missing(review, result, rows).items():
                fact = review.facts.get(name)
                cell = (fact.origin or name) if fact else name
                found.setdefault(unpaired(cell), set()).update(subjects)
    counts = {cell: len(rows) for cell, rows in found.items() if rows}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _missing(review: KindReview, result: CheckResult, rows: pl.Series) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, group in enumerate(result.groups):
        mine = rows.filter(result.group.gather(rows) == number)
        if not mine.len():
            continue
        by_name = (
            _said(result, mine)
            if group.rules is None
            else _unknown(review, result, group.rules, mine)
        )
        for name, subjects in by_name.items():
            found.setdefault(name, []).extend(subjects)
    return found


def _said(result: CheckResult, rows: Iterable[int]) -> dict[str, list[int]]:
    """Return what a function said is missing."""
    found: dict[str, list[int]] = {}
    for row in rows:
        said = result.said.get(row)
        for name in said.missing if said else ():
            found.setdefault(name, []).append(row)
    return found


def _unknown(
    review: KindReview, result: CheckResult, rules: Rules, rows: pl.Series
) -> dict[str, list[int]]:
    """Return the unknown inputs of the condition that stopped the ladder."""
    import polars as pl

    names = dict.fromkeys(("id", *rules.condition_inputs))
    asked = review.tables[result.check.id].select(*map(pl.col, names))
    frame = asked[rows].with_columns(rows.alias("_row"))
    found: dict[str, list[int]] = {}
    for condition in (rules.applies, rules.risk, rules.watch):
        stopped = (
            frame.filter(frame.select(to_polars(condition).is_null().alias("_"))["_"])
            if (inputs_of(condition))
            else frame.clear()
        )
        if not stopped.height:
            continue
        frame = frame.join(stopped.select("_row"), on="_row", how="anti")
        flags = stopped.select(_gaps(condition))
        for name in flags.columns:
            found.setdefault(name, []).extend(stopped.filter(flags[name])["_row"])
        known = stopped.filter(~flags.select(pl.any_horizontal(pl.all()).alias("_"))["_"])
        for row in known.iter_rows(named=True):
            for name in decide(rules, row)[1]:
                found.setdefault(name, []).append(row["_row"])
    return found


def _gaps(condition: Term) -> list[pl.Expr]:
    """Return for each input whether it is unknown where that matters, as a verdict's ``missing`` has it."""
    import polars as pl

    where: dict[str, list[pl.Expr]] = {}
    for name, unknown in _unknown_parts(condition, ()):
        where.setdefault(name, []).append(pl.all_horizontal(unknown))
    gaps = {name: pl.any_horizontal(parts) for name, parts in where.items()}
    return [
        (gap & ~gaps[high_end(name)] if high_end(name) in gaps else gap).alias(name)
        for name, gap in gaps.items()
    ]


def _unknown_parts(
    root: Term, above: tuple[pl.Expr, ...]
) -> Iterator[tuple[str, tuple[pl.Expr, ...]]]:
    """Yield each input with what says that it and every part that it stands in is unknown."""
    if not inputs_of(root):
        return
    unknown = (*above, to_polars(root).is_null())
    if isinstance(root, Column):
        yield root.name, unknown
    for part in root.args if isinstance(root, Apply) else ():
        yield from _unknown_parts(part, unknown)


def unpaired(name: str) -> str:
    """Return what a fact's name and that of its other end have in common: both are missing together."""
    return name[:-3] if name.endswith(("_lo", "_hi")) and "." not in name else name


def meaning(review: KindReview, cell: str) -> str:
    """Return what a missing cell, table or fact is, for people."""
    from dealreview.store.schema import TABLES

    table, _, column = cell.partition(".")
    if table in TABLES and not column:
        return TABLES[table].description.rstrip(".")
    if table in TABLES and column in TABLES[table].by_name:
        return TABLES[table].by_name[column].description
    fact = review.facts.get(cell) or review.facts.get(f"{cell}_lo")
    return fact.description.partition(";")[0].partition(".")[0] if fact else ""

"""Only the eight rules, over facts that are given: deals a second of this project and of rule engines.

    python -m benchmarks.rules big.db

Facts come from the snapshot of the database. What each tool says of each deal is compared before it is
timed; tools that take one deal at a time get a sample, and facts as they want them, outside the time.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from benchmarks import work
from benchmarks.company import AS_OF
from benchmarks.peers.frames import facts, files_of, statuses
from benchmarks.peers.naive import judge_margin
from benchmarks.work import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Facts = dict[str, Any]
    Judge = Callable[[Sequence[Facts]], Iterable[tuple[int, ...]]]

SAMPLE, TIMES = 5000, 5

EXPRESSIONS = {
    "margin": "price == null or cost == null ? 5 : ((price - cost) * 100 < price * 15 ? 4 : "
    "((price - cost) * 100 < price * 30 ? 3 : ((price - cost) * 100 >= price * 50 ? 1 : 2)))",
    "value": "price == null or other == null ? 5 : (price * 100 > other * 120 ? 4 : "
    "(price > other ? 3 : (price * 100 <= other * 50 ? 1 : 2)))",
    "key-account": "is_key == null ? 5 : (not is_key ? 0 : (revenue == null ? 5 : "
    "(kept * 100 < revenue * 20 ? 4 : (kept * 100 < revenue * 30 ? 3 : 2))))",
    "coverage": "points == null ? 5 : (points < 4 ? 4 : (points < 6 ? 3 : (points >= 7 ? 1 : 2)))",
    "silence": "silent == null ? 5 : (silent > 90 ? 4 : (silent > 30 ? 3 : 2))",
    "date": "is_open == null ? 5 : (not is_open ? 0 : "
    "(late == null ? 5 : (late > 14 ? 4 : (late > 0 ? 3 : 2))))",
    "operations": "hours == null ? 5 : "
    "(operations * 100 > hours * 35 ? 4 : (operations * 100 > hours * 25 ? 3 : 2))",
    "discount": "approved ? 2 : (price == null or listed == null or allowed == null ? 5 : "
    "(listed - price <= listed * allowed ? 2 : (pending ? 3 : 4)))",
}
"""The rules in the language that zen-engine and rule-engine have in common."""


def by_functions(deals: Sequence[Facts]) -> Iterable[tuple[int, ...]]:
    """Judge deal by deal in plain Python."""
    return [_judged(deal) for deal in deals]


def _judged(f: Facts) -> tuple[int, ...]:
    price, cost, other, listed = f["price"], f["cost"], f["other"], f["listed"]
    unknown = work.UNKNOWN
    return (
        unknown if price is None or cost is None else judge_margin(price, cost),
        unknown if price is None or other is None else _value(price, other),
        unknown if f["is_key"] is None else _key(f) if f["is_key"] else work.NOT_APPLICABLE,
        unknown if f["points"] is None else _points(f["points"]),
        _above(f["silent"], 90, 30),
        unknown if f["is_open"] is None else _above(f["late"], 14, 0) if f["is_open"] else 0,
        unknown if f["hours"] is None else _above(f["operations"] * 100 / f["hours"], 35, 25),
        _discount(price, listed, f),
    )


def _value(price: int, other: int) -> int:
    if price * 100 > other * 120:
        return work.RISK
    if price > other:
        return work.WATCH
    return work.STRENGTH if price * 100 <= other * 50 else work.PASS


def _key(f: Facts) -> int:
    if f["revenue"] is None:
        return work.UNKNOWN
    kept = f["kept"] * 100
    if kept < f["revenue"] * 20:
        return work.RISK
    return work.WATCH if kept < f["revenue"] * 30 else work.PASS


def _points(points: int) -> int:
    if points < 4:
        return work.RISK
    return work.WATCH if points < 6 else work.STRENGTH if points >= 7 else work.PASS


def _above(value: float | None, risk: int, watch: int) -> int:
    if value is None:
        return work.UNKNOWN
    return work.RISK if value > risk else work.WATCH if value > watch else work.PASS


def _discount(price: int | None, listed: int | None, f: Facts) -> int:
    if f["approved"]:
        return work.PASS
    if price is None or listed is None or f["allowed"] is None:
        return work.UNKNOWN
    if listed - price <= listed * f["allowed"]:
        return work.PASS
    return work.WATCH if f["pending"] else work.RISK


def by_zen_expressions() -> Judge:
    """Return what judges with compiled expressions of zen-engine."""
    import zen

    compiled = [zen.compile_expression(EXPRESSIONS[check]) for check in CHECKS]
    return lambda deals: [tuple(int(e.evaluate(deal)) for e in compiled) for deal in deals]


def by_zen_decision() -> Judge:
    """Return what judges with a decision of zen-engine, all rules in one node."""
    import zen

    rules = [{"id": name, "key": name, "value": rule} for name, rule in EXPRESSIONS.items()]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {
            "id": "rules",
            "name": "rules",
            "type": "expressionNode",
            "content": {"expressions": rules},
        },
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
        for one, other in (("in", "rules"), ("rules", "out"))
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def judge(deals: Sequence[Facts]) -> list[tuple[int, ...]]:
        answers = (decision.evaluate(deal)["result"] for deal in deals)
        return [tuple(int(answer[check]) for check in CHECKS) for answer in answers]

    return judge


def by_rule_engine() -> Judge:
    """Return what judges with rule-engine."""
    import rule_engine

    rules = [rule_engine.Rule(EXPRESSIONS[check]) for check in CHECKS]
    return lambda deals: [tuple(int(rule.evaluate(deal)) for rule in rules) for deal in deals]


ONE_BY_ONE: dict[str, tuple[str, Callable[[], Judge]]] = {
    "zen-engine, compiled expressions": ("zen", by_zen_expressions),
    "zen-engine, a decision": ("zen", by_zen_decision),
    "rule-engine": ("rule_engine", by_rule_engine),
}


def by_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """Judge with expressions of Polars, by hand."""
    return frame.select(**statuses())


def by_dealreview(frame: pl.DataFrame) -> tuple[Callable[[], Any], list[str]]:
    """Return what evaluates the checks of the reference pack, and their ids in its order."""
    from dealreview.engine.config import Config
    from dealreview.engine.evaluation import evaluate_kind
    from dealreview.engine.facttable import FactTable
    from dealreview.engine.run import registry_for
    from dealreview.engine.selection import make_selection
    from dealreview.model.outcome import Kind

    config = Config()
    registry = registry_for(config, modules=["benchmarks.reference"])
    selection = make_selection(registry, config, select=["reference/*"])
    checks, types = selection.checks, registry.fact_types[Kind.DEAL]
    given = named(frame)
    return (
        lambda: evaluate_kind(selection, checks, Kind.DEAL, FactTable(given), types, {}, {}),
        [check.id for check in checks],
    )


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the facts under the names that the reference pack gives them."""
    names = {
        "reference_invoice": "price",
        "reference_list": "listed",
        "reference_cost": "cost",
        "reference_alternative": "other",
        "reference_is_key": "is_key",
        "reference_account_revenue": "revenue",
        "reference_account_profit": "kept",
        "reference_roles": "points",
        "reference_silence": "silent",
        "reference_late": "late",
        "reference_owner_hours": "hours",
        "reference_owner_operations": "operations",
        "reference_allowed": "allowed",
        "reference_approved": "approved",
        "reference_pending": "pending",
    }
    day = pl.lit(AS_OF, dtype=pl.Date)
    return frame.select("is_open", id="deal_id", name="deal_id", day=day, **names)


def rates(database: Path) -> dict[str, float | str]:
    """Return deals a second by tool, or why there is no figure.

    Raises:
        SystemExit: A tool says something else than Polars by hand.
    """
    frame = facts(files_of(database)).collect()
    expected = by_polars(frame)
    own, ids = by_dealreview(frame)
    said = {result.check.id: result.codes for result in own()}
    _compare(
        "dealreview", expected.rows(), list(zip(*(said[i] for i in _sorted(ids)), strict=True))
    )
    found: dict[str, float | str] = {
        "dealreview": frame.height / _median(own),
        "Polars by hand": frame.height / _median(lambda: by_polars(frame)),
    }
    deals = frame.drop("deal_id", "over").to_dicts()
    _compare("functions", expected.rows(), by_functions(deals))
    found["Python functions"] = len(deals) / _median(lambda: by_functions(deals))
    sample = deals[:SAMPLE]
    for name, (module, make) in ONE_BY_ONE.items():
        if find_spec(module) is None:
            found[name] = "not installed"
            continue
        judge = make()
        _compare(name, expected.head(SAMPLE).rows(), judge(sample))
        found[name] = len(sample) / _median(lambda judge=judge: judge(sample))  # type: ignore[misc]
    return found


def _sorted(ids: list[str]) -> list[str]:
    """Return the ids in the order of the checks of the work."""
    return sorted(ids, key=lambda one: CHECKS.index(one.partition("/")[2]))


def _median(run: Callable[[], Any]) -> float:
    """Return the median of some times."""
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _compare(name: str, expected: Iterable[Any], found: Iterable[Any]) -> None:
    for number, (one, other) in enumerate(zip(expected, found, strict=True)):
        if tuple(one) != tuple(other):
            raise SystemExit(f"{name} found something else in row {number}: {other}, not {one}")


if __name__ == "__main__":
    print(json.dumps(rates(Path(sys.argv[1]))))

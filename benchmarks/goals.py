"""What must be reached, held against the figures of a run."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from attrs import frozen

from benchmarks.measure import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = dict[str, Any]
NONE = "–"


@frozen
class Goal:
    """A row of the table.

    Attributes:
        figure: What is measured.
        deals: Over how many deals.
        must: What must be reached, or is aimed at.
        own: The figure of this project.
        peer: The figure that it is held against.
        ratio: One over the other, by wall time and by processor time.
        verdict: Whether it is reached.
    """

    figure: str
    deals: str
    must: str
    own: str
    peer: str
    ratio: str
    verdict: str


AGAINST = (
    ("whole review, cold", "cold", "connectorx", 1.0, "must ≤ {} × Polars and connectorx"),
    ("whole review, cold", "cold", "sql", 0.6, "must ≤ {} × SQL, foreign-key indexes"),
    ("whole review, cold", "cold", "naive", 0.2, "must ≤ {} × naive Python"),
    ("whole review, cold", "cold", "duckdb", 1.0, "aim ≤ {} × DuckDB over the attached file"),
    ("whole review, warm", "warm", "files", 1.5, "must ≤ {} × Polars on the same files"),
    ("whole review, warm", "warm", "covering", 0.3, "must ≤ {} × SQL, covering indexes"),
    ("built-in checks with rows, warm", "all", "warm", 4.0, "must ≤ {} × the 8"),
    ("all built-in checks, warm", "empty-too", "warm", 4.0, "must ≤ {} × the 8"),
    ("after 1 % changed", "again", "sql-again", 1.0, "must ≤ {} × incremental SQL"),
    ("one function check", "function", "loop", 1.5, "must ≤ {} × the bare loop and loading"),
    ("two processes", "processes", "warm", 1.5, "≤ {} × serial"),
    ("Dask, two workers", "dask", "warm", 1.5, "must ≤ {} × serial"),
)
"""Figure, ours, the peer's, the largest ratio, and how that is told."""

RULES = (("zen-engine, compiled expressions", 25), ("rule-engine", 100))
PEAK = 2048
PEAKS = {
    "cold": "cold",
    "warm": "warm",
    "again": "after 1 % changed",
    "all": "built-in checks with rows",
    "empty-too": "all built-in checks",
}
"""Reviews whose peak memory is told, and how they are called."""
GROWTH = 1.2
HELP = 3.0
MOST = 60
"""Milliseconds that one deal may take."""

OURS, AGAIN = "dealreview", "again after"
"""How the figures of one deal are named: ours, and those after an edit."""

EMPTY_TOO = f"{OURS}, tables that are empty too"
"""How they are named where every check is asked, whether its tables have rows or not."""


def goals(found: Found) -> list[Goal]:
    """Return the rows of the table."""
    sizes = {int(deals): size for deals, size in found["sizes"].items()}
    return [
        *_against(sizes),
        *_growth(sizes),
        *_peak(sizes),
        *_rules(sizes),
        *_one(sizes),
        *_start(found["start"]),
        Goal("service, a scorecard page", NONE, "must p50 ≤ 50 ms", NONE, NONE, NONE, "no service"),
    ]


def _samples(size: Found, name: str) -> list[Found]:
    for part in ("whole", "beside", "again"):
        if name in size[part]:
            found: list[Found] = size[part][name]["samples"]
            return found
    return []


def _median(samples: list[Found], name: str) -> float:
    return float(statistics.median(one[name] for one in samples))


def _verdict(*, met: bool) -> str:
    return "met" if met else "**not met**"


def _against(sizes: dict[int, Found]) -> Iterator[Goal]:
    """Yield one ratio a row, over the largest number of deals that has it."""
    for figure, own, peer, most, must in AGAINST:
        told = must.format(f"{most:g}")
        both = [n for n in sizes if _samples(sizes[n], own) and _samples(sizes[n], peer)]
        if not both:
            yield Goal(figure, NONE, told, NONE, NONE, NONE, "not measured")
            continue
        size = sizes[max(both)]
        ours, theirs = _samples(size, own), _samples(size, peer)
        wall = _median(ours, "seconds") / _median(theirs, "seconds")
        cpu = _median(ours, "cpu") / _median(theirs, "cpu")
        seconds = [f"{_median(one, 'seconds'):.2f} s" for one in (ours, theirs)]
        ratio, verdict = f"{wall:.2f} ({cpu:.2f})", _verdict(met=wall <= most)
        yield Goal(figure, f"{max(both):,}", told, seconds[0], seconds[1], ratio, verdict)


def _growth(sizes: dict[int, Found]) -> Iterator[Goal]:
    """Yield how the time of a deal grows from one size to the next."""
    for name, title in (("cold", "growth, cold"), ("warm", "growth, warm")):
        counts = [n for n in sorted(sizes) if _samples(sizes[n], name)]
        if len(counts) < 2:
            continue
        few, many = counts[-2:]
        each = {
            n: [1e6 * _median(_samples(sizes[n], name), what) / n for what in ("seconds", "cpu")]
            for n in (few, many)
        }
        wall, cpu = (each[many][i] / each[few][i] for i in range(2))
        must = f"must ≤ {GROWTH} × the time a deal over {few:,}"
        own, peer = f"{each[many][0]:.1f} µs a deal", f"{each[few][0]:.1f} µs a deal"
        verdict = _verdict(met=wall <= GROWTH)
        yield Goal(title, f"{many:,}", must, own, peer, f"{wall:.2f} ({cpu:.2f})", verdict)


def _peak(sizes: dict[int, Found]) -> Iterator[Goal]:
    """Yield the peak memory over most deals."""
    deals = max(sizes)
    for name, title in PEAKS.items():
        samples = _samples(sizes[deals], name)
        if samples:
            peak = _median(samples, "peak") / MIB
            must, verdict = "must ≤ 2 GiB over 1,000,000", _verdict(met=peak <= PEAK)
            told = f"{peak:,.0f} MiB"
            yield Goal(f"peak memory, {title}", f"{deals:,}", must, told, NONE, NONE, verdict)


def _rules(sizes: dict[int, Found]) -> Iterator[Goal]:
    """Yield how many times as many deals a second the rules alone are."""
    found = [n for n in sizes if sizes[n].get("rules")]
    for name, least in RULES:
        must = f"must ≥ {least} × {name}"
        rates = sizes[max(found)]["rules"] if found else {}
        own, peer = rates.get("dealreview"), rates.get(name)
        if not isinstance(own, float) or not isinstance(peer, float):
            yield Goal("rules only", NONE, must, NONE, NONE, NONE, "not measured")
            continue
        deals, verdict = f"{max(found):,}", _verdict(met=own / peer >= least)
        told, theirs, ratio = f"{own:,.0f}/s", f"{peer:,.0f}/s", f"{own / peer:,.0f}"
        yield Goal("rules only, facts given", deals, must, told, theirs, ratio, verdict)


def _one(sizes: dict[int, Found]) -> Iterator[Goal]:
    """Yield what one deal takes in a warm process: the first time, and after the slowest of some edits.

    Once with the checks whose tables have rows, once with all that are built in.
    """
    found = [n for n in sizes if sizes[n].get("one")]
    times = sizes[max(found)]["one"] if found else {}
    deals = f"{max(found):,}" if found else NONE
    peer = next((t for name, t in times.items() if not name.startswith(OURS)), None)
    for asked in (OURS, EMPTY_TOO):
        after = [t for name, t in times.items() if name.startswith(f"{asked}, {AGAIN}")]
        edited = max(after, key=lambda one: one["p50"], default=None)
        for what, own in (("a first look", times.get(asked)), ("after an edit", edited)):
            told, theirs = (f"{one['p50']:.2f} ms" if one else NONE for one in (own, peer))
            ratio = f"{own['p50'] / peer['p50']:.0f}" if own and peer else NONE
            verdict = _verdict(met=own["p50"] <= MOST) if own else "not measured"
            must, checks = f"must p50 ≤ {MOST} ms", own["checks"] if own else NONE
            figure = f"one deal, {checks} checks, {what}"
            yield Goal(figure, deals, must, told, theirs, ratio, verdict)


def _start(start: dict[str, list[Found]]) -> Iterator[Goal]:
    """Yield how long the help takes."""
    own, bare = start["help"], start["bare"]
    wall = _median(own, "seconds") / _median(bare, "seconds")
    cpu = _median(own, "cpu") / _median(bare, "cpu")
    ours, theirs = (f"{1000 * _median(one, 'seconds'):.0f} ms" for one in (own, bare))
    must, ratio = f"must ≤ {HELP:g} × a bare interpreter", f"{wall:.2f} ({cpu:.2f})"
    verdict = _verdict(met=wall <= HELP)
    yield Goal("`dealreview --help`", NONE, must, ours, theirs, ratio, verdict)

"""The report of a run: tables in Markdown, raw figures in JSON, a chart.

    python -m benchmarks.results benchmarks/RESULTS.json

writes the tables anew from the raw figures.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.chart import chart
from benchmarks.goals import goals
from benchmarks.measure import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN, END = "<!-- figures of a run -->", "<!-- end of the figures -->"
Found = dict[str, Any]


def write_results(found: Found, output: Path) -> None:
    """Write the report; what stands around the figures in it stays."""
    output.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    picture = output.with_suffix(".svg")
    picture.write_text(chart(found), "utf-8")
    text = output.read_text("utf-8") if output.exists() else "# Results\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "\n".join(report(found, picture.name))
    parts = (before.strip(), f"{BEGIN}\n{body}\n{END}", after.strip())
    output.write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")


def report(found: Found, picture: str) -> Iterator[str]:
    """Yield the lines of the report."""
    yield from _heading(found)
    yield from _goals(found)
    yield f"![Seconds of a whole review by candidate]({picture})\n"
    for deals, size in found["sizes"].items():
        yield from _whole(int(deals), size)
    yield from _missing(found)


def _heading(found: Found) -> Iterator[str]:
    notes, machine = found["notes"], dict(found["machine"])
    what = f"{machine.pop('machine')}; {machine.pop('system')}"
    versions = ", ".join(f"{name} {version}" for name, version in machine.items())
    yield f"\n## A whole review, side by side\n\n{notes['date']}; {what}; {versions}.\n"
    yield (
        f"Medians of {notes['runs']} processes each, in turns; load of the machine at the start: "
        f"{notes['load']:.1f}. Work and rules of measuring: `benchmarks/work.py`, `benchmarks/run.py`. "
        "Every candidate found the same status of every check of every deal, the same score and the "
        "same findings, before any time counted. Figures are of whole processes, interpreter and imports "
        "included; the peers write statuses only, dealreview writes messages, evidence and digests "
        "with them. DuckDB is below 2 because the package index has its SQLite extension up to 1.5.5.\n"
    )


def _goals(found: Found) -> Iterator[str]:
    yield "| figure | deals | must | dealreview | peer | ratio (of processor time) | |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | --- |"
    for goal in goals(found):
        cells = (goal.figure, goal.deals, goal.must, goal.own, goal.peer, goal.ratio, goal.verdict)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _whole(deals: int, size: Found) -> Iterator[str]:
    database = size["database"]
    yield (
        f"### {deals:,} deals, {database['bytes'] / 1e6:,.0f} MB of SQLite, "
        f"{database['snapshot'] / 1e6:,.0f} MB of snapshot\n"
    )
    yield "| candidate | wall s | processor s | peak MiB | steps, s |"
    yield "| --- | ---: | ---: | ---: | --- |"
    measured = [one for part in ("whole", "beside", "again") for one in size[part].values()]
    for one in measured:
        if one["samples"]:
            yield f"| {one['title']} | {_figures(one['samples'])} |"
    yield ""
    yield from _rules(size)
    yield from _one(size)


def _figures(samples: list[Found]) -> str:
    middle = {name: _median(samples, name) for name in ("seconds", "cpu", "peak")}
    laps = {
        name: statistics.median(one["laps"][name] for one in samples) for name in samples[0]["laps"]
    }
    steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in laps.items() if name != "import")
    alone = " (1 process)" if len(samples) == 1 else ""
    return f"{middle['seconds']:.2f}{alone} | {middle['cpu']:.2f} | {middle['peak'] / MIB:,.0f} | {steps}"


def _median(samples: list[Found], name: str) -> float:
    return float(statistics.median(one[name] for one in samples))


def _rules(size: Found) -> Iterator[str]:
    if not size.get("rules"):
        return
    yield "| the 8 rules only, facts given | deals a second |"
    yield "| --- | ---: |"
    for name, rate in size["rules"].items():
        yield f"| {name} | {rate if isinstance(rate, str) else f'{rate:,.0f}'} |"
    yield ""


def _one(size: Found) -> Iterator[str]:
    if not size.get("one"):
        return
    yield "| one deal, warm process | checks | p50 ms | p99 ms | processor ms | most of it, ms |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for name, one in size["one"].items():
        times = " | ".join(f"{one[what]:.2f}" for what in ("p50", "p99", "cpu"))
        parts = sorted(one.get("mean by part", {}).items(), key=lambda part: -part[1])
        told = ", ".join(f"{part} {mean:.0f}" for part, mean in parts[:3])
        yield f"| {name} | {one.get('checks', 8)} | {times} | {told} |"
    yield ""


def _missing(found: Found) -> Iterator[str]:
    for deals, size in found["sizes"].items():
        for part in ("whole", "beside", "again"):
            for one in size[part].values():
                if one["missing"]:
                    yield f"- {one['title']}, {int(deals):,} deals: {one['missing']}"


def main() -> None:
    """Write the report anew."""
    raw = Path(sys.argv[1])
    write_results(json.loads(raw.read_text("utf-8")), raw.with_suffix(".md"))


if __name__ == "__main__":
    main()

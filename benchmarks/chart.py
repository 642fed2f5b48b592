"""A chart of a run: how long a whole review takes, a bar a candidate."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.candidates import ALL
from dealreview.reports.charts import element

WIDTH, NAMES, ROW, TOP, RIGHT = 760, 270, 26, 44, 60
OURS, THEIRS, INK, PAPER = "#0b6e4f", "#9aa5b1", "#1f2933", "#ffffff"


def chart(found: dict[str, Any]) -> str:
    """Return a picture of the largest size, the quickest candidate first."""
    deals = max(map(int, found["sizes"]))
    seconds = {
        name: statistics.median(one["seconds"] for one in told["samples"])
        for name, told in found["sizes"][str(deals)]["whole"].items()
        if told["samples"]
    }
    ranked = sorted(seconds.items(), key=lambda pair: pair[1])
    longest = max(seconds.values(), default=1.0)
    height = TOP + ROW * len(ranked) + 10
    title = f"Seconds of a whole review of {deals:,} deals, results stored; shorter is better"
    heading = element("text", title, x=12, y=26, font_size=15, font_weight="bold", fill=INK)
    bars = (_bar(row, name, time, longest) for row, (name, time) in enumerate(ranked))
    return element(
        "svg",
        element("title", title),
        element("rect", width=WIDTH, height=height, fill=PAPER),
        heading,
        *(part for bar in bars for part in bar),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        font_family="system-ui, sans-serif",
        role="img",
    )


def _bar(row: int, name: str, seconds: float, longest: float) -> tuple[str, str, str]:
    """Return the name, the bar and the figure of a candidate."""
    y = TOP + ROW * row
    length = max((WIDTH - NAMES - RIGHT) * seconds / longest, 1.0)
    text: dict[str, str | float] = {"font_size": 13, "fill": INK, "y": y + 15}
    return (
        element("text", ALL[name].title, x=NAMES - 8, text_anchor="end", **text),
        element(
            "rect",
            x=NAMES,
            y=y + 3,
            width=length,
            height=16,
            fill=OURS if ALL[name].own else THEIRS,
        ),
        element("text", f"{seconds:.2f}", x=NAMES + length + 6, **text),
    )

"""Small charts as SVG: attributes and classes only, so that no policy of a page forbids them.

Lengths along a chart are percentages of its width and texts keep their size, so a chart that is drawn
narrow stays readable. Colours are classes; every chart says in words what it shows.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CURVE_POINTS = 240
"""Points of a curve at most: more than a chart has pixels tell nothing."""


@frozen
class Part:
    """A piece of a bar.

    Attributes:
        size: Its length in any unit that its neighbours share.
        style: Class that colours it.
    """

    size: float
    style: str


@frozen
class Scale:
    """Where values lie along a chart.

    Attributes:
        low: Value at the left end.
        high: Value at the right end, greater than ``low``.
    """

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float], margin: float = 0.0) -> Scale:
        """Return a scale that shows all values, with a share of its length free at both ends."""
        found = list(values)
        low, high = min(found), max(found)
        room = ((high - low) or abs(high) or 1.0) * margin
        return cls(low - room, high + room if high > low or room else high + 1.0)

    def __call__(self, value: float) -> float:
        """Return the place of a value in percent of the width."""
        return 100 * (value - self.low) / (self.high - self.low)


# --- building blocks -----------------------------------------------------------------------------


def element(tag: str, *children: str, **attributes: str | float | None) -> str:
    """Return an element; names of attributes are given with ``_`` for ``-``, ``style_`` is the class.

    Children are markup and stand as they are; values of attributes are escaped.
    """
    given = "".join(
        f' {_attribute(name)}="{escape(_value(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{given}>{''.join(children)}</{tag}>" if children else f"<{tag}{given}/>"


def _attribute(name: str) -> str:
    return "class" if name == "style_" else name.replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """Return a coordinate with two digits at most."""
    return f"{value:z.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """Return a share of the width as SVG writes it."""
    return f"{number(value)}%"


def chart(height: float, label: str, *children: str, style_: str = "") -> str:
    """Return a chart as wide as its place; without a label it repeats what stands beside it."""
    about = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return element(
        "svg", *children, style_=f"chart {style_}".rstrip(), width="100%", height=height, **about
    )


def bar(start: float, end: float, y: float, height: float, style: str) -> str:
    """Return a bar between two places in percent; one without a length is still seen."""
    left, width = min(start, end), max(abs(end - start), 0.4)
    return element(
        "rect", style_=style, x=percent(left), y=y, width=percent(width), height=height, rx=1.5
    )


def upright(place: float, y1: float, y2: float, style: str) -> str:
    """Return an upright stroke at a place in percent."""
    return element("line", style_=style, x1=percent(place), x2=percent(place), y1=y1, y2=y2)


# --- charts --------------------------------------------------------------------------------------


def score_range(score: float | None, lower: float, upper: float, band: str, label: str) -> str:
    """Return a score between its bounds on a line from 0 to 100, with the limits of the bands."""
    marks = [upright(limit, 4, 18, "limit") for limit in (50, 75)]
    if score is not None:
        marks.append(bar(max(score - 0.6, 0), min(score + 0.6, 100), 2, 18, f"f-{band}"))
    return chart(
        22, label, bar(0, 100, 7, 8, "track"), bar(lower, upper, 7, 8, f"r-{band}"), *marks
    )


def segments(parts: Sequence[Part], total: float, label: str = "", height: float = 18) -> str:
    """Return pieces side by side; ``total`` is the length of the whole width."""
    pieces, at = [], 0.0
    for part in parts:
        end = at + 100 * part.size / total if total else at
        if part.size > 0:
            pieces.append(bar(at, max(end - 0.25, at + 0.3), 0, height, part.style))
        at = end
    return chart(height, label, *pieces)


def step(start: float, end: float, scale: Scale, style: str) -> str:
    """Return one bar of a waterfall, with a stroke at zero."""
    zero = scale(0) if scale.low <= 0 <= scale.high else scale(scale.low)
    return chart(16, "", bar(scale(start), scale(end), 2, 12, style), upright(zero, 0, 16, "axis"))


def dot(value: float, scale: Scale, style: str, span: tuple[float, float] | None = None) -> str:
    """Return a value as a point on a line; ``span`` shades the room between two values."""
    line = bar(0, 100, 7, 2, "track")
    shade = bar(scale(span[0]), scale(span[1]), 3, 10, "span") if span else ""
    mark = element("circle", style_=style, cx=percent(scale(value)), cy=8, r=5)
    return chart(16, "", line, shade, mark)


def sparkline(points: Sequence[tuple[float, float]], label: str) -> str:
    """Return scores from 0 to 100 over time, the last one marked, with the limits of the bands.

    Args:
        points: Place along the time from 0 to 1, and the score.
        label: What it shows.
    """
    steps = "L".join(f"{number(100 * x)} {number(100 - score)}" for x, score in points)
    path = element("path", d=f"M{steps}", vector_effect="non-scaling-stroke")
    inner = element(
        "svg",
        path,
        style_="curve",
        y=_EDGE,
        width="100%",
        height=_LOW,
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
        overflow="visible",
    )
    limits = [_level(limit, "limit") for limit in (50, 75)]
    dots = [
        element("circle", style_="f-accent", cx=percent(100 * x), cy=_height(score), r=r)
        for (x, score), r in zip(points, [2.5] * (len(points) - 1) + [4.5], strict=True)
    ]
    return chart(_LOW + 2 * _EDGE, label, *limits, inner, *dots)


_LOW, _EDGE = 56, 6


def _height(score: float) -> float:
    return _EDGE + _LOW * (100 - score) / 100


def _level(score: float, style: str) -> str:
    y = _height(score)
    return element("line", style_=style, x1=0, x2="100%", y1=y, y2=y)


@frozen
class Curve:
    """A line of cumulated values over members in a fixed order.

    Attributes:
        values: Cumulated values, one a member.
        low: Value at the foot of the chart.
        high: Value at its head.
    """

    values: tuple[float, ...]
    low: float
    high: float

    @classmethod
    def of(cls, amounts: Iterable[float]) -> Curve:
        """Return the curve of amounts, added up in their order."""
        total, found = 0.0, []
        for amount in amounts:
            total += amount
            found.append(total)
        return cls(tuple(found), min(0.0, *found), max(0.0, *found) or 1.0)

    def x(self, rank: int) -> float:
        """Return the place of the member at a rank from 1, in percent."""
        return 100 * rank / len(self.values)

    def y(self, value: float) -> float:
        """Return the height of a value from the head, in percent."""
        return 100 * (self.high - value) / (self.high - self.low)

    @property
    def path(self) -> str:
        """The line as a path over a square of 100, starting at zero."""
        count = len(self.values)
        picked = sorted({round(n * count / CURVE_POINTS) for n in range(1, CURVE_POINTS + 1)} - {0})
        ranks = picked if count > CURVE_POINTS else range(1, count + 1)
        points = [(0.0, self.y(0)), *((self.x(r), self.y(self.values[r - 1])) for r in ranks)]
        return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


CURVE_ID = "whale-path"
_TOP, _TALL = 12, 130


def curve_chart(curve: Curve, label: str, *, own_rank: int = 0, first: bool = False) -> str:
    """Return a curve with its zero, its last value and its peak, or one member, marked.

    Args:
        curve: The curve.
        label: What it shows.
        own_rank: Rank from 1 of the member that is marked; 0 marks the peak.
        first: Whether this chart holds the line that the others of a page refer to.
    """
    rank = own_rank or curve.values.index(max(curve.values)) + 1
    line = (
        element("path", id=CURVE_ID, d=curve.path, vector_effect="non-scaling-stroke")
        if first
        else element("use", href=f"#{CURVE_ID}")
    )
    inner = element(
        "svg",
        line,
        style_="curve",
        y=_TOP,
        width="100%",
        height=_TALL,
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
        overflow="visible",
    )
    style = "f-mine" if own_rank else "f-accent"
    x, y = percent(curve.x(rank)), _down(curve, curve.values[rank - 1])
    mark = element("circle", style_=style, cx=x, cy=y, r=5)
    return chart(
        _TOP + _TALL + 12,
        label,
        _across(curve, 0, "axis"),
        _across(curve, curve.values[-1], "limit"),
        inner,
        mark,
    )


def _down(curve: Curve, value: float) -> float:
    return _TOP + _TALL * curve.y(value) / 100


def _across(curve: Curve, value: float, style: str) -> str:
    y = _down(curve, value)
    return element("line", style_=style, x1=0, x2="100%", y1=y, y2=y)

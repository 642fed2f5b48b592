"""How a score came to where it stands, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.reports.charts import sparkline
from dealreview.reports.quantities import long_day, spoken, tenths, whole

if TYPE_CHECKING:
    from dealreview.model.scorecard import Scorecard
    from dealreview.reports.html.book import Book


@frozen
class Trend:
    """Scores of a subject in earlier reviews and this one.

    Attributes:
        chart: The scores over time.
        first: Day of the first.
        last: Day of the last.
        text: What changed, in words.
    """

    chart: str
    first: str
    last: str
    text: str


def trend_of(book: Book, card: Scorecard) -> Trend | None:
    """Return how a score came to where it stands; None where no earlier review tells."""
    found = book.history.of(card)
    if not found:
        return None
    start, end = found[0].day, found[-1].day
    span = (end - start).days
    points = [((one.day - start).days / span, one.score) for one in found]
    before, now = found[-2], found[-1]
    text = f"{whole(now.score)} now, {_moved(now.score - before.score)} {long_day(before.day)}."
    spoken_points = ", ".join(f"{whole(one.score)} on {spoken(one.day)}" for one in found)
    return Trend(
        sparkline(points, f"Score over time: {spoken_points}"), spoken(start), spoken(end), text
    )


def _moved(change: float) -> str:
    rounded = tenths(abs(change))
    if rounded == "0.0":
        return "the same as on"
    return f"{rounded} {'more' if change > 0 else 'less'} than on"

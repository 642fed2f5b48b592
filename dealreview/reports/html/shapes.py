"""How outcomes and bands look on a page: a shape, a word and the class that colours them."""

from __future__ import annotations

from attrs import frozen

from dealreview.model.outcome import Band, Outcome
from dealreview.reports.marks import BAND_MARKS, OUTCOME_MARKS


@frozen
class Mark:
    """A shape with its meaning.

    Attributes:
        shape: One character.
        style: Class that colours it.
        word: What it means, for those who do not see it.
    """

    shape: str
    style: str
    word: str


_OUTCOMES = {
    Outcome.STRENGTH: ("strength", "strength"),
    Outcome.PASS: ("pass", "passed"),
    Outcome.WATCH: ("watch", "watch"),
    Outcome.RISK: ("risk", "risk"),
    Outcome.INSUFFICIENT_DATA: ("gap", "not decided"),
    Outcome.NOT_APPLICABLE: ("none", "does not apply"),
    Outcome.ERROR: ("error", "went wrong"),
    Outcome.NOT_REVIEWED: ("gap", "not reviewed"),
}
_BANDS: dict[Band | None, tuple[str, str]] = {
    Band.HEALTHY: ("strength", "healthy"),
    Band.WATCH: ("watch", "watch"),
    Band.RISK: ("risk", "risk"),
    Band.UNRATED: ("gap", "unrated"),
    None: ("none", "nothing applies"),
}

OUTCOMES: dict[Outcome, Mark] = {
    outcome: Mark(OUTCOME_MARKS[outcome][0], *_OUTCOMES[outcome]) for outcome in _OUTCOMES
}
"""The mark of each outcome."""

BANDS: dict[Band | None, Mark] = {band: Mark(BAND_MARKS[band][0], *_BANDS[band]) for band in _BANDS}
"""The mark of each band; None is a subject to which nothing applies."""

RANKS = {Band.RISK: 0, Band.WATCH: 1, Band.UNRATED: 2, Band.HEALTHY: 3, None: 4}
"""Order of bands in a list, the worst first."""


def band_of(name: str | None) -> Band | None:
    """Return the band of a cell of the column of bands."""
    return None if name is None else Band(name)

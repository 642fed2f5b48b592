"""Shapes, colours and words of outcomes and bands: never a colour alone."""

from __future__ import annotations

from attrs import frozen

from dealreview.model.outcome import Band, Outcome


@frozen
class Mark:
    """How an outcome or a band looks.

    Attributes:
        shape: One character.
        colour: Style in a terminal.
        style: Class that colours it on a page.
        word: What it means, for those who do not see it.
    """

    shape: str
    colour: str
    style: str
    word: str

    @property
    def lead(self) -> tuple[str, str]:
        """The shape before a text in a terminal, with its style."""
        return f"{self.shape} ", self.colour


OUTCOME_MARKS: dict[Outcome, Mark] = {
    Outcome.STRENGTH: Mark("▲", "green", "strength", "strength"),
    Outcome.PASS: Mark("✓", "green", "pass", "passed"),
    Outcome.WATCH: Mark("◆", "yellow", "watch", "watch"),
    Outcome.RISK: Mark("■", "red", "risk", "risk"),
    Outcome.INSUFFICIENT_DATA: Mark("?", "magenta", "gap", "not decided"),
    Outcome.NOT_APPLICABLE: Mark("–", "dim", "none", "does not apply"),
    Outcome.ERROR: Mark("!", "bold red", "error", "went wrong"),
    Outcome.NOT_REVIEWED: Mark("?", "dim", "gap", "not reviewed"),
}
"""The mark of each outcome."""

BAND_MARKS: dict[Band | None, Mark] = {
    Band.HEALTHY: Mark("▲", "green", "strength", "healthy"),
    Band.WATCH: Mark("◆", "yellow", "watch", "watch"),
    Band.RISK: Mark("■", "red", "risk", "risk"),
    Band.UNRATED: Mark("?", "magenta", "gap", "unrated"),
    None: Mark("–", "dim", "none", "nothing applies"),
}
"""The mark of each band; None is a subject to which nothing applies."""


def band_of(name: str | None) -> Band | None:
    """Return the band of a cell of the column of bands."""
    return None if name is None else Band(name)


ASKED, MINUS = "›", "−"
KEPT, LOST = "█", "▒"

PLAIN_SHAPES = str.maketrans(
    {
        "▲": "+",
        "✓": ".",
        "◆": "~",
        "■": "#",
        "›": ">",
        "–": "-",
        "—": "-",
        "−": "-",
        "·": "|",
        "…": ".",
        "█": "#",
        "▒": ".",
        "≥": ">",
        "≤": "<",
        "×": "x",
        "÷": "/",
        "→": ">",
        "’": "'",
        "€": "E",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
    }
)
"""What stands in where a terminal has no UTF-8; one character each, so that columns stay."""

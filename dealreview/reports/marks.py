"""Shapes, styles and words of outcomes and bands: never a colour alone."""

from __future__ import annotations

from dealreview.model.outcome import Band, Outcome

OUTCOME_MARKS: dict[Outcome, tuple[str, str]] = {
    Outcome.STRENGTH: ("▲", "green"),
    Outcome.PASS: ("✓", "green"),
    Outcome.WATCH: ("◆", "yellow"),
    Outcome.RISK: ("■", "red"),
    Outcome.INSUFFICIENT_DATA: ("?", "magenta"),
    Outcome.NOT_APPLICABLE: ("–", "dim"),
    Outcome.ERROR: ("!", "bold red"),
    Outcome.NOT_REVIEWED: ("?", "dim"),
}
"""Shape and style by outcome."""

BAND_MARKS: dict[Band | None, tuple[str, str]] = {
    Band.HEALTHY: ("▲", "green"),
    Band.WATCH: ("◆", "yellow"),
    Band.RISK: ("■", "red"),
    Band.UNRATED: ("?", "magenta"),
    None: ("–", "dim"),
}
"""Shape and style by band; None is a subject to which nothing applies."""

ASKED, PROBLEM, MINUS = "›", "!", "−"
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

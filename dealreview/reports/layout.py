"""Lines of a terminal report: spans of text with a style, wrapped and aligned by cell width.

Data is made safe here and nowhere else: every text that becomes a span goes through :func:`clean`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.text import Text

from dealreview.reports.escape import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Span = str | tuple[str, str]
"""A text, or a text and its style."""

ELLIPSIS = "…"
NARROW = 30
"""Cells under which the last column of a table goes below the others."""


def line(*spans: Span, indent: int = 0) -> Text:
    """Return one line of spans."""
    built = Text(" " * indent, end="")
    for span in spans:
        text, style = (span, "") if isinstance(span, str) else span
        built.append(clean(text), style or None)
    return built


def fit(text: str, width: int) -> str:
    """Return a text of at most ``width`` cells; what is cut off shows as an ellipsis."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    kept = chop_cells(text, max(width - 1, 1))[0] if text else ""
    return kept.rstrip() + ELLIPSIS


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return a text filled up with blanks to ``width`` cells, cut where it is longer."""
    text = fit(text, width)
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def wrap(text: str, width: int) -> list[str]:
    """Return a text in lines of at most ``width`` cells, broken between words where that is possible."""
    lines: list[str] = []
    current = ""
    for word in _pieces(clean(text), max(width, 8)):
        joined = f"{current} {word}" if current else word
        if current and cell_len(joined) > width:
            lines.append(current)
            current = word
        else:
            current = joined
    return [*lines, current] if current else lines


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        yield from chop_cells(word, width) if cell_len(word) > width else [word]


def paragraph(
    text: str, width: int, *, indent: int = 0, hang: int = 0, style: str = "", lead: Span = ""
) -> Iterator[Text]:
    """Yield a wrapped text.

    Args:
        text: The text.
        width: Cells of a whole line.
        indent: Blanks before the first line.
        hang: Further blanks before the other lines.
        style: Style of the text.
        lead: What stands before the text on the first line, such as a shape.
    """
    mark = lead if isinstance(lead, str) else lead[0]
    room = width - indent - max(hang, cell_len(mark))
    for number, part in enumerate(wrap(text, room)):
        if number:
            yield line((part, style), indent=indent + hang)
        else:
            yield line(lead, (part, style), indent=indent)


def sides(left: Text, right: Text, width: int, *, indent: int = 0) -> Iterator[Text]:
    """Yield one line with a left and a right part, or two lines where they don't fit on one."""
    gap = width - left.cell_len - right.cell_len
    if gap >= 2 or not right.plain:
        yield Text.assemble(left, " " * max(gap, 0), right, end="") if right.plain else left
        return
    yield shortened(left, width)
    yield from ([line("", indent=max(width - right.cell_len, indent)).append_text(right)])


def shortened(text: Text, width: int) -> Text:
    """Return a line cut to ``width`` cells."""
    if text.cell_len <= width:
        return text
    copy = text.copy()
    copy.truncate(width, overflow="ellipsis")
    return copy


def spaced(groups: Iterable[Iterable[Text]]) -> Iterator[Text]:
    """Yield groups of lines with an empty line between them; empty groups leave no gap."""
    before = False
    for group in groups:
        for number, text in enumerate(group):
            if before and not number:
                yield line("")
            yield text
            before = True


def text_of(lines: Iterable[Text]) -> str:
    """Return lines as plain text."""
    return "".join(f"{text.plain.rstrip()}\n" for text in lines)


def table(
    rows: Iterable[tuple[str, ...]], width: int, *, indent: int = 0, gap: int = 2, numbers: int = 0
) -> Iterator[Text]:
    """Yield rows in columns; the last column takes what is left and is wrapped under itself.

    Where too little is left, the last cell of each row stands below the others.

    Args:
        rows: Cells.
        width: Cells of a whole line.
        indent: Blanks before each line.
        gap: Blanks between columns.
        numbers: How many of the first columns are aligned to the right.
    """
    cells = [tuple(clean(cell) for cell in row) for row in rows]
    if not cells:
        return
    widths = [max(map(cell_len, column)) for column in list(zip(*cells, strict=True))[:-1]]
    used = sum(widths) + gap * len(widths)
    if width - indent - used < NARROW:
        yield from _stacked(cells, width, indent)
        return
    for row in cells:
        head = "".join(
            pad(cell, size, right=number < numbers) + " " * gap
            for number, (cell, size) in enumerate(zip(row, widths, strict=False))
        )
        first, *rest = wrap(row[-1], width - indent - used) or [""]
        yield line(head, first, indent=indent)
        yield from (line(part, indent=indent + used) for part in rest)


def _stacked(cells: Iterable[tuple[str, ...]], width: int, indent: int) -> Iterator[Text]:
    """Yield rows whose last cell stands below the others, for want of room beside them."""
    for *head, last in cells:
        yield shortened(line("  ".join(head), indent=indent), width)
        yield from paragraph(last, width, indent=indent + 4)

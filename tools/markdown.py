"""Pieces of generated pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def table(head: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table; ``head`` divides the names of its columns by ``|``."""
    names = head.split("|")
    yield row(names)
    yield row("---" for _ in names)
    yield from map(row, rows)


def row(cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def joined(lines: Iterable[str]) -> str:
    """Return lines as text that ends with one newline."""
    return "\n".join(lines).rstrip("\n") + "\n"

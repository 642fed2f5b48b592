"""Pictures of a terminal: the text where it stands, in colours of both schemes, and nothing loaded."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from rich.text import Text

from tools.pictures import CELL, MARGIN, PALETTES, terminal_picture

LINES = [
    Text.assemble(("■ ", "red"), ("Line 4 & <co>", "bold"), "   "),
    Text(""),
    Text.assemble("  ", ("two  blanks", "dim")),
]
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[ElementTree.Element]:
    """Return the pieces of text of a picture."""
    return ElementTree.fromstring(picture).findall(f"{SVG}text")  # noqa: S314 - it is our own


def test_text_stands_in_its_column() -> None:
    """Each piece begins where it does in a terminal and is as wide, whatever the font."""
    found = texts(terminal_picture(LINES, PALETTES["light"]))
    assert [piece.text for piece in found] == ["■", "Line 4 & <co>", "two\xa0\xa0blanks"]
    columns = [(float(piece.attrib["x"]) - MARGIN) / CELL for piece in found]
    assert [round(column, 2) for column in columns] == [0, 2, 2]
    assert float(found[1].attrib["textLength"]) == round(13 * CELL, 4)


def test_styles_become_classes_of_the_palette() -> None:
    """A colour, bold and dim are told; every class has its colour, dark and light."""
    for palette in PALETTES.values():
        picture = terminal_picture(LINES, palette)
        classes = [piece.attrib["class"] for piece in texts(picture)]
        assert classes == ["red", "ink bold", "dim"]
        assert all(f".{name}{{fill:{palette[name]}}}" in picture for name in ("red", "ink", "dim"))


def test_a_picture_loads_nothing() -> None:
    """No address but that of the form itself, no script, no style of elsewhere."""
    picture = terminal_picture(LINES, PALETTES["dark"])
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]
    assert "@import" not in picture
    assert "<script" not in picture

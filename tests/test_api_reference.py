"""The page of the Python API: all names, each once, each with all that can be used of it."""

import inspect
import re
from typing import Any

import pytest
from attrs import fields, has

import dealreview
from dealreview import testing
from tools.api_reference import SECTIONS, anchor, api_page, described, heading

PAGE = api_page()
NAMES = [
    *((dealreview, name) for name in dealreview.__all__),
    *((testing, name) for name in testing.__all__),
]
CLASSES = [(m, name) for m, name in NAMES if inspect.isclass(getattr(m, name))]


def part(module: Any, name: str) -> str:
    """Return what the page says about a name."""
    section = next(s for s in SECTIONS if s.module is module and name in s.names)
    return PAGE.partition(f"\n### {heading(section, name)}\n")[2].partition("\n### ")[0]


def test_every_public_name_is_there_once() -> None:
    """Neither a name that was added nor one that went is forgotten."""
    told = [(section.module.__name__, name) for section in SECTIONS for name in section.names]
    assert sorted(told) == sorted((module.__name__, name) for module, name in NAMES)


def test_headings_can_be_linked_to() -> None:
    """No two headings share an anchor, and the contents lead to each."""
    anchors = [anchor(title) for title in re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) == set(anchors)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_every_name_says_something(module: Any, name: str) -> None:
    """Nothing stands there without a sentence."""
    assert re.search(r"^[A-Z].+", part(module, name), re.MULTILINE)


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_every_public_member_is_told(module: Any, name: str) -> None:
    """An attribute or method that can be used has a line."""
    thing = getattr(module, name)
    own = [member for member in vars(thing) if not member.startswith("_")]
    own += [field.name for field in fields(thing)] if has(thing) else []
    text = part(module, name)
    assert [m for m in own if not re.search(rf"- `\S*\b{m}\b", text)] == []


def test_sections_of_a_docstring_become_lists() -> None:
    """An item that goes on over several lines is one item, and a dotted name is one too."""

    def example() -> None:
        """Do ``it``.

        Args:
            one: First
                and last.

        Raises:
            os.error: Never.
        """

    assert [*described(example)] == [
        *("Do `it`.", "", "Args:", "", "- `one`: First and last.", ""),
        *("Raises:", "", "- `os.error`: Never."),
    ]

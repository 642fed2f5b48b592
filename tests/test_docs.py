"""The documentation: generated pages are up to date, links lead somewhere, everything is documented."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

import dealreview
from dealreview.cli.group import COMMANDS
from dealreview.engine.loader import load_packs
from dealreview.engine.scoring import figures, points, sums_of
from dealreview.engine.settings_reference import SETTINGS
from dealreview.model.outcome import Band, Kind, Outcome, Severity
from tools.examples import differences, split_commands
from tools.reference import outdated, pages

ROOT = Path(__file__).parents[1]
PACKAGE = Path(dealreview.__file__).parent
QUOTED = re.compile(r"`([a-z_]+[./][A-Za-z_./]*)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HALF = Fraction(1, 2)


def documents() -> Iterator[Path]:
    """Yield every page for people."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def test_generated_pages_are_up_to_date() -> None:
    """What is committed is what the code says; make docs writes it."""
    assert outdated() == []


@pytest.mark.parametrize("page", list(documents()), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """A link to another page or file of the project finds it."""
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text("utf-8"))]
    local = [
        link for link in links if link and "://" not in link and not link.startswith("mailto:")
    ]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_modules_that_are_named_exist() -> None:
    """A module or room in backticks is there: `engine.plan`, `store.Tables`, `checks/terms.py`."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    quoted = [name for name in QUOTED.findall(text) if re.split(r"[./]", name)[0] in rooms]
    assert quoted
    assert [name for name in quoted if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    """Whether a path or a dotted name is in the package; a class of a room is looked for in it."""
    path = PACKAGE / name
    if "/" in name:
        return path.exists()
    room, _, rest = name.partition(".")
    module, _, member = rest.partition(".")
    folder = PACKAGE / room
    if (folder / module).is_dir() or not rest:
        return True
    if module[:1].isupper():
        return any(f"class {module}" in file.read_text("utf-8") for file in folder.glob("*.py"))
    file = folder / f"{module}.py"
    return file.is_file() and re.search(rf"\b{member}\b", file.read_text("utf-8")) is not None


def test_every_check_fact_and_setting_is_documented() -> None:
    """Whatever can be named in a configuration has a line in the reference."""
    registry, made = load_packs(autoload=False), pages()
    text = "\n".join(made.values())
    names = [check.id for check in registry.checks]
    names += [p.name for check in registry.checks for p in check.parameters]
    names += [name for facts in registry.facts.values() for name in facts]
    names += [setting.name for setting in SETTINGS]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_command_is_documented() -> None:
    """Each command has its help in the reference, and is spoken of where people start."""
    page = pages()["reference/commands.md"]
    assert [name for name in COMMANDS if f"## `dealreview {name}`" not in page] == []


def test_examples_that_print_something_else_fail() -> None:
    """The examples of the documentation are compared line by line."""
    assert differences(["a", "b"], ["a", "c"])
    assert not differences(["one 12 two", "x", "y", "z"], ["one … two", "…", "z"])
    assert differences(["a", "b"], ["a"])


def test_commands_of_an_example_are_told_from_their_output() -> None:
    """A line with a dollar sign is a command, what follows is what it prints."""
    assert list(split_commands("$ a b\none\n\n$ c\n")) == [("a b", ["one", ""]), ("c", [])]


# --- contents and words --------------------------------------------------------------------------


def test_every_page_is_in_the_contents() -> None:
    """Each page can be found from the first one, or from the list of checks."""
    docs = ROOT / "docs"
    linked = {
        (docs / folder / link.partition("#")[0]).resolve()
        for folder, page in (("", "index.md"), ("reference", "checks.md"))
        for link in LINK.findall((docs / folder / page).read_text("utf-8"))
    }
    assert set(docs.rglob("*.md")) - linked == {docs / "index.md"}


def test_the_glossary_has_the_closed_vocabularies() -> None:
    """Outcomes, severities, bands and subjects are explained."""
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8").casefold()
    words = [*Outcome, *Severity, *Band, *Kind]
    assert [word for word in words if f"**{word.replace('_', ' ')}**" not in text] == []


# --- the score that is computed step by step -----------------------------------------------------


def cards_of(page: str) -> list[list[tuple[str, Outcome, Severity]]]:
    """Return the scorecards that a page shows as tables of checks."""
    tables = re.findall(r"^\| check \| outcome .*\n\|[- |]+\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = [[line.strip("| ").split(" | ") for line in table.splitlines()] for table in tables]
    return [[(r[0].strip("`"), Outcome(r[1]), Severity(r[2])) for r in table] for table in rows]


def test_the_example_of_a_score_is_what_comes_out() -> None:
    """Every figure of the example is the one that the engine computes."""
    page = (ROOT / "docs" / "scores.md").read_text("utf-8")
    for card in cards_of(page):
        sums = sums_of((outcome, severity) for _check, outcome, severity in card)
        found = figures(sums)
        assert found.coverage is not None
        told = [found.score, found.lower, found.upper, f"{found.coverage * 100:.1f} %"]
        assert [figure for figure in told if f"**{figure}**" not in page] == []
        assert f"**{sums.band(HALF)}**" in page
    assert len(cards_of(page)) == 2


def test_the_points_of_the_example_are_what_comes_out() -> None:
    """The column of points is the engine's, and adds up."""
    page = (ROOT / "docs" / "scores.md").read_text("utf-8")
    card = cards_of(page)[0]
    given = {check: pair for check, pair in points(card).items() if any(pair)}
    rows = [f"| `{check}` | {lost or ''} | {left or ''} |" for check, (lost, left) in given.items()]
    assert [row for row in rows if re.sub(" +", " ", row) not in page] == []
    together = [sum(one or 0 for one in column) for column in zip(*given.values(), strict=True)]
    assert f"| together | {together[0]:.1f} | {together[1]:.1f} |" in page


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "docs/reports.md"])
def test_pictures_are_there_light_and_dark(name: str) -> None:
    """Each picture has a dark one beside it and says what it shows."""
    page = ROOT / name
    text = page.read_text("utf-8")
    light, dark = re.findall(r'<img src="([^"]+)"', text), re.findall(r'srcset="([^"]+)"', text)
    assert light
    assert dark == [source.replace("-light.", "-dark.") for source in light]
    assert text.count(' alt="') == len(light)
    assert [source for source in light + dark if not (page.parent / source).is_file()] == []


def test_pictures_are_light_and_used() -> None:
    """No picture lies about that no page shows, and none takes long to load."""
    pages = "\n".join(page.read_text("utf-8") for page in documents())
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert [picture.name for picture in pictures if f"pictures/{picture.name}" not in pages] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > 120_000] == []

"""Markdown and CSV on the command line."""

import csv
import io
from pathlib import Path

import pytest

from tests.cli.running import DAY, OURS, program, run
from tests.reports.shop import deal, shop

Capture = pytest.CaptureFixture[str]
BOM = "\ufeff"


@pytest.mark.parametrize("output_format", ["markdown", "csv"])
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "risk"], 1),
        (["-p", "tests.reports.broken", "--select", "broken"], 3),
        (["--ignore", "acme"], 5),
        (["--select", "nonsense"], 2),
    ],
)
def test_exit_codes_are_those_of_every_form(
    capsys: Capture, tmp_path: Path, options: list[str], code: int, output_format: str
) -> None:
    """Gate, incomplete, nothing selected and wrong use end with their code."""
    shop(tmp_path, deal(1, "bad", payment_terms_days=90), deal(2, "good"))
    where = ("--db", tmp_path / "shop.db", *DAY, *OURS)
    found = run(capsys, "review", *where, *options, "--format", output_format)
    assert found.code == code
    assert bool(found.out) == (code in (0, 1, 3))


@pytest.mark.parametrize("output_format", ["markdown", "csv"])
def test_a_file_holds_what_would_be_printed(
    capsys: Capture, tmp_path: Path, output_format: str
) -> None:
    """-o writes the same bytes, prints nothing and leaves no other file."""
    shop(tmp_path)
    where = ("--db", tmp_path / "shop.db", *DAY, *OURS, "--format", output_format)
    printed = run(capsys, "review", *where).out
    target = tmp_path / "out" / "review"
    target.parent.mkdir()
    assert run(capsys, "review", *where, "-o", target).out == ""
    assert target.read_bytes().decode("utf-8") == printed
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("output_format", ["markdown", "csv"])
def test_the_encoding_is_utf_8_whatever_the_terminal_has(
    tmp_path: Path, output_format: str
) -> None:
    """A pipe into a file holds UTF-8 and the line ends of the form."""
    shop(tmp_path, deal(1, "Jörg 汉字", payment_terms_days=90))
    where = ("--db", tmp_path / "shop.db", *DAY, *OURS, "--format", output_format)
    done = program("review", *where, env={"PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0
    text = done.stdout.decode("utf-8")
    assert "Jörg 汉字" in text
    assert ("\r\n" in text) == (output_format == "csv")


def test_problems_stand_beside_a_table(capsys: Capture, tmp_path: Path) -> None:
    """A row can't say what went wrong with the run, so that goes to standard error."""
    shop(tmp_path)
    where = ("--db", tmp_path / "shop.db", *DAY, "--format", "csv")
    found = run(capsys, "review", *where, "-p", "tests.reports.broken", "--select", "broken")
    assert "problem: check 'broken/raises'" in found.err
    assert found.out.startswith(BOM)


def test_a_scorecard_comes_as_markdown_and_as_csv(capsys: Capture, tmp_path: Path) -> None:
    """``show`` writes the one subject, with --all everything of it."""
    shop(tmp_path)
    options = ("deal:crm:1", "--db", tmp_path / "shop.db", *DAY, *OURS, "--format")
    page = run(capsys, "show", *options, "markdown")
    assert page.code == 0
    assert page.out.startswith("# Line 4 controls: ■ risk, 14\n")
    assert "## Facts" in run(capsys, "show", *options, "markdown", "--all").out
    table = run(capsys, "show", *options, "csv").out.removeprefix(BOM)
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [(row["subject"], row["check"]) for row in rows] == [
        ("deal:crm:1", "acme/hours"),
        ("deal:crm:1", "acme/terms"),
    ]

"""``dealreview import``."""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils.cli import cli as sqlite_utils

from tests.cli.running import Run, run

Capture = pytest.CaptureFixture[str]
MAPPING = """
source = "crm"
[[file]]
match = "deals.csv"
into = "deals"
[file.fields]
deal_id = "Id"
name = "Name"
created_on = "Created"
"""


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Return a folder with a mapping and a file, one of whose rows has no id."""
    (tmp_path / "crm.toml").write_text(MAPPING)
    (tmp_path / "deals.csv").write_text("Id,Name,Created\n1,One,2026-01-02\n,Two,2026-01-03\n")
    return tmp_path


def imported(capsys: Capture, folder: Path, *arguments: str) -> Run:
    """Import the file of a folder."""
    where = ("--mapping", folder / "crm.toml", "--db", folder / "d.db")
    return run(capsys, "import", folder / "deals.csv", *where, *arguments)


def test_rejected_rows_are_told_and_end_with_3(capsys: Capture, exports: Path) -> None:
    """Good rows are stored; the others are counted, shown and set the exit code."""
    printed = imported(capsys, exports)
    assert printed.code == 3
    assert "2 rows read: 1 stored, 1 rejected" in printed.out
    assert "deals.csv:3" in printed.out


def test_the_command_for_all_problems_works_as_printed(
    capsys: Capture, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It prints every row and value that could not be taken; a dry run has them as JSON only."""
    monkeypatch.chdir(exports)
    text = " ".join(imported(capsys, Path()).out.split())
    command = shlex.split(text[text.index("sqlite-utils ") :])
    found = CliRunner().invoke(sqlite_utils, command[1:])
    assert [row["action"] for row in json.loads(found.output)] == ["rejected"]
    assert "all of them: --format json" in imported(capsys, Path(), "--dry-run").out


def test_a_good_file_ends_with_0(capsys: Capture, exports: Path) -> None:
    """Nothing rejected is fine."""
    (exports / "deals.csv").write_text("Id,Name,Created\n1,One,2026-01-02\n")
    assert imported(capsys, exports).code == 0


@pytest.mark.parametrize("option", ["--dry-run", "--strict"])
def test_nothing_is_stored_where_that_was_asked_for(
    capsys: Capture, exports: Path, option: str
) -> None:
    """A dry run stores nothing; a strict import stores nothing when a row is rejected."""
    printed = imported(capsys, exports, option)
    assert printed.code == 3
    assert "Nothing was stored" in printed.out


def test_the_summary_comes_as_json(capsys: Capture, exports: Path) -> None:
    """Programs get counts, problems and reasons."""
    summary = json.loads(imported(capsys, exports, "--format", "json").out)
    assert (summary["totals"]["rows"], summary["totals"]["rejected"]) == (2, 1)


TWO_TABLES = """
source = "crm"
[[file]]
match = "deals.csv"
into = "deals"
[file.fields]
deal_id = "Id"
name = "Name"
[[file.also]]
into = "deal_lines"
[file.also.fields]
line_id = "Id"
deal_id = "Order"
"""


def test_a_row_of_two_tables_is_read_once(capsys: Capture, exports: Path) -> None:
    """Rows are those of the file; a rejected value is shown as the file has it, without our prefix."""
    (exports / "crm.toml").write_text(TWO_TABLES)
    (exports / "deals.csv").write_text("Id,Name,Order\n1,One,1\n2,Two,77\n")
    printed = imported(capsys, exports)
    text = " ".join(printed.out.split())
    assert "2 rows read, 4 records made of them: 3 stored, 1 rejected." in text
    assert "deals.csv:3 Order = '77': deal_lines: belongs to" in text
    totals = json.loads(imported(capsys, exports, "--format", "json").out)["totals"]
    assert (totals["rows_read"], totals["rows"]) == (2, 4)


def test_a_file_that_the_mapping_does_not_mean_is_told(capsys: Capture, exports: Path) -> None:
    """One file is spoken of as one."""
    (exports / "other.csv").write_text("a\n1\n")
    printed = run(capsys, "import", exports / "other.csv", "--mapping", exports / "crm.toml")
    assert printed.code == 2
    assert "The file is not one that crm" in printed.err


def test_a_mapping_must_be_named(capsys: Capture, exports: Path) -> None:
    """Without a mapping the command says how to get a first one."""
    printed = run(capsys, "import", exports / "deals.csv", "--db", exports / "d.db")
    assert printed.code == 2
    assert "--suggest" in printed.err


def test_an_unknown_mapping_is_told(capsys: Capture, exports: Path) -> None:
    """Neither a file nor a built-in one: the built-in ones are listed."""
    printed = run(capsys, "import", exports / "deals.csv", "--mapping", "salesfrce")
    assert printed.code == 2
    assert "salesfrce" in printed.err


def test_a_mapping_can_be_suggested(capsys: Capture, exports: Path) -> None:
    """--suggest prints TOML to begin with and makes no database."""
    printed = run(capsys, "import", exports / "deals.csv", "--suggest")
    assert printed.code == 0
    assert "deals.csv" in printed.out
    assert not list(exports.glob("*.db"))


def test_a_column_that_is_mostly_lost_ends_with_3(capsys: Capture, exports: Path) -> None:
    """No row is rejected, and yet the import is not what it should be; the mend is told."""
    (exports / "deals.csv").write_text("Id,Name,Created\n1,One,31.01.2026\n2,Two,30.01.2026\n")
    printed = imported(capsys, exports)
    assert printed.code == 3
    assert "MOST OF A COLUMN IS LOST: Created of deals.csv: 2 of 2 values" in printed.out
    assert 'perhaps date = "%d.%m.%Y"' in " ".join(printed.out.split())
    assert "--strict was given" in imported(capsys, exports, "--strict").out

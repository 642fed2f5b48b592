"""What plugins bring to the commands: forms of files, reports and messages, and whole commands."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dealreview.cli.group import of_packs
from dealreview.store.database import Database
from dealreview.store.waivers import Waiver, add_waiver
from tests.cli import extending
from tests.cli.running import DAY, OURS, Run, run
from tests.reports.shop import shop

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]
EXTENDED = ("-p", "tests.cli.extending")


def command(capsys: Capture, folder: Path, *arguments: str | Path) -> Run:
    """Run a command on the company of a folder, with the pack of extensions."""
    db = folder / "shop.db"
    if not db.exists():
        shop(folder)
    return run(capsys, arguments[0], "--db", db, *DAY, *OURS, *EXTENDED, *arguments[1:])


# --- reporters -----------------------------------------------------------------------------------


def test_a_report_in_a_form_of_a_pack(capsys: Capture, tmp_path: Path) -> None:
    """It goes to standard output or into a file; the exit code is that of the review."""
    printed = command(capsys, tmp_path, "review", "--format", "names")
    assert printed.code == 0
    assert "Line 4 controls\n" in printed.out
    path = tmp_path / "names.txt"
    gated = ("--fail-on", "risk")
    assert command(capsys, tmp_path, "review", "--format", "names", "-o", path, *gated).code == 3
    assert path.read_text() == printed.out


def test_a_report_may_be_bytes(capsys: Capture, tmp_path: Path) -> None:
    """Bytes are written as they are."""
    path = tmp_path / "raw.bin"
    assert command(capsys, tmp_path, "review", "--format", "raw", "-o", path).code == 0
    assert path.read_bytes() == b"\xff\x00"


def test_a_reporter_that_fails(capsys: Capture, tmp_path: Path) -> None:
    """Nothing is written, and the reporter is named."""
    path = tmp_path / "broken.txt"
    printed = command(capsys, tmp_path, "review", "--format", "broken", "-o", path)
    assert printed.code == 2
    assert "The reporter 'broken' failed: ValueError: no ink." in printed.err
    assert not path.exists()


def test_a_form_that_nobody_knows(capsys: Capture, tmp_path: Path) -> None:
    """The error names the forms that are there, those of packs too, before anything is reviewed."""
    printed = command(capsys, tmp_path, "review", "--format", "name")
    assert printed.code == 2
    assert "There is no form 'name'. Did you mean 'names'? There are: text, json" in printed.err


# --- notifiers -----------------------------------------------------------------------------------


def test_a_dry_run_sends_nothing(capsys: Capture, tmp_path: Path) -> None:
    """It says what would be sent; without it that is sent."""
    dry = command(capsys, tmp_path, "notify", "lines", "--dry-run")
    assert "hello crm:1 acme/terms" in dry.out
    assert extending.SENT == []
    assert command(capsys, tmp_path, "notify", "lines").out == dry.out
    assert dry.out.splitlines() == extending.SENT
    extending.SENT.clear()


def test_settings_reach_the_notifier(capsys: Capture, tmp_path: Path) -> None:
    """What stands under its name in the configuration is handed over."""
    path = tmp_path / "dealreview.toml"
    path.write_text('[notify.lines]\ngreeting = "good morning"\n')
    printed = command(capsys, tmp_path, "notify", "lines", "--dry-run", "--config", path)
    assert "good morning crm:1 acme/terms" in printed.out


def test_only_what_is_new(capsys: Capture, tmp_path: Path) -> None:
    """What a stored run had found is not sent again; what got worse is."""
    command(capsys, tmp_path, "review")
    again = command(capsys, tmp_path, "notify", "lines", "--dry-run", "--new-only", "1")
    assert "acme/terms" not in "".join(
        line for line in again.out.splitlines() if "crm:1" in line or "crm:2" in line
    )
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("UPDATE deals SET payment_terms_days = 90 WHERE deal_id = 'crm:2'")
    worse = command(capsys, tmp_path, "notify", "lines", "--dry-run", "--new-only", "1")
    assert "hello crm:2 acme/terms" in worse.out
    assert "hello crm:1 acme/terms" not in worse.out


def test_what_people_have_accepted_is_not_sent(capsys: Capture, tmp_path: Path) -> None:
    """A finding under a waiver is no news until the waiver runs out."""
    shop(tmp_path)
    database = Database.open(tmp_path / "shop.db")
    made, until = dt.date(2026, 11, 1), dt.date(2026, 12, 1)
    cells = ("acme/terms", "deal", "crm:1", "risk", "accepted", "agreed", "a", "b", made, until)
    with database.write() as connection:
        add_waiver(connection, Waiver(*cells))
    printed = command(capsys, tmp_path, "notify", "lines", "--dry-run")
    assert "hello crm:1 acme/terms" not in printed.out


def test_a_notifier_that_fails(capsys: Capture, tmp_path: Path) -> None:
    """What was sent is told, and that the rest was not."""
    printed = command(capsys, tmp_path, "notify", "torn")
    assert (printed.code, printed.out) == (3, "a\n")
    assert "failed after 1 messages: ValueError: no ink" in printed.err


def test_a_notifier_that_is_not_there(capsys: Capture, tmp_path: Path) -> None:
    """The error names those that are."""
    printed = command(capsys, tmp_path, "notify", "line")
    assert printed.code == 2
    assert "There is no notifier 'line'. Did you mean 'lines'?" in printed.err
    assert "There are: lines, torn." in printed.err


# --- importers -----------------------------------------------------------------------------------

MAPPING = """
source = "crm"
[[file]]
into = "deals"
match = "deals.csv"
[file.fields]
deal_id = "id"
name = "title"
"""


def imported(capsys: Capture, folder: Path, text: str) -> Run:
    """Import a file that only the importer of the pack can read."""
    (folder / "export.star").write_text(text)
    (folder / "map.toml").write_text(MAPPING)
    mapping = ("--mapping", folder / "map.toml", "--db", folder / "new.db")
    return run(capsys, "import", folder / "export.star", *mapping, *EXTENDED)


def test_a_file_that_a_pack_can_read(capsys: Capture, tmp_path: Path) -> None:
    """Its tables are read as files of their names by the mapping."""
    assert imported(capsys, tmp_path, "id*title\n1*Pumps\n2*\n").code == 0
    with sqlite3.connect(tmp_path / "new.db") as connection:
        found = connection.execute("SELECT deal_id, name FROM deals ORDER BY 1").fetchall()
    assert found == [("crm:1", "Pumps"), ("crm:2", None)]


def test_an_importer_that_fails(capsys: Capture, tmp_path: Path) -> None:
    """The importer and the file are named, and nothing is stored."""
    printed = imported(capsys, tmp_path, "id*title\n")
    assert printed.code == 2
    assert "The importer 'stars' can't read" in printed.err
    assert "ValueError: no rows" in printed.err
    assert not (tmp_path / "new.db").exists()


# --- commands ------------------------------------------------------------------------------------


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the path with a distribution that brings commands."""
    site = tmp_path / "site"
    info = site / "acme_tools-2.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tools\nVersion: 2.1\n")
    points = ["greet = acme_tools:greet", "review = acme_tools:greet", "torn = acme_no:x"]
    points += ["odd = acme_tools:NAME"]
    (info / "entry_points.txt").write_text("[dealreview.commands]\n" + "\n".join(points))
    (site / "acme_tools.py").write_text(
        "import click\nNAME = 'acme'\n@click.command()\ndef greet():\n    click.echo('good day')\n"
    )
    monkeypatch.syspath_prepend(site)
    return site


def test_a_command_of_a_pack(capsys: Capture, brought: Path) -> None:
    """It is listed with its distribution without being imported, and runs."""
    assert brought.exists()
    listed = run(capsys, "--help").out
    assert "Commands of packs" in listed
    assert "greet" in listed
    assert "From acme-tools 2.1." in listed
    assert run(capsys, "greet").out == "good day\n"
    assert "Did you mean 'greet'?" in run(capsys, "gret").err


@pytest.mark.parametrize("what", ["egg", "zip"])
def test_a_command_of_a_pack_installed_otherwise(
    capsys: Capture, brought: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """An egg and an archive on the path bring their commands too."""
    info = brought / "acme_tools-2.1.dist-info"
    if what == "egg":
        egg = brought / "acme_tools-2.1.egg"
        egg.mkdir()
        (info / "METADATA").rename(info / "PKG-INFO")
        info.rename(egg / "EGG-INFO")
        monkeypatch.syspath_prepend(egg)
    else:
        archive = shutil.make_archive(str(brought.parent / "acme"), "zip", brought)
        shutil.rmtree(info)
        monkeypatch.syspath_prepend(archive)
    assert "greet" in run(capsys, "--help").out


def test_nothing_is_looked_up_where_nothing_brings_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A distribution without commands, metadata in one file and a folder that is not there are passed by."""
    info = tmp_path / "acme_tools-2.1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[dealreview.packs]\nacme = acme_tools\n")
    (tmp_path / "old-1.egg-info").write_text("Name: old\n")
    monkeypatch.setattr("sys.path", [str(tmp_path), str(tmp_path / "gone")])
    with mock.patch("importlib.metadata.entry_points") as asked:
        assert of_packs() == {}
    asked.assert_not_called()


def test_a_command_can_not_take_the_place_of_ours(capsys: Capture, brought: Path) -> None:
    """A command of dealreview's own stays what it is."""
    assert brought.exists()
    assert "Review a database" in run(capsys, "review", "--help").out


@pytest.mark.parametrize(
    ("name", "said"), [("torn", "can't be loaded: ModuleNotFoundError"), ("odd", "is str, not")]
)
def test_a_command_that_is_broken(capsys: Capture, brought: Path, name: str, said: str) -> None:
    """The distribution and the cause are named; the others work."""
    assert brought.exists()
    printed = run(capsys, name)
    assert printed.code == 2
    assert f"The command '{name}' of acme-tools 2.1" in printed.err
    assert said in printed.err

"""``dealreview snapshot`` says how the snapshot stands, makes, verifies and deletes it."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from dealreview.store.snapshot import opening, readers
from dealreview.store.snapshot.files import folder_of
from dealreview.store.snapshot.locks import WRITERS
from dealreview.testing import database_of
from tests.cli.running import run
from tests.store.snapshots import folder_named, small

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dealreview.store.database import Database


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small():
        yield


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Return a database of three deals."""
    deals = [{"deal_id": f"d{n}", "created_on": "2026-01-05"} for n in range(3)]
    return database_of({"deals": deals}, tmp_path / "deals.db")


def stands(capsys: pytest.CaptureFixture[str], database: Database) -> str:
    """Return the state that the command prints for programs."""
    found = run(capsys, "snapshot", "status", "--db", database.path, "--format", "json")
    assert found.code == 0
    return str(json.loads(found.out)["state"])


def test_from_nothing_to_nothing(capsys: pytest.CaptureFixture[str], database: Database) -> None:
    """It is built, verified, seen to fall behind, brought up to date and deleted."""
    where = ("--db", database.path)
    assert "snapshot build" in run(capsys, "snapshot", *where).out
    built = run(capsys, "snapshot", "build", *where)
    assert built.code == 0
    assert "3 rows" in built.out
    assert "up to date" in run(capsys, "snapshot", "status", *where).out
    assert "as it was written" in run(capsys, "snapshot", "verify", "--rows", *where).out
    with database.write() as connection:
        connection.execute("DELETE FROM deals WHERE deal_id = 'd1'")
    assert stands(capsys, database) == "stale"
    assert run(capsys, "snapshot", "build", *where).code == 0
    assert stands(capsys, database) == "fresh"
    assert "is deleted" in run(capsys, "snapshot", "drop", *where).out
    assert stands(capsys, database) == "missing"
    assert "was not there" in run(capsys, "snapshot", "drop", *where).out


def test_a_folder_whose_name_is_no_text_will_do(
    capsys: pytest.CaptureFixture[str], database: Database, tmp_path: Path
) -> None:
    """Its bytes are not UTF-8: reviews remember facts there, and every command works."""
    where = ("--db", folder_named(tmp_path, b"\xff\xe4") / "deals.db")
    shutil.copy(database.path, where[1])
    said = []
    for mode in ("off", "auto", "auto"):
        asked = ("--as-of", "2026-02-01", "--no-save", "--format", "json", "--snapshot", mode)
        review = run(capsys, "review", *where, *asked)
        assert not review.err
        said.append(review.out)
    assert said[0] == said[1] == said[2]
    assert list(where[1].parent.glob("*/facts-*.arrow"))
    for command, told in (
        (("build", "--anew"), "up to date"),
        (("verify", "--rows"), "as it was written"),
        (("status",), "up to date"),
        (("drop",), "is deleted"),
    ):
        found = run(capsys, "snapshot", *command, *where)
        assert (found.code, told in found.out) == (0, True), command


def test_rows_that_are_read_slowly_are_told_of(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """By whoever builds, in a line; a review builds as slowly and says nothing."""
    where = ("--db", database.path)
    with (
        mock.patch.object(readers, "WORTH_BYTES", 0),
        mock.patch.object(readers, "find_spec", return_value=None),
    ):
        said = (
            "All rows are read cell by cell, since the package adbc-driver-sqlite is not installed."
        )
        assert said in run(capsys, "snapshot", "build", "--anew", *where).out
        found = run(capsys, "snapshot", "build", "--anew", *where, "--format", "json")
        assert json.loads(found.out)["read_slowly"] == [said]
        run(capsys, "snapshot", "drop", *where)
        assert not run(capsys, "review", *where, "--as-of", "2026-02-01", "--no-save").err
    assert stands(capsys, database) == "fresh"


def test_options_stand_before_or_behind(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """As people type them."""
    before = run(capsys, "snapshot", "--db", database.path, "--format", "json", "status")
    behind = run(capsys, "snapshot", "status", "--db", database.path, "--format", "json")
    assert json.loads(before.out) == json.loads(behind.out)


def test_damage_has_an_exit_code_and_a_name(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """Verify says which file it is; the review says so too, and builds it anew."""
    where = ("--db", database.path)
    run(capsys, "snapshot", "build", *where)
    file = next(folder_of(database.path).glob("deals-*.parquet"))
    file.write_bytes(b"x" * file.stat().st_size)
    found = run(capsys, "snapshot", "verify", *where)
    assert found.code == 3
    assert file.name in found.out
    review = run(capsys, "review", *where, "--as-of", "2026-02-01", "--no-save", "--format", "json")
    assert f"{file.name} is damaged or gone" in review.err
    json.loads(review.out)
    assert stands(capsys, database) == "fresh"


def test_damage_without_a_sign_is_mended_by_building(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """What verify complains of is gone after it."""
    where = ("--db", database.path)
    run(capsys, "snapshot", "build", *where)
    file = next(folder_of(database.path).glob("deals-*.parquet"))
    status = file.stat()
    file.write_bytes(b"x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    codes = [run(capsys, "snapshot", what, *where).code for what in ("verify", "build", "verify")]
    assert codes == [3, 0, 0]


def test_a_damaged_lock_is_in_nobodys_way(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """The database is not taken for damaged."""
    lock = folder_of(database.path) / WRITERS
    review = ["review", "--as-of", "2026-02-01", "--no-save", "--format", "json"]
    for command in (review, ["snapshot", "build"], ["snapshot", "drop"]):
        run(capsys, "snapshot", "build", "--db", database.path, "--anew")
        with database.write() as connection:
            connection.execute("UPDATE deals SET amount_minor = coalesce(amount_minor, 0) + 1")
        lock.write_bytes(b"x" * 700)
        found = run(capsys, *command, "--db", database.path)
        assert "not a" not in found.err
        assert found.code == 0, command
    assert not lock.parent.exists()


def test_verifying_nothing_is_refused(
    capsys: pytest.CaptureFixture[str], database: Database
) -> None:
    """What to do is said."""
    found = run(capsys, "snapshot", "verify", "--db", database.path)
    assert found.code == 2
    assert "There is no snapshot." in found.err


@pytest.mark.parametrize(
    ("setting", "option", "made"),
    [("auto", None, True), ("off", None, False), ("off", "auto", True), ("auto", "off", False)],
)
def test_a_review_makes_it_unless_told_not_to(
    capsys: pytest.CaptureFixture[str],
    database: Database,
    tmp_path: Path,
    setting: str,
    option: str | None,
    made: bool,
) -> None:
    """The option wins over the configuration."""
    config = tmp_path / "dealreview.toml"
    config.write_text(f'[review]\nsnapshot = "{setting}"\n')
    options = ["--snapshot", option] if option else []
    asked = ("--db", database.path, "--config", config, "--as-of", "2026-02-01", *options)
    assert run(capsys, "review", *asked).code in {0, 3}
    assert folder_of(database.path).exists() is made


def test_a_small_database_is_left_alone(
    capsys: pytest.CaptureFixture[str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody finds a folder beside a file that is read in a second."""
    monkeypatch.setattr(opening, "WORTH_BYTES", 1 << 30)
    run(capsys, "review", "--db", database.path, "--as-of", "2026-02-01")
    assert not folder_of(database.path).exists()

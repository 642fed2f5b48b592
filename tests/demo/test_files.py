"""The demo's folder."""

from pathlib import Path

import pytest

from dealreview.demo.company.days import EARLIER
from dealreview.demo.files import (
    CONFIGURATION,
    EARLIER_EXPORTS,
    EXPORTS,
    MAPPING,
    MARKER,
    DemoError,
    prepare,
    write_files,
)
from dealreview.ingest.mapping_file import load_mapping


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    """Folders on the way are made too."""
    folder = tmp_path / "a" / "b"
    prepare(folder)
    assert (folder / MARKER).is_file()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A folder with something in it is refused, and what is in it stays."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DemoError, match="not made by the demo") as raised:
        prepare(tmp_path)
    assert raised.value.exit_code == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / MARKER).exists()


def test_a_folder_that_the_demo_made_is_made_anew(tmp_path: Path) -> None:
    """What was played with is gone the second time."""
    prepare(tmp_path)
    write_files(tmp_path)
    (tmp_path / EXPORTS / "more.csv").write_text("x")
    prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [MARKER]


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    """What a link in the demo's folder points at stays."""
    folder, other = tmp_path / "demo", tmp_path / "other"
    prepare(folder)
    other.mkdir()
    (other / "kept.txt").write_text("kept")
    (folder / "link").symlink_to(other)
    prepare(folder)
    assert (other / "kept.txt").is_file()
    assert not (folder / "link").exists()


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """The path of a file is no folder."""
    path = tmp_path / "demo"
    path.write_text("x")
    with pytest.raises(DemoError, match="is a file"):
        prepare(path)


def test_mapping_and_configuration_lie_beside_the_exports(tmp_path: Path) -> None:
    """All that an import needs is in the folder, for the present and for each earlier week."""
    prepare(tmp_path)
    write_files(tmp_path)
    assert (tmp_path / CONFIGURATION).is_file()
    now = {path.name for path in (tmp_path / EXPORTS).iterdir()}
    assert {path.rpartition(".")[2] for path in now} == {"csv", "tsv", "sqlite"}
    for day in EARLIER:
        folder = tmp_path / EARLIER_EXPORTS / f"{day}"
        assert {path.name for path in folder.iterdir()} == now
        assert f"exported_on = {day}" in folder.with_name(f"{day}.toml").read_text("utf-8")


def test_every_file_is_read_by_the_mapping(tmp_path: Path) -> None:
    """No export lies in the folder only to be ignored."""
    prepare(tmp_path)
    write_files(tmp_path)
    read = {name for block in load_mapping(tmp_path / MAPPING).blocks for name in block.match}
    assert read == {path.name for path in (tmp_path / EXPORTS).iterdir()}

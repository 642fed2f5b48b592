"""The demo company's folder: what is written into it, and whether it may be."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING

from dealreview.demo.company.days import AS_OF, EARLIER
from dealreview.demo.exports import all_exports
from dealreview.demo.exports.table import Window
from dealreview.demo.world import make_world
from dealreview.model.errors import DealreviewError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dealreview.demo.world import World

MARKER = ".dealreview-demo"
"""A file that says that a folder was made by the demo, so that it may be made anew."""

EXPORTS = "exports"
EARLIER_EXPORTS = "earlier"
"""Folder with a folder for each earlier week, and beside it the mapping of that day."""

MAPPING = "mapping.toml"
CONFIGURATION = "dealreview.toml"
DATABASE = "dealreview.db"


class DemoError(DealreviewError):
    """A folder that the demo must not touch."""


def prepare(folder: Path) -> None:
    """Make an empty folder for the demo; one that the demo made before is cleared.

    Raises:
        DemoError: The folder holds something else, or can't be written.
    """
    if folder.exists() and not folder.is_dir():
        raise DemoError(f"{folder} is a file.", mend="Name a new folder: dealreview demo <folder>.")
    try:
        if folder.exists() and any(folder.iterdir()):
            clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("Made by dealreview demo, and made anew by it.\n", "utf-8")
    except OSError as error:
        raise DemoError(f"{folder} can't be written: {error.strerror}.") from error


def clear(folder: Path) -> None:
    """Remove what is in a folder that the demo made.

    Raises:
        DemoError: The demo did not make it.
    """
    if not (folder / MARKER).is_file():
        raise DemoError(
            f"{folder} is not empty and was not made by the demo.",
            mend="Name a new folder: dealreview demo <folder>.",
        )
    for item in folder.iterdir():
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item)
        else:
            item.unlink()


def write_files(folder: Path) -> None:
    """Write the exports of four weeks, their mappings and the configuration into a folder."""
    world = make_world()
    _write(world, Window(AS_OF), folder / EXPORTS)
    since: dt.date | None = None
    for day in EARLIER:
        # The first is whole; of logs, each later one holds only what is new.
        _write(world, Window(day, since), folder / EARLIER_EXPORTS / f"{day}")
        (folder / EARLIER_EXPORTS / f"{day}.toml").write_text(mapping_text(day), "utf-8")
        since = day
    (folder / MAPPING).write_text(mapping_text(AS_OF), "utf-8")
    (folder / CONFIGURATION).write_text(_setting(CONFIGURATION), "utf-8")


def _write(world: World, window: Window, folder: Path) -> None:
    folder.mkdir(parents=True)
    for export in all_exports(world, window):
        export.write(folder)


def mapping_text(day: dt.date) -> str:
    """Return how the files that show a day are read."""
    return _setting(MAPPING).replace(f"{AS_OF}", f"{day}")


def _setting(name: str) -> str:
    return resources.files("dealreview.demo").joinpath("settings", name).read_text("utf-8")

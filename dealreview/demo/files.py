"""The demo company's folder: what is written into it, and whether it may be."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING

from dealreview.demo.backoffice import office_exports
from dealreview.demo.calendar_export import calendar_exports
from dealreview.demo.crm import crm_exports
from dealreview.demo.quoting import quote_exports
from dealreview.demo.world import make_world
from dealreview.model.errors import DealreviewError

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.demo.export import Export

MARKER = ".dealreview-demo"
"""A file that says that a folder was made by the demo, so that it may be made anew."""

EXPORTS = "exports"
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


def all_exports() -> tuple[Export, ...]:
    """Return every file that the demo company's systems export; the same each time."""
    world = make_world()
    return (
        *crm_exports(world),
        *quote_exports(world),
        *calendar_exports(world),
        *office_exports(world),
    )


def write_files(folder: Path) -> None:
    """Write the exports, the mapping and the configuration into a folder."""
    exports = folder / EXPORTS
    exports.mkdir()
    for export in all_exports():
        export.write(exports)
    for name in (MAPPING, CONFIGURATION):
        text = resources.files("dealreview.demo").joinpath("settings", name).read_text("utf-8")
        (folder / name).write_text(text, "utf-8")

"""What the demo company's systems export, with the defects that exports have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.demo.exports.crm import crm_exports
from dealreview.demo.exports.diary import diary_exports
from dealreview.demo.exports.notes import note_exports
from dealreview.demo.exports.office import office_exports
from dealreview.demo.exports.quoting import quote_exports

if TYPE_CHECKING:
    from dealreview.demo.exports.table import DatabaseExport, Export, Window
    from dealreview.demo.world import World


def all_exports(world: World, window: Window) -> tuple[Export | DatabaseExport, ...]:
    """Return every file that the systems export on a day; the same each time."""
    return (
        *crm_exports(world, window),
        *quote_exports(world, window),
        *diary_exports(world, window),
        *office_exports(world, window),
        *note_exports(world, window),
    )

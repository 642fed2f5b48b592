"""What is to be known of checks that are not stable, and of names that have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.engine.registry import NOTICE, Problem
from dealreview.engine.selection import select_checks
from dealreview.model.errors import DealreviewError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dealreview.checks.check import Check
    from dealreview.engine.config import Config
    from dealreview.engine.registry import Registry
    from dealreview.engine.selection import Selection


def notices(
    registry: Registry,
    selection: Selection,
    config: Config,
    select: Sequence[str],
    ignore: Sequence[str],
) -> tuple[Problem, ...]:
    """Return a notice for each check in preview or deprecated that is meant, and each former id.

    Args:
        registry: What is loaded.
        selection: What is reviewed.
        config: The configuration.
        select: Patterns of the request.
        ignore: Patterns of the request.
    """
    chosen, left_out = select or config.select, (*config.ignore, *ignore)
    try:
        meant = select_checks(registry.checks, chosen, left_out)
    except DealreviewError:  # a pattern that matches nothing is told elsewhere
        meant = selection.checks
    reviewed = {check.id for check in selection.checks}
    unstable = [check for check in meant if check.status != "stable"]
    said = [_of_check(check, reviewed=check.id in reviewed) for check in unstable]
    return (*said, *_of_names(registry, {*chosen, *left_out, *_configured(config)}))


def _of_check(check: Check, *, reviewed: bool) -> Problem:
    where = f"check '{check.id}'"
    if check.status == "preview" and reviewed:
        return Problem(where, "is in preview: what it says may still change.", "", NOTICE)
    if check.status == "preview":
        cause = "is in preview and is not reviewed."
        return Problem(where, cause, "Select it by its id to try it.", NOTICE)
    cause = "is deprecated" + ("." if reviewed else " and is not reviewed.")
    return Problem(where, cause, f"'{check.replacement}' takes its place.", NOTICE)


def _configured(config: Config) -> Iterator[str]:
    yield from config.checks
    yield from config.required_checks
    for override in config.overrides:
        yield from override.checks


def _of_names(registry: Registry, names: Iterable[str]) -> Iterator[Problem]:
    for name in sorted(names):
        check = registry.by_id.get(name)
        if check is not None and check.id != name:
            cause = f"is called '{check.id}' now."
            yield Problem(f"check '{name}'", cause, "Use the new name.", NOTICE)

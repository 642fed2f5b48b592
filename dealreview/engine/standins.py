"""Settings that stand in for what a company records nowhere: read here, given to facts as parameters.

A stand-in never takes the place of a recorded value. It holds where nothing of its kind is recorded
at all, and whoever uses it says so: an empty cell of a column that others fill stays unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.engine.settings_reference import read_alike, read_section, written
from dealreview.model.errors import ConfigurationError
from dealreview.model.money import amount_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STAND_INS: Mapping[str, str] = {
    "discount_ladder": "the setting [discount_ladder]",
    "hourly_cost": "the setting [hourly_cost]",
    "fit": "the setting [[fit]]",
    "function_words": "the setting [words.function]",
    "meeting_kind_words": "the setting [words.meeting_kind]",
    "side_task_words": "the setting [words.side_task]",
}
"""Fact parameters that hold a section of the configuration, and what ``requires`` of a fact calls it."""

WORDS = ("function", "meeting_kind", "side_task")


@frozen
class StandIn:
    """What takes the place of something once nothing of it is recorded any more.

    Attributes:
        name: What it is called.
        differs: What is different with it.
        setting: The key of :data:`STAND_INS` without which it does not hold; empty where it needs none.
        needs: What must be recorded for it; empty where nothing must.
    """

    name: str
    differs: str
    setting: str = ""
    needs: str = ""


_READ = "read from words of titles; a title without such words says nothing"
TAKES_OVER: Mapping[str, StandIn] = {
    "people.max_discount_ratio": StandIn(
        STAND_INS["discount_ladder"],
        "a limit is that of the role, and no longer one's own",
        "discount_ladder",
    ),
    "people.hourly_cost_minor": StandIn(
        STAND_INS["hourly_cost"],
        "an hour costs what the role costs, and no longer the person",
        "hourly_cost",
    ),
    "fit_answers": StandIn(
        STAND_INS["fit"],
        "the fit is worked out from facts of the deal, and no longer from what people answered",
        "fit",
    ),
    "contacts.function": StandIn(
        "reading job titles ([words.function])",
        f"functions are {_READ}",
        needs="contacts.job_title",
    ),
    "activities.meeting_kind": StandIn(
        "reading titles ([words.meeting_kind])",
        f"kinds of meetings are {_READ}",
        needs="activities.title",
    ),
    "activities.side_task": StandIn(
        "reading titles ([words.side_task])", f"side tasks are {_READ}", needs="activities.title"
    ),
    "people.role": StandIn(
        "owning a deal",
        "whoever owns one counts as a rep, and nobody else does",
        needs="deals.owner_id",
    ),
    "deals.scope": StandIn(
        "the number of units affected",
        "the scope follows from it",
        needs="deals.units_affected",
    ),
}
"""What takes over where something is recorded nowhere, by what was recorded."""


def takes_over(name: str, settings: Mapping[str, Any], recorded: frozenset[str]) -> StandIn | None:
    """Return what takes the place of ``table`` or ``table.column``; None where nothing does.

    Args:
        name: What is no longer recorded.
        settings: Stand-ins of the configuration by fact parameter.
        recorded: What is recorded.
    """
    found = TAKES_OVER.get(name)
    if found is None or (found.setting and found.setting not in settings):
        return None
    return None if found.needs and found.needs not in recorded else found


def read_stand_ins(given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the stand-ins of a configuration by fact parameter; those that say nothing are left out.

    Args:
        given: What the file says.
        source: Name of the file, for messages.

    Raises:
        ConfigurationError: An unknown role, function or kind, or a value that is not allowed.
    """
    words = _table(given, "words", source)
    read_section("words", words, source)
    found = {
        "discount_ladder": _ladder(_table(given, "discount_ladder", source), source),
        "hourly_cost": _hourly(_table(given, "hourly_cost", source), source),
        "fit": dict(_criteria(given.get("fit", []), source)),
    }
    for name in WORDS:
        section = f"words.{name}"
        found[f"{name}_words"] = read_alike(section, _table(words, name, source, section), source)
    return {name: value for name, value in found.items() if value}


def _ladder(given: Mapping[str, Any], source: str) -> dict[str, float]:
    found = read_alike("discount_ladder", given, source)
    return {role: float(share) for role, share in found.items()}


def _hourly(given: Mapping[str, Any], source: str) -> dict[str, dict[str, Any]]:
    read = read_alike("hourly_cost", given, source)
    found = {role: amount_of(text) for role, text in read.items()}
    return {
        role: {"minor": amount[0], "currency": amount[1]}
        for role, amount in found.items()
        if amount
    }


def _criteria(given: Any, source: str) -> Iterator[tuple[str, str]]:
    """Yield name and condition of each criterion of a good fit, the condition not yet parsed."""
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise ConfigurationError(
            f"{source}: 'fit' is a list of tables.", mend="Write each as [[fit]]."
        )
    seen: set[str] = set()
    for number, item in enumerate(given, 1):
        values = read_section("fit", item, f"{source}: fit {number}")
        name = values["name"].strip()
        if name in seen:
            raise ConfigurationError(
                f"{source}: {written('fit', 'name')} = '{name}' stands there twice.",
                mend="Give each criterion a name of its own.",
            )
        seen.add(name)
        yield name, values["when"]


def _table(given: Mapping[str, Any], name: str, source: str, shown: str = "") -> dict[str, Any]:
    table = given.get(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError(
            f"{source}: '{shown or name}' is a table, not {table!r}.",
            mend=f"Write it as [{shown or name}], a line for each.",
        )
    return table

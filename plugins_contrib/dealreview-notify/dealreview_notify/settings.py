"""What stands under ``[notify.apprise]``: who gets digests, where, and how long they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

OUTCOMES = ("risk", "watch")
MOST = 5
LARGEST = 50
_KEYS = ("most", "outcomes", "owners")
_OWNER_KEYS = ("url", "env", "name", "shared")


class SettingsError(ValueError):
    """A setting that can't be meant so; says which, and what to write instead."""


@frozen
class Address:
    """Where the digest of an owner goes.

    Attributes:
        owner: Id of the person, as the owner of deals.
        url: An apprise URL; never printed.
        name: What the owner is called where others read along.
        shared: Whether it is known and wanted that others read along.
    """

    owner: str
    url: str = field(repr=False)
    name: str
    shared: bool = False


@frozen
class Settings:
    """All of the section.

    Attributes:
        addresses: By owner.
        missing: Owners whose address stands in a variable that is not set, with its name.
        most: How many findings a digest shows.
        outcomes: Which outcomes are news.
    """

    addresses: Mapping[str, Address]
    missing: Mapping[str, str]
    most: int = MOST
    outcomes: tuple[str, ...] = ("risk",)


def read_settings(
    given: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings.

    Args:
        given: The section as it stands in the configuration.
        environment: Where addresses given as ``env`` are looked up.

    Raises:
        SettingsError: A key or value that is not allowed.
    """
    _only(given, _KEYS, "[notify.apprise]")
    owners = given.get("owners", {})
    if not isinstance(owners, Mapping) or not owners:
        raise SettingsError(
            "[notify.apprise.owners] names nobody: add \"crm:anna\" = { env = 'ANNA_URL' }, "
            "by the id of the owner."
        )
    read = {owner: _address(owner, entry, environment) for owner, entry in owners.items()}
    return Settings(
        addresses={owner: one for owner, one in read.items() if isinstance(one, Address)},
        missing={owner: one for owner, one in read.items() if isinstance(one, str)},
        most=_most(given.get("most", MOST)),
        outcomes=_outcomes(given.get("outcomes", ["risk"])),
    )


def _address(owner: str, entry: Any, environment: Mapping[str, str]) -> Address | str:
    """Return an address, or the name of the variable that should hold it and is not set."""
    where = f"[notify.apprise.owners] '{owner}'"
    entry = {"url": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, Mapping):
        raise SettingsError(f"{where} takes a URL, or a table with url or env.")
    _only(entry, _OWNER_KEYS, where)
    texts = {key: entry[key] for key in ("url", "env", "name") if key in entry}
    if ("url" in entry) == ("env" in entry) or not all(_is_text(v) for v in texts.values()):
        raise SettingsError(f"{where} takes either url or env, and texts for both.")
    shared = entry.get("shared", False)
    if not isinstance(shared, bool):
        raise SettingsError(f"{where}: shared is true or false.")
    url = entry.get("url") or environment.get(entry["env"], "")
    return Address(owner, url.strip(), entry.get("name", owner), shared) if url else entry["env"]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _most(given: object) -> int:
    if type(given) is not int or not 1 <= given <= LARGEST:
        raise SettingsError(f"[notify.apprise] most is a whole number from 1 to {LARGEST}.")
    return given


def _outcomes(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or any(one not in OUTCOMES for one in given):
        raise SettingsError(f"[notify.apprise] outcomes is a list of {', '.join(OUTCOMES)}.")
    return tuple(outcome for outcome in OUTCOMES if outcome in given)


def _only(given: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in keys:
            raise SettingsError(f"{where} has no key '{key}'; there are {', '.join(keys)}.")

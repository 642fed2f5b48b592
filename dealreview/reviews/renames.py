"""Former ids of checks: what was stored under one is found under the id of today."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def id_of_today(check: str, renamed: Mapping[str, str]) -> str:
    """Return what a check is called now, also one that was renamed more than once.

    Args:
        check: Its id when something was stored.
        renamed: Ids by former id.
    """
    seen = {check}
    while (name := renamed.get(check)) is not None and name not in seen:
        seen.add(name)
        check = name
    return check


def ids_of_today(stored: Collection[str], renamed: Mapping[str, str]) -> dict[str, str]:
    """Return what the checks of a run are called now, by the ids of then.

    A check that took over another beside which it stood is not confused with it: both keep their ids.
    """
    now = {check: id_of_today(check, renamed) for check in stored}
    times = Counter(now.values())
    return {check: name if times[name] == 1 else check for check, name in now.items()}

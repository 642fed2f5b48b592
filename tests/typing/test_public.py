"""The public names and their signatures, as they are written down: a change is seen, and meant.

``python -m tests.typing.test_public`` writes them anew.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dealreview
import dealreview.testing
from dealreview.checks.check import Options
from dealreview.model.verdict import Said, SaidOfGap
from dealreview.testing import strategies

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN = Path(__file__).with_name("public.txt")
PARTS = {
    "dealreview": (dealreview, dealreview.__all__),
    "dealreview.testing": (dealreview.testing, dealreview.testing.__all__),
    "dealreview.testing.strategies": (strategies, ["companies", "company", "many"]),
}


def lines() -> Iterator[str]:
    """Yield a line for each public name and for each public member of a class."""
    for where, (module, names) in PARTS.items():
        for name in sorted(names):
            yield from described(f"{where}.{name}", getattr(module, name))
    yield f"dealreview.check.columns{signature(dealreview.check.columns)}"
    for words in (Options, Said, SaidOfGap):
        for name, kind in sorted(words.__annotations__.items()):
            yield f"{words.__name__}.{name}: {getattr(kind, '__forward_arg__', kind)}"


def described(name: str, thing: Any) -> Iterator[str]:
    """Yield what can be said about a name that others rely on."""
    if not inspect.isclass(thing):
        yield f"{name}{signature(thing) if callable(thing) else ''}"
        return
    yield f"{name}: {', '.join(map(str, thing))}" if is_enum(thing) else f"{name}{signature(thing)}"
    for member, value in sorted(vars(thing).items()):
        if not member.startswith("_") and not is_enum(thing):
            inner = getattr(value, "__func__", value)
            yield f"{name}.{member}{signature(inner) if inspect.isfunction(inner) else ''}"


def is_enum(thing: Any) -> bool:
    """Whether a class is a closed vocabulary."""
    return hasattr(thing, "__members__")


def signature(thing: Any) -> str:
    """Return how something is called, types as they are written."""
    try:
        return str(inspect.signature(thing)).replace("'", "").replace('"', "")
    except ValueError:
        return ""


def test_the_public_names_are_as_written_down() -> None:
    """Whoever changes one changes the list beside this test, and says so in the changelog."""
    assert list(lines()) == WRITTEN.read_text("utf-8").splitlines()


if __name__ == "__main__":
    WRITTEN.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")

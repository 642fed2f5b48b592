"""A pack that brings an importer, reporters and notifiers, good ones and bad ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview import Importer, Notifier, Reporter, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SENT: list[str] = []


def names(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield a line for each deal."""
    for card in document["scorecards"]:
        if card["subject"]["kind"] == "deal":
            yield f"{card['subject']['name']}\n"


def broken(_document: Mapping[str, Any]) -> Iterable[str]:
    """Fail in the middle."""
    yield "a"
    raise ValueError("no ink")


def send(document: Mapping[str, Any], settings: Mapping[str, Any], dry_run: bool) -> Iterable[str]:
    """Send one message a finding."""
    for card in document["scorecards"]:
        for verdict in card["verdicts"]:
            text = f"{settings.get('greeting', 'hello')} {card['subject']['id']} {verdict['check']}"
            if not dry_run:
                SENT.append(text)
            yield text


def read(path: Path) -> Mapping[str, Any]:
    """Read lines of cells between stars."""
    first, *rest = [line.split("*") for line in path.read_text().splitlines()]
    if not rest:
        raise ValueError("no rows")
    return {"deals": (first, [[cell or None for cell in row] for row in rest])}


@hookimpl
def dealreview_reporters() -> list[Reporter]:
    """Bring reporters."""
    raw = Reporter("raw", lambda _document: [b"\xff\x00"], "Bytes.")
    return [Reporter("names", names, "Names."), Reporter("broken", broken), raw]


@hookimpl
def dealreview_notifiers() -> list[Notifier]:
    """Bring notifiers."""
    return [Notifier("lines", send), Notifier("torn", lambda doc, *_: broken(doc))]


@hookimpl
def dealreview_importers() -> list[Importer]:
    """Bring an importer."""
    return [Importer("stars", (".star",), read)]

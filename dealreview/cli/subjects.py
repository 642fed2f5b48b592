"""Subjects as they are named on the command line."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from dealreview.model.errors import ConfigurationError, NothingSelected, did_you_mean
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.engine.review import Review

SUGGESTED = 3


def parse_subject(text: str) -> tuple[Kind | None, str]:
    """Return kind and id of a subject; without a kind the text may be a name.

    Raises:
        ConfigurationError: Nothing was named, or a kind without an id.
    """
    kind, colon, subject_id = text.partition(":")
    if text == Kind.PIPELINE:
        return Kind.PIPELINE, "pipeline"
    if kind in set(Kind) and colon:
        if not subject_id:
            raise ConfigurationError(f"'{text}' names no {kind}.", mend=_FORMS)
        return Kind(kind), subject_id
    if not text.strip():
        raise ConfigurationError("No subject was named.", mend=_FORMS)
    return None, text


_FORMS = "Write deal:ID, account:ID, rep:ID, team:ID or pipeline."


def find_subject(review: Review, text: str) -> tuple[Kind, str]:
    """Return kind and id of the subject that is meant.

    Raises:
        NothingSelected: There is none of that id; says which have that or a like name or id.
    """
    kind, subject_id = parse_subject(text)
    if kind is not None and subject_id in review.kinds[kind].rows:
        return kind, subject_id
    what = f"{kind} '{subject_id}'" if kind else f"subject '{subject_id}'"
    raise NothingSelected(
        f"There is no {what} as of {review.header.as_of}.",
        mend="\n".join(_suggestions(review, kind, subject_id)) or _FORMS,
    )


def _suggestions(review: Review, kind: Kind | None, text: str) -> Iterator[str]:
    """Yield what may have been meant: the same id or name, then like ones."""
    kinds = [kind] if kind is not None else [k for k in Kind if k is not Kind.PIPELINE]
    found = [item for k in kinds for item in _like(review, k, text)]
    found.sort(key=lambda item: (-item[0], item[1]))
    for _, name, called in found[:SUGGESTED]:
        yield f"Did you mean '{name}'{f' ({called})' if called else ''}?"
    wrong_kind = did_you_mean(text.partition(":")[0], map(str, Kind))
    if kind is None and not found and ":" in text and wrong_kind:
        yield wrong_kind.strip()


def _like(review: Review, kind: Kind, text: str) -> list[tuple[float, str, str]]:
    """Return likeness, name on the command line and name of the nearest subjects of a kind."""
    base = review.kinds[kind].base
    names: dict[str, list[tuple[str, str]]] = {}
    for subject_id, name in base.select("id", "name").iter_rows():
        for key in {subject_id, name or subject_id}:
            names.setdefault(key.casefold(), []).append((subject_id, name or ""))
    wanted = text.casefold()
    near = difflib.get_close_matches(wanted, names, n=SUGGESTED, cutoff=0.6)
    inside = [key for key in names if len(wanted) >= 3 and wanted in key][:SUGGESTED]
    return [
        (_likeness(wanted, key), f"{kind}:{subject_id}", name)
        for key in dict.fromkeys([*near, *inside])
        for subject_id, name in names[key][:SUGGESTED]
    ]


def _likeness(wanted: str, key: str) -> float:
    """Return how like two texts are; one that holds the other comes before all that do not."""
    return difflib.SequenceMatcher(None, wanted, key).ratio() + (wanted in key)

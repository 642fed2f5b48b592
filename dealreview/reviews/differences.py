"""What changed between two stored runs, and what each change is put down to."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.engine.gate import Excused
from dealreview.model.outcome import OUTCOMES, Band, Kind, Outcome
from dealreview.reviews.renames import ids_of_today
from dealreview.store.runs import load_run, load_scorecards, load_verdicts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from dealreview.engine.gate import Gate
    from dealreview.store.runs import StoredRun, StoredScorecard

Key = tuple[str, str, str]
"""Kind, subject and check of a verdict."""


class Cause(StrEnum):
    """What a change is put down to: the first of these that differs between the runs."""

    SUBJECT = "subject"
    CHECK = "check"
    THRESHOLD = "threshold"
    DATA = "data"
    BENCHMARK = "benchmark"
    TIME = "time"


@frozen
class Run:
    """A stored run with everything that it found.

    Attributes:
        stored: The run.
        cards: Its scorecards by kind and subject.
        parameters: Hash of the parameters of each finding.
        messages: What each finding says.
    """

    stored: StoredRun
    cards: Mapping[tuple[str, str], StoredScorecard]
    parameters: Mapping[Key, str]
    messages: Mapping[Key, str]
    places: Mapping[str, int] = field(init=False)

    @places.default
    def _places(self) -> Mapping[str, int]:
        return {check: place for place, check in enumerate(self.stored.checks)}

    def outcome(self, key: Key) -> Outcome | None:
        """Return what the run found; None where it has no such subject or check."""
        card, place = self.cards.get(key[:2]), self.places.get(key[2])
        return None if card is None or place is None else OUTCOMES[card.outcomes[place]]

    def message(self, key: Key) -> str:
        """Return what a finding says; empty for what is none."""
        return self.messages.get(key, "")


@frozen
class Change:
    """A verdict that is not what it was.

    Attributes:
        kind: Kind of subject.
        id: The subject.
        check: The check.
        before: What the first run found; None where it had no such subject or check.
        after: What the second run found; None likewise.
        cause: What the change is put down to.
        message: What the second run says, else what the first said.
    """

    kind: str
    id: str
    check: str
    before: Outcome | None
    after: Outcome | None
    cause: Cause
    message: str

    @property
    def is_worse(self) -> bool:
        """Whether a finding is new or heavier."""
        return self.after in _RANK and _rank(self.after) > _rank(self.before)

    @property
    def is_better(self) -> bool:
        """Whether a finding has gone, or is lighter, by a decision and not for want of data."""
        decided = self.after is not None and (self.after.is_decided or self.after in _SILENT)
        return decided and _rank(self.after) < _rank(self.before)


_RANK = {Outcome.WATCH: 1, Outcome.RISK: 2}
_SILENT = frozenset({Outcome.NOT_APPLICABLE})


def _rank(outcome: Outcome | None) -> int:
    return 0 if outcome is None else _RANK.get(outcome, 0)


def read_run(connection: sqlite3.Connection, number: int) -> Run:
    """Return a stored run.

    Raises:
        StoreError: There is no such run.
    """
    from json import loads

    stored = load_run(connection, number)
    cards = {(card.kind, card.id): card for card in load_scorecards(connection, number)}
    parameters: dict[Key, str] = {}
    messages: dict[Key, str] = {}
    for verdict in load_verdicts(connection, number):
        key, detail = (verdict.kind, verdict.id, verdict.check), loads(verdict.detail_json)
        parameters[key] = detail.get("parameters_hash", "")
        messages[key] = detail.get("message") or ""
    return Run(stored, cards, parameters, messages)


def under_ids_of_today(run: Run, renamed: Mapping[str, str]) -> Run:
    """Return a run with its checks called as they are now.

    Args:
        run: The run.
        renamed: Ids of checks by former id.
    """
    now = ids_of_today(run.stored.checks, renamed)
    header = dict(run.stored.header)
    for part in ("checks", "benchmarks"):
        header[part] = {now.get(check, check): said for check, said in header[part].items()}
    checks: Any = [now[check] for check in run.stored.checks]  # the attribute converts any iterable
    return evolve(
        run,
        stored=evolve(run.stored, header=header, checks=checks),
        parameters=_renamed(run.parameters, now),
        messages=_renamed(run.messages, now),
    )


def _renamed(found: Mapping[Key, str], now: Mapping[str, str]) -> dict[Key, str]:
    return {
        (kind, subject, now.get(check, check)): said
        for (kind, subject, check), said in found.items()
    }


def differences(first: Run, second: Run) -> Iterator[Change]:
    """Yield every verdict whose outcome differs, by kind, subject and check.

    A check that was renamed between the runs, whichever is the later one, is the same check.
    """
    renamed = {**_renames_of(first), **_renames_of(second)}
    yield from _changes(*(under_ids_of_today(run, renamed) for run in (first, second)))


def _renames_of(run: Run) -> Mapping[str, str]:
    # A run that an earlier version stored doesn't say.
    found: Mapping[str, str] = run.stored.header.get("renamed", {})
    return found


def _changes(first: Run, second: Run) -> Iterator[Change]:
    checks = sorted(first.places.keys() | second.places.keys())
    for kind, subject in sorted(first.cards.keys() | second.cards.keys()):
        for check in checks:
            key = (kind, subject, check)
            before, after = first.outcome(key), second.outcome(key)
            if _is_change(before, after):
                cause = _cause(first, second, key)
                said = second.message(key) or first.message(key)
                yield Change(*key, before, after, cause, said)


def _is_change(before: Outcome | None, after: Outcome | None) -> bool:
    silent = (None, Outcome.NOT_REVIEWED)
    return before is not after and not (before in silent and after in silent)


def _cause(first: Run, second: Run, key: Key) -> Cause:
    """Return the first thing that differs, in the order in which one explains the next."""
    kind, subject, check = key
    if (kind, subject) not in first.cards or (kind, subject) not in second.cards:
        return Cause.SUBJECT
    before, after = (_header(run, check) for run in (first, second))
    if before["version"] != after["version"]:
        return Cause.CHECK
    if _parameters(first, key) != _parameters(second, key):
        return Cause.THRESHOLD
    if _revision(first, key) != _revision(second, key):
        return Cause.DATA
    if before["benchmark"] != after["benchmark"]:
        return Cause.BENCHMARK
    return Cause.TIME


def _header(run: Run, check: str) -> dict[str, Any]:
    version, _ = run.stored.header["checks"].get(check, (None, None))
    return {"version": version, "benchmark": run.stored.header["benchmarks"].get(check)}


def _parameters(run: Run, key: Key) -> str:
    """Return the hash of the parameters of a verdict; one that is no finding has those of its check."""
    _, base = run.stored.header["checks"].get(key[2], (None, ""))
    return run.parameters.get(key, base)


def _revision(run: Run, key: Key) -> int:
    """Return the data revision of what a verdict rests on: its account's, else that of all data."""
    account = run.cards[key[:2]].account_revision
    return run.stored.data_revision if account is None else account


def excused_as_known(run: Run, gate: Gate, renamed: Mapping[str, str] | None = None) -> Excused:
    """Return what a gate leaves alone because a run had found it before, as bad or worse.

    Args:
        run: The run.
        gate: The gate.
        renamed: Ids of checks by former id, as the review has them that is judged.
    """
    run = under_ids_of_today(run, renamed or {})
    worst: dict[tuple[str, str], dict[str, Outcome]] = {}
    low: dict[str, set[str]] = {}
    unrated: dict[str, set[str]] = {}
    for (kind, subject), card in run.cards.items():
        for check, code in zip(run.stored.checks, card.outcomes, strict=True):
            if OUTCOMES[code] in _RANK:
                worst.setdefault((kind, check), {})[subject] = OUTCOMES[code]
        if card.band == Band.UNRATED:
            unrated.setdefault(kind, set()).add(subject)
        elif gate.min_score is not None and _was_low(card, gate.min_score):
            low.setdefault(kind, set()).add(subject)
    return Excused(worst, _frozen(low), _frozen(unrated))


def _was_low(card: StoredScorecard, least: float) -> bool:
    return card.e2 is not None and bool(card.wa2) and 100.0 * card.e2 < least * (card.wa2 or 0)


def _frozen(found: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {Kind(kind).value: frozenset(subjects) for kind, subjects in found.items()}

"""What changed between two stored runs, and what each change is put down to."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cached_property
from json import loads
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.engine.findings import Findings
from dealreview.engine.gate import Excused
from dealreview.model.outcome import FINDINGS, OUTCOMES, Band, Kind, Outcome
from dealreview.reviews.renames import ids_of_today
from dealreview.store.runs import load_run
from dealreview.store.scorecards import load_scorecards

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from dealreview.engine.gate import Gate
    from dealreview.store.runs import StoredRun
    from dealreview.store.scorecards import StoredScorecard

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


@frozen(slots=False)
class Run:
    """A stored run and what it found, told when somebody asks.

    Attributes:
        stored: The run, its checks called as they are wanted.
        cards: Its scorecards by kind and subject.
        findings: What it found in full, while the connection that it was read with is open.
        former: What a check was called when the run was stored, where that was another id.
    """

    stored: StoredRun
    cards: Mapping[tuple[str, str], StoredScorecard]
    findings: Findings
    former: Mapping[str, str] = field(factory=dict)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Place of each check in the outcome bytes."""
        return {check: place for place, check in enumerate(self.stored.checks)}

    def outcome(self, key: Key) -> Outcome | None:
        """Return what the run found; None where it has no such subject or check."""
        card, place = self.cards.get(key[:2]), self.places.get(key[2])
        return None if card is None or place is None else OUTCOMES[card.outcomes[place]]

    def message(self, key: Key) -> str:
        """Return what a finding says; empty for what is none."""
        return self._detail(key).get("message") or ""

    def parameters(self, key: Key) -> str:
        """Return the hash of the parameters of a verdict; one that is no finding has those of its check."""
        _, base = self.stored.header["checks"].get(key[2], (None, ""))
        if self.outcome(key) not in FINDINGS:
            return str(base)
        kind, subject, check = key
        told = self.findings.parameters(kind, subject, self.former.get(check, check))
        return told or str(self._detail(key).get("parameters_hash", base))

    def _detail(self, key: Key) -> dict[str, Any]:
        if self.outcome(key) not in FINDINGS:
            return {}
        kind, subject, check = key
        name = self.former.get(check, check)
        found = self.findings.of(kind, subject, checks={name})
        return dict(loads(found[0].detail_json)) if found else {}


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
_HEAVY = re.compile(b"[" + bytes(outcome.code for outcome in _RANK) + b"]")
_SILENT = frozenset({Outcome.NOT_APPLICABLE})


def _rank(outcome: Outcome | None) -> int:
    return 0 if outcome is None else _RANK.get(outcome, 0)


def read_run(connection: sqlite3.Connection, number: int) -> Run:
    """Return a stored run.

    Args:
        connection: A read transaction, open while the run is asked what it found.
        number: The run.

    Raises:
        StoreError: There is no such run, or it was pruned.
    """
    stored = load_run(connection, number)
    cards = {(card.kind, card.id): card for card in load_scorecards(connection, number)}
    return Run(stored, cards, Findings(connection, number))


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
    former = {name: run.former.get(check, check) for check, name in now.items() if name != check}
    return evolve(
        run,
        stored=evolve(run.stored, header=header, checks=checks),
        former={**run.former, **former},
    )


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
    is_same = first.stored.checks == second.stored.checks
    for subject in sorted(first.cards.keys() | second.cards.keys()):
        cards = first.cards.get(subject), second.cards.get(subject)
        # Most subjects are as they were; nothing of them is looked at check by check.
        if is_same and cards[0] and cards[1] and cards[0].outcomes == cards[1].outcomes:
            continue
        for check in checks:
            key = (*subject, check)
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
    if first.parameters(key) != second.parameters(key):
        return Cause.THRESHOLD
    if _revision(first, key) != _revision(second, key):
        return Cause.DATA
    if before["benchmark"] != after["benchmark"]:
        return Cause.BENCHMARK
    return Cause.TIME


def _header(run: Run, check: str) -> dict[str, Any]:
    version, _ = run.stored.header["checks"].get(check, (None, None))
    return {"version": version, "benchmark": run.stored.header["benchmarks"].get(check)}


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
    checks = run.stored.checks
    for (kind, subject), card in run.cards.items():
        for heavy in _HEAVY.finditer(card.outcomes):
            outcome = OUTCOMES[card.outcomes[heavy.start()]]
            worst.setdefault((kind, checks[heavy.start()]), {})[subject] = outcome
        if card.band == Band.UNRATED:
            unrated.setdefault(kind, set()).add(subject)
        elif gate.min_score is not None and _was_low(card, gate.min_score):
            low.setdefault(kind, set()).add(subject)
    return Excused(worst, _frozen(low), _frozen(unrated))


def _was_low(card: StoredScorecard, least: float) -> bool:
    return card.e2 is not None and bool(card.wa2) and 100.0 * card.e2 < least * (card.wa2 or 0)


def _frozen(found: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {Kind(kind).value: frozenset(subjects) for kind, subjects in found.items()}

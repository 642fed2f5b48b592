"""Findings of stored runs, told again in full: message, evidence, question, points, money at risk.

A run keeps the rules of its checks and the facts that they were found on
(:mod:`dealreview.engine.keeping`); findings of functions, and all of runs that earlier versions
stored, are there in full. All read the same.
"""

from __future__ import annotations

import heapq
import io
import json
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.checks.facts import Fact
from dealreview.checks.notation import rules_of_plain
from dealreview.checks.rules import MONEY_KINDS
from dealreview.engine.evaluation import Group
from dealreview.engine.keeping import FORMAT, FOUND, fact_column, group_column, money_column
from dealreview.engine.records import stored_verdict
from dealreview.engine.scoring import points
from dealreview.engine.selection import Effective
from dealreview.engine.verdicts import Speaker, Voice
from dealreview.model.errors import StoreError
from dealreview.model.outcome import OUTCOMES, Kind, Severity
from dealreview.store.runs import load_facts, load_rules, load_run, load_verdicts
from dealreview.store.scorecards import load_outcomes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping

    import polars as pl

    from dealreview.model.verdict import Verdict
    from dealreview.store.runs import StoredFacts, StoredRules, StoredVerdict


@frozen
class KeptCheck:
    """A check as a run keeps it.

    Attributes:
        place: Its place in the outcome bytes.
        voice: What its verdicts share.
        groups: Its parameters and rules.
        digests: Hash of the parameters of each group.
        frame: Which of the frames of facts it saw.
        facts: The facts that its findings need.
        is_told: Whether its findings are told again; else they are stored in full, or there are none.
    """

    place: int
    voice: Voice
    groups: tuple[Group, ...]
    digests: tuple[str, ...]
    frame: int
    facts: tuple[str, ...]
    is_told: bool

    def group_of(self, row: Mapping[str, Any]) -> int:
        """Return the number of the group that a subject is in."""
        return int(row[group_column(self.voice.check)]) if len(self.groups) > 1 else 0

    def facts_in(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a subject's findings need; a column that is not there was unknown throughout."""
        names = ("currency", *self.facts)
        return {"id": row["id"]} | {name: row.get(fact_column(self.frame, name)) for name in names}


@frozen(slots=False)
class KeptKind:
    """What a run keeps of a kind of subject.

    Attributes:
        speaker: Tells the findings.
        checks: Its checks that looked at the kind, in order of id.
    """

    speaker: Speaker
    checks: tuple[KeptCheck, ...]

    @cached_property
    def told(self) -> frozenset[str]:
        """Ids of the checks whose findings are told again."""
        return frozenset(check.voice.check for check in self.checks if check.is_told)

    @cached_property
    def by_id(self) -> Mapping[str, KeptCheck]:
        """The checks by id."""
        return {check.voice.check: check for check in self.checks}


def _kept_kind(stored: StoredRules, places: Mapping[str, int]) -> KeptKind:
    if stored.format > FORMAT:
        raise StoreError(
            f"The findings of this run are kept in format {stored.format}; "
            f"this version knows {FORMAT}.",
            mend="Upgrade dealreview.",
        )
    document = json.loads(zlib.decompress(stored.data))
    kind = Kind(stored.kind)
    speaker = Speaker(
        kind,
        {name: Fact(name, kept[0], "", kept[1]) for name, kept in document["facts"].items()},
        document["currency"],
        cells={name: (kept[2], kept[3]) for name, kept in document["facts"].items()},
    )
    return KeptKind(speaker, tuple(_check(check, places) for check in document["checks"]))


def _check(plain: Mapping[str, Any], places: Mapping[str, int]) -> KeptCheck:
    return KeptCheck(
        places[plain["id"]],
        Voice(plain["id"], *(plain.get(name, "") for name in ("question", "family", "cause"))),
        tuple(map(_group, plain["groups"])),
        tuple(group["digest"] for group in plain["groups"]),
        plain.get("frame", 0),
        tuple(plain.get("facts", ())),
        "facts" in plain,
    )


def _group(plain: Mapping[str, Any]) -> Group:
    values, origins = plain.get("values", {}), plain.get("origins", {})
    effective = Effective(Severity(plain["severity"]), values, origins)
    return Group(effective, rules_of_plain(plain["rules"]) if "rules" in plain else None)


@frozen(slots=False)
class Block:
    """Some subjects of a kind with what their findings rest on.

    Attributes:
        kept: What the run keeps of the kind.
        outcomes: Outcome bytes by subject.
        frame: A row a subject, in order of id.
        first_id: The first subject.
        last_id: The last subject.
    """

    kept: KeptKind
    outcomes: Mapping[str, bytes]
    frame: pl.DataFrame
    first_id: str
    last_id: str

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Number of the row of each subject."""
        return {subject_id: row for row, subject_id in enumerate(self.frame["id"])}

    def row_of(self, subject_id: str) -> dict[str, Any] | None:
        """Return what is kept of a subject, by column; None for one without findings."""
        place = self.places.get(subject_id)
        return None if place is None else self.frame.row(place, named=True)

    def told(self, row: Mapping[str, Any], wanted: Collection[str]) -> Iterator[StoredVerdict]:
        """Yield the findings of some checks on a subject, in order of check."""
        codes, speaker = self.outcomes[row["id"]], self.kept.speaker
        found = [
            check
            for check in self.kept.checks
            if codes[check.place] in FOUND and check.voice.check in wanted
        ]
        won = self._points(codes, row) if found and speaker.kind.has_score else {}
        for check in found:
            number, outcome = check.group_of(row), OUTCOMES[codes[check.place]]
            group, facts = check.groups[number], check.facts_in(row)
            spoken = _in_reporting(speaker.speak(check.voice, group, outcome, facts), row)
            lost, is_open = won.get(check.voice.check, (None, None))
            verdict = evolve(spoken, points_lost=lost, points_open=is_open)
            yield stored_verdict(speaker.kind, verdict, check.digests[number])

    def _points(
        self, codes: bytes, row: Mapping[str, Any]
    ) -> dict[str, tuple[float | None, float | None]]:
        return points(
            [
                (
                    check.voice.check,
                    OUTCOMES[codes[check.place]],
                    check.groups[check.group_of(row)].effective.severity,
                )
                for check in self.kept.checks
            ]
        )


def _in_reporting(verdict: Verdict, row: Mapping[str, Any]) -> Verdict:
    """Return a verdict with its money at risk in the reporting currency, as it was converted then."""
    money = verdict.money_at_risk
    if money is None:
        return verdict
    minor = row.get(money_column(verdict.check, money.kind))
    return evolve(verdict, money_at_risk=evolve(money, reporting_minor=minor))


@frozen(slots=False)
class Findings:
    """The findings of a stored run.

    Attributes:
        connection: A read transaction.
        number: The run.
    """

    connection: sqlite3.Connection
    number: int
    _last: dict[str, Block] = field(factory=dict, init=False, repr=False)

    @cached_property
    def kinds(self) -> Mapping[str, KeptKind]:
        """What the run keeps by kind of subject; nothing if an earlier version stored it.

        Raises:
            StoreError: There is no such run, or a newer version stored it.
        """
        checks = load_run(self.connection, self.number).checks
        places = {check: place for place, check in enumerate(checks)}
        stored = load_rules(self.connection, self.number)
        return {rules.kind: _kept_kind(rules, places) for rules in stored}

    def all(self, checks: Collection[str] | None = None) -> Iterator[StoredVerdict]:
        """Yield the findings by kind, subject and check.

        Args:
            checks: Those of these checks only; None means of all.
        """
        full = (
            verdict
            for verdict in load_verdicts(self.connection, self.number)
            if checks is None or verdict.check in checks
        )
        return heapq.merge(self._all_told(checks), full, key=_place)

    def _all_told(self, checks: Collection[str] | None) -> Iterator[StoredVerdict]:
        for name, kept in self.kinds.items():
            wanted = kept.told if checks is None else kept.told.intersection(checks)
            for stored in load_facts(self.connection, self.number, name) if wanted else ():
                block = self._block(kept, stored, wanted)
                for row in block.frame.iter_rows(named=True):
                    yield from block.told(row, wanted)

    def of(
        self, kind: str, subject_id: str, checks: Collection[str] | None = None
    ) -> tuple[StoredVerdict, ...]:
        """Return the findings on one subject, in order of check.

        Args:
            kind: Kind of subject.
            subject_id: The subject.
            checks: Those of these checks only; None means of all.
        """
        full = (
            verdict
            for verdict in load_verdicts(self.connection, self.number, (str(kind), subject_id))
            if checks is None or verdict.check in checks
        )
        block = self._block_of(str(kind), subject_id)
        row = block and block.row_of(subject_id)
        wanted = block.kept.told if block and checks is None else checks or ()
        told = block.told(row, block.kept.told.intersection(wanted)) if block and row else ()
        return tuple(heapq.merge(told, full, key=_place))

    def parameters(self, kind: str, subject_id: str, check: str) -> str | None:
        """Return the hash of the parameters that a check which is told again had on a subject.

        None where it is not told again: a finding in full has its hash with it.
        """
        kept = self.kinds.get(kind)
        found = kept.by_id.get(check) if kept else None
        if found is None or not found.is_told:
            return None
        if len(found.groups) == 1:
            return found.digests[0]
        block = self._block_of(kind, subject_id)
        row = block and block.row_of(subject_id)
        return found.digests[found.group_of(row)] if row else None

    def _block_of(self, kind: str, subject_id: str) -> Block | None:
        """Return the block that a subject would be in; the last one of a kind is kept at hand."""
        last = self._last.get(kind)
        if last is not None and last.first_id <= subject_id <= last.last_id:
            return last
        kept = self.kinds.get(kind)
        if kept is not None:
            for stored in load_facts(self.connection, self.number, kind, subject_id):
                if subject_id <= stored.last_id:
                    self._last[kind] = self._block(kept, stored, kept.told)
                    return self._last[kind]
        return None

    def _block(self, kept: KeptKind, stored: StoredFacts, wanted: Collection[str]) -> Block:
        ends = stored.first_id, stored.last_id
        outcomes = load_outcomes(self.connection, self.number, stored.kind, ends)
        return Block(kept, outcomes, _read(stored.data, kept, wanted), *ends)


def _place(verdict: StoredVerdict) -> tuple[str, str, str]:
    return verdict.kind, verdict.id, verdict.check


def _read(data: bytes, kept: KeptKind, wanted: Collection[str]) -> pl.DataFrame:
    """Return the columns of a block that some checks need."""
    import polars as pl

    asked = {"id"}
    for check in kept.checks:
        asked.add(group_column(check.voice.check))
        if check.voice.check in wanted:
            asked |= {fact_column(check.frame, name) for name in ("currency", *check.facts)}
            asked |= {money_column(check.voice.check, kind) for kind in MONEY_KINDS}
    there = pl.read_parquet_schema(io.BytesIO(data))
    return pl.read_parquet(io.BytesIO(data), columns=[name for name in there if name in asked])

"""Outcomes, severities and subject kinds: the small closed vocabularies of a review."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a check says about one subject."""

    NOT_APPLICABLE = "not_applicable"
    STRENGTH = "strength"
    PASS = "pass"  # noqa: S105
    WATCH = "watch"
    RISK = "risk"
    INSUFFICIENT_DATA = "insufficient_data"
    ERROR = "error"
    NOT_REVIEWED = "not_reviewed"

    @property
    def code(self) -> int:
        """The byte that stands for this outcome in frames and stored runs."""
        return OUTCOMES.index(self)

    @property
    def is_decided(self) -> bool:
        """Whether the outcome counts into D of the score: strength, pass, watch or risk."""
        return self in DECIDED

    @property
    def half_values(self) -> int:
        """Value in halves: strength and pass 2, watch 1, everything else 0."""
        return _HALF_VALUES.get(self, 0)


OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
_HALF_VALUES = {Outcome.STRENGTH: 2, Outcome.PASS: 2, Outcome.WATCH: 1}
DECIDED = frozenset({Outcome.STRENGTH, Outcome.PASS, Outcome.WATCH, Outcome.RISK})
FINDINGS = frozenset({Outcome.STRENGTH, Outcome.WATCH, Outcome.RISK, Outcome.ERROR})
"""Outcomes whose verdicts a stored run keeps in full."""


class Severity(StrEnum):
    """How much a check matters."""

    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"

    @property
    def weight(self) -> int:
        """The weight in the score: blocker 10, major 5, minor 2, info 0."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.BLOCKER: 10, Severity.MAJOR: 5, Severity.MINOR: 2, Severity.INFO: 0}
SEVERITIES: tuple[Severity, ...] = tuple(Severity)


class Kind(StrEnum):
    """What is judged."""

    DEAL = "deal"
    ACCOUNT = "account"
    REP = "rep"
    TEAM = "team"
    PIPELINE = "pipeline"

    @property
    def has_score(self) -> bool:
        """Reps have verdicts and no number: a number for a person would be used to rank."""
        return self is not Kind.REP


class Band(StrEnum):
    """What a score comes to for a person."""

    HEALTHY = "healthy"
    WATCH = "watch"
    RISK = "risk"
    UNRATED = "unrated"

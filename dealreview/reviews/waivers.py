"""Waivers against a review: which hold, which have run out, which nobody needs any more."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.engine.gate import Excused
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import OUTCOMES, Kind, Outcome
from dealreview.model.verdict import Disposition
from dealreview.reviews.renames import id_of_today
from dealreview.store.waivers import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.engine.review import Review

LONGEST = dt.timedelta(days=180)
"""How long a finding may be accepted at most: two quarters, then it has to be argued anew."""

FINDINGS = (Outcome.WATCH, Outcome.RISK)


class State(StrEnum):
    """What a waiver is worth in a review."""

    HOLDS = "holds"
    EXPIRED = "expired"
    WORSE = "worse"
    UNUSED = "unused"
    NOT_LOOKED_AT = "not_looked_at"


@frozen
class Standing:
    """A waiver in a review.

    Attributes:
        waiver: The waiver, of its check by the id of today.
        state: What it is worth: it holds; it has run out; the finding is worse than what was
            accepted; there is no finding any more; the review did not look or could not decide.
        outcome: What the review found; None where the check did not look at the subject.
    """

    waiver: Waiver
    state: State
    outcome: Outcome | None


def make_waiver(
    *,
    check: str,
    subject: tuple[Kind, str],
    outcome: Outcome,
    reason: str,
    author: str,
    approver: str,
    today: dt.date,
    until: dt.date,
    false_positive: bool = False,
) -> Waiver:
    """Return a waiver that keeps the rules: a reason, two people, a day not too far away.

    Raises:
        ConfigurationError: One of the rules is broken.
    """
    for name, said in (("reason", reason), ("author", author), ("approver", approver)):
        if not said.strip():
            raise ConfigurationError(f"A waiver needs its {name}.", mend=f"Say it: --{name}.")
    if author.strip().casefold() == approver.strip().casefold():
        raise ConfigurationError(
            f"{author} can't approve a waiver that {author} asks for.",
            mend="Name a second person with --approver.",
        )
    _check_days(today, until)
    if outcome not in FINDINGS:
        raise ConfigurationError(
            f"{check} found no watch or risk on {subject[0]}:{subject[1]}: it is {outcome}.",
            mend="There is nothing to accept.",
        )
    return Waiver(
        check=check,
        kind=subject[0].value,
        id=subject[1],
        outcome=outcome.value,
        disposition="false_positive" if false_positive else "accepted",
        reason=reason.strip(),
        author=author.strip(),
        approver=approver.strip(),
        made_on=today,
        until=until,
    )


def _check_days(today: dt.date, until: dt.date) -> None:
    if until < today:
        raise ConfigurationError(f"{until} is past.", mend="Accept it until a day to come.")
    if until - today > LONGEST:
        raise ConfigurationError(
            f"{until} is {(until - today).days} days away; at most {LONGEST.days} are accepted.",
            mend=f"The last day is {today + LONGEST}.",
        )


_SETTLED = frozenset({Outcome.NOT_APPLICABLE, Outcome.STRENGTH, Outcome.PASS})


def outcome_of(review: Review, check: str, subject: tuple[str, str]) -> Outcome | None:
    """Return what a check, also by a former id, found on a subject; None where it did not look at it."""
    kind, subject_id = subject
    found = review.kinds.get(Kind(kind))
    row = found.rows.get(subject_id) if found is not None else None
    if found is None or row is None:
        return None
    name = id_of_today(check, review.header.renamed)
    codes = next((result.codes for result in found.results if result.check.id == name), None)
    return None if codes is None else OUTCOMES[codes[row]]


def standings(review: Review, waivers: Iterable[Waiver]) -> tuple[Standing, ...]:
    """Return what each waiver is worth in a review; the day that counts is that of the review."""
    renamed = review.header.renamed
    named = (evolve(one, check=id_of_today(one.check, renamed)) for one in waivers)
    return tuple(_standing(review, waiver) for waiver in named)


def _standing(review: Review, waiver: Waiver) -> Standing:
    outcome = outcome_of(review, waiver.check, (waiver.kind, waiver.id))
    if outcome not in FINDINGS:
        settled = outcome in _SETTLED or _is_gone(review, waiver)
        state = State.UNUSED if settled else State.NOT_LOOKED_AT
    elif waiver.until < review.header.as_of:
        state = State.EXPIRED
    elif waiver.outcome == Outcome.WATCH and outcome is Outcome.RISK:
        state = State.WORSE
    else:
        state = State.HOLDS
    return Standing(waiver, state, outcome)


def _is_gone(review: Review, waiver: Waiver) -> bool:
    found = review.kinds.get(Kind(waiver.kind))
    return found is not None and waiver.id not in found.rows


def with_dispositions(review: Review, standings: Iterable[Standing]) -> Review:
    """Return a review whose findings say what people decided about them."""
    held = [standing.waiver for standing in standings if standing.state is State.HOLDS]
    decided: dict[str, dict[tuple[str, str], Disposition]] = {}
    for waiver in held:
        people = (waiver.reason, waiver.author, waiver.approver)
        made = Disposition(waiver.disposition, waiver.until, *people)
        decided.setdefault(waiver.kind, {})[waiver.check, waiver.id] = made
    kinds = {
        kind: evolve(found, dispositions=decided[kind]) if kind in decided else found
        for kind, found in review.kinds.items()
    }
    return evolve(review, kinds=kinds)


def remarks_on(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Return what the header of a report says of waivers that hold no longer."""
    by_state: dict[State, list[str]] = {}
    for standing in standings:
        waiver = standing.waiver
        subject = waiver.kind if waiver.kind == Kind.PIPELINE else f"{waiver.kind}:{waiver.id}"
        by_state.setdefault(standing.state, []).append(f"{waiver.check} on {subject}")
    return tuple(
        f"{SAYS[state]}: {'; '.join(sorted(by_state[state]))}. `dealreview waivers` lists them."
        for state in SAYS
        if state in by_state
    )


SAYS = {
    State.EXPIRED: "Accepted until a day that is past, and counted again",
    State.WORSE: "Accepted, and worse now, so counted again",
    State.UNUSED: "Accepted, and no finding any more",
}
"""What is said of waivers in each state that somebody should look at."""


def excused_by(standings: Iterable[Standing]) -> Excused:
    """Return the verdicts that a gate leaves alone because people have accepted them."""
    worst: dict[tuple[str, str], dict[str, Outcome]] = {}
    for standing in standings:
        if standing.state is State.HOLDS:
            waiver = standing.waiver
            of = worst.setdefault((waiver.kind, waiver.check), {})
            of[waiver.id] = Outcome(waiver.outcome)
    return Excused(worst)

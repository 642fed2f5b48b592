"""Digests: what was found in the deals of one owner, the worst first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview_notify.escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

SEVERITIES = ("blocker", "major", "minor", "info")


@frozen
class Finding:
    """One finding about a deal.

    Attributes:
        deal: Id of the deal.
        name: Name of the deal, else its id.
        outcome: ``risk`` or ``watch``.
        message: What was found.
        question: What to ask.
        check: Who says so.
        weight: What findings are ordered by, the heaviest first.
    """

    deal: str
    name: str
    outcome: str
    message: str
    question: str
    check: str
    weight: tuple[Any, ...]


@frozen
class Digest:
    """What one owner is told.

    Attributes:
        owner: Id of the owner; None for deals that nobody owns.
        as_of: The day of the review.
        findings: The heaviest first.
    """

    owner: str | None
    as_of: dt.date
    findings: tuple[Finding, ...]

    @property
    def said(self) -> str:
        """How much there is, in words: ``3 risks in 2 deals``."""
        deals = len({finding.deal for finding in self.findings})
        kinds = {finding.outcome for finding in self.findings}
        word = kinds.pop() if len(kinds) == 1 else "finding"
        word = "point to watch" if word == "watch" else word
        return f"{_counted(len(self.findings), word)} in {_counted(deals, 'deal')}"

    def title(self, name: str = "") -> str:
        """Return the subject line; ``name`` says whose deals where others read along."""
        whose = f"{one_line(name)}: " if name else ""
        day = f"{self.as_of.day} {self.as_of:%b %Y}"
        return f"{whose}{self.said}, deal review of {day}"

    def lines(self, most: int) -> Iterator[str]:
        """Yield the text: deals with their findings, at most so many, and how many are left."""
        shown = self.findings[:most]
        for deal in dict.fromkeys(finding.deal for finding in shown):
            own = [finding for finding in shown if finding.deal == deal]
            yield f"{own[0].name} (deal:{deal})"
            for finding in own:
                yield f"  {finding.outcome}: {finding.message} [{finding.check}]"
                if finding.question:
                    yield f"    {finding.question}"
            yield ""
        left = len(self.findings) - len(shown)
        if left:
            yield f"and {left} more. The whole of it: dealreview review"
        else:
            yield "More on a deal: dealreview show deal:ID"


def digests(document: Mapping[str, Any], outcomes: Collection[str]) -> list[Digest]:
    """Return a digest for each owner of deals with findings, by id of the owner.

    Args:
        document: A review in its published form.
        outcomes: Which outcomes are told.
    """
    as_of = dt.date.fromisoformat(document["run"]["as_of"])
    found: dict[str | None, list[Finding]] = {}
    for card in document["scorecards"]:
        if card["subject"]["kind"] == "deal":
            findings = [_finding(card, v) for v in card["verdicts"] if v["outcome"] in outcomes]
            found.setdefault(card["owner_id"], []).extend(findings)
    return [
        Digest(owner, as_of, tuple(sorted(findings, key=lambda one: one.weight)))
        for owner, findings in sorted(found.items(), key=lambda item: item[0] or "")
        if findings
    ]


def _finding(card: Mapping[str, Any], verdict: Mapping[str, Any]) -> Finding:
    subject = card["subject"]
    money = verdict["money_at_risk"] or {}
    weight = (
        verdict["outcome"] != "risk",
        SEVERITIES.index(verdict["severity"]),
        -(money.get("reporting_minor") or 0),
        -(verdict["points_lost"] or 0),
        subject["id"],
        verdict["check"],
    )
    return Finding(
        deal=one_line(subject["id"]),
        name=one_line(subject["name"] or subject["id"]),
        outcome=verdict["outcome"],
        message=one_line(verdict["message"]),
        question=one_line(verdict["question"]),
        check=verdict["check"],
        weight=weight,
    )


def _counted(number: int, word: str) -> str:
    first, space, rest = word.partition(" ")
    return f"{number} {first if number == 1 else f'{first}s'}{space}{rest}"

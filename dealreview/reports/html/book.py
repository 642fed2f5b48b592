"""What all parts of a page share: the review, names, who has a card and where it stands."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.model.outcome import Kind
from dealreview.reports.agenda import worst
from dealreview.reports.charts import Curve
from dealreview.reports.history import History
from dealreview.reports.stake import most_at_stake
from dealreview.reports.text import DEALS_SHOWN, OTHERS_SHOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dealreview.checks.check import Check
    from dealreview.engine.review import KindReview, Review
    from dealreview.reports.agenda import Agenda
    from dealreview.reports.names import NameBook
    from dealreview.reports.text import Page

KINDS_BEYOND = (Kind.ACCOUNT, Kind.TEAM, Kind.PIPELINE)
"""Kinds beyond single deals that have a band."""

ISOLATE, END = "\u2068", "\u2069"
"""Stand around a name inside a sentence; the page turns them into ``<bdi>``."""


@frozen(slots=False)
class Book:
    """A page in the making.

    Attributes:
        page: The review with what shapes its reports.
        detail: How many subjects get a card.
    """

    page: Page
    detail: int = 50
    _named: dict[str, str] = field(factory=dict, init=False)

    @property
    def review(self) -> Review:
        """The review."""
        return self.page.review

    @property
    def names(self) -> NameBook:
        """Names and stages."""
        return self.page.names

    @property
    def agenda(self) -> Agenda:
        """Which deals the review talks about."""
        return self.page.agenda

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.page.currency

    @property
    def deals(self) -> KindReview:
        """What was said about deals."""
        return self.review.kinds[Kind.DEAL]

    @cached_property
    def detailed(self) -> Mapping[Kind, list[int]]:
        """Rows of the subjects that get a card, by kind."""
        return most_at_stake(self.agenda, self.detail)

    @cached_property
    def opened(self) -> frozenset[tuple[Kind, str]]:
        """The subjects on the agenda and the pipeline: their cards are open, and so printed."""
        rows = {kind: worst(self.review.kinds[kind])[:OTHERS_SHOWN] for kind in KINDS_BEYOND}
        rows[Kind.DEAL] = self.agenda.to_talk_about[:DEALS_SHOWN]
        rows[Kind.PIPELINE] = [0] if self.review.kinds[Kind.PIPELINE].base.height else []
        return frozenset(
            (kind, self.review.kinds[kind].base["id"][row])
            for kind, numbers in rows.items()
            for row in numbers
        )

    @cached_property
    def anchors(self) -> Mapping[tuple[Kind, str], str]:
        """Where the card of a subject stands, for those that have one."""
        return {
            (kind, subject): anchor(kind, subject)
            for kind, rows in self.detailed.items()
            for subject in self.review.kinds[kind].base["id"][rows]
        }

    @cached_property
    def checks(self) -> Mapping[str, Check]:
        """The selected checks by id."""
        return {check.id: check for check in self.review.checks}

    def href(self, kind: Kind, subject: str | None) -> str:
        """Return the link to a subject's card; nothing where it has none."""
        found = self.anchors.get((kind, subject or ""))
        return f"#{found}" if found else ""

    def name(self, identity: str) -> str:
        """Return a name for a sentence, kept apart from the direction of what stands around it."""
        return f"{ISOLATE}{self.names(identity)}{END}"

    def account(self, identity: str | None) -> str:
        """Return the name of an account; nothing for none."""
        return self._once("account", identity)

    def person(self, identity: str | None) -> str:
        """Return the name of one of our people; nothing for none."""
        return self._once("person", identity)

    def _once(self, what: str, identity: str | None) -> str:
        key = f"{what}:{identity}"
        if key not in self._named:
            find = self.names.account if what == "account" else self.names.person
            self._named[key] = find(identity)
        return self._named[key]

    def stage(self, identity: str | None) -> str:
        """Return the name of a stage; nothing for none."""
        return self.names.stages.get(identity or "", ("", None))[0] or identity or ""

    @cached_property
    def deals_of(self) -> Mapping[tuple[str, str], list[int]]:
        """Rows of the deals that are talked about, by column (account_id, owner_id) and its value."""
        found: dict[tuple[str, str], list[int]] = {}
        judged = self.agenda.judged.to_list()
        for column in ("account_id", "owner_id"):
            for row, value in enumerate(self.review.deals[column]):
                if value is not None and judged[row]:
                    found.setdefault((column, value), []).append(row)
        return found

    @cached_property
    def history(self) -> History:
        """Earlier reviews of the same database."""
        return History(self.names.connection, self.review)

    @cached_property
    def whale(self) -> Whale | None:
        """Accounts from the most to the least profitable; None where too little is known."""
        return whale_of(self.review)


@frozen(slots=False)
class Whale:
    """Accounts in order of what they contribute over the recorded months of twelve.

    Attributes:
        ids: The accounts, the best first.
        amounts: What each contributes, in reporting currency minor units.
        curve: The same, added up.
    """

    ids: tuple[str, ...]
    amounts: tuple[int, ...]
    curve: Curve

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Rank from 1 by account."""
        return {account: number for number, account in enumerate(self.ids, 1)}

    @property
    def total(self) -> int:
        """What all of them contribute."""
        return sum(self.amounts)

    @property
    def losses(self) -> Sequence[int]:
        """What each account at a loss contributes, all under zero."""
        return [amount for amount in self.amounts if amount < 0]


_MONTHS = ("recorded_months_12m", "unknown_months_12m", "active_12m", "contribution_seen_12m_hi")


def whale_of(review: Review) -> Whale | None:
    """Return the accounts with a known contribution and some business, the best first.

    There is no curve where the known accounts make too little of the revenue to be taken for all.
    """
    import polars as pl

    base = review.kinds[Kind.ACCOUNT].base
    if not set(_MONTHS) <= set(base.columns) or _too_little(review):
        return None
    whole = (pl.col("unknown_months_12m") == 0) & (pl.col("recorded_months_12m") > 0)
    known = base.filter(whole & pl.col("active_12m")).sort(-pl.col(_MONTHS[-1]), "id")
    if known.height < 2:
        return None
    amounts = known[_MONTHS[-1]].to_list()
    return Whale(tuple(known["id"]), tuple(amounts), Curve.of(amounts))


def _too_little(review: Review) -> bool:
    """Whether the facts of the pipeline say that too few accounts are known."""
    base = review.kinds[Kind.PIPELINE].base
    return "whale_total_lo" in base.columns and base["whale_total_lo"][0] is None


def anchor(kind: Kind, subject: str) -> str:
    """Return a name that a place on the page can have, whatever the id holds."""
    digest = hashlib.sha256(f"{kind}\x1f{subject}".encode()).hexdigest()[:12]
    return str(kind) if kind is Kind.PIPELINE else f"{kind}-{digest}"

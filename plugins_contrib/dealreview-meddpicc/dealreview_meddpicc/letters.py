"""The eight letters, and the state of evidence that each can be in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import field, frozen

from dealreview import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview import Inputs

STATES = ("none", "said by us", "said by the customer", "shown by the customer")
"""What stands behind a letter, the weakest first; the place in here is the number in facts."""

SAID_BY_US, SAID_BY_CUSTOMER, SHOWN = 1, 2, 3


def _groups(given: Iterable[str | Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((group,) if isinstance(group, str) else tuple(group) for group in given)


@frozen
class Letter:
    """One letter.

    Attributes:
        name: The end of its facts' names: ``meddpicc_NAME``.
        title: What people call it.
        says: What is known of it in each state, in words.
        requires: What must be recorded before anything can be known of it, as for facts.
        origin: What to record where its state is not certain.
    """

    name: str
    title: str
    says: tuple[str, str, str, str]
    requires: tuple[tuple[str, ...], ...] = field(converter=_groups)
    origin: str

    def facts(self) -> tuple[Fact, ...]:
        """Return the declarations of what :func:`standing` computes."""
        stem, called = f"meddpicc_{self.name}", self.title.lower()
        return (
            Fact(
                stem,
                "enum",
                f"Evidence for {called}: {', '.join(STATES)}; unknown where what is not recorded "
                "could change it.",
                requires=self.requires,
                origin=self.origin,
            ),
            Fact(
                f"{stem}_lo",
                "int",
                "The same as a number, 0 to 3, at its least.",
                requires=self.requires,
                origin=self.origin,
            ),
            Fact(
                f"{stem}_hi",
                "int",
                "The same as a number, 0 to 3, at its most.",
                requires=self.requires,
                origin=self.origin,
            ),
            Fact(f"{stem}_words", "text", f"What is known of {called}, in words."),
        )


METRICS = Letter(
    "metrics",
    "Metrics",
    (
        "nobody has written down what it is worth to them",
        "we wrote down what it is worth; they have confirmed none of it",
        "part of what it is worth comes from them",
        "they confirmed most of what it is worth",
    ),
    ["value_items.amount_minor"],
    "value_items",
)
ECONOMIC_BUYER = Letter(
    "economic_buyer",
    "Economic buyer",
    (
        "nobody is named who decides",
        "we named who decides, and have not spoken with them",
        "who decides has spoken with us",
        "who decides did something for this deal",
    ),
    ["stakeholder_roles"],
    "stakeholder_roles",
)
CRITERIA = Letter(
    "criteria",
    "Decision criteria",
    (
        "nobody is named who evaluates us",
        "we named who evaluates us, and are not in contact",
        "who evaluates us talks with us",
        "who evaluates us did something for this deal",
    ),
    ["stakeholder_roles"],
    "stakeholder_roles",
)
PROCESS = Letter(
    "process",
    "Decision process",
    (
        "no day of decision and no step of theirs is written down",
        "we wrote down a day or a step; they have agreed to none",
        "they agreed to a step or a day",
        "they did a step that was agreed",
    ),
    [("deals.decision_meeting_on", "commitments.side", "concessions.given_by")],
    "deals.decision_meeting_on",
)
PAPER = Letter(
    "paper",
    "Paper process",
    (
        "nobody from legal or purchasing is named",
        "we named legal or purchasing, and are not in contact",
        "legal or purchasing talks with us",
        "they moved on contract terms, or sent papers",
    ),
    [("stakeholder_roles", "contacts.function")],
    "stakeholder_roles",
)
PAIN = Letter(
    "pain",
    "Identify pain",
    (
        "nothing says what their present way costs them",
        "we wrote down what their present way costs; they have confirmed none of it",
        "they told us what their present way costs",
        "they confirmed what their present way costs",
    ),
    ["value_items.compared_with"],
    "value_items",
)
CHAMPION = Letter(
    "champion",
    "Champion",
    (
        "nobody with influence stands up for us",
        "we believe that somebody with influence is for us",
        "somebody with influence says that they recommend us",
        "somebody with influence who is for us did something for this deal",
    ),
    [("stakeholders.stance", "stakeholder_roles")],
    "stakeholders",
)
COMPETITION = Letter(
    "competition",
    "Competition",
    (
        "nobody wrote down what else they could do",
        "we wrote down their alternative; the comparison is ours alone",
        "they told us how we compare with their alternative",
        "they confirmed how we compare with their alternative",
    ),
    [("deals.reference_kind", "value_items.compared_with")],
    "deals.reference_kind",
)
LETTERS = (METRICS, ECONOMIC_BUYER, CRITERIA, PROCESS, PAPER, PAIN, CHAMPION, COMPETITION)
"""In the order in which they are spelt."""


def is_recorded(inputs: Inputs, letter: Letter) -> bool:
    """Whether anything can be known of a letter at all."""
    return all(any(map(inputs.feeds.is_recorded, group)) for group in letter.requires)


def standing(
    inputs: Inputs, letter: Letter, said_by_us: pl.Expr, said_by_customer: pl.Expr, shown: pl.Expr
) -> dict[str, pl.Expr]:
    """Return the facts of a letter; all unknown where the company records nothing of it.

    Args:
        inputs: What the provider got.
        letter: The letter.
        said_by_us: Whether we wrote something down: true, false or unknown.
        said_by_customer: Whether it comes from the customer.
        shown: Whether the customer did something that shows it.
    """
    kept = pl.lit(is_recorded(inputs, letter))
    evidence = (said_by_us, said_by_customer, shown)
    low = _highest(each.fill_null(value=False) for each in evidence)
    high = _highest(each.fill_null(value=True) for each in evidence)
    says = named(low, letter.says)
    unsure = pl.format("not certain; seen so far: {}", says)
    words = pl.when(low == high).then(says).otherwise(unsure)
    stem = f"meddpicc_{letter.name}"
    return {
        stem: pl.when(kept & (low == high)).then(named(low, STATES)),
        f"{stem}_lo": pl.when(kept).then(low),
        f"{stem}_hi": pl.when(kept).then(high),
        f"{stem}_words": pl.when(kept).then(words).otherwise(pl.lit("not recorded")),
    }


def _highest(evidence: Iterable[pl.Expr]) -> pl.Expr:
    """Return the number of the strongest state that has evidence."""
    steps = [pl.when(each).then(number).otherwise(0) for number, each in enumerate(evidence, 1)]
    return pl.max_horizontal(steps).cast(pl.Int64)


def named(number: pl.Expr, names: Iterable[str]) -> pl.Expr:
    """Return what stands for a number from 0 on."""
    return number.replace_strict(dict(enumerate(names)), return_dtype=pl.String)

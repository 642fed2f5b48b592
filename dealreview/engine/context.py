"""What was found about whom a deal belongs to: shown on its card, never counted in its score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.engine.evaluation import FEW
from dealreview.model.outcome import Kind, Outcome
from dealreview.model.scorecard import Context

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from dealreview.checks.messages import Names
    from dealreview.engine.review import KindReview, Review
    from dealreview.model.verdict import Verdict

SPOKEN_OF = (Outcome.RISK, Outcome.WATCH, Outcome.STRENGTH)
"""Outcomes that are context; what could not be decided about an account says nothing of its deals."""

RELATIONS = (
    ("account", Kind.ACCOUNT, "account_id"),
    ("parent account", Kind.ACCOUNT, "parent_account_id"),
    ("owner", Kind.REP, "owner_id"),
    ("team", Kind.TEAM, "team_id"),
)
"""What a deal belongs to: the relation, the kind of subject, the column of the review's deals."""

PIPELINE = "pipeline"
"""The relation of a deal to a finding about the pipeline that names the deal or its account."""

Cell = tuple[str, str]
Found = dict[str, tuple[Context, ...]]


@frozen
class Surroundings:
    """What was found about everything that some deals belong to.

    Attributes:
        by_relation: Context by the column that leads there and the subject's id.
        by_cell: Findings about the pipeline by table and id of what they name.
    """

    by_relation: Mapping[str, Found]
    by_cell: Mapping[Cell, tuple[Context, ...]]

    def of(self, deal: Mapping[str, str | None]) -> tuple[Context, ...]:
        """Return the context of a deal: the nearest subject first, of each the worst first.

        Args:
            deal: Its attributes as the review saw them.
        """
        near = [
            one
            for _relation, _kind, column in RELATIONS
            for one in self.by_relation[column].get(deal[column] or "", ())
        ]
        cells = (("deals", deal["deal_id"] or ""), ("accounts", deal["account_id"] or ""))
        named = [one for cell in cells for one in self.by_cell.get(cell, ())]
        return (*near, *{id(one): one for one in named}.values())


def surroundings(
    review: Review, rows: Sequence[int], names: Names | None, only: Container[Outcome]
) -> Surroundings:
    """Return what was found about everything that deals belong to.

    Args:
        review: The review.
        rows: Numbers of the deals.
        names: Turns ids of people in messages into names.
        only: Outcomes that are wanted.
    """
    wanted = [outcome for outcome in SPOKEN_OF if outcome in only]
    deals = review.deals[list(rows)]
    by_relation = {
        column: _context(review.kinds[kind], relation, deals[column].unique(), names, wanted)
        for relation, kind, column in RELATIONS
    }
    pipeline = review.kinds[Kind.PIPELINE]
    about = _context(pipeline, PIPELINE, pipeline.base["id"], names, wanted)
    return Surroundings(by_relation, _by_cell(one for found in about.values() for one in found))


def _context(
    review: KindReview,
    relation: str,
    subjects: Iterable[str | None],
    names: Names | None,
    wanted: Sequence[Outcome],
) -> Found:
    """Return the context that comes from some subjects of a kind, by id."""
    found = set(_with(review, wanted))
    rows = sorted(
        row
        for subject in subjects
        if subject is not None and (row := review.rows.get(subject)) in found
    )
    spoken = review.verdicts(rows, only=wanted, names=names)
    base = review.base[rows] if rows else review.base.clear()
    return {
        subject: tuple(Context(relation, name or "", one) for one in sorted(verdicts, key=_order))
        for subject, name, verdicts in zip(base["id"], base["name"], spoken, strict=True)
    }


def _with(review: KindReview, wanted: Sequence[Outcome]) -> list[int]:
    """Return the rows of which something with one of the outcomes was said."""
    import polars as pl

    codes = [outcome.code for outcome in wanted]
    if not review.results or not codes:
        return []
    if review.base.height <= FEW:
        said = zip(*(result.codes.to_list() for result in review.results), strict=True)
        return [row for row, found in enumerate(said) if not set(codes).isdisjoint(found)]
    masks = [result.codes.is_in(codes) for result in review.results]
    return pl.select(pl.any_horizontal(masks)).to_series().arg_true().to_list()


def _order(verdict: Verdict) -> tuple[int, int, str]:
    return SPOKEN_OF.index(verdict.outcome), -verdict.severity.weight, verdict.check


def _by_cell(found: Iterable[Context]) -> Mapping[Cell, tuple[Context, ...]]:
    by_cell: dict[Cell, list[Context]] = {}
    for one in found:
        for cell in dict.fromkeys(_named(one.verdict)):
            by_cell.setdefault(cell, []).append(one)
    return {cell: tuple(ones) for cell, ones in by_cell.items()}


def _named(verdict: Verdict) -> Iterator[Cell]:
    """Yield the deals and accounts that a finding's evidence names."""
    for evidence in verdict.evidence:
        if evidence.table in {"deals", "accounts"}:
            yield evidence.table, evidence.id

"""Which subjects get a page of their own where not all can: those with most at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview.model.outcome import Kind
from dealreview.reports.agenda import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dealreview.engine.review import KindReview
    from dealreview.reports.agenda import Agenda

_ROTATION = (Kind.DEAL, Kind.ACCOUNT, Kind.TEAM, Kind.REP)
_SHARE = 10
"""Each kind has a tenth of the places to itself, so that none is crowded out by another."""


def most_at_stake(agenda: Agenda, count: int) -> Mapping[Kind, list[int]]:
    """Return rows of at most ``count`` subjects by kind, those with most at stake first.

    Of kinds that no check looked at only accounts with deals that are talked about have a place: a
    card of an account lists them. The pipeline comes first; then subjects with findings before
    those without, deals that are talked about before the others, by band, money at risk and score.
    """
    chosen: dict[Kind, list[int]] = {kind: [] for kind in Kind}
    if count <= 0:
        return chosen
    judged = [kind for kind in _ROTATION if _has_cards(agenda, kind)]
    order = {kind: _order(agenda, kind) for kind in judged}
    if agenda.review.kinds[Kind.PIPELINE].results:
        chosen[Kind.PIPELINE] = [0]
    first = [(kind, row) for kind in judged for row in order[kind][: count // _SHARE]]
    ranked = sorted(
        (key, number, row)
        for number, kind in enumerate(judged)
        for key, row in zip(_keys(agenda, kind), order[kind], strict=True)
    )
    rest = [(judged[number], row) for _, number, row in ranked]
    places = count - len(chosen[Kind.PIPELINE])
    for kind, row in list(dict.fromkeys([*first, *rest]))[:places]:
        chosen[kind].append(row)
    return {kind: _as_ordered(chosen[kind], order.get(kind, [0])) for kind in Kind}


def _has_cards(agenda: Agenda, kind: Kind) -> bool:
    return kind is Kind.ACCOUNT or bool(agenda.review.kinds[kind].results)


def _as_ordered(rows: list[int], order: list[int]) -> list[int]:
    place = {row: number for number, row in enumerate(order)}
    return sorted(rows, key=place.__getitem__)


def _frame(agenda: Agenda, kind: Kind) -> pl.DataFrame:
    """Return the subjects of a kind with what they are ordered by, the first with most at stake."""
    import polars as pl

    review: KindReview = agenda.review.kinds[kind]
    everybody = pl.Series([True] * review.base.height, dtype=pl.Boolean)
    judged = agenda.judged if kind is Kind.DEAL else everybody
    frame = standing(review).with_columns(judged=judged, stake=pl.col("stake").fill_null(0))
    if not review.results:
        talked_about = agenda.review.deals.filter(agenda.judged)["account_id"].unique()
        frame = frame.filter(review.base["id"].is_in(talked_about.implode()))
    return frame.sort(
        ~pl.col("judged"),
        ~pl.col("found"),
        "rank",
        -pl.col("stake"),
        "score",
        "row",
        nulls_last=True,
    )


def _order(agenda: Agenda, kind: Kind) -> list[int]:
    return _frame(agenda, kind)["row"].to_list()


def _keys(agenda: Agenda, kind: Kind) -> list[tuple[bool, bool, int, int, float]]:
    """Return what subjects of different kinds are compared by, in the order of their kind."""
    rows = _frame(agenda, kind).select("judged", "found", "rank", "stake", "score").iter_rows()
    return [
        (not judged, not found, rank, -stake, 2.0 if score is None else score)
        for judged, found, rank, stake, score in rows
    ]

"""What a review puts before people: which subjects, in which order, and what nobody knows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.outcome import Band, Kind, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from dealreview.engine.review import KindReview, Review
    from dealreview.reports.names import NameBook

_FOUND = (Outcome.WATCH.code, Outcome.RISK.code)
_RANKS = {Band.RISK.value: 0, Band.WATCH.value: 1, Band.UNRATED.value: 2}


@frozen(slots=False)
class Agenda:
    """The deals that a review talks about: the open ones; where none is open, the won ones.

    Attributes:
        review: The review.
        names: Names and stages.
    """

    review: Review
    names: NameBook

    @property
    def deals(self) -> KindReview:
        """What was said about deals."""
        return self.review.kinds[Kind.DEAL]

    @cached_property
    def state(self) -> str:
        """Which deals are talked about: ``open``, ``won`` or ``closed``."""
        if self.review.open_deals.any() or not self.deals.base.height:
            return "open"
        return "won" if self.won.any() else "closed"

    @cached_property
    def won(self) -> pl.Series:
        """Whether each deal is closed in a stage that is won."""
        won = [stage for stage, (_, kind) in self.names.stages.items() if kind == "won"]
        return self.deals.base["closed"] & self.review.deals["stage_id"].is_in(won).fill_null(
            value=False
        )

    @cached_property
    def judged(self) -> pl.Series:
        """Whether each deal is talked about."""
        masks = {"open": self.review.open_deals, "won": self.won}
        return masks.get(self.state, self.deals.base["closed"])

    @cached_property
    def amounts(self) -> pl.Series:
        """The amount of each deal in reporting currency minor units; null without amount or rate.

        Without the pack that gives the fact, it is the deal's own amount.
        """
        import polars as pl

        if "amount_reporting" in self.deals.base:
            return self.deals.base["amount_reporting"]
        rates = self.deals.rates
        frame = self.review.deals.with_columns(pl.col("currency").fill_null(rates.reporting))
        return rates.convert(frame, "amount_minor", "currency", "day")

    @cached_property
    def without_rate(self) -> Mapping[str | None, int]:
        """Number of deals whose amount can't be converted, by currency; None for deals that name none."""
        import polars as pl

        base = self.deals.base
        own = base["amount"] if "amount" in base else self.review.deals["amount_minor"]
        lost = self.judged & self.amounts.is_null() & own.is_not_null()
        counts = self.review.deals.filter(lost)["currency"].value_counts()
        return dict(counts.sort(pl.col("count"), "currency", descending=[True, False]).iter_rows())

    @cached_property
    def to_talk_about(self) -> list[int]:
        """Rows of deals with findings that are at risk, at watch or unrated, the worst first."""
        return worst(self.deals, self.judged, self.amounts)

    @cached_property
    def going_well(self) -> list[int]:
        """Rows of deals with strengths that are not at risk, the strongest and largest first."""
        import polars as pl

        frame = standing(self.deals).with_columns(
            strong=_weight_of(self.deals, Outcome.STRENGTH),
            judged=self.judged,
            amount=self.amounts,
        )
        kept = frame.filter(pl.col("judged") & (pl.col("strong") > 0) & (pl.col("rank") != 0))
        order = kept.sort(
            pl.col("rank") != 3,
            -pl.col("strong"),
            -pl.col("lower"),
            -pl.col("amount"),
            "row",
            nulls_last=True,
        )
        return order["row"].to_list()


def worst(
    review: KindReview, judged: pl.Series | None = None, amounts: pl.Series | None = None
) -> list[int]:
    """Return rows with a watch or risk, the worst first; what is healthy is left out.

    Order: band (risk, watch, unrated), money at stake, amount, points lost, id. Reps have no band:
    of them everybody with a finding is there.

    Args:
        review: What was said.
        judged: Which deals count; None for other kinds of subject.
        amounts: The amount of each deal.
    """
    import polars as pl

    none = pl.lit(None, dtype=pl.Int64)
    frame = standing(review).with_columns(amount=none if amounts is None else amounts)
    kept = pl.col("found") & (pl.col("rank") < 3) if review.kind.has_score else pl.col("found")
    kept = kept if judged is None else kept & judged
    order = frame.filter(kept).sort(
        "rank",
        -pl.col("stake"),
        -pl.col("amount"),
        "score",
        "row",
        nulls_last=True,
        maintain_order=True,
    )
    return order["row"].to_list()


def healthy(review: KindReview) -> list[int]:
    """Return rows with a watch or risk that are healthy all the same."""
    import polars as pl

    frame = standing(review).filter(pl.col("found") & (review.bands == Band.HEALTHY.value))
    return frame["row"].to_list()


def standing(review: KindReview) -> pl.DataFrame:
    """Return row, rank of the band, stake, score, lower bound and whether anything was found."""
    import polars as pl

    sums = review.sums
    found = [result.codes.is_in(_FOUND) for result in review.results]
    return pl.DataFrame(
        {
            "row": range(review.base.height),
            "rank": review.bands.replace_strict(_RANKS, default=3, return_dtype=pl.Int64),
            "stake": pl.select(pl.max_horizontal(review.exposed)).to_series(),
            "score": sums["earned"] / sums["decided"],
            "lower": sums["earned"] / sums["asked"],
            "found": pl.select(pl.any_horizontal(found)).to_series()
            if found
            else [False] * review.base.height,
        },
        schema_overrides={"row": pl.Int64, "found": pl.Boolean},
    ).with_columns(pl.col("score", "lower").fill_nan(None))


def _weight_of(review: KindReview, outcome: Outcome) -> pl.Series:
    """Return the weight of the verdicts with an outcome, at least 1 for each."""
    import polars as pl

    total = pl.zeros(review.base.height, dtype=pl.Int64, eager=True)
    for result in review.results:
        total = total + (result.codes == outcome.code) * result.weights.clip(1)
    return total


@frozen
class Need:
    """What checks that were not reviewed need of one table.

    Attributes:
        table: The table.
        columns: The columns that are needed; none when it is the table as such.
        checks: The checks, by id.
    """

    table: str
    columns: tuple[str, ...]
    checks: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table with its columns: ``time_entries: category, hours``."""
        return f"{self.table}: {', '.join(self.columns)}" if self.columns else self.table

    @property
    def cell(self) -> str:
        """The one cell that is needed, else the table."""
        return f"{self.table}.{self.columns[0]}" if len(self.columns) == 1 else self.table


def needs_of(review: Review) -> list[Need]:
    """Return what the checks that were not reviewed need, table by table, the most needed first.

    Of alternatives the shortest name stands for all.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for kind in sorted(review.kinds):
        for missing in review.kinds[kind].not_reviewed:
            for need in missing.needs:
                simplest = min(need.split(" or "), key=lambda name: (len(name), name))
                table, _, column = simplest.partition(".")
                by_column = found.setdefault(table, {})
                by_column.setdefault(column, set()).add(missing.check)
    needs = [
        Need(
            table,
            tuple(sorted(filter(None, columns))),
            tuple(sorted(set().union(*columns.values()))),
        )
        for table, columns in found.items()
    ]
    return sorted(needs, key=lambda need: (-len(need.checks), need.table))


def not_reviewed(review: Review) -> list[str]:
    """Return the checks that no kind of subject was reviewed by, in order of id."""
    return list(review.not_reviewed)

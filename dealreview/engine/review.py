"""One review: everything columnar, scorecards made when somebody looks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.checks.messages import day
from dealreview.checks.rules import MONEY_KINDS
from dealreview.checks.terms import evaluate, inputs_of, to_polars
from dealreview.engine.context import surroundings
from dealreview.engine.evaluation import FEW
from dealreview.engine.scoring import (
    Figures,
    Sums,
    band_column,
    figures,
    points,
    sums_columns,
    sums_of,
)
from dealreview.engine.verdicts import Speaker
from dealreview.model.errors import NothingSelected, did_you_mean
from dealreview.model.outcome import OUTCOMES, Band, Kind, Outcome, Severity
from dealreview.model.scorecard import Dimension, NotReviewed, Scorecard

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from fractions import Fraction

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Fact
    from dealreview.checks.messages import Names
    from dealreview.checks.terms import Term
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.facttable import FactTable
    from dealreview.engine.rates import Rates
    from dealreview.engine.registry import PackInfo, Problem
    from dealreview.engine.selection import Selection
    from dealreview.model.verdict import Disposition, MoneyAtRisk, Verdict

CARDS_AT_ONCE = 1_000
"""Rows whose facts are made into Python values together."""


MOST_WITHOUT_RATE = 0.02
"""Share of amounts that may be left out of a sum for want of a rate."""


@frozen
class Header:
    """What a run was made with, and what it could not look at.

    Attributes:
        as_of: The day at whose end the review stands.
        data_revision: Revision of the data that was read.
        config_hash: Hash of everything in the configuration that can change a verdict.
        reporting_currency: ISO 4217 code.
        packs: Packs with versions.
        checks: Ids of the selected checks with version and hash of their parameters.
        problems: Packs, checks, facts and feeds that make the run incomplete or old.
        rejected_rows: Rows that imports rejected and that are therefore not in the review.
        judged_by_todays_values: Deals whose attributes are today's for want of history.
        gone: Deals that a complete export no longer had.
        proposed_as_of: A better date when everything lies far before ``as_of``.
        benchmarks: Hash of the organisation facts that each check reads, by check id.
        organisation_hash: Hash over them all.
        engine_version: Version of dealreview.
        recorded: Tables and columns that were recorded, so that a later run sees what vanished.
        renamed: Ids of checks by former id, so that what is stored under one is found.
    """

    as_of: dt.date
    data_revision: int
    config_hash: str
    reporting_currency: str
    packs: tuple[PackInfo, ...]
    checks: Mapping[str, tuple[int, str]]
    problems: tuple[Problem, ...] = ()
    rejected_rows: int = 0
    judged_by_todays_values: int = 0
    gone: int = 0
    proposed_as_of: dt.date | None = None
    benchmarks: Mapping[str, str] = field(factory=dict)
    organisation_hash: str = ""
    engine_version: str = ""
    recorded: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(factory=dict)


@frozen
class BenchmarksFrom:
    """The stored run that told what the whole organisation decides, where one deal was judged alone.

    Attributes:
        run: Number of the run.
        as_of: The day that it looked at.
        is_older: Whether data have changed since.
        is_alike: Whether it was made with the same configuration.
        strangers: Subjects that it did not look at, as ``kind:id``: their benchmarks are unknown.
    """

    run: int
    as_of: dt.date
    is_older: bool = False
    is_alike: bool = True
    strangers: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Whose benchmarks they are, and what is to be known of them."""
        review = f"the review of {day(self.as_of)}"
        notes = ["the data have changed since"] if self.is_older else []
        notes += [] if self.is_alike else ["it was made with another configuration"]
        if self.strangers:
            notes.append(
                f"{' and '.join(self.strangers)} not in {review}, so what needs benchmarks is not decided"
            )
        return "; ".join([f"Benchmarks of {review} (run {self.run})", *notes]) + "."


@frozen(slots=False)
class KindReview:
    """What was said about all subjects of one kind.

    Attributes:
        kind: The kind.
        results: What each check said, in order of check id.
        tables: Facts as each check saw them: by check id, all with the same rows.
        seen: Facts of the subjects as of their day.
        facts: Descriptions of the facts.
        not_reviewed: Checks without anything to look at.
        rates: Exchange rates.
        floor: Coverage below which a subject is unrated.
        dispositions: What people decided about findings, by check and subject.
        benchmarks: Facts of the whole organisation that checks read: of subjects as of their day, and
            of those that go on after closing.
    """

    kind: Kind
    results: tuple[CheckResult, ...]
    tables: Mapping[str, FactTable]
    seen: FactTable
    facts: Mapping[str, Fact]
    not_reviewed: tuple[NotReviewed, ...]
    rates: Rates
    floor: Fraction
    dispositions: Mapping[tuple[str, str], Disposition] = field(factory=dict)
    benchmarks: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def base(self) -> pl.DataFrame:
        """Base columns of the subjects, and those of their facts that are at hand."""
        return self.seen.at_hand

    @cached_property
    def codes(self) -> pl.DataFrame:
        """One outcome byte a check and subject."""
        import polars as pl

        return pl.DataFrame({result.check.id: result.codes for result in self.results})

    @cached_property
    def sums(self) -> pl.DataFrame:
        """The integers that scores are made of, a row a subject."""
        said = ((result.codes, result.weights) for result in self.results)
        return sums_columns(said, self.base.height)

    @cached_property
    def bands(self) -> pl.Series:
        """The band of each subject; null for reps and where nothing applies."""
        import polars as pl

        if not self.kind.has_score:
            return pl.Series("band", [None] * self.base.height, dtype=pl.String)
        return band_column(self.sums, self.floor)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Row number by subject id."""
        return {subject_id: row for row, subject_id in enumerate(self.base["id"])}

    @cached_property
    def exposed(self) -> pl.DataFrame:
        """The largest money at risk of each subject by kind, in reporting currency minor units."""
        import polars as pl

        none = pl.Series([None] * self.base.height, dtype=pl.Int64)
        found: dict[str, list[pl.Series]] = {kind: [none] for kind in MONEY_KINDS}
        for amounts in self.exposures.values():
            for kind, one in amounts.items():
                found[kind].append(one)
        return pl.DataFrame({kind: _largest(amounts) for kind, amounts in found.items()})

    @cached_property
    def exposures(self) -> Mapping[str, Mapping[str, pl.Series]]:
        """Money at risk by check and kind, in reporting currency minor units.

        Null where there is no finding, amount or rate.
        """
        found: dict[str, dict[str, list[pl.Series]]] = {}
        for check, kind, kept, _lost in self._exposed:
            found.setdefault(check, {}).setdefault(kind, []).append(kept)
        return {
            check: {kind: _largest(parts) for kind, parts in amounts.items()}
            for check, amounts in found.items()
        }

    @cached_property
    def unconverted(self) -> pl.DataFrame:
        """Whether each subject has money at risk that no rate converts, by kind."""
        import polars as pl

        lost = dict.fromkeys(MONEY_KINDS, pl.repeat(value=False, n=self.base.height, eager=True))
        for _check, kind, _kept, without_rate in self._exposed:
            lost[kind] = lost[kind] | without_rate
        return pl.DataFrame(lost)

    @cached_property
    def _exposed(self) -> list[tuple[str, str, pl.Series, pl.Series]]:
        """What each check puts at risk: id, kind, amounts, and whether one is there without a rate."""
        return [found for result in self.results for found in self._exposed_of(result)]

    def _exposed_of(self, result: CheckResult) -> Sequence[tuple[str, str, pl.Series, pl.Series]]:
        """Return what a check puts at risk, worked out once."""
        check = result.check.id
        if check not in self._at_risk:
            self._at_risk[check] = tuple(self._exposed_by(result))
        return self._at_risk[check]

    @cached_property
    def _at_risk(self) -> dict[str, Sequence[tuple[str, str, pl.Series, pl.Series]]]:
        """What has been worked out so far, by check id: cards of few subjects need few checks."""
        return {}

    def _exposed_by(self, result: CheckResult) -> Iterator[tuple[str, str, pl.Series, pl.Series]]:
        import polars as pl

        table = self.tables[result.check.id]
        found = result.codes.is_in([Outcome.WATCH.code, Outcome.RISK.code])
        if not found.any():
            return
        days = table.at_hand["day"]
        for kind, stated in (*self._by_rules(result, table), *_by_verdicts(result, days)):
            # A closed deal's money has the rate of its closing day, whatever day the check looks at.
            dated = stated.with_columns(self.base["day"])
            minor = self.rates.convert(dated, "minor", "currency", "day")
            kept = pl.select(pl.when(found & (minor > 0)).then(minor)).to_series()
            lost = found & (stated["minor"] > 0).fill_null(value=False) & minor.is_null()
            yield result.check.id, kind, kept, lost

    def _by_rules(
        self, result: CheckResult, table: FactTable
    ) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield kind, amounts and currencies of each group of a check over columns."""
        import polars as pl

        for number, group in enumerate(result.groups):
            exposure = None if group.rules is None else group.rules.at_risk
            if exposure is None:
                continue
            names = inputs_of(exposure.minor)
            reporting = any(self.facts[name].unit == "reporting currency" for name in names)
            own = pl.lit(None, dtype=pl.String) if reporting else pl.col("currency")
            currency = own.fill_null(self.rates.reporting).alias("currency")
            stated = table.select(_stated(exposure.minor, table), currency, pl.col("day"))
            mine = pl.when(pl.lit(result.group == number)).then("minor").alias("minor")
            yield exposure.kind, stated.with_columns(mine)

    def outcome(self, row: int, check: str) -> Outcome:
        """Return what a check said about a row."""
        return OUTCOMES[int(self.codes[check][row])]

    def scorecard(self, row: int, names: Names | None = None) -> Scorecard:
        """Return the scorecard of a row; ``names`` turns ids of people in messages into names."""
        return next(self.scorecards([row], names))

    def scorecards(
        self,
        rows: Sequence[int] | None = None,
        names: Names | None = None,
        only: Container[Outcome] = OUTCOMES,
    ) -> Iterator[Scorecard]:
        """Yield scorecards one by one, so that memory does not grow with their number.

        Args:
            rows: Numbers of the rows; None means all, in order of id.
            names: Turns ids of people in messages into names.
            only: Verdicts with other outcomes are counted in the figures and left out of the cards.
        """
        speaker = Speaker(self.kind, self.facts, self.rates.reporting, names)
        for row, place, chunk in self._places(rows):
            yield self._card(row, place, chunk, speaker, only)

    def verdicts(
        self,
        rows: Sequence[int],
        only: Container[Outcome] = OUTCOMES,
        names: Names | None = None,
        checks: Container[str] | None = None,
    ) -> Iterator[tuple[Verdict, ...]]:
        """Yield what stands in the scorecards of rows, without making the rest of them.

        Args:
            rows: Numbers of the rows.
            only: Verdicts with other outcomes are left out.
            names: Turns ids of people in messages into names.
            checks: Verdicts of other checks are left out; None means of none.
        """
        speaker = Speaker(self.kind, self.facts, self.rates.reporting, names)
        for row, place, chunk in self._places(rows):
            yield self._verdicts(row, place, chunk, speaker, only, checks)

    def _places(self, rows: Sequence[int] | None) -> Iterator[tuple[int, int, _Chunk]]:
        """Yield each row with its place in the chunk that it was made into Python values with."""
        wanted = range(self.base.height) if rows is None else rows
        for start in range(0, len(wanted), CARDS_AT_ONCE):
            part = wanted[start : start + CARDS_AT_ONCE]
            chunk = self._chunk(part)
            for place, row in enumerate(part):
                yield row, place, chunk

    def _chunk(self, rows: Sequence[int]) -> _Chunk:
        tables = {id(table): table for table in (self.seen, *self.tables.values())}
        severities = [[group.effective.severity for group in r.groups] for r in self.results]
        columns = [
            [
                (r.check.id, OUTCOMES[code], severity[group])
                for code, group in zip(_cells(r.codes, rows), _cells(r.group, rows), strict=True)
            ]
            for r, severity in zip(self.results, severities, strict=True)
        ]
        scored = list(zip(*columns, strict=True)) if columns else [()] * len(rows)
        return _Chunk(
            {name: table.rows(rows).rows(named=True) for name, table in tables.items()},
            scored,
            self._sums_of(rows, scored),
        )

    def _sums_of(
        self, rows: Sequence[int], scored: Sequence[Sequence[tuple[str, Outcome, Severity]]]
    ) -> list[Sums]:
        """Return the integers of rows; of few they are added up at once, without those of all others."""
        if len(rows) > FEW:
            return [Sums(*row) for row in self.sums[list(rows)].iter_rows()]
        return [sums_of((outcome, severity) for _, outcome, severity in said) for said in scored]

    def _card(
        self, row: int, place: int, chunk: _Chunk, speaker: Speaker, only: Container[Outcome]
    ) -> Scorecard:
        facts, scored, sums = (
            chunk.facts[id(self.seen)][place],
            chunk.said[place],
            chunk.sums[place],
        )
        has_score = self.kind.has_score
        return Scorecard(
            self.kind,
            facts["id"],
            facts["name"] or "",
            **_shown(figures(sums) if has_score else _NO_FIGURES),
            band=sums.band(self.floor) if has_score else None,
            dimensions=_dimensions(scored) if has_score else (),
            not_reviewed=self.not_reviewed,
            verdicts=self._verdicts(row, place, chunk, speaker, only),
            facts=facts,
            closed=facts["closed"],
            context=(),
            owner_id=None,
        )

    def _verdicts(
        self,
        row: int,
        place: int,
        chunk: _Chunk,
        speaker: Speaker,
        only: Container[Outcome],
        checks: Container[str] | None = None,
    ) -> tuple[Verdict, ...]:
        scored = chunk.said[place]
        won = points(scored, chunk.sums[place]) if self.kind.has_score else {}
        verdicts = []
        for result, (check, outcome, _) in zip(self.results, scored, strict=True):
            if outcome in only and (checks is None or check in checks):
                seen = chunk.facts[id(self.tables[check])][place]
                spoken = speaker.verdict(result, row, seen)
                verdicts.append(self._finished(spoken, result, won.get(check, (None, None)), row))
        return tuple(verdicts)

    def _finished(
        self,
        verdict: Verdict,
        result: CheckResult,
        won: tuple[float | None, float | None],
        row: int,
    ) -> Verdict:
        """Return a verdict with its points, and with its money at risk in reporting currency."""
        money = verdict.money_at_risk
        if money is not None:
            money = evolve(money, reporting_minor=self._reporting_minor(result, money, row))
        decided = self.dispositions.get((verdict.check, verdict.subject_id))
        return evolve(
            verdict,
            money_at_risk=money,
            points_lost=won[0],
            points_open=won[1],
            disposition=decided,
        )

    def _reporting_minor(self, result: CheckResult, money: MoneyAtRisk, row: int) -> int | None:
        # Of one row, whose card is made, not of all.
        exposed = self._exposed_of(result)
        amounts = [kept[row] for _, kind, kept, _ in exposed if kind == money.kind]
        return max((one for one in amounts if one is not None), default=None)


@frozen
class _Chunk:
    """Rows made into Python values together.

    Attributes:
        facts: Base columns and facts of each row, by identity of the table that they stand in.
        said: Check id, outcome and severity of each check, by row.
        sums: What each row's score is made of.
    """

    facts: Mapping[int, list[dict[str, Any]]]
    said: Sequence[tuple[tuple[str, Outcome, Severity], ...]]
    sums: Sequence[Sums]


_NO_FIGURES = Figures(None, None, None, None)


def _shown(found: Figures) -> dict[str, float | None]:
    return {
        "score": found.score,
        "lower": found.lower,
        "upper": found.upper,
        "coverage": found.coverage,
    }


def _cells(column: pl.Series, rows: Sequence[int]) -> Iterable[int]:
    return [column[row] for row in rows] if len(rows) <= FEW else column[list(rows)]


def _dimensions(scored: Sequence[tuple[str, Outcome, Severity]]) -> tuple[Dimension, ...]:
    packs: dict[str, list[tuple[Outcome, Severity]]] = {}
    for check, outcome, severity in scored:
        packs.setdefault(check.partition("/")[0], []).append((outcome, severity))
    return tuple(
        Dimension(pack, **_shown(figures(sums_of(verdicts))))
        for pack, verdicts in sorted(packs.items())
    )


def _by_verdicts(result: CheckResult, days: pl.Series) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield kind, amounts and currencies that the verdicts of a function state."""
    import polars as pl

    stated = {row: v.money_at_risk for row, v in result.said.items() if v.money_at_risk}
    for kind in sorted({money.kind for money in stated.values()}):
        mine = [stated.get(row) for row in range(len(days))]
        cells = [(m.minor, m.currency) if m and m.kind == kind else (None, None) for m in mine]
        schema = {"minor": pl.Int64, "currency": pl.String}
        yield kind, pl.DataFrame(cells, schema=schema, orient="row").with_columns(days)


def _stated(minor: Term, table: FactTable) -> pl.Expr:
    """Return ``minor``, a whole number; for few rows its query would take longer than the rest."""
    import polars as pl

    if table.height > FEW or table.pages:
        return to_polars(minor).round(0).cast(pl.Int64, strict=False).alias("minor")
    few = table.rows(range(table.height))
    found = [evaluate(minor, row) for row in few.rows(named=True)]
    parts = [
        pl.Series([one], dtype=pl.Float64 if isinstance(one, float) else pl.Int64) for one in found
    ]
    whole = [part.round(0).cast(pl.Int64, strict=False)[0] for part in parts]
    return pl.lit(pl.Series("minor", whole, dtype=pl.Int64))


def _largest(amounts: Sequence[pl.Series]) -> pl.Series:
    import polars as pl

    table = pl.DataFrame({str(number): one for number, one in enumerate(amounts)})
    return table.select(pl.max_horizontal(pl.all())).to_series()


@frozen(slots=False)
class Review:
    """One review of a database.

    Attributes:
        header: What it was made with.
        kinds: What was said, by kind of subject.
        selection: The checks and their parameters.
        deals: Attributes of deals as the review saw them, with the account's parent and the owner's
            team, in the order of their scorecards.
        run_number: Number of the stored run; None when it was not stored.
        benchmarks_from: Where facts of the organisation are from; None where they are the review's own.
    """

    header: Header
    kinds: Mapping[Kind, KindReview]
    selection: Selection
    deals: pl.DataFrame
    run_number: int | None = field(default=None)
    benchmarks_from: BenchmarksFrom | None = field(default=None)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The selected checks, in order of id."""
        return self.selection.checks

    def scorecard(self, kind: Kind | str, subject_id: str, names: Names | None = None) -> Scorecard:
        """Return one scorecard.

        Raises:
            NothingSelected: There is no such subject as of the review's date.
        """
        found = self.kinds[Kind(kind)]
        if subject_id not in found.rows:
            raise NothingSelected(
                f"There is no {kind} '{subject_id}' as of {self.header.as_of}."
                f"{did_you_mean(subject_id, found.rows)}"
            )
        return next(self.cards(Kind(kind), [found.rows[subject_id]], names))

    def scorecards(
        self, names: Names | None = None, only: Container[Outcome] = OUTCOMES
    ) -> Iterator[Scorecard]:
        """Yield every scorecard, by kind and id in code point order; see :meth:`cards`."""
        for kind in sorted(self.kinds):
            yield from self.cards(kind, None, names, only)

    def cards(
        self,
        kind: Kind,
        rows: Sequence[int] | None = None,
        names: Names | None = None,
        only: Container[Outcome] = OUTCOMES,
    ) -> Iterator[Scorecard]:
        """Yield scorecards of a kind one by one, those of open deals with their context.

        See :meth:`KindReview.scorecards`. A closed deal is judged as of its closing day and has no
        context: what is found about its account today is later news.
        """
        found = self.kinds[kind]
        if kind is not Kind.DEAL:
            yield from found.scorecards(rows, names, only)
            return
        wanted = range(found.base.height) if rows is None else rows
        for start in range(0, len(wanted), CARDS_AT_ONCE):
            part = wanted[start : start + CARDS_AT_ONCE]
            around = surroundings(self, part, names, only)
            deals = self.deals[list(part)].iter_rows(named=True)
            for card, deal in zip(found.scorecards(part, names, only), deals, strict=True):
                context = () if card.closed else around.of(deal)
                yield evolve(card, owner_id=deal["owner_id"], context=context)

    @cached_property
    def not_reviewed(self) -> tuple[str, ...]:
        """The selected checks that no kind of subject was reviewed by, in order of id."""
        asked = {result.check.id for kind in self.kinds.values() for result in kind.results}
        return tuple(check.id for check in self.checks if check.id not in asked)

    @cached_property
    def outcome_counts(self) -> Mapping[Outcome, int]:
        """Number of verdicts by outcome, over all subjects."""
        counts = dict.fromkeys(OUTCOMES, 0)
        for review in self.kinds.values():
            for result in review.results:
                for code, count in result.codes.value_counts().iter_rows():
                    counts[OUTCOMES[code]] += count
        return counts

    @cached_property
    def open_deals(self) -> pl.Series:
        """Whether each deal is open: only those count in the pipeline's sums."""
        return ~self.kinds[Kind.DEAL].base["closed"]

    def pipeline_money(self) -> Mapping[str, int]:
        """Return money at risk over open deals by kind, in reporting currency minor units.

        Amounts without a rate are left out, and :meth:`money_without_rate` counts them; a kind of
        which they are over 2 % is unknown and not there.
        """
        exposed = self.kinds[Kind.DEAL].exposed.filter(self.open_deals)
        lost = self.money_without_rate()
        found = {}
        for kind in MONEY_KINDS:
            # Added up in Python, whose numbers don't wrap around.
            amounts = exposed[kind].drop_nulls().to_list()
            count = len(amounts) + lost.get(kind, 0)
            if amounts and lost.get(kind, 0) <= MOST_WITHOUT_RATE * count:
                found[kind] = sum(amounts)
        return found

    def money_without_rate(self) -> Mapping[str, int]:
        """Return by kind how many open deals have money at risk that no rate converts: it is left out."""
        lost = self.kinds[Kind.DEAL].unconverted.filter(self.open_deals)
        return {kind: count for kind in MONEY_KINDS if (count := int(lost[kind].sum()))}

    @property
    def deals_without_rate(self) -> int:
        """Number of open deals with any money at risk that is left out for want of a rate."""
        import polars as pl

        lost = self.kinds[Kind.DEAL].unconverted.filter(self.open_deals)
        return int(lost.select(pl.any_horizontal(pl.all()).sum()).item())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What makes the run incomplete: everything but remarks."""
        return tuple(problem for problem in self.header.problems if not problem.is_remark)

    def band_counts(self, kind: Kind) -> Mapping[Band, int]:
        """Return how many subjects are in each band; of deals only open ones."""
        bands = self.kinds[kind].bands
        if kind is Kind.DEAL:
            bands = bands.filter(self.open_deals)
        counts = {
            name: count for name, count in bands.value_counts().iter_rows() if name is not None
        }
        return {band: counts.get(band.value, 0) for band in Band}

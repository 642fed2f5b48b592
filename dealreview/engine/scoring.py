"""Score, bounds, band and points, in integers.

Values are counted in halves, so that watch (½) is a whole number: for a scorecard ``earned`` is twice
E, and ``decided`` and ``asked`` are W(D) and W(A).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.model.outcome import DECIDED, OUTCOMES, Band, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

HEALTHY_FROM = 75
WATCH_FROM = 50
_LIMITS = (HEALTHY_FROM, WATCH_FROM)
_OUT = frozenset({Outcome.NOT_APPLICABLE, Outcome.NOT_REVIEWED})
_OUT_CODES = [outcome.code for outcome in _OUT]
_DECIDED_CODES = [outcome.code for outcome in OUTCOMES if outcome in DECIDED]


@frozen
class Sums:
    """The integers that a score is made of.

    Attributes:
        earned: 2·E: the weights of decided verdicts times their value in halves.
        decided: W(D): the weight that could be decided.
        asked: W(A): the weight of everything that applies.
        blocker_at_risk: Whether a blocker is at risk.
        blocker_open: Whether a blocker is undecided.
        any_decided: Whether anything is decided, weightless checks included.
    """

    earned: int
    decided: int
    asked: int
    blocker_at_risk: bool = False
    blocker_open: bool = False

    @property
    def score(self) -> Fraction | None:
        """100·E / W(D); None when nothing with weight is decided."""
        return Fraction(50 * self.earned, self.decided) if self.decided else None

    @property
    def lower(self) -> Fraction | None:
        """100·E / W(A): the score if everything open turned out badly."""
        return Fraction(50 * self.earned, self.asked) if self.asked else None

    @property
    def upper(self) -> Fraction | None:
        """The score if everything open turned out well."""
        if not self.asked:
            return None
        return Fraction(50 * self.earned + 100 * (self.asked - self.decided), self.asked)

    @property
    def coverage(self) -> Fraction | None:
        """W(D) / W(A)."""
        return Fraction(self.decided, self.asked) if self.asked else None

    def band(self, floor: Fraction) -> Band | None:
        """Return the band; None when nothing applies at all.

        Args:
            floor: Coverage below which a subject is unrated.
        """
        if self.blocker_at_risk:
            return Band.RISK
        if not self.asked:
            return None
        if not self.decided or Fraction(self.decided, self.asked) < floor or self.blocker_open:
            return Band.UNRATED
        if 50 * self.earned >= HEALTHY_FROM * self.asked:
            return Band.HEALTHY
        return Band.WATCH if 50 * self.earned >= WATCH_FROM * self.asked else Band.RISK


def sums_of(verdicts: Iterable[tuple[Outcome, Severity]]) -> Sums:
    """Return the integers of a scorecard from its outcomes and severities."""
    earned = decided = asked = 0
    at_risk = is_open = False
    for outcome, severity in verdicts:
        if outcome in _OUT:
            continue
        asked += severity.weight
        blocks = severity is Severity.BLOCKER
        if outcome in DECIDED:
            decided += severity.weight
            earned += severity.weight * outcome.half_values
            at_risk = at_risk or (blocks and outcome is Outcome.RISK)
        else:
            is_open = is_open or blocks
    return Sums(earned, decided, asked, at_risk, is_open)


def rounded(value: Fraction, parts: int = 1) -> Fraction:
    """Return a score or a bound as it is printed: rounded half up, but never up to a band's limit.

    So no printed number contradicts its band: 74.8 is 74, since 75 would be healthy.

    Args:
        value: The number.
        parts: What one point is divided into: 10 for tenths.
    """
    nearest = Fraction(int((value * parts + Fraction(1, 2)) // 1), parts)
    crosses = nearest in _LIMITS and value < nearest
    return nearest - Fraction(1, parts) if crosses else nearest


def shown(value: Fraction | None) -> float | None:
    """Return a value as it is shown: to one tenth."""
    return None if value is None else float(rounded(value, 10))


@frozen
class Figures:
    """What is shown of a score: to one tenth, the coverage to four digits."""

    score: float | None
    lower: float | None
    upper: float | None
    coverage: float | None


@lru_cache(maxsize=65_536)
def figures(sums: Sums) -> Figures:
    """Return what is shown of a score; many subjects share the same few sums."""
    coverage = None if sums.coverage is None else round(float(sums.coverage), 4)
    return Figures(shown(sums.score), shown(sums.lower), shown(sums.upper), coverage)


def apportion(shares: Mapping[str, int], total: int) -> dict[str, int]:
    """Return whole numbers in proportion to ``shares`` that add up to ``total``, by largest remainder.

    Ties go by name. Without any share everything is 0.
    """
    whole = sum(shares.values())
    if not whole:
        return dict.fromkeys(shares, 0)
    exact = {name: divmod(share * total, whole) for name, share in shares.items()}
    result = {name: quotient for name, (quotient, _) in exact.items()}
    short = total - sum(result.values())
    for name in sorted(exact, key=lambda n: (-exact[n][1], n))[:short]:
        result[name] += 1
    return result


def points(
    verdicts: Sequence[tuple[str, Outcome, Severity]], sums: Sums | None = None
) -> dict[str, tuple[float | None, float | None]]:
    """Return (points lost, points open) of each verdict by check id, in tenths that add up.

    Points lost of decided verdicts add up to 100 − score, points open of undecided ones to
    upper − lower, as both are shown.

    Args:
        verdicts: Check id, outcome and severity.
        sums: What they add up to, if it is known already.
    """
    given = figures(sums or sums_of((outcome, severity) for _, outcome, severity in verdicts))
    lost = {c: s.weight * (2 - o.half_values) for c, o, s in verdicts if o in DECIDED}
    is_open = {c: s.weight for c, o, s in verdicts if o not in DECIDED and o not in _OUT}
    to_lose = 0 if given.score is None else 1000 - round(10 * given.score)
    to_open = round(10 * ((given.upper or 0) - (given.lower or 0)))
    lost_tenths, open_tenths = apportion(lost, to_lose), apportion(is_open, to_open)
    return {
        check: (
            lost_tenths[check] / 10 if check in lost_tenths else None,
            open_tenths[check] / 10 if check in open_tenths else None,
        )
        for check, _, _ in verdicts
    }


def sums_columns(said: Iterable[tuple[pl.Series, pl.Series]], height: int) -> pl.DataFrame:
    """Return the integers of every row: earned, decided, asked, blocker_at_risk, blocker_open.

    Args:
        said: For each check the UInt8 outcome of each row, and its weight there.
        height: How many rows there are.
    """
    import polars as pl

    sums = {
        name: pl.zeros(height, dtype=pl.Int64, eager=True)
        for name in ("earned", "decided", "asked")
    }
    flags = {
        name: pl.repeat(False, height, dtype=pl.Boolean, eager=True)
        for name in ("blocker_at_risk", "blocker_open")
    }
    halves = [outcome.half_values for outcome in OUTCOMES]
    blocker = Severity.BLOCKER.weight
    for code, weight in said:
        applies = ~code.is_in(_OUT_CODES)
        decided = code.is_in(_DECIDED_CODES)
        value = code.replace_strict(range(len(halves)), halves, return_dtype=pl.Int64)
        sums["asked"] = sums["asked"] + weight * applies
        sums["decided"] = sums["decided"] + weight * decided
        sums["earned"] = sums["earned"] + weight * value
        flags["blocker_at_risk"] = flags["blocker_at_risk"] | (
            (weight == blocker) & (code == Outcome.RISK.code)
        )
        flags["blocker_open"] = flags["blocker_open"] | ((weight == blocker) & applies & ~decided)
    return pl.DataFrame({**sums, **flags})


def band_column(sums: pl.DataFrame, floor: Fraction) -> pl.Series:
    """Return the band of every row of :func:`sums_columns`; null when nothing applies."""
    import polars as pl

    earned, decided, asked = pl.col("earned"), pl.col("decided"), pl.col("asked")
    thin = (
        (decided == 0)
        | (decided * floor.denominator < asked * floor.numerator)
        | pl.col("blocker_open")
    )
    return sums.select(
        pl.when("blocker_at_risk")
        .then(pl.lit(Band.RISK))
        .when(asked == 0)
        .then(None)
        .when(thin)
        .then(pl.lit(Band.UNRATED))
        .when(50 * earned >= HEALTHY_FROM * asked)
        .then(pl.lit(Band.HEALTHY))
        .when(50 * earned >= WATCH_FROM * asked)
        .then(pl.lit(Band.WATCH))
        .otherwise(pl.lit(Band.RISK))
        .alias("band")
    ).to_series()

"""What an author writes: every line of it type-checks as strictly as mypy can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from dealreview import (
    Account,
    Cite,
    Columns,
    Deal,
    Executor,
    Expected,
    Exposure,
    Fact,
    Importer,
    Inputs,
    Kind,
    Notifier,
    Pack,
    Param,
    Quantity,
    Reporter,
    Rules,
    Severity,
    Verdict,
    at_most,
    check,
    facts,
    hookimpl,
)
from dealreview.testing import account, assert_verdict, deal, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path


@facts(
    "deal",
    Fact(
        "acme_n", "int", "A number.", requires=("activities", ("deals.name", "deals.amount_minor"))
    ),
    reads={"activities": ("deal_id",)},
    params={"acme_days": (30, Param("Days", ge=1))},
)
def numbers(inputs: Inputs) -> pl.DataFrame:
    """Count."""
    known = inputs.feeds.covers("activities", inputs.as_of, pl.col("day"))
    return inputs.subjects().select("id", acme_n=pl.when(known).then(3))


@facts("pipeline", Fact("acme_m", "real", "A number."), step="organisation", uses=["deal.acme_n"])
def lazily(inputs: Inputs) -> pl.LazyFrame:
    """Count later."""
    return inputs.facts("deal").lazy()


@check(
    "acme/one", needs=["acme_n"], severity="major", ask=["What now?"], related={"notes": ["text"]}
)
def one(subject: Deal, *, most: Annotated[int, Param("Most", ge=0)] = 3) -> Verdict:
    """It is small."""
    seen = Quantity(subject.acme_n, "days")
    if subject.acme_n > most:
        return Verdict.risk("large", actual=seen, expected=Expected("<=", most, "days"))
    return Verdict.passed(actual=seen) if subject.related else Verdict.insufficient("acme_n")


@check("acme/two", on=Kind.ACCOUNT, severity=Severity.INFO, status="preview")
def two(subject: Account) -> Verdict:
    """It applies."""
    return Verdict.not_applicable(f"not {subject.name}")


@check.columns("acme/three", on=["deal", "account"], renamed_from="acme/old", version=2)
def three(d: Columns, *, share: Annotated[float, Param("Share", le=1)] = 0.2) -> Rules:
    """It fits."""
    return Rules(
        applies=d.is_open & ~d.is_won,
        risk=(d.discount_ratio > share) | (d.interval("margin") < 0.1),
        watch=d.discount_ratio + 0.1 > share,
        message={"risk": "{discount_ratio:share}"},
        actual=d.discount_ratio,
        expected=at_most(share, source="ours"),
        evidence=[Cite("facts", "discount_ratio", d.discount_ratio)],
        at_risk=Exposure("margin", d.amount),
    )


def spread(function: Callable[[Any], Any], parts: Sequence[Any]) -> Iterable[Any]:
    """Compute here."""
    return map(function, parts)


def read(_path: Path) -> Mapping[str, tuple[tuple[str, ...], list[tuple[object, ...]]]]:
    """Read nothing."""
    return {"t": (("a",), [(1,)])}


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack("acme", rules=["rules.toml"], api=1)


EXTENSIONS = (
    Reporter("slips", lambda review: [str(review["run"])]),
    Importer("cards", (".vcf",), read),
    Notifier("letters", lambda review, settings, dry: [f"{review} {settings} {dry}"]),
    Executor("here", spread),
)


def a_test() -> None:
    """Try a check on a company."""
    rows = together(deal(discount=0.4, amount=5_000), account("A2", employees=3))
    assert_verdict("acme/one", rows, "risk", subject="D1", params={"most": 1}, modules=["acme"])

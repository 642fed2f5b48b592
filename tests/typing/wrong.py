"""What an author may get wrong: mypy must say so on every line that names the code of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dealreview import (
    Columns,
    Deal,
    Executor,
    Expected,
    Fact,
    Importer,
    Inputs,
    Pack,
    Param,
    Quantity,
    Reporter,
    Rules,
    Verdict,
    check,
    facts,
    hookimpl,
)

if TYPE_CHECKING:
    import polars as pl


@check("acme/a")  # wants: type-var
def returns_a_flag(subject: Deal) -> bool:
    """It returns what is no verdict."""
    return bool(subject.amount)


@check("acme/b")  # wants: type-var
def returns_rules(subject: Deal) -> Rules:
    """It returns what columns return."""
    return Rules(risk=subject.amount > 3)


@check.columns("acme/c")  # wants: type-var
def returns_a_verdict(_d: Columns) -> Verdict:
    """It returns what functions return."""
    return Verdict.passed()


@check("acme/d", sevrity="major")  # wants: call-arg
def misspells_an_option(_subject: Deal) -> Verdict:
    """It has no such option."""
    return Verdict.passed()


@check("acme/e", severity="mayor")  # wants: arg-type
def misspells_a_severity(_subject: Deal) -> Verdict:
    """There is no such severity."""
    return Verdict.passed()


@check("acme/f", on="deals")  # wants: arg-type
def misspells_a_kind(_subject: Deal) -> Verdict:
    """There is no such kind."""
    return Verdict.passed()


@check("acme/g", version="2", after_close="yes")  # wants: arg-type
def mixes_types_up(_subject: Deal) -> Verdict:
    """A version is a number."""
    return Verdict.passed()


@facts("deal", Fact("acme_n", "int", "A number."))  # wants: type-var
def returns_a_list(_inputs: Inputs) -> list[int]:
    """It returns no frame."""
    return []


@facts("deal", Fact("acme_n", "int", "A number."), step="global")  # wants: arg-type
def has_no_such_step(inputs: Inputs) -> pl.DataFrame:
    """There is no such step."""
    return inputs.subjects()


def speaks(days: int) -> list[Verdict]:
    """Say what can't be said."""
    return [
        Verdict.risk("late", actaul=Quantity(days)),  # wants: call-arg
        Verdict.risk("late", actual=days),  # wants: arg-type
        Verdict.risk(days),  # wants: arg-type
        Verdict.watch("late", expected=Expected("<=")),  # wants: call-arg
        Verdict.fail("late"),  # wants: attr-defined
    ]


def reads(inputs: Inputs) -> object:
    """Read what is not there."""
    return inputs.tables("deals")  # wants: attr-defined


WRONG = (
    Fact("acme_n", "int"),  # wants: call-arg
    Param(ge=0),  # wants: call-arg
    Rules(riks=1),  # wants: call-arg
    Rules(risk=1, message=3, evidence=[3]),  # wants: list-item
    Reporter("slips", lambda _review: 3),  # wants: arg-type return-value
    Importer("cards", [".vcf"], lambda _path: []),  # wants: arg-type return-value
    Executor("pool"),  # wants: call-arg
)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe no pack."""
    return "acme"  # wants: return-value

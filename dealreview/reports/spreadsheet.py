"""The review for a spreadsheet: CSV by RFC 4180, one row a verdict.

Data can't become a formula, an amount is in units of its currency, and a subject is named as the
command line names it, which no spreadsheet takes for a number. Rows come in the order of the JSON:
kind, id and check by code point.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from dealreview.model.money import from_minor
from dealreview.model.outcome import Kind, Outcome
from dealreview.model.plain import plain
from dealreview.reports.escape import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.checks.messages import Names
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import NotReviewed, Scorecard
    from dealreview.model.verdict import Expected, MoneyAtRisk, Verdict
    from dealreview.reports.document import Options

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of the machine, and Jörg becomes JÃ¶rg."""

COLUMNS = (
    *("kind", "subject", "name", "state", "band", "score", "lower", "upper"),
    *("check", "outcome", "severity", "message", "actual", "unit"),
    *("expected_op", "expected", "expected_unit", "expected_source", "expected_n"),
    *("missing", "question", "points_lost", "points_open"),
    *("money_kind", "money_at_risk", "money_currency"),
    *("money_at_risk_reporting", "reporting_currency"),
)
_OPERATORS = {
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
    "=": "equal to",
    "in": "one of",
}
_MINOR_UNITS = " minor units"
_SEPARATED = re.compile(r"(;)(?=\s*(.))")
Row = dict[str, Any]


def csv_document(
    review: Review,
    options: Options,
    names: Names | None = None,
    cards: Iterable[Scorecard] | None = None,
) -> Iterator[str]:
    """Yield the lines of a CSV file, the names of the columns first.

    Args:
        review: The review.
        options: Which verdicts are written; everything adds what was not reviewed, a row a check.
        names: Turns ids of people in messages into names.
        cards: The scorecards to write; None means all.
    """
    writer = csv.DictWriter(_Line(), COLUMNS, lineterminator="\r\n")
    yield BOM + str(writer.writeheader())
    found = review.scorecards(names, options.outcomes) if cards is None else cards
    for card in found:
        subject = _subject(card)
        for verdict in card.verdicts:
            if verdict.outcome in options.outcomes:
                row = subject | _said(verdict, review.header.reporting_currency)
                yield str(writer.writerow({name: cell(value) for name, value in row.items()}))
    if options.everything:
        for row in _not_reviewed(review):
            yield str(writer.writerow({name: cell(value) for name, value in row.items()}))


class _Line:
    """What the writer writes to: gives each line back, so that nothing is held in memory."""

    @staticmethod
    def write(text: str) -> str:
        return text


# --- rows ----------------------------------------------------------------------------------------


def _subject(card: Scorecard) -> Row:
    is_deal = card.kind is Kind.DEAL
    return {
        "kind": card.kind,
        "subject": "pipeline" if card.kind is Kind.PIPELINE else f"{card.kind}:{card.id}",
        "name": card.name,
        "state": ("closed" if card.closed else "open") if is_deal else None,
        "band": card.band,
        "score": card.score,
        "lower": card.lower,
        "upper": card.upper,
    }


def _said(verdict: Verdict, currency: str) -> Row:
    actual = verdict.actual
    value, unit = _in_units(actual.value, actual.unit) if actual else (None, None)
    return {
        "check": verdict.check,
        "outcome": verdict.outcome,
        "severity": verdict.severity,
        "message": verdict.message,
        "actual": value,
        "unit": unit,
        **_expected(verdict.expected),
        "missing": list(verdict.missing),
        "question": verdict.question,
        "points_lost": verdict.points_lost,
        "points_open": verdict.points_open,
        **_money(verdict.money_at_risk, currency),
    }


def _expected(limit: Expected | None) -> Row:
    if limit is None:
        return {}
    value, unit = _in_units(limit.value, limit.unit)
    return {
        "expected_op": _OPERATORS.get(limit.op, limit.op),
        "expected": value,
        "expected_unit": unit,
        "expected_source": limit.source,
        "expected_n": limit.n,
    }


def _money(money: MoneyAtRisk | None, reporting: str) -> Row:
    if money is None:
        return {}
    converted = money.reporting_minor
    return {
        "money_kind": money.kind,
        "money_at_risk": from_minor(money.minor, money.currency or reporting),
        "money_currency": money.currency,
        "money_at_risk_reporting": None if converted is None else from_minor(converted, reporting),
        "reporting_currency": reporting,
    }


def _in_units(value: Any, unit: str) -> tuple[Any, str]:
    """Return an amount in units of its currency, everything else as it is."""
    if not unit.endswith(_MINOR_UNITS):
        return value, unit
    currency, minor = unit.removesuffix(_MINOR_UNITS), plain(value)
    is_number = isinstance(minor, int | float) and not isinstance(minor, bool)
    return from_minor(round(minor), currency) if is_number else minor, currency


def _not_reviewed(review: Review) -> Iterator[Row]:
    for kind in sorted(review.kinds):
        for missing in review.kinds[kind].not_reviewed:
            yield _lacking(review, kind, missing)


def _lacking(review: Review, kind: Kind, missing: NotReviewed) -> Row:
    return {
        "kind": kind,
        "check": missing.check,
        "outcome": Outcome.NOT_REVIEWED,
        "severity": review.selection.base[missing.check].severity,
        "message": missing.title,
        "missing": list(missing.needs),
    }


# --- cells ---------------------------------------------------------------------------------------


def cell(value: Any) -> str | int | float:
    """Return what stands in a cell: a number as a number, all else as a text that is no formula."""
    found = plain(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, int | float):
        return found
    if isinstance(found, list):
        return guarded(", ".join(map(str, found)))
    return guarded(str(found))


def guarded(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula.

    An apostrophe goes before a text that begins like one, blanks before it or not, and after a
    semicolon: where that divides columns, what follows it begins a cell.
    """
    begins = text[:1] in {"\t", "\r", "\n"} or _is_formula(text.lstrip()[:1])
    safe = _SEPARATED.sub(lambda found: ";'" if _is_formula(found[2]) else ";", clean(text))
    return f"'{safe}" if begins else safe


def _is_formula(first: str) -> bool:
    return unicodedata.normalize("NFKC", first)[:1] in {"=", "+", "-", "@", "−"}

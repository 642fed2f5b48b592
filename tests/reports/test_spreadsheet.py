"""The review as CSV."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.engine.review import Review
from dealreview.model.outcome import Outcome
from dealreview.model.scorecard import Scorecard
from dealreview.model.verdict import Expected, MoneyAtRisk, Quantity, Verdict
from dealreview.reports.document import Options
from dealreview.reports.names import NameBook
from dealreview.reports.spreadsheet import BOM, COLUMNS, cell, csv_document, guarded
from dealreview.store.database import Database
from tests.reports.shop import deal, reviewed, shop
from tests.support.nasty import NAMES


def written(
    database: Database,
    review: Review,
    cards: list[Scorecard] | None = None,
    *,
    all_of: bool = False,
) -> str:
    """Return the review as CSV."""
    with database.read() as connection:
        return "".join(csv_document(review, Options(all_of), NameBook(connection), cards))


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file as a program reads them."""
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline=""), strict=True))


def test_a_row_is_a_verdict(tmp_path: Path) -> None:
    """It names the subject with its score and says all that the verdict says."""
    database = shop(tmp_path)
    found = rows(written(database, reviewed(database)))
    row = next(r for r in found if r["subject"] == "deal:crm:1" and r["check"] == "acme/terms")
    assert row == dict.fromkeys(COLUMNS, "") | {
        "kind": "deal",
        "subject": "deal:crm:1",
        "name": "Line 4 controls",
        "state": "open",
        "band": "risk",
        "score": "14.3",
        "lower": "14.3",
        "upper": "14.3",
        "check": "acme/terms",
        "outcome": "risk",
        "severity": "major",
        "message": "90 d net; 30 d is the limit",
        "actual": "90",
        "unit": "days",
        "expected_op": "at most",
        "expected": "30",
        "expected_unit": "days",
        "expected_source": "default",
        "question": "What would they give for longer terms?",
        "points_lost": "71.4",
        "money_kind": "delay",
        "money_at_risk": "286000.0",
        "money_currency": "EUR",
        "money_at_risk_reporting": "286000.0",
        "reporting_currency": "EUR",
    }


def test_rows_have_one_order(tmp_path: Path) -> None:
    """Kind, id and check by code point, the same each time."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = written(database, review)
    keys = [(row["kind"], row["subject"], row["check"]) for row in rows(text)]
    assert keys == sorted(keys)
    assert text == written(database, review)


def test_everything_is_there_when_asked_for(tmp_path: Path) -> None:
    """What passed, what does not apply and, once a check, what was not reviewed."""
    database = shop(tmp_path)
    review = reviewed(database)
    few, many = rows(written(database, review)), rows(written(database, review, all_of=True))
    assert {row["outcome"] for row in few}.isdisjoint({"pass", "not_applicable", "not_reviewed"})
    assert "pass" in {row["outcome"] for row in many}
    left_out = [row for row in many if row["outcome"] == "not_reviewed"]
    assert [(row["kind"], row["subject"], row["check"]) for row in left_out] == [
        ("deal", "", "acme/diary")
    ]
    assert left_out[0]["missing"] == "time_entries.hours"


def test_one_card_can_be_written(tmp_path: Path) -> None:
    """Only the verdicts of the given subjects are there, with the same header."""
    database = shop(tmp_path)
    review = reviewed(database)
    text = written(database, review, [review.scorecard("deal", "crm:1")])
    assert {row["subject"] for row in rows(text)} == {"deal:crm:1"}
    assert text.splitlines()[0] == written(database, review).splitlines()[0]


def test_the_form_is_that_of_rfc_4180(tmp_path: Path) -> None:
    """A byte order mark, then lines that end with CR LF; no line break stands inside a cell."""
    database = shop(tmp_path, deal(1, 'a "b", c\nd', payment_terms_days=90))
    text = written(database, reviewed(database))
    assert text.startswith(f"{BOM}kind,subject,")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == len(rows(text)) + 1
    assert '"a ""b"", c d"' in text


def test_a_closed_deal_is_told_from_an_open_one(tmp_path: Path) -> None:
    """Whoever adds up can leave out what is closed; other subjects have no state."""
    database = shop(tmp_path)
    found = {row["subject"]: row["state"] for row in rows(written(database, reviewed(database)))}
    assert (found["deal:crm:1"], found["deal:crm:5"], found["account:crm:a2"]) == (
        "open",
        "closed",
        "",
    )


def test_a_rep_has_no_number(tmp_path: Path) -> None:
    """Neither score nor bounds, band or points."""
    database = shop(tmp_path)
    rep = next(row for row in rows(written(database, reviewed(database))) if row["kind"] == "rep")
    assert not any(rep[name] for name in ("score", "lower", "upper", "band", "points_lost"))


# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-1 person", "'-1 person"),
        ("−EUR 5", "'−EUR 5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "' x"),
        ("\rx", "' x"),
        ("  =1", "'  =1"),
        ("\u00a0\u3000=1", "'\u00a0\u3000=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff20x", "'\uff20x"),
        ("\ufe631", "'\ufe631"),
        ("a;=1", "a;'=1"),
        ("a; \uff1d1;b", "a;' \uff1d1;b"),
        ("Brandt & Co = fine - really", "Brandt & Co = fine - really"),
        ("'=1", "'=1"),
        ("\u200b=1", "\\u200b=1"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula(text: str, safe: str) -> None:
    """What begins like one, blanks or not, wide or not, has an apostrophe before it."""
    assert guarded(text) == safe


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (-5, -5),
        (-0.25, -0.25),
        (0, 0),
        (None, ""),
        (float("nan"), ""),
        (True, "true"),
        (("b", "a"), "b, a"),
        (("=1", "a"), "'=1, a"),
        ("-5", "'-5"),
        (Outcome.RISK, "risk"),
    ],
)
def test_a_number_stays_a_number(value: Any, found: str | float) -> None:
    """Also a negative one; all else is a text."""
    assert cell(value) == found


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    """Neither as it stands nor after a semicolon, and it stays on its line."""
    for part in guarded(text).split(";"):
        assert not part.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b"))
    assert len(guarded(text).splitlines()) <= 1


def test_no_name_changes_the_table(tmp_path: Path) -> None:
    """Hostile names stay in their cells, guarded and visible."""
    deals = [deal(n, name, payment_terms_days=90, hours_to_go=40.0) for n, name in enumerate(NAMES)]
    database = shop(tmp_path, *deals)
    text = written(database, reviewed(database), all_of=True)
    for number, name in enumerate(NAMES):
        found = [row for row in rows(text) if row["subject"] == f"deal:crm:{number}"]
        assert [row["name"] for row in found] == [guarded(name)] * 2
    assert not {"\x1b", "\u202e", "\x9b", "\t"} & set(text)


def test_amounts_are_in_units_of_their_currency(tmp_path: Path) -> None:
    """Nobody who reads a sheet thinks in cents; a currency without cents has none."""
    database = shop(tmp_path)
    review = reviewed(database)
    said = Verdict.risk(
        "x",
        actual=Quantity(-12_345, "EUR minor units"),
        expected=Expected(">=", 5_000, "JPY minor units", "=own()", 7),
        money_at_risk=MoneyAtRisk("margin", 12_345, "JPY"),
        check="acme/terms",
    )
    unknown = said.filled(actual=Quantity(None, "EUR minor units"), expected=None)
    card = Scorecard(*("deal", "crm:1", ""), *[None] * 5, (), (), (said, unknown))
    first, second = rows(written(database, review, [card]))
    names = ("actual", "unit", "expected", "expected_unit", "expected_source", "expected_n")
    assert [first[name] for name in names] == ["-123.45", "EUR", "5000.0", "JPY", "'=own()", "7"]
    assert (first["money_at_risk"], first["money_at_risk_reporting"]) == ("12345.0", "")
    assert (second["actual"], second["unit"], second["expected"]) == ("", "EUR", "")

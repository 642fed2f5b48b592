"""The review as JSON and JSON lines."""

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

from dealreview.engine.config import Config
from dealreview.engine.gate import Gate
from dealreview.engine.review import Review
from dealreview.engine.run import Request, review_database
from dealreview.model.outcome import Outcome
from dealreview.reports.document import Options, json_document, json_lines
from dealreview.reports.schema import NAME, review_schema, review_schema_text
from dealreview.store.database import Database
from tests.reports.shop import deal, reviewed, shop
from tests.support.hostile import AS_OF, companies

VALIDATOR = Draft202012Validator(review_schema(), format_checker=FormatChecker())
ROOT = Path(__file__).parents[2]


def written(review: Review, **options: Any) -> dict[str, Any]:
    """Return the document, parsed; NaN and Infinity are refused."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = "".join(json_document(review, Options(**options)))
    document: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return document


def of(document: dict[str, Any], kind: str, subject_id: str) -> dict[str, Any]:
    """Return one scorecard of a document."""
    subjects = {(c["subject"]["kind"], c["subject"]["id"]): c for c in document["scorecards"]}
    found: dict[str, Any] = subjects[kind, subject_id]
    return found


def test_the_schema_is_a_schema() -> None:
    """What is published is valid JSON Schema 2020-12, and forbids what it does not name."""
    Draft202012Validator.check_schema(review_schema())
    document = {"schema_version": 1, "run": {}, "scorecards": [], "problems": [], "more": 1}
    assert any("more" in error.message for error in VALIDATOR.iter_errors(document))


def test_the_package_holds_the_schema_of_the_documentation() -> None:
    """The schema that the command prints is the one that the documentation shows."""
    assert (ROOT / "docs" / "schema" / NAME).read_text("utf-8") == review_schema_text()


def test_a_review_has_the_published_form(tmp_path: Path) -> None:
    """A document obeys its schema, with everything and without."""
    review = reviewed(shop(tmp_path))
    for everything in (False, True):
        VALIDATOR.validate(written(review, everything=everything))


def test_a_deal_says_who_owns_it(tmp_path: Path) -> None:
    """A notifier must know whom to tell; other subjects have no owner."""
    document = written(reviewed(shop(tmp_path)))
    assert of(document, "deal", "crm:1")["owner_id"] == "crm:p1"
    assert of(document, "account", "crm:a1")["owner_id"] is None


@settings(max_examples=8, deadline=None)
@given(tables=companies())
def test_whatever_the_data_the_form_is_the_same(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Random and hostile companies, reviewed by all built-in checks, give documents of the schema."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "company.db", create=True)
        with database.write() as connection:
            for name, rows in tables.items():
                for row in rows:
                    columns, marks = ", ".join(f'"{c}"' for c in row), ", ".join("?" * len(row))
                    query = f"INSERT INTO {name} ({columns}) VALUES ({marks})"
                    connection.execute(query, list(row.values()))
        review = review_database(database, Request(AS_OF, Config(autoload=False)))
        VALIDATOR.validate(written(review, everything=True))


def test_the_same_review_is_the_same_bytes(tmp_path: Path) -> None:
    """Neither the clock nor the machine nor a stored run is in the document."""
    first, second = (tmp_path / name for name in ("one", "two"))
    texts = []
    for folder in (first, second):
        folder.mkdir()
        texts.append("".join(json_document(reviewed(shop(folder)), Options())))
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]


def test_a_pass_says_what_would_make_it_a_strength(tmp_path: Path) -> None:
    """What is missing is listed beside the verdict, as where nothing could be decided."""
    database = shop(tmp_path, deal(9, "Spares", payment_terms_days=None))
    document = written(reviewed(database, "tests.reports.nearly"), everything=True)
    [verdict] = of(document, "deal", "crm:9")["verdicts"]
    assert (verdict["outcome"], verdict["missing"]) == ("pass", ["deals.payment_terms_days"])


def test_what_passed_is_left_out_unless_it_is_asked_for(tmp_path: Path) -> None:
    """Verdicts that passed or do not apply are there with everything only; figures are the same."""
    review = reviewed(shop(tmp_path))
    short, long = (written(review, everything=flag) for flag in (False, True))
    outcomes = {v["outcome"] for card in short["scorecards"] for v in card["verdicts"]}
    assert outcomes == {"strength", "watch", "risk", "insufficient_data"}
    passed = {v["outcome"] for card in long["scorecards"] for v in card["verdicts"]}
    assert "pass" in passed
    figures = [(c["score"], c["band"], c["dimensions"]) for c in short["scorecards"]]
    assert figures == [(c["score"], c["band"], c["dimensions"]) for c in long["scorecards"]]


def test_a_finding_explains_itself(tmp_path: Path) -> None:
    """A verdict carries actual, expected, evidence, question, points, money and its identity."""
    verdicts = of(written(reviewed(shop(tmp_path))), "deal", "crm:1")["verdicts"]
    assert verdicts[1] == {
        "check": "acme/terms",
        "outcome": "risk",
        "severity": "major",
        "message": "90 d net; 30 d is the limit",
        "actual": {"value": 90, "unit": "days"},
        "expected": {"op": "<=", "value": 30, "unit": "days", "source": "default", "n": None},
        "evidence": [{"table": "deals", "id": "crm:1", "field": "payment_terms_days", "value": 90}],
        "missing": [],
        "question": "What would they give for longer terms?",
        "points_lost": 71.4,
        "points_open": None,
        "money_at_risk": {
            "kind": "delay",
            "minor": 28_600_000,
            "currency": "EUR",
            "reporting_minor": 28_600_000,
        },
        "disposition": None,
        "fingerprint": verdicts[1]["fingerprint"],
    }
    assert len(verdicts[1]["fingerprint"]) == 16


def test_the_context_of_a_deal_names_where_it_stands_in_full(tmp_path: Path) -> None:
    """A finding about the account is on the deal in short, under the identity that it has there."""
    review = reviewed(shop(tmp_path), "tests.reports.acme", "tests.reports.around")
    document = written(review)
    VALIDATOR.validate(document)
    account = of(document, "account", "crm:a2")
    [full] = [v for v in account["verdicts"] if v["check"] == "around/staff"]
    context = of(document, "deal", "crm:3")["context"]
    assert context[0] == {
        "relation": "account",
        "subject": {"kind": "account", "id": "crm:a2"},
        "check": "around/staff",
        "outcome": "risk",
        "severity": "major",
        "message": "4 employees",
        "fingerprint": full["fingerprint"],
    }
    assert account["context"] == of(document, "deal", "crm:5")["context"] == []


def test_what_is_missing_is_named_by_its_cell(tmp_path: Path) -> None:
    """An undecided verdict names the empty cells and has points open, not lost."""
    verdict = of(written(reviewed(shop(tmp_path))), "deal", "crm:4")["verdicts"][1]
    assert verdict["outcome"] == "insufficient_data"
    assert verdict["missing"] == ["deals.payment_terms_days"]
    assert (verdict["points_lost"], verdict["points_open"]) == (None, 71.4)


def test_a_rep_has_verdicts_and_no_number(tmp_path: Path) -> None:
    """Score, bounds and band of a rep are null, and there is nothing to rank by."""
    card = of(written(reviewed(shop(tmp_path))), "rep", "crm:p1")
    assert [card[name] for name in ("score", "lower", "upper", "band")] == [None] * 4
    assert card["dimensions"] == []
    assert [(v["check"], v["points_lost"]) for v in card["verdicts"]] == [("acme/week", None)]


def test_the_run_says_what_it_was_made_with(tmp_path: Path) -> None:
    """Date, packs, checks, what was not reviewed, counts, gate and exit code stand in the run."""
    gate = Gate(Outcome.RISK, 50.0)
    run = written(reviewed(shop(tmp_path)), gate=gate, exit_code=3)["run"]
    assert run["as_of"] == "2026-11-14"
    assert "acme" in [pack["name"] for pack in run["packs"]]
    assert [check["id"] for check in run["checks"]][:2] == ["acme/diary", "acme/hours"]
    assert run["not_reviewed"] == [
        {
            "kind": "deal",
            "check": "acme/diary",
            "needs": ["time_entries.hours"],
            "title": "Somebody works on it",
        }
    ]
    assert run["subjects"] == {"account": 2, "deal": 5, "pipeline": 1, "rep": 2, "team": 1}
    assert run["bands"]["deal"] == {"healthy": 1, "watch": 1, "risk": 1, "unrated": 1}
    assert run["money_at_risk"] == {"delay": 38_600_000}
    assert (run["gate"], run["exit_code"]) == ({"fail_on": "risk", "min_score": 50.0}, 3)


def test_money_without_a_rate_is_counted(tmp_path: Path) -> None:
    """The run says how many open deals no rate converts; a sum that they are half of is unknown."""
    dollars = deal(1, "a", currency="USD", payment_terms_days=90)
    run = written(reviewed(shop(tmp_path, dollars, deal(2, "b", payment_terms_days=90))))["run"]
    assert run["money_at_risk"] == {}
    assert run["money_without_rate"] == {"delay": 1}


def test_the_id_of_a_run_tells_inputs_apart(tmp_path: Path) -> None:
    """Another day, configuration or selection is another run; the same inputs are the same."""
    database = shop(tmp_path)
    reviews = [
        reviewed(database),
        reviewed(database, as_of=dt.date(2026, 11, 13)),
        reviewed(database, coverage_floor=0.4),
        reviewed(database, ignore=("acme/week",)),
        reviewed(database),
    ]
    ids = [written(review)["run"]["id"] for review in reviews]
    assert len(set(ids)) == 4
    assert ids[0] == ids[-1]


def test_lines_hold_the_same_in_pieces(tmp_path: Path) -> None:
    """Lines are the run, then the scorecards in the same order, then the problems."""
    review = reviewed(shop(tmp_path))
    document = written(review)
    first, *cards, last = map(json.loads, json_lines(review, Options()))
    assert first == {"schema_version": 1, "run": document["run"]}
    assert cards == document["scorecards"]
    assert last == {"problems": document["problems"]}


def test_scorecards_come_in_order_of_kind_and_id(tmp_path: Path) -> None:
    """The order is by code point, whatever order the rows were written in."""
    deals = [deal(2, "b"), deal(10, "c"), deal(1, "a")]
    document = written(reviewed(shop(tmp_path, *deals)))
    subjects = [(c["subject"]["kind"], c["subject"]["id"]) for c in document["scorecards"]]
    assert subjects == sorted(subjects)
    assert [i for k, i in subjects if k == "deal"] == ["crm:1", "crm:10", "crm:2"]


@pytest.mark.parametrize("name", ["\x1b[31mred\x1b[0m", "\u202eevil", "a\nb", "\x9b2J", "汉字 🎉"])
def test_a_name_can_not_steer_a_terminal(tmp_path: Path, name: str) -> None:
    """JSON is ASCII: escapes and direction marks are written out and come back as they were."""
    review = reviewed(shop(tmp_path, deal(1, name)))
    text = "".join(json_document(review, Options()))
    assert text.isascii()
    assert "\x1b" not in text
    assert of(json.loads(text), "deal", "crm:1")["subject"]["name"] == name

"""Cases as data: what passes, what fails with which sentence, and what is no case at all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dealreview.model.errors import ConfigurationError
from dealreview.testing import load_cases, review_tables, run_cases
from tests.support.packs import columns_check, write

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = 'severity="major", ask=["What changed?"]'
BODY = """
return Rules(
    applies=d.is_open,
    risk=d.days_past_close > days,
    message="{days_past_close:days} over",
    actual=d.days_past_close,
    expected=at_most(days),
    at_risk=Exposure("delay", d.amount),
)
"""
CHECK = columns_check(
    "acme/slipping",
    options=OPTIONS,
    params='days: Annotated[int, Param("Risk after", ge=1, le=90, unit="days")] = 5',
    body=BODY.strip(),
)


def faults(tmp_path: Path, text: str, *, head: str = 'check = "acme/slipping"') -> list[str]:
    """Return what a case file of the check above gives."""
    folder = write(tmp_path / "packs", acme=CHECK)
    path = tmp_path / "slipping.toml"
    path.write_text(f"{head}\n{text}", "utf-8")
    return run_cases(path, folders=[folder])


GOOD = """
[defaults]
as_of = 2025-05-16
facts = { is_open = true }

[[case]]
name = "a day over"
outcome = "risk"
facts = { days_past_close = 6, amount = 123400 }
[case.expect]
actual = 6
expected = 5
money = 123400
message = "6 d over"
question = "What changed?"
missing = []

[[case]]
name = "at the limit"
outcome = "pass"
facts = { days_past_close = 5 }

[[case]]
name = "another limit"
outcome = "risk"
facts = { days_past_close = 5 }
params = { days = 4 }

[[case]]
name = "no date"
outcome = "insufficient_data"
expect = { missing = ["deals.expected_close_on"] }

[[case]]
name = "closed"
outcome = "not_applicable"
facts = { is_open = false }
"""


def test_cases_that_come_out(tmp_path: Path) -> None:
    """Facts add to the defaults, parameters can be set, and what is not expected is not compared."""
    assert faults(tmp_path, GOOD) == []


def case(
    outcome: str = "risk", facts: str = "is_open = true, days_past_close = 6", more: str = ""
) -> str:
    """Return one case."""
    return f'[[case]]\nname = "one"\noutcome = "{outcome}"\nfacts = {{ {facts} }}\n{more}\n'


FAILING = {
    "another outcome": (case("pass"), "expected pass, got risk (6 d over)"),
    "an unknown": (
        case("pass", "is_open = true"),
        "expected pass, got insufficient_data, missing deals.expected_close_on",
    ),
    "another actual": (case(more="expect = { actual = 7 }"), "expected actual 7, got 6"),
    "another message": (
        case(more='expect = { message = "x" }'),
        "expected message 'x', got '6 d over'",
    ),
    "money that is not there": (case(more="expect = { money = 5 }"), "expected money 5, got None"),
    "something that can't be compared": (
        case(more="expect = { mesage = 5 }"),
        "Did you mean 'message'",
    ),
    "an unknown fact": (
        case(facts="is_opne = true"),
        "no fact 'is_opne' on deal. Did you mean 'is_open'",
    ),
    "a fact of another type": (
        case(facts='is_open = "yes"'),
        "the fact 'is_open' is a bool, not 'yes'",
    ),
    "a fraction of a day": (
        case(facts="is_open = true, days_past_close = 6.5"),
        "the fact 'days_past_close' is a int, not 6.5",
    ),
    "an unknown parameter": (case(more="params = { dyas = 4 }"), "Did you mean 'days'"),
    "a parameter out of bounds": (case(more="params = { days = 400 }"), "out of bounds"),
    "an unknown fact parameter": (
        case(more="fact_params = { max_ahed_days = 4 }"),
        "max_ahead_days",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_cases_that_do_not(tmp_path: Path, name: str) -> None:
    """A case that fails gives one sentence that names check and case; others are run all the same."""
    text, sentence = FAILING[name]
    [fault] = faults(tmp_path, text + case())
    assert fault.startswith("acme/slipping, case 'one': ")
    assert sentence in fault


def test_a_check_that_is_not_there(tmp_path: Path) -> None:
    """The fault says why the check could not be loaded."""
    found = faults(tmp_path, case(), head='check = "acme/slippin"')
    assert found == ["slipping.toml: there is no check 'acme/slippin'."]
    write(tmp_path / "packs", acme="raise ValueError('no luck')")
    assert "no luck" in run_cases(tmp_path / "slipping.toml", folders=[tmp_path / "packs"])[0]


NO_CASES = {
    "no TOML": ("[[case", "can't be read"),
    "no case": ("", "names no check or holds no case"),
    "an unknown key of the file": ("[[cases]]\nname = 'x'", "Did you mean 'case'"),
    "an unknown key of a case": (
        case(more="outcom = 'risk'"),
        "case 'one': no key 'outcom'. Did you mean",
    ),
    "no outcome": ("[[case]]\nname = 'one'", "case 'one': "),
    "an outcome that does not exist": (case("risky"), "'risky' is not a valid Outcome"),
    "a kind that does not exist": (case(more="on = 'deel'"), "'deel' is not a valid Kind"),
}


@pytest.mark.parametrize("name", NO_CASES)
def test_what_is_no_case_file(tmp_path: Path, name: str) -> None:
    """A file that can't be used is refused with file and case."""
    text, sentence = NO_CASES[name]
    with pytest.raises(ConfigurationError, match=r"slipping\.toml") as caught:
        faults(tmp_path, text)
    assert sentence in str(caught.value)


def test_a_file_that_names_no_check(tmp_path: Path) -> None:
    """Cases of nothing are refused, and so is a file that is not there."""
    with pytest.raises(ConfigurationError, match="names no check"):
        faults(tmp_path, case(), head="")
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_cases(tmp_path / "nowhere.toml")


TABLES = """
[[case]]
name = "rows"
outcome = "risk"
as_of = 2025-05-16
subject = "d"
expect = { actual = 15 }
[case.tables]
stages = [{ stage_id = "s", kind = "open" }]
deals = [{ deal_id = "d", stage_id = "s", expected_close_on = 2025-05-01 }]
"""


def test_cases_of_rows(tmp_path: Path) -> None:
    """With rows by table the whole engine runs, also for a check that only a folder has."""
    assert faults(tmp_path, TABLES) == []
    wrong = TABLES.replace("actual = 15", "actual = 14")
    assert faults(tmp_path, wrong) == ["acme/slipping, case 'rows': expected actual 14, got 15"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('subject = "d"', 'subject = "e"', "There is no deal 'e'"),
        ('kind = "open"', 'kind = "opne"', "CHECK constraint failed"),
        ("expected_close_on =", "expected_close =", "no column named expected_close"),
    ],
)
def test_rows_that_can_not_be(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A subject or a row that can't be is the fault of its case."""
    [fault] = faults(tmp_path, TABLES.replace(old, new))
    assert fault.startswith("acme/slipping, case 'rows': ")
    assert sentence in fault


def test_a_case_of_rows_of_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of a module that is not installed is found for both kinds of cases."""
    write(tmp_path, acme_of_cases=CHECK)
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "slipping.toml"
    path.write_text(f'check = "acme/slipping"\n{TABLES}{case()}', "utf-8")
    assert run_cases(path, "acme_of_cases") == []


def test_a_folder_of_cases(tmp_path: Path) -> None:
    """Every file below a folder is run, in order of name."""
    folder = write(tmp_path / "packs", acme=CHECK)
    for name in ("b/two", "a/one"):
        path = tmp_path / "cases" / f"{name}.toml"
        path.parent.mkdir(parents=True)
        path.write_text(f'check = "acme/slipping"\n{case("pass").replace("one", name)}', "utf-8")
    found = run_cases(tmp_path / "cases", folders=[folder])
    assert [fault.partition("'")[2].partition("'")[0] for fault in found] == ["a/one", "b/two"]


def test_a_company_in_a_database_of_its_own() -> None:
    """Days may be given as such, and the database is gone afterwards."""
    rows = {
        "deals": [{"deal_id": "d", "created_on": dt.date(2025, 5, 1)}],
        "activities": [
            {"activity_id": "a", "deal_id": "d", "at": dt.datetime(2025, 5, 2, tzinfo=dt.UTC)}
        ],
    }
    review = review_tables(rows, dt.date(2025, 5, 16))
    assert review.scorecard("deal", "d").id == "d"

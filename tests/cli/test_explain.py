"""``dealreview explain`` with a subject."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.cli.running import DAY, run
from tests.reports.shop import deal, shop
from tests.support.nasty import NAMES

Capture = pytest.CaptureFixture[str]
PACK = ("-p", "tests.reports.acme")


def explained(capsys: Capture, path: Path, *arguments: str | Path) -> tuple[int, str, str]:
    """Explain a check of the company's own in the database of a folder."""
    printed = run(capsys, "explain", "--db", path / "shop.db", *DAY, *PACK, *arguments)
    return printed.code, printed.out, printed.err


def told(capsys: Capture, path: Path, *arguments: str | Path) -> dict[str, Any]:
    """Return the same for programs: what is said of the subject."""
    code, out, err = explained(capsys, path, *arguments, "--format", "json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)["subject"]
    return found


def words(text: str) -> str:
    """Return a text without its line breaks and columns."""
    return " ".join(text.split())


def test_a_verdict_is_explained(capsys: Capture, tmp_path: Path) -> None:
    """Page, choice, parameters, what is recorded and read, conditions, verdict and points."""
    shop(tmp_path)
    code, out, err = explained(capsys, tmp_path, "terms", "--deal", "crm:1", "--select", "acme")
    assert (code, err) == (0, "")
    for part in (
        "Payment terms stay short",
        "Selected by --select 'acme'.",
        "Line 4 controls deal:crm:1",
        "severity = major (default)",
        "hard = 60 (default) 0 to 365 days",
        "deals from 1 Oct 2026",
        "acme_terms = 90 d",
        "from deals.payment_terms_days, by acme/of_deals",
        "applies true always",
        "› risk true acme_terms > 60 60 from hard",
        "watch true acme_terms > 30 (not asked any more)",
        "risk is true and decides.",
        "■ risk: 90 d net; 30 d is the limit",
        "EUR 286,000 of delay at risk",
        "−71.4 points: major, weight 5 of 7 that are decided, nothing of it kept.",
        "› What would they give for longer terms?",
        "deals.payment_terms_days 90 d",
    ):
        assert part in words(out)


def test_programs_get_the_same(capsys: Capture, tmp_path: Path) -> None:
    """Inputs with units and origins, every condition with its value, and the verdict as in a review."""
    shop(tmp_path)
    said = told(capsys, tmp_path, "acme/terms", "--subject", "deal:crm:2")
    assert (said["kind"], said["id"], said["as_of"]) == ("deal", "crm:2", "2026-11-14")
    assert said["parameters"] == {"soft": 30, "hard": 60}
    read = {one["name"]: (one["value"], one["unit"], one["decides"]) for one in said["inputs"]}
    assert read == {
        "acme_terms": (45, "days", True),
        "acme_amount": (10_000_000, "EUR minor units", False),
    }
    asked = [
        (one["name"], one["value"], one["asked"], one["decides"]) for one in said["conditions"]
    ]
    assert asked == [
        ("applies", True, True, False),
        ("risk", False, True, False),
        ("watch", True, True, True),
        ("strength", False, False, False),
    ]
    assert said["conditions"][2]["text"] == "acme_terms > 30"
    assert said["conditions"][2]["limits"] == [{"value": "30", "parameter": "soft"}]
    assert said["decided_by"] == "watch"
    assert said["verdict"]["outcome"] == "watch"
    assert {one["table"] for one in said["recorded"]} == {"deals"}


def test_overrides_say_whether_they_held(capsys: Capture, tmp_path: Path) -> None:
    """With text, value for this subject and what they set; unknown does not hold."""
    shop(tmp_path, deal(1, "x", payment_terms_days=45, hours_to_go=None))
    config = tmp_path / "own.toml"
    config.write_text(
        '[checks."acme/terms"]\nhard = 70\n'
        '[[override]]\nwhen = "acme_amount > 1"\nchecks."acme/terms" = { soft = 20 }\n'
        '[[override]]\nwhen = "acme_amount < 1"\nchecks."acme/terms" = { soft = 10 }\n'
        '[[override]]\nwhen = "acme_hours < 1"\nchecks."acme/terms" = { severity = "info" }\n'
    )
    options = ("terms", "--deal", "crm:1", "--config", config)
    out = words(explained(capsys, tmp_path, *options)[1])
    assert "soft = 20 (override 1; elsewhere 30)" in out
    assert "hard = 70 (set in the configuration)" in out
    assert "override 1 holds: acme_amount > 1 (soft = 20)" in out
    assert "override 2 does not hold: acme_amount < 1 (soft = 10)" in out
    assert "override 3 is unknown, so it does not hold: acme_hours < 1 (severity = info)" in out
    said = told(capsys, tmp_path, *options)
    assert [(one["number"], one["held"]) for one in said["overrides"]] == [
        (1, True),
        (2, False),
        (3, None),
    ]
    assert said["origins"]["soft"] == "override 1"


def test_what_is_unknown_is_named(capsys: Capture, tmp_path: Path) -> None:
    """The condition that could not be decided, the fact that was missing, and the points left open."""
    shop(tmp_path)
    out = words(explained(capsys, tmp_path, "terms", "--deal", "crm:4", "--select", "acme")[1])
    assert "acme_terms = unknown" in out
    assert "› risk unknown acme_terms > 60" in out
    assert "risk is unknown, for want of acme_terms." in out
    assert "missing: deals.payment_terms_days" in out
    assert "71.4 points open: major, weight 5 of 7 that apply." in out


def test_a_pass_says_that_nothing_held(capsys: Capture, tmp_path: Path) -> None:
    """No condition decided; nothing is asked."""
    shop(tmp_path, deal(1, "fine"))
    out = words(explained(capsys, tmp_path, "terms", "--deal", "crm:1")[1])
    assert "none of the other conditions is true: it passes." in out
    assert "no points: major, weight 5" in out
    assert "› What would they give" not in out.partition("VERDICT")[2]


def test_a_function_has_no_conditions(capsys: Capture, tmp_path: Path) -> None:
    """That is said, with its name; inputs and verdict are there."""
    shop(tmp_path)
    out = words(explained(capsys, tmp_path, "hours", "--deal", "crm:1")[1])
    assert "A Python function decides (tests.reports.acme.hours): it has no conditions" in out
    assert "acme_hours = 40 h" in out
    assert "◆ watch: 40 h of selling to go for Line 4 controls" in out
    assert told(capsys, tmp_path, "hours", "--deal", "crm:1")["conditions"] == []


def test_a_check_without_anything_to_look_at_says_so(capsys: Capture, tmp_path: Path) -> None:
    """It is not reviewed, for want of what is named."""
    shop(tmp_path)
    out = words(explained(capsys, tmp_path, "diary", "--deal", "crm:1")[1])
    assert "not reviewed: nothing is recorded of time_entries.hours." in out
    said = told(capsys, tmp_path, "diary", "--deal", "crm:1")
    assert (said["lacking"], said["verdict"]) == (["time_entries.hours"], None)


def test_a_check_that_is_left_out_is_explained_without_points(
    capsys: Capture, tmp_path: Path
) -> None:
    """It is asked all the same, and told that it is not in the review."""
    shop(tmp_path)
    options = ("terms", "--deal", "crm:1", "--ignore", "acme/terms")
    out = words(explained(capsys, tmp_path, *options)[1])
    assert "Left out by --ignore 'acme/terms'." in out
    assert "■ risk: 90 d net" in out
    assert "No points: the check is not in the review." in out


def test_a_closed_deal_is_explained_as_of_its_closing(capsys: Capture, tmp_path: Path) -> None:
    """The day that counts is named."""
    shop(tmp_path)
    out = explained(capsys, tmp_path, "terms", "--deal", "crm:5")[1]
    assert "closed, judged as of Tue 20 Oct 2026" in out


def test_a_rep_has_no_points(capsys: Capture, tmp_path: Path) -> None:
    """A rep's verdict is explained without a number for the person."""
    shop(tmp_path)
    out = explained(capsys, tmp_path, "week", "--subject", "rep:crm:p1")[1]
    assert "20 h a week" in out
    assert "points" not in out.partition("VERDICT")[2]


def test_a_check_that_raises_says_why(capsys: Capture, tmp_path: Path) -> None:
    """The verdict is an error with its cause; on a subject where it did not raise it is a verdict."""
    shop(tmp_path)
    where = ("--db", tmp_path / "shop.db", *DAY, "-p", "tests.reports.broken")
    printed = run(capsys, "explain", "broken/one", "--deal", "crm:1", *where)
    assert printed.code == 3
    assert "problem: check 'broken/one'" in printed.err
    assert "nothing was decided: raised ValueError: not this one" in words(printed.out)
    other = run(capsys, "explain", "broken/one", "--deal", "crm:2", *where)
    assert "A Python function decides" in words(other.out)


def test_a_check_that_was_refused_is_told_from_one_that_is_not_there(capsys: Capture) -> None:
    """The loader's sentence stands under it."""
    printed = run(capsys, "explain", "broken/raises", "-p", "tests.reports.broken")
    assert printed.code == 2
    assert "There is no check 'broken/raises'." in printed.err
    assert "no luck" in printed.err
    assert "\x1b" not in printed.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("termz", "--deal", "crm:1"), 2, "Did you mean 'terms'?"),
        (("terms", "--deal", "crm:11"), 5, "Did you mean 'deal:crm:1' (Line 4 controls)?"),
        (("terms", "--deal", "Line 4 controls"), 5, "Did you mean 'deal:crm:1'"),
        (("terms", "--subject", "account:crm:a1"), 2, "acme/terms judges deal, not account."),
        (("size", "--deal", "crm:1"), 2, "Write --subject account:ID."),
        (("terms", "--deal", "crm:1", "--subject", "pipeline"), 2, "give one of them"),
        (("terms", "--deal", ""), 2, "names no deal"),
    ],
)
def test_what_is_meant_is_asked_for(
    capsys: Capture, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """A wrong check, subject or kind ends with the code of its sort and says what may be meant."""
    shop(tmp_path)
    found, out, err = explained(capsys, tmp_path, *arguments)
    assert (found, out) == (code, "")
    assert message in words(err)


def test_a_kind_before_the_id_of_a_deal_does_no_harm(capsys: Capture, tmp_path: Path) -> None:
    """--deal deal:ID means what it says."""
    shop(tmp_path)
    assert told(capsys, tmp_path, "terms", "--deal", "deal:crm:1")["id"] == "crm:1"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_names_do_nothing_and_lines_stay_in_the_terminal(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Hostile names are shown and not obeyed, at every width."""
    monkeypatch.setenv("COLUMNS", str(width))
    shop(
        tmp_path,
        *(deal(n, name, payment_terms_days=90) for n, name in enumerate(NAMES) if n % 4 == 3),
    )
    for number in range(3, len(NAMES), 4):
        for check in ("terms", "hours"):
            code, out, err = explained(capsys, tmp_path, check, "--deal", f"crm:{number}")
            assert (code, err) == (0, "")
            assert not {"\x1b", "\u202e", "\x9b", "\r", "\t"} & set(out)
            assert max(map(cell_len, out.splitlines())) <= width

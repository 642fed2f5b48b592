"""Commands that list, explain and refer."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dealreview.reports.schema import review_schema
from tests.cli.running import DAY, OURS, run
from tests.reports.shop import shop

Capture = pytest.CaptureFixture[str]
PACK = ("-p", "tests.reports.acme")


@pytest.mark.parametrize(
    ("name", "key", "member"),
    [
        ("checks", "id", "acme/terms"),
        ("facts", "name", "acme_terms"),
        ("packs", "name", "acme"),
    ],
)
def test_lists_come_as_text_and_as_json(capsys: Capture, name: str, key: str, member: str) -> None:
    """What people read and what programs read holds the same items."""
    text = run(capsys, name, *PACK)
    items = json.loads(run(capsys, name, *PACK, "--format", "json").out)
    assert text.code == 0
    assert member in text.out
    assert member in [item[key] for item in items]


def test_checks_can_be_selected(capsys: Capture) -> None:
    """Patterns choose the checks that are listed, with their effective values."""
    items = json.loads(run(capsys, "checks", *OURS, "--format", "json").out)
    assert [item["id"].partition("/")[0] for item in items] == ["acme"] * 5
    terms = next(item for item in items if item["id"] == "acme/terms")
    assert terms["parameters"] == {"soft": 30, "hard": 60}


def test_checks_say_what_they_cost(capsys: Capture, tmp_path: Path) -> None:
    """With --profile a database is reviewed and not stored; both forms name the same parts."""
    database = shop(tmp_path)
    asked = ("checks", "--profile", "--db", database.path, *DAY, *OURS)
    text = run(capsys, *asked)
    items = json.loads(run(capsys, *asked, "--format", "json").out)
    assert text.out.startswith("Review as of 2026-11-14: ")
    assert {"review", "facts", "check", "table"} == {item["what"] for item in items}
    for item in items:
        assert item["name"] in text.out
    assert run(capsys, "runs", "--db", database.path).out.startswith("No review is stored")


def test_a_database_goes_with_a_profile(capsys: Capture) -> None:
    """Named without it, nothing would be done with it."""
    refused = run(capsys, "checks", "--db", "deals.db")
    assert refused.code == 2
    assert "--db goes with --profile." in refused.err


def test_checks_for_programs_have_all_that_is_declared(capsys: Capture) -> None:
    """Docstring, outcomes, bounds and units, what must be recorded, facts and former ids are there."""
    items = json.loads(run(capsys, "checks", "--format", "json").out)
    assert {tuple(item) for item in items} == {tuple(items[0])}
    floor = next(item for item in items if item["id"] == "pricing/margin-floor")
    assert floor["description"].startswith(floor["title"])
    assert {"risk", "watch", "strength", "pass", "insufficient_data"} <= set(floor["outcomes"])
    details = {one["name"]: one for one in floor["parameter_details"]}
    assert details.keys() == floor["parameters"].keys()
    assert (details["floor"]["ge"], details["floor"]["le"]) == (-1, 1)
    assert details["floor"]["unit"] == "share"
    assert "deal_lines.cost_minor" in floor["needs"]["deal"]
    assert "contribution_ratio_lo" in floor["facts"]["deal"]
    assert "strength_min_n" in [one["name"] for one in floor["fact_parameters"]]
    for item in items:
        assert item["questions"]
        assert item["facts"].keys() == item["needs"].keys() == set(item["on"])
        assert {"sources", "family", "renamed_from", "after_close", "form", "pack"} <= item.keys()


def test_what_a_function_can_say_is_not_guessed(capsys: Capture) -> None:
    """Outcomes are read off conditions; of a check written as a function nobody knows them."""
    items = json.loads(run(capsys, "checks", *OURS, "--format", "json").out)
    for item in items:
        assert (item["outcomes"] is None) == (item["form"] == "function")


def test_facts_can_be_chosen_by_kind(capsys: Capture) -> None:
    """--on leaves other kinds out."""
    items = json.loads(run(capsys, "facts", *PACK, "--on", "rep", "--format", "json").out)
    assert {item["on"] for item in items} == {"rep"}


def test_own_columns_of_a_database_are_facts(capsys: Capture, tmp_path: Path) -> None:
    """With a database its custom columns are listed too."""
    database = shop(tmp_path)
    with database.write() as connection:
        connection.execute(
            "INSERT INTO custom_fields (table_name, name, type) VALUES ('deals', 'region', 'text')"
        )
    assert "deal.x_region" in run(capsys, "facts", "--db", database.path).out


def test_a_pack_that_fails_is_named_beside_the_list(capsys: Capture) -> None:
    """What can't be loaded goes to standard error, the rest is listed, the code is 3."""
    printed = run(capsys, "packs", "-p", "tests.no_such_module", "--format", "json")
    assert printed.code == 3
    assert "problem: pack 'tests.no_such_module'" in printed.err
    assert [pack["name"] for pack in json.loads(printed.out)][:1] == ["core"]


def test_stored_runs_are_listed(capsys: Capture, tmp_path: Path) -> None:
    """The newest run comes first, with its day and number."""
    shop(tmp_path)
    where = ("--db", str(tmp_path / "shop.db"))
    run(capsys, "review", *where, *DAY, *OURS)
    run(capsys, "review", *where, "--as-of", "2026-11-13", *OURS)
    assert run(capsys, "runs", *where).out.startswith("run 2  as of 2026-11-13")
    items = json.loads(run(capsys, "runs", *where, "--format", "json").out)
    assert [(item["run"], item["as_of"]) for item in items] == [
        (2, "2026-11-13"),
        (1, "2026-11-14"),
    ]


def test_a_stored_run_says_how_much_of_it_was_reviewed(capsys: Capture, tmp_path: Path) -> None:
    """Of the checks that were selected it is told how many had anything to look at, and problems."""
    shop(tmp_path)
    where = ("--db", str(tmp_path / "shop.db"))
    run(capsys, "review", *where, *DAY, *OURS, "-p", "tests.no_such_module")
    line = run(capsys, "runs", *where).out
    assert "4 of 5 checks, data revision" in line
    assert line.endswith(", 1 problem\n")
    (item,) = json.loads(run(capsys, "runs", *where, "--format", "json").out)
    assert (item["checks"], item["checks_reviewed"]) == (5, 4)
    run(capsys, "review", *where, *DAY, "-p", "tests.reports.acme", "--select", "acme/terms")
    assert "1 check, data revision" in run(capsys, "runs", *where).out


def test_the_settings_are_referred_to(capsys: Capture) -> None:
    """The command prints every key of the configuration, so that no page is needed for it."""
    assert "`reporting_currency`" in run(capsys, "schema", "--settings").out


def test_the_tables_are_referred_to(capsys: Capture) -> None:
    """The command prints every table as Markdown or as JSON."""
    assert "## `deals`" in run(capsys, "schema").out
    tables = json.loads(run(capsys, "schema", "--format", "json").out)
    assert "deals" in [table["table"] for table in tables]


def test_the_form_of_a_review_is_published(capsys: Capture) -> None:
    """With --review it prints the JSON Schema that the package holds."""
    printed = json.loads(run(capsys, "schema", "--review").out)
    Draft202012Validator.check_schema(printed)
    assert printed == review_schema()


# --- explain -------------------------------------------------------------------------------------


def test_a_check_explains_itself(capsys: Capture) -> None:
    """Title, severity, questions, parameters with bounds, unit and origin, facts and status."""
    out = run(capsys, "explain", "acme/terms", *PACK).out
    for part in (
        "Payment terms stay short",
        "major (weight 5, default) · on deal · family terms",
        "› What would they give for longer terms?",
        "soft = 30 (default)",
        "0 to 365 days",
        "acme_terms",
        "version 1 · stable",
    ):
        assert part in out


def test_a_slug_is_enough_where_it_is_unique(capsys: Capture) -> None:
    """The pack can be left out."""
    assert "acme/terms" in run(capsys, "explain", "terms", *PACK).out


def test_each_value_says_where_it_comes_from(capsys: Capture, tmp_path: Path) -> None:
    """Default, configuration and overrides are told apart, in text and JSON."""
    config = tmp_path / "dealreview.toml"
    config.write_text(
        '[checks."acme/terms"]\nhard = 70\n[[override]]\nwhen = "is_open"\n'
        'checks = { "acme/terms" = { soft = 20, severity = "minor" } }\n'
    )
    options = ("explain", "acme/terms", *PACK, "--config", config)
    out = run(capsys, *options).out
    assert "soft = 30 (default); 20 (override 1)" in out
    assert "hard = 70 (set in the configuration)" in out
    assert "override 1: for each deal where is_open; severity minor" in out
    page = json.loads(run(capsys, *options, "--format", "json").out)
    soft, hard = page["parameters"]
    assert (soft["value"], soft["origin"]) == (30, "default")
    assert soft["overrides"] == [{"origin": "override 1", "value": 20}]
    assert (hard["default"], hard["value"], hard["origin"]) == (60, 70, "configuration")


def test_a_database_is_asked_for_what_a_check_needs(capsys: Capture, tmp_path: Path) -> None:
    """With --db it is said whether the check is reviewed there, and what it lacks."""
    where = ("--db", str(shop(tmp_path).path))
    lacking = " ".join(run(capsys, "explain", "acme/diary", *PACK, *where).out.split())
    assert "deal: time_entries.hours" in lacking
    assert (
        "Not reviewed on deal in this database: nothing is recorded of time_entries.hours."
        in lacking
    )
    assert "Reviewed on deal" in run(capsys, "explain", "acme/terms", *PACK, *where).out

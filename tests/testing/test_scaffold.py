"""A new pack: it installs, its tests pass, and nothing is lacking; and what a worse pack lacks."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from dealreview.model.errors import ConfigurationError
from dealreview.model.verdict import Verdict
from dealreview.testing.packcheck import check_pack
from dealreview.testing.returned import NOTHING_SEEN, returned_by
from dealreview.testing.scaffold import new_pack
from tests.cli.running import ROOT, run
from tools.examples import PLUGINS

if TYPE_CHECKING:
    from pathlib import Path


ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Plugins are named, so none may come from an installed distribution as well."""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a new pack; its name has a hyphen, as many have."""
    folder = tmp_path_factory.mktemp("new")
    new_pack("deal-lab", folder)
    return folder / "dealreview-deal-lab"


def test_its_tests_pass_at_once(pack: Path) -> None:
    """The contract holds, every case is collected and comes out, without a change."""
    plugin = [f"-p{name}" for name in PLUGINS]
    modules = ("-o", "dealreview_modules=dealreview_deal_lab", "--import-mode=importlib")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, *modules],
        cwd=pack,
        env={"PYTHONPATH": f"{ROOT}:{pack}", "PATH": "/usr/bin:/bin", **ALONE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "29 passed" in done.stdout


def test_it_can_be_built(pack: Path) -> None:
    """It is a distribution with an entry point that names its module."""
    described = tomllib.loads((pack / "pyproject.toml").read_text())["project"]
    assert described["name"] == "dealreview-deal-lab"
    assert described["entry-points"]["dealreview.packs"] == {"deal-lab": "dealreview_deal_lab"}


def test_nothing_is_lacking(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The pack is as we would have others publish theirs."""
    printed = run(capsys, "packs", "check", pack)
    assert (printed.code, printed.err) == (0, "")
    assert printed.out == "3 checks, 14 cases: nothing is lacking.\n"


def test_the_command_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files are listed, then the commands to go on with."""
    printed = run(capsys, "packs", "new", "acme", "--into", tmp_path)
    assert printed.code == 0
    assert str(tmp_path / "dealreview-acme" / "pyproject.toml") in printed.out
    assert printed.out.endswith("  dealreview packs check .\n")


@pytest.mark.parametrize("name", ["Acme", "1st", "a--b", "a_b", "", "../x", "pricing"])
def test_a_name_that_can_not_be_one(tmp_path: Path, name: str) -> None:
    """Names that are no namespace, or are taken, are refused, and nothing is written."""
    with pytest.raises(ConfigurationError):
        new_pack(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """A folder of that name stays as it is."""
    (tmp_path / "dealreview-acme").mkdir()
    with pytest.raises(ConfigurationError, match="is there already"):
        new_pack("acme", tmp_path)


# --- what a worse pack lacks ---------------------------------------------------------------------

POOR = '''
from dealreview import Rules, check


@check.columns("poor/late", severity="minor", ask=["What now?"])
def late(d):
    """It is in time."""
    return Rules(applies=d.is_open, watch=d.days_past_close > 3, message="late")
'''
CASE = """
check = "poor/late"
[[case]]
name = "late"
outcome = "watch"
facts = { is_open = true, days_past_close = 2 }
"""


@pytest.fixture
def poor(tmp_path: Path) -> Path:
    """Return a folder with a check that has hardly anything beside it."""
    (tmp_path / "poor.py").write_text(POOR)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "late.toml").write_text(CASE)
    return tmp_path


def test_what_is_lacking_is_said_with_the_mend(
    poor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words, source, cases by outcome, and cases that come out otherwise."""
    said = [str(fault) for fault in check_pack(poor).faults]
    assert [sum(part in one for one in said) for part in (
        "docstring of one line", "names no source", "no case that gives insufficient_data",
        "no case that gives not_applicable", "no case that gives pass", "expected watch, got pass",
    )] == [1] * 6  # fmt: skip
    assert run(capsys, "packs", "check", poor).code == 1


RULE = """
[[check]]
id = "poor/small"
title = "It is large enough"
ask = ["What would make it larger?"]
sources = ["our own judgement"]
watch = "amount < 100"
message = "{amount:money}"
example = [{ facts = { amount = 99 }, expect = "watch" }, { facts = {}, expect = "insufficient_data" }]
"""


def test_the_examples_of_a_rule_are_cases(tmp_path: Path) -> None:
    """What a rule shows by its own examples need not be shown again; the rest is lacking."""
    (tmp_path / "poor.toml").write_text(RULE)
    [fault] = check_pack(tmp_path).faults
    assert "has no case that gives pass" in str(fault)


def test_a_pack_that_can_not_be_loaded(poor: Path) -> None:
    """The loader's problem is a fault, and its cases are not told one by one."""
    (poor / "poor.py").write_text("raise SystemExit(4)")
    said = [str(fault) for fault in check_pack(poor).faults]
    assert len(said) == 2
    assert "sys.exit(4)" in said[0]
    assert "which is not there" in said[1]


def test_a_project_without_an_entry_point(tmp_path: Path) -> None:
    """The error says what to add."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    with pytest.raises(ConfigurationError, match="names no pack"):
        check_pack(tmp_path)


# --- cases of functions --------------------------------------------------------------------------

FUNCTION = '''
import dealreview as dr
from dealreview import Deal, Verdict, check


def judged(deal):
    return Verdict.watch("late") if deal.days_past_close else Verdict.passed()


@check("poor/late", severity="minor", ask=["What now?"], sources=["us"], {options})
def late(deal: Deal) -> Verdict:
    """It is in time.

    Computed somehow.
    """
{body}
'''
NEEDS, READS = 'needs=["days_past_close"]', 'reads=["days_past_close"]'


@pytest.mark.parametrize(
    ("body", "options", "lacking"),
    [
        ("return Verdict.risk('late')", NEEDS, {"risk", "insufficient_data"}),
        ("return Verdict.strength('good')", READS, {"strength"}),
        ("return dr.Verdict.not_applicable()", READS, {"not_applicable"}),
        (
            "if deal.is_open:\n        return judged(deal)\n    return Verdict.risk('x')",
            NEEDS,
            {"risk", "watch", "pass", "insufficient_data"},
        ),
        (
            "make = Verdict.risk if deal.is_open else Verdict.watch\n    return make('late')",
            READS,
            {"risk", "watch"},
        ),
        ("said = Verdict.passed('x')\n    return said", READS, {"pass"}),
        (
            "said = {True: Verdict.risk, False: Verdict.passed}[deal.is_open]\n    return said('x')",
            READS,
            {"pass", "risk or watch"},
        ),
        ("return [Verdict.risk('a')][0]", NEEDS, {"pass", "risk or watch", "insufficient_data"}),
        (
            "if deal.is_open:\n        return Verdict.risk('a')\n    return eval('1')",
            READS,
            {"pass", "risk"},
        ),
        (
            "def inner():\n        return Verdict.risk('a')\n    return Verdict.passed()",
            READS,
            {"pass"},
        ),
    ],
)
def test_a_function_wants_a_case_for_each_verdict_that_it_makes(
    tmp_path: Path, body: str, options: str, lacking: set[str]
) -> None:
    """Its source says which; where that can't be followed a finding and a pass are asked for."""
    source = FUNCTION.format(body=f"    {body}", options=options)
    (tmp_path / "poor.py").write_text(source)
    said = [
        str(fault).split(" has no case that gives ")[-1] for fault in check_pack(tmp_path).faults
    ]
    assert {one.partition(". ")[0] for one in said} == lacking


def test_a_function_without_a_source_wants_a_finding_and_a_pass() -> None:
    """What was made at run time can't be read."""
    space: dict[str, object] = {"Verdict": Verdict}
    exec("def f(deal):\n    return Verdict.strength('x')", space)  # noqa: S102 - made on purpose
    assert returned_by(space["f"]) == returned_by(len) == NOTHING_SEEN


# --- where there is no pack ----------------------------------------------------------------------


def test_an_empty_folder_is_no_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no pack that lacks nothing."""
    done = run(capsys, "packs", "check", tmp_path)
    assert done.code == 2
    assert "There is no pack in" in done.err


def test_an_entry_point_is_the_namespace(poor: Path) -> None:
    """A check outside it would be refused once installed, so it is named here."""
    (poor / "poor.py").rename(poor / "poor_elsewhere.py")
    points = '[project.entry-points."dealreview.packs"]\n{} = "poor_elsewhere"\n'
    (poor / "pyproject.toml").write_text("[project]\nname = 'x'\n" + points.format("other"))
    said = " ".join(str(fault) for fault in check_pack(poor).faults)
    assert (
        "poor/late: is not in the namespace of its entry point: pyproject.toml names 'other'."
        in said
    )
    (poor / "pyproject.toml").write_text("[project]\nname = 'x'\n" + points.format("poor"))
    assert "namespace" not in " ".join(str(fault) for fault in check_pack(poor).faults)

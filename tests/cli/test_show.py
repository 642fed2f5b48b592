"""``dealreview show``."""

import json
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from dealreview.cli.commands.show import command, complete
from dealreview.reports.schema import review_schema
from tests.cli.running import DAY, OURS, Run, run
from tests.reports.shop import shop
from tests.support.packs import write

Capture = pytest.CaptureFixture[str]


def show(capsys: Capture, folder: Path, *arguments: str) -> Run:
    """Show a subject of the company of a folder."""
    return run(capsys, "show", "--db", folder / "shop.db", *DAY, *OURS, *arguments)


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("deal:crm:1", "Line 4 controls"),
        ("account:crm:a1", "Harrow Castings"),
        ("rep:crm:p1", "Tomasz Wilk"),
        ("team:crm:t1", "North"),
        ("pipeline", "Pipeline"),
    ],
)
def test_every_kind_of_subject_can_be_shown(
    capsys: Capture, tmp_path: Path, subject: str, name: str
) -> None:
    """A subject is named by kind and id; the id may hold colons."""
    shop(tmp_path)
    printed = show(capsys, tmp_path, subject)
    assert printed.code == 0
    assert printed.out.startswith(name)


@pytest.mark.parametrize(
    ("subject", "suggestion"),
    [
        ("deal:crm:11", "Did you mean 'deal:crm:1' (Line 4 controls)?"),
        ("Line 4 control", "Did you mean 'deal:crm:1' (Line 4 controls)?"),
        ("deal:line 4", "Did you mean 'deal:crm:1' (Line 4 controls)?"),
        ("harrow", "Did you mean 'account:crm:a1' (Harrow Castings)?"),
        ("crm:p2", "Did you mean 'rep:crm:p2' (Ines Duarte)?"),
        ("zzzz", "Write deal:ID, account:ID"),
    ],
)
def test_what_was_meant_is_suggested(
    capsys: Capture, tmp_path: Path, subject: str, suggestion: str
) -> None:
    """An unknown subject ends with 5 and names the nearest by id or by name."""
    shop(tmp_path)
    printed = show(capsys, tmp_path, subject)
    assert printed.code == 5
    assert suggestion in printed.err


def test_json_is_a_review_of_one_scorecard(capsys: Capture, tmp_path: Path) -> None:
    """The form is that of a review, so that programs read one thing only."""
    shop(tmp_path)
    document = json.loads(show(capsys, tmp_path, "deal:crm:1", "--format", "json", "--all").out)
    Draft202012Validator(review_schema()).validate(document)
    assert [card["subject"]["id"] for card in document["scorecards"]] == ["crm:1"]


def test_people_are_named_in_text_only(capsys: Capture, tmp_path: Path) -> None:
    """Text shows the owner by name; JSON keeps ids."""
    shop(tmp_path)
    assert "Tomasz Wilk" in show(capsys, tmp_path, "deal:crm:1").out
    assert "Tomasz Wilk" not in show(capsys, tmp_path, "deal:crm:1", "--format", "json").out


def test_an_incomplete_run_ends_with_3(capsys: Capture, tmp_path: Path) -> None:
    """A card of a run with a failed check says so by its exit code, and shows the error."""
    shop(tmp_path)
    options = ("-p", "tests.reports.broken", "--select", "broken")
    printed = show(capsys, tmp_path, "deal:crm:1", *options)
    assert printed.code == 3
    assert "WHAT WENT WRONG" in printed.out


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """Return the folder of a company whose configuration names a pack that can't be loaded."""
    shop(tmp_path)
    write(tmp_path / "packs", torn="raise ValueError('no ink')")
    (tmp_path / "dealreview.toml").write_text("plugins = ['packs']\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("form", ["text", "markdown", "csv"])
def test_what_the_run_lacks_is_named(capsys: Capture, torn: Path, form: str) -> None:
    """A pack that is missing may be missing from the card, so it is named, and the 3 is explained."""
    config = ("--config", str(torn / "dealreview.toml"))
    printed = show(capsys, torn, "deal:crm:1", *config, "--format", form)
    said = " ".join((printed.err if form == "csv" else printed.out).replace("\\", "").split())
    assert printed.code == 3
    assert "no ink" in said
    assert "Incomplete: 1 problem named above. Exit 3." in said


@pytest.mark.parametrize(
    "words", [("explain", "acme/terms", "--deal", "crm:1", *OURS), ("waivers", "-p", OURS[1])]
)
def test_what_the_run_of_other_commands_lacks_is_named(
    capsys: Capture, torn: Path, words: tuple[str, ...]
) -> None:
    """They say so on standard error, where no list hides it, and end with 3 too."""
    options = ("--db", torn / "shop.db", "--config", torn / "dealreview.toml", *DAY)
    printed = run(capsys, *words, *options)
    assert printed.code == 3
    assert "no ink" in printed.err
    assert "Incomplete: 1 problem named above. Exit 3." in printed.err


def test_a_whole_run_lacks_nothing(capsys: Capture, tmp_path: Path) -> None:
    """Nothing is said of problems where there is none."""
    shop(tmp_path)
    for form in ("text", "markdown"):
        assert "Incomplete" not in show(capsys, tmp_path, "deal:crm:1", "--format", form).out


def test_subjects_are_completed(tmp_path: Path) -> None:
    """The shell proposes kinds first, then ids that begin alike."""
    context = click.Context(command)
    context.params["db_path"] = shop(tmp_path).path
    argument = command.params[0]
    proposed = [
        [item.value for item in complete(context, argument, t)] for t in ("", "d", "deal:crm:1")
    ]
    assert proposed[0] == ["deal:", "account:", "rep:", "team:", "pipeline"]
    assert proposed[1] == ["deal:"]
    assert proposed[2] == ["deal:crm:1"]


def test_a_completion_that_fails_proposes_nothing(tmp_path: Path) -> None:
    """A database that is not there must not disturb a prompt."""
    context = click.Context(command)
    context.params["db_path"] = tmp_path / "none.db"
    assert complete(context, command.params[0], "deal:x") == []


@pytest.mark.parametrize("form", ["text", "json", "markdown", "csv"])
def test_a_scorecard_goes_to_a_file(capsys: Capture, tmp_path: Path, form: str) -> None:
    """-o writes in every form what would be printed, whole, and prints nothing."""
    shop(tmp_path)
    target = tmp_path / "card"
    printed = show(capsys, tmp_path, "deal:crm:1", "--format", form)
    silent = show(capsys, tmp_path, "deal:crm:1", "--format", form, "-o", str(target))
    assert (silent.code, silent.out) == (printed.code, "")
    written = target.read_text("utf-8")
    assert written.splitlines()[0].startswith(printed.out.splitlines()[0][:15])
    assert form == "text" or written.splitlines() == printed.out.splitlines()


def test_the_next_command_works_as_printed(capsys: Capture, tmp_path: Path) -> None:
    """Options that were typed are in the commands that are proposed; others are not."""
    path = shop(tmp_path).path
    options = f"--db {path} -p tests.reports.acme --as-of 2026-11-14"
    printed = run(capsys, "show", "deal:crm:1", "--db", path, *DAY, *OURS).out
    joined = "".join(printed.split())
    for typed in ("dealreview show deal:crm:1 --all", "dealreview explain acme/terms --deal crm:1"):
        assert f"{typed}{options}".replace(" ", "") in joined
    assert "--config" not in joined


def test_a_deal_can_be_shown_as_its_data_stand(capsys: Capture, tmp_path: Path) -> None:
    """With --now the card says of which review the benchmarks are, and is otherwise the same."""
    shop(tmp_path)
    run(capsys, "review", "--db", tmp_path / "shop.db", *DAY, *OURS)
    among_all = show(capsys, tmp_path, "deal:crm:1", "--format", "json", "--all")
    alone = show(capsys, tmp_path, "deal:crm:1", "--now", "--format", "json", "--all")
    one, other = (json.loads(printed.out) for printed in (among_all, alone))
    Draft202012Validator(review_schema()).validate(other)
    for card in (one["scorecards"][0], other["scorecards"][0]):
        del card["context"]
    assert other["scorecards"] == one["scorecards"]
    printed = show(capsys, tmp_path, "deal:crm:1", "--now").out
    assert "Benchmarks of the review of 14 Nov 2026 (run 1)." in printed
    assert "run 1" in show(capsys, tmp_path, "deal:crm:1", "--now", "--format", "markdown").out


@pytest.mark.parametrize(
    ("subject", "code", "said"),
    [
        ("rep:crm:p1", 2, "Write deal:ID or account:ID"),
        ("Line 4 controls", 2, "Write deal:ID or account:ID"),
        ("deal:crm:11", 5, "There is no deal 'crm:11' as of 2026-11-14"),
    ],
)
def test_what_can_be_judged_alone_is_said(
    capsys: Capture, tmp_path: Path, subject: str, code: int, said: str
) -> None:
    """Whoever names something else is told what can be named."""
    shop(tmp_path)
    run(capsys, "review", "--db", tmp_path / "shop.db", *DAY, *OURS)
    printed = show(capsys, tmp_path, subject, "--now")
    assert printed.code == code
    assert said in printed.err


def test_without_a_review_there_are_no_benchmarks(capsys: Capture, tmp_path: Path) -> None:
    """--now needs a stored review of that day or an earlier one, and says how to get one."""
    shop(tmp_path)
    printed = show(capsys, tmp_path, "deal:crm:1", "--now")
    assert printed.code == 2
    assert "Store one first: `dealreview review`" in printed.err

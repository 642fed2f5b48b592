"""``dealreview review``."""

import datetime as dt
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dealreview.cli.session import review_day
from dealreview.engine.config import Config, Organisation
from dealreview.model.errors import StoreError
from dealreview.reports.schema import review_schema
from tests.cli.running import DAY, OURS, program, run
from tests.reports.shop import deal, shop

Capture = pytest.CaptureFixture[str]


def review(capsys: Capture, folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Review the company of a folder by the checks of the tests."""
    printed = run(capsys, "review", "--db", folder / "shop.db", *DAY, *OURS, *arguments)
    return printed.code, printed.out, printed.err


def test_a_review_is_printed_and_stored(capsys: Capture, tmp_path: Path) -> None:
    """Text goes to standard output; the run has a number that the same review keeps."""
    shop(tmp_path)
    code, out, err = review(capsys, tmp_path)
    again = review(capsys, tmp_path)
    assert (code, err) == (0, "")
    assert "run 1" in out
    assert again == (code, out, err)


def test_a_review_need_not_be_stored(capsys: Capture, tmp_path: Path) -> None:
    """--no-save leaves the database as it is."""
    shop(tmp_path)
    assert "run 1" not in review(capsys, tmp_path, "--no-save")[1]
    assert run(capsys, "runs", "--db", tmp_path / "shop.db").out.startswith("No review is stored")


def test_a_database_that_can_not_be_written_only_costs_the_storing(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The review is printed and says that it is not stored, in text and beside JSON."""
    shop(tmp_path)

    def refuse(*_: object) -> int:
        raise StoreError("It can't be written.")

    monkeypatch.setattr("dealreview.engine.records.save_review", refuse)
    code, out, _ = review(capsys, tmp_path)
    assert code == 0
    assert "This review is not stored: It can't be written." in out
    code, out, err = review(capsys, tmp_path, "--format", "json")
    assert json.loads(out)["schema_version"] == 1
    assert "not stored" in err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "risk"], 1),
        (["--min-score", "50"], 1),
        (["--min-score", "10"], 0),
        (["--fail-on", "risk", "--min-score", "10"], 1),
        (["-p", "tests.reports.broken", "--select", "broken"], 3),
        (["-p", "tests.reports.broken", "--select", "broken", "--fail-on", "risk"], 3),
        (["--ignore", "acme"], 5),
        (["--select", "nonsense"], 2),
    ],
)
@pytest.mark.parametrize("output_format", ["text", "json", "jsonl"])
def test_exit_codes(
    capsys: Capture, tmp_path: Path, options: list[str], code: int, output_format: str
) -> None:
    """Gate, incomplete, nothing selected and wrong use end with their code in every form."""
    shop(tmp_path, deal(1, "bad", payment_terms_days=90), deal(2, "good"))
    found, out, _ = review(capsys, tmp_path, *options, "--format", output_format)
    assert found == code
    if output_format == "json" and code in (0, 1, 3):
        assert json.loads(out)["run"]["exit_code"] == code


def test_an_unrated_subject_is_incomplete_with_a_gate(capsys: Capture, tmp_path: Path) -> None:
    """What nobody knows can't pass a gate, and wins over what failed."""
    shop(tmp_path)
    code, out, _ = review(capsys, tmp_path, "--fail-on", "risk")
    assert code == 3
    assert "Exit 3." in out


def test_json_obeys_the_schema(capsys: Capture, tmp_path: Path) -> None:
    """What the command prints is a document of the published form."""
    shop(tmp_path)
    out = review(capsys, tmp_path, "--format", "json", "--all")[1]
    Draft202012Validator(review_schema()).validate(json.loads(out))


def test_json_lines_parse(capsys: Capture, tmp_path: Path) -> None:
    """Every line is an object: the run, scorecards, the problems."""
    shop(tmp_path)
    objects = [
        json.loads(line) for line in review(capsys, tmp_path, "--format", "jsonl")[1].splitlines()
    ]
    assert "run" in objects[0]
    assert "problems" in objects[-1]
    assert all("subject" in one for one in objects[1:-1])


@pytest.mark.parametrize("output_format", ["text", "json", "jsonl"])
def test_a_file_takes_its_place_when_it_is_complete(
    capsys: Capture, tmp_path: Path, output_format: str
) -> None:
    """-o writes the same, prints nothing and leaves no other file."""
    shop(tmp_path)
    target = tmp_path / "out" / "review"
    target.parent.mkdir()
    target.write_text("old")
    out = review(capsys, tmp_path, "--format", output_format, "-o", str(target))[1]
    assert out == ""
    assert [path.name for path in target.parent.iterdir()] == ["review"]
    if output_format != "text":
        assert target.read_text() == review(capsys, tmp_path, "--format", output_format)[1]


def test_a_file_that_can_not_be_written_is_told(capsys: Capture, tmp_path: Path) -> None:
    """A folder that is not there ends with 2 and a sentence."""
    shop(tmp_path)
    code, _, err = review(capsys, tmp_path, "-o", str(tmp_path / "no" / "review"))
    assert code == 2
    assert "can't be written" in err


def test_nothing_is_coloured_in_a_pipe(tmp_path: Path) -> None:
    """Piped output has no escape codes and nothing goes to standard error."""
    shop(tmp_path, deal(1, "\x1b[31mred", payment_terms_days=90))
    done = program("review", "--db", tmp_path / "shop.db", *DAY, *OURS)
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


def test_the_columns_can_be_chosen(tmp_path: Path) -> None:
    """COLUMNS says how wide the text is."""
    shop(tmp_path)
    command = ("review", "--db", tmp_path / "shop.db", *DAY, *OURS)
    widths = [
        max(map(len, program(*command, env={"COLUMNS": columns}).stdout.decode().splitlines()))
        for columns in ("80", "110")
    ]
    assert widths == [80, 110]


def test_the_configuration_of_the_folder_is_read(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dealreview.toml and dealreview.db of the folder are taken without being named."""
    shop(tmp_path).path.rename(tmp_path / "dealreview.db")
    (tmp_path / "dealreview.toml").write_text(
        '[review]\nas_of = 2026-11-14\n[checks."acme/terms"]\nhard = 100\nsoft = 95\n'
    )
    monkeypatch.chdir(tmp_path)
    printed = run(capsys, "review", *OURS, "--fail-on", "risk", "--ignore", "acme/week")
    assert "as of Sat 14 Nov 2026" in printed.out
    assert "90 d net" not in printed.out


def test_the_database_can_come_from_the_environment(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEALREVIEW_DB names the database where --db does not."""
    monkeypatch.setenv("DEALREVIEW_DB", str(shop(tmp_path).path))
    assert run(capsys, "runs").code == 0


def test_the_day_is_given_configured_or_today() -> None:
    """The option wins over the configuration; without both it is today where the company is."""
    given, configured = dt.date(2026, 1, 2), dt.date(2026, 3, 4)
    assert review_day(given, Config(as_of=configured)) == given
    assert review_day(None, Config(as_of=configured)) == configured
    east, west = (
        review_day(None, Config(organisation=Organisation(time_zone=zone)))
        # 24 hours apart at any time of the day and the year.
        for zone in ("Pacific/Kiritimati", "Pacific/Honolulu")
    )
    assert (east - west).days == 1

"""Names that do harm, from a file through import into everything that is printed."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path  # noqa: TC003 - pytest resolves it

import pytest

from tests.cli.running import run
from tests.reports.html.pages import Reader
from tests.support.nasty import NAMES

Capture = pytest.CaptureFixture[str]
PACK = ("-p", "tests.reports.acme", "--select", "acme")
BEFORE, NOW = "2026-11-07", "2026-11-14"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal or a reader would obey: controls, invisible characters, changes of direction."""

MAPPING = """
source = "crm"
[[file]]
match = "deals.csv"
into = "deals"
[file.fields]
deal_id = "Id"
name = "Name"
account_id = "Account"
owner_id = "Owner"
amount_minor = "Amount"
currency = "Currency"
created_on = "Created"
payment_terms_days = "Terms"
stage_id = "Stage"

[[file]]
match = "accounts.csv"
into = "accounts"
[file.fields]
account_id = "Id"
name = "Name"

[[file]]
match = "people.csv"
into = "people"
[file.fields]
person_id = "Id"
name = "Name"
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database whose deals, accounts and people have hostile names."""
    from dealreview.cli import main

    folder = tmp_path_factory.mktemp("hostile")
    (folder / "crm.toml").write_text(MAPPING)
    _write(folder / "accounts.csv", [("Id", "Name"), *((f"a{n}", x) for n, x in enumerate(NAMES))])
    _write(folder / "people.csv", [("Id", "Name"), *((f"p{n}", x) for n, x in enumerate(NAMES))])
    head = ("Id", "Name", "Account", "Owner", "Amount", "Currency", "Created", "Terms", "Stage")
    deals = [
        (n, x, f"a{n}", f"p{n}", 1000 * (n + 1), "EUR", "2026-01-02", (90, 45, 10)[n % 3], x or "S")
        for n, x in enumerate(NAMES)
    ]
    _write(folder / "deals.csv", [head, *deals])
    files = [str(folder / f"{name}.csv") for name in ("accounts", "people", "deals")]
    where = ["--mapping", str(folder / "crm.toml"), "--db", str(folder / "d.db")]
    assert main(["import", *files, *where]) == 0
    for day in (BEFORE, NOW):
        main(["review", "--db", str(folder / "d.db"), "--as-of", day, *PACK])
    return folder


def _write(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _where(company: Path, day: str = NOW) -> tuple[str, ...]:
    return ("--db", str(company / "d.db"), "--as-of", day, *PACK)


def test_import_stores_the_names(company: Path, capsys: Capture) -> None:
    """Nothing is lost on the way in: as many deals as rows, each under its own id."""
    out = run(capsys, "review", *_where(company), "--format", "json").out
    ids = {card["subject"]["id"] for card in json.loads(out)["scorecards"] if _is_deal(card)}
    assert ids == {f"crm:{n}" for n in range(len(NAMES))}


def _is_deal(card: dict[str, dict[str, str]]) -> bool:
    return card["subject"]["kind"] == "deal"


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize(
    "words",
    [
        ("review",),
        ("review", "--all"),
        ("review", "--format", "markdown", "--all"),
        *(("show", f"deal:crm:{n}", "--all") for n in (0, 3, 4, 12, 25)),
        ("show", "account:crm:4"),
        ("show", "rep:crm:p3"),
        ("explain", "acme/terms", "--deal", "crm:3"),
        ("explain", "acme/terms", "--deal", "crm:4"),
    ],
)
def test_no_name_is_obeyed(
    company: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    width: str,
) -> None:
    """What is printed has no control character, and no line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", width)
    out = run(capsys, *words, *_where(company)).out
    assert CONTROLS.findall(out) == []


def test_a_change_and_a_waiver_show_names_and_obey_none(company: Path, capsys: Capture) -> None:
    """What changed between two runs and what was accepted hold no control character."""
    database = ("--db", str(company / "d.db"))
    said = (
        "--until",
        "2027-01-31",
        "--reason",
        NAMES[3],
        "--author",
        NAMES[4],
        "--approver",
        NAMES[0],
    )
    added = run(capsys, "waivers", "add", "deal:crm:3", "acme/terms", *said, *database)
    printed = [
        added,
        run(capsys, "waivers", *database),
        run(capsys, "diff", "1", "2", "--all", *database),
        run(capsys, "show", "deal:crm:3", *_where(company)),
    ]
    for one in printed:
        assert CONTROLS.findall(one.out + one.err) == []


def test_the_page_shows_names_as_text(company: Path, capsys: Capture) -> None:
    """Markup in a name makes no element; every name of a deal can be read on the page."""
    path = company / "review.html"
    run(capsys, "review", *_where(company), "--format", "html", "-o", path)
    text = path.read_text("utf-8")
    page = Reader(text)
    assert not page.all("img")
    assert len(page.all("script")) == 1
    assert not [value for value in page.values("href") if not value.startswith("#")]
    assert CONTROLS.findall(text) == []
    assert {"<script>alert(1)</script>", "=1+1", "# heading"} <= {one.strip() for one in page.words}


def test_a_spreadsheet_takes_no_name_for_a_formula(company: Path, capsys: Capture) -> None:
    """No cell of the CSV begins as a formula does, whatever stands before the sign."""
    path = company / "review.csv"
    run(capsys, "review", *_where(company), "--format", "csv", "--all", "-o", path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    begins = [cell for cell in cells if cell.strip()[:1] in {"=", "@", "\uff1d"}]
    assert begins == []
    assert not [cell for cell in cells if cell[:1] in {"+", "-"} and not _number(cell)]


def _number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) is not None


def test_a_digest_has_names_as_text(company: Path, capsys: Capture) -> None:
    """What programs and messengers are given is JSON that holds the names as they are."""
    lines = run(capsys, "review", *_where(company), "--format", "jsonl").out.splitlines()
    names = {one["subject"]["name"] for one in map(json.loads, lines) if "subject" in one}
    assert "<script>alert(1)</script>" in names
    assert CONTROLS.findall("".join(lines)) == []

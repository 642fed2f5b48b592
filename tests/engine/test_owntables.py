"""Tables of packs: made, guarded, read, fed, and what happens when they can't be made."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.cli import main
from dealreview.engine.config import Config
from dealreview.engine.loader import load_packs
from dealreview.engine.run import Request, opened, review_database
from dealreview.model.outcome import Kind
from dealreview.store.database import Database
from dealreview.testing import database_of, deal, load_cases, run_case, together
from tests.support.packs import write

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.registry import Registry

AS_OF = dt.date(2026, 3, 31)
STEP = """
@migrations()
def m1(db):
    db["acme__visits"].create({"visit_id": str, "deal_id": str, "on_day": str}, pk="visit_id")
"""
TABLE = """
Table(
    "acme__visits", "A visit.", key=("visit_id",), owner="deal", dated_by="on_day",
    columns=(
        Column("visit_id", "text", "The visit"),
        Column("deal_id", "text", "The deal", references="deals.deal_id"),
        Column("on_day", "date", "The day"),
    ),
)
"""
FACTS = """
@facts(
    "deal", Fact("acme_visits", "int", "Visits.", requires=("acme__visits",)),
    reads={"acme__visits": ("deal_id",)},
)
def visits(inputs):
    counted = inputs.table("acme__visits").group_by("deal_id").agg(n=pl.len().cast(pl.Int64))
    deals = inputs.subjects().select("id")
    found = deals.join(counted, left_on="id", right_on="deal_id", how="left")
    return found.select("id", acme_visits=pl.col("n").fill_null(0))


@check.columns("acme/seen", severity="minor", ask=["When are we there?"])
def seen(d):
    '''Somebody was there.'''
    return Rules(watch=d.acme_visits == 0, strength=d.acme_visits >= 2, message="{acme_visits}")
"""
DEALS = {"deals": [{"deal_id": "D1", "created_on": "2026-01-05"}, {"deal_id": "D2"}]}


def source(steps: str = STEP, table: str = TABLE, name: str = "acme", rest: str = FACTS) -> str:
    """Return a module with tables; every part of it can be changed."""
    return (
        f"from sqlite_utils import Migrations\nmigrations = Migrations('{name}')\n{steps}\n"
        f"@hookimpl\ndef dealreview_tables():\n    return OwnTables(migrations, [{table}])\n{rest}"
    )


def config(folder: Path, text: str) -> Config:
    """Return the configuration of a folder with one pack, acme."""
    return Config(plugins=(write(folder / "packs", acme=text),), autoload=False)


def company(folder: Path) -> Database:
    """Return a database of two deals."""
    return database_of(DEALS, folder / "deals.db")


def loaded_for(database: Database, given: Config) -> Registry:
    """Return what is loaded, with its tables made."""
    with opened(database, Request(AS_OF, given)) as (_, registry):
        return registry


def rows(database: Database, *visits: tuple[str, str, str]) -> None:
    """Write visits."""
    with database.write() as connection:
        query = "INSERT INTO acme__visits (visit_id, deal_id, on_day) VALUES (?, ?, ?)"
        connection.executemany(query, visits)


def dump(database: Database) -> list[str]:
    """Return a database as text."""
    with closing(sqlite3.connect(database.path)) as connection:
        return list(connection.iterdump())


def outcomes(review: Any) -> list[str]:
    """Return what acme/seen says of the deals."""
    cards = review.cards(Kind.DEAL)
    return [v.outcome for card in cards for v in card.verdicts]


def test_the_tables_are_made_and_a_fact_reads_what_was_recorded_by_then(tmp_path):
    """Missing tables are made by a review; later rows, seen from its date, are not there."""
    database, given = company(tmp_path), config(tmp_path, source())
    asked = Request(AS_OF, given, select=["acme"])
    assert "acme/seen" in str(review_database(database, asked).not_reviewed)
    rows(
        database, ("v1", "D1", "2026-03-01"), ("v2", "D1", "2026-03-31"), ("v3", "D2", "2026-04-01")
    )
    review = review_database(database, asked)
    assert review.header.problems == ()
    assert outcomes(review) == ["strength", "watch"]


def test_changes_of_the_tables_move_the_data_revision(tmp_path):
    """A row that another program writes is a change of the data, put down to its deal."""
    database = company(tmp_path)
    loaded_for(database, config(tmp_path, source()))
    with database.read() as connection:
        before = database.revision(connection)
    rows(database, ("v1", "D1", "2026-03-01"))
    with database.read() as connection:
        assert database.revision(connection) == before + 1
        log = "SELECT table_name, deal_id FROM change_log ORDER BY seq DESC LIMIT 1"
        assert connection.execute(log).fetchone() == ("acme__visits", "D1")


def test_what_is_there_is_not_made_again(tmp_path):
    """A second review writes nothing, and no copy is made of a database without tables of the pack."""
    database, given = company(tmp_path), config(tmp_path, source())
    loaded_for(database, given)
    before = dump(database)
    loaded_for(database, given)
    assert dump(database) == before
    assert not list(tmp_path.glob("*.bak"))


def test_a_further_migration_changes_a_table_after_a_copy_was_made(tmp_path):
    """Rows survive a table that is made anew, its changes are logged again, and a copy lies beside."""
    database = company(tmp_path)
    loaded_for(database, config(tmp_path, source()))
    rows(database, ("v1", "D1", "2026-03-01"))
    further = (
        "\n@migrations()\ndef m2(db):\n    db['acme__visits'].transform(rename={'on_day': 'day'})\n"
    )
    changed = TABLE.replace("on_day", "day")
    registry = loaded_for(database, config(tmp_path, source(STEP + further, changed)))
    assert registry.problems == ()
    assert [path.name for path in tmp_path.glob("*.bak")] == ["deals.db.before-acme.bak"]
    with database.write() as connection:
        assert connection.execute("SELECT visit_id, day FROM acme__visits").fetchall() == [
            ("v1", "2026-03-01")
        ]
        connection.execute("UPDATE acme__visits SET day = '2026-03-02'")
        newest = "SELECT op FROM change_log ORDER BY seq DESC LIMIT 1"
        assert connection.execute(newest).fetchone() == ("update",)


FAILING = {
    "raises": ("    raise ValueError('no')", "a migration raised ValueError: no."),
    "exits": ("    raise SystemExit(3)", "a migration raised SystemExit: 3."),
    "commits": ("    db.conn.commit()", "A migration may not begin or end a transaction."),
    "commits by a script": (
        "    db.conn.executescript('CREATE TABLE acme__x (a); COMMIT')",
        "A migration may not begin or end a transaction.",
    ),
    "rolls back": ("    db.conn.rollback()", "A migration may not begin or end a transaction."),
    "deletes deals": ("    db.execute('DELETE FROM deals')", "may not delete from 'deals'."),
    "drops": ("    db['accounts'].drop()", "A migration may not drop 'accounts'."),
    "alters": ("    db['deals'].add_column('mine', str)", "A migration may not alter 'deals'."),
    "takes a name": ("    db['mine'].create({'a': int})", "A migration may not create 'mine'."),
    "indexes": ("    db['deals'].create_index(['name'])", "A migration may not index 'deals'."),
    "attaches": ("    db.attach('x', 'other.db')", "A migration may not attach another database."),
    "sets": ("    db.execute('PRAGMA writable_schema = 1')", "change a setting of the database."),
    "triggers": (
        (
            "    db.execute('CREATE TRIGGER acme__t AFTER INSERT ON acme__visits "
            "BEGIN DELETE FROM deals; END')"
        ),
        "A migration may not create a trigger.",
    ),
    "views": ("    db.create_view('deals2', 'select 1')", "A migration may not create a view."),
    "writes the schema": ("    db.execute('SELEC')", 'SQLite says OperationalError: near "SELEC"'),
}


@pytest.mark.parametrize("what", FAILING)
def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path, what):
    """Whatever a migration does that it may not, nothing of it stays, and it is named as a problem."""
    body, said = FAILING[what]
    database = company(tmp_path)
    before = dump(database)
    text = source(f"{STEP}\n@migrations()\ndef m2(db):\n{body}\n")
    review = review_database(database, Request(AS_OF, config(tmp_path, text)))
    assert dump(database) == before
    [problem] = review.header.problems
    assert problem.where.startswith("tables of pack 'acme' of packs ")
    assert said in problem.cause
    assert "acme/seen" in str(review.not_reviewed)
    assert review.kinds[Kind.DEAL].results


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"steps": ""}, "Its migrations made no table 'acme__visits'."),
        (
            {"table": TABLE.replace('"on_day"', '"day"')},
            "Its migrations made no column 'day' in 'acme__visits'.",
        ),
    ],
)
def test_tables_that_are_not_as_declared_are_not_made(tmp_path, changes, said):
    """What migrations make is held against the declaration."""
    database = company(tmp_path)
    registry = loaded_for(database, config(tmp_path, source(**changes)))
    assert [said in problem.cause for problem in registry.problems] == [True]
    assert "acme__visits" not in "".join(dump(database))


def test_an_older_pack_over_tables_of_a_newer_one_is_named(tmp_path):
    """A migration that this version does not know means that it is older than what is there."""
    database = company(tmp_path)
    newer = "\n@migrations()\ndef m2(db):\n    pass\n"
    loaded_for(database, config(tmp_path, source(STEP + newer)))
    registry = loaded_for(database, config(tmp_path, source()))
    assert "another version of it, which has a migration 'm2'" in registry.problems[0].cause


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "other"}, "its migration set is called 'other'. Name it Migrations('acme')."),
        ({"table": ""}, "it declares no table."),
        ({"table": TABLE.replace("acme__visits", "visits")}, "must be called 'acme__…'"),
        ({"table": f"{TABLE}, {TABLE}"}, "is declared twice."),
        ({"table": TABLE.replace('key=("visit_id",)', 'key=("id",)')}, "has no key."),
        ({"table": TABLE.replace('by="on_day"', 'by="day"')}, "is dated by 'day'"),
        ({"table": TABLE.replace('owner="deal"', 'owner="rep"')}, "has the owner 'rep'."),
        ({"table": TABLE.replace('owner="deal"', 'owner="account"')}, "no column 'account_id'"),
        ({"table": TABLE.replace('"on_day", "date"', '"gone_on", "date"')}, "is added by itself"),
        ({"table": TABLE.replace('"The day"', '""')}, "without a description"),
        ({"table": TABLE.replace('"on_day", "date"', '"on_day", "bytes"')}, "is dated by"),
        ({"table": TABLE.replace('owner="deal"', 'parents={"deal_id": "x"}')}, "the parent 'x'"),
        ({"table": "3"}, "can't be loaded"),
    ],
)
def test_a_declaration_that_is_not_allowed_is_refused(tmp_path, changes, said):
    """The sentence says what to change, and nothing else of the engine is touched."""
    folder = write(tmp_path / "packs", acme=source(**changes, rest=""))
    registry = load_packs(folders=[folder], autoload=False)
    assert registry.own == ()
    assert said in str(registry.problems[0])


def test_facts_of_a_refused_table_are_refused_too(tmp_path):
    """A provider that reads a table which nobody has is named, with its pack."""
    folder = write(tmp_path / "packs", acme=source(name="other"))
    told = "\n".join(map(str, load_packs(folders=[folder], autoload=False).problems))
    assert "there is no table 'acme__visits'" in told


def test_a_function_of_another_kind_is_no_declaration(tmp_path):
    """The hook must bring OwnTables."""
    text = "@hookimpl\ndef dealreview_tables():\n    return [1]\n"
    registry = load_packs(folders=[write(tmp_path / "packs", acme=text)], autoload=False)
    assert "brings list, not OwnTables" in str(registry.problems[0])


def test_an_isolated_pack_cant_have_tables(tmp_path):
    """Migrations need the database, which a process of its own does not get."""
    from dealreview.engine.limits import Limits

    folder = write(tmp_path / "packs", acme=source())
    registry = load_packs(folders=[folder], autoload=False, isolated={"acme": Limits()})
    assert "can't run in a process of its own" in str(registry.problems[0])


MAPPING = """
source = "crm"
feeds = { acme__visits = { from = 2026-01-01, to = 2026-03-31 } }
[[file]]
match = "visits.csv"
into = "acme__visits"
fields = { visit_id = "Id", deal_id = "Deal", on_day = "Day" }
"""


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """A folder with a pack, a mapping and a file of visits, in which commands run."""
    write(tmp_path / "packs", acme=source())
    (tmp_path / "dealreview.toml").write_text('plugins = ["packs"]\nautoload = false\n', "utf-8")
    (tmp_path / "crm.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "visits.csv").write_text("Id,Deal,Day\nv1,D1,2026-03-01\nv2,D9,xx\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(*more: str) -> int:
    """Import the visits; return the exit code."""
    return main(["import", "visits.csv", "--mapping", "crm.toml", "--db", "new.db", *more])


def test_a_mapping_feeds_a_table_of_a_pack(exports, capsys):
    """Rows are typed, ids get their source, the days are a feed, and what is wrong is told."""
    assert imported() == 0
    assert "visits.csv → acme__visits  2 new" in capsys.readouterr().out
    with Database.open(exports / "new.db").read() as connection:
        query = "SELECT visit_id, deal_id, on_day, source_row FROM acme__visits"
        assert connection.execute(query).fetchall() == [
            ("crm:v1", "crm:D1", "2026-03-01", "visits.csv:2"),
            ("crm:v2", "crm:D9", None, "visits.csv:3"),
        ]
        feeds = connection.execute("SELECT table_name, covers_to FROM feeds").fetchall()
        assert feeds == [("acme__visits", "2026-03-31")]
        reasons = [r for (r,) in connection.execute("SELECT reason FROM import_problems")]
        assert len(reasons) == 3


def test_the_same_file_again_changes_nothing(exports, capsys):
    """An import over the same rows leaves them as they are."""
    imported()
    capsys.readouterr()
    assert imported() == 0
    assert "2 unchanged" in capsys.readouterr().out


def test_a_table_of_no_pack_is_refused(exports, capsys):
    """Without the pack the mapping names an unknown table."""
    (exports / "dealreview.toml").write_text("autoload = false\n", "utf-8")
    assert imported() == 2
    assert "unknown table 'acme__visits'" in capsys.readouterr().err


def test_an_import_into_tables_that_cant_be_made_stores_nothing(exports, capsys):
    """A failing migration ends the import with its cause."""
    write(exports / "packs", acme=source(f"{STEP}    raise ValueError('no')\n"))
    assert imported() == 2
    assert "can't be made: a migration raised ValueError: no." in capsys.readouterr().err


def test_the_reference_of_tables_lists_those_of_packs(exports, capsys):
    """`schema` prints them after dealreview's own, in both forms."""
    assert main(["schema"]) == 0
    assert "## `acme__visits`" in capsys.readouterr().out
    assert main(["schema", "--format", "json"]) == 0
    assert '"acme__visits"' in capsys.readouterr().out


CASE = """
check = "acme/seen"
[[case]]
name = "two visits"
as_of = 2026-03-31
outcome = "strength"
subject = "D1"
[case.tables]
deals = [{ deal_id = "D1" }]
acme__visits = [
  { visit_id = "v1", deal_id = "D1", on_day = 2026-03-01 },
  { visit_id = "v2", deal_id = "D1", on_day = 2026-03-02 },
]
"""


def test_a_case_gives_rows_of_a_table_of_a_pack(tmp_path):
    """Cases, and companies in a line, can hold rows of the pack's own tables."""
    folder = write(tmp_path / "packs", acme=source())
    (tmp_path / "seen.toml").write_text(CASE, "utf-8")
    registry = load_packs(folders=[folder], autoload=False)
    file = load_cases(tmp_path / "seen.toml")
    assert run_case(file, file.cases[0], registry, folders=[folder]) == []


def test_rows_of_a_packs_tables_are_put_together():
    """Two rows that differ in any cell are two."""
    visits = [{"visit_id": "v1"}, {"visit_id": "v2"}]
    found = together(deal("D1"), {"acme__visits": visits}, {"acme__visits": visits[:1]})
    assert found["acme__visits"] == visits

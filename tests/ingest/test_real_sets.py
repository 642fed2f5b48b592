from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from tests.support.real_data import FOLDERS, import_real

if TYPE_CHECKING:
    from dealreview.ingest.summary import ImportSummary


LINE = "SELECT quantity, list_minor, invoice_minor, cost_minor FROM deal_lines"


@frozen
class Imported:
    """A real set, imported once for all tests of this file."""

    name: str
    path: Path
    summary: ImportSummary

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(sql).fetchall()


@cache
def imported(name: str) -> Imported:
    """Import a real set, or skip the test."""
    path = Path(tempfile.mkdtemp(prefix="dealreview-real-")) / f"{name}.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return Imported(name, path, import_real(name, path))


def problems(real: Imported, reason: str) -> list[tuple[Any, ...]]:
    """Return the problems whose reason contains a text."""
    sql = "SELECT file, line, column_name, value, reason, action FROM import_problems WHERE import_id = 1"
    return [row for row in real.ask(sql) if reason in row[4]]


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_second_import_changes_nothing(name: str) -> None:
    """The same files once more leave the data revision where it is; the sums agree; nothing is broken."""
    first = imported(name)
    again = import_real(name, first.path)
    assert (again.revision_before, again.total("stored")) == (again.revision_after, 0)
    assert again.adds_up()
    assert first.ask("PRAGMA foreign_key_check") == []
    assert first.ask("PRAGMA integrity_check") == [("ok",)]


class TestMaven:
    def test_names_that_almost_join_are_found(self) -> None:
        """GTXPro finds the list price of GTX Pro, and the import says so once with a count."""
        real = imported("maven")
        assert real.ask(
            "SELECT count(*), max(list_minor) FROM deal_lines WHERE product = 'GTX Pro'"
        ) == [(1480, 482100)]
        noted = problems(real, "was taken for 'GTX Pro'")
        assert [(row[3], row[5]) for row in noted] == [("GTXPro", "noted")]
        assert noted[0][4].endswith("(1,480 rows)")

    def test_only_won_deals_have_an_amount(self) -> None:
        """A lost deal's 0 is no amount; 1,425 open deals have no account and are kept."""
        real = imported("maven")
        by_kind = (
            "SELECT s.kind, count(*), count(d.amount_minor) FROM deals d "
            "JOIN stages s USING (stage_id) GROUP BY 1"
        )
        assert real.ask(by_kind) == [("lost", 2473, 0), ("open", 2089, 0), ("won", 4238, 4238)]
        assert real.ask("SELECT count(*) FROM deals WHERE account_id IS NULL") == [(1425,)]

    def test_teams_and_people_come_from_names(self) -> None:
        """Agents, managers, their teams and the offices above are made from one file, each once."""
        real = imported("maven")
        assert real.ask("SELECT role, count(*) FROM people GROUP BY 1") == [
            ("manager", 6),
            ("rep", 35),
        ]
        assert real.ask("SELECT count(*), count(leader_id), count(parent_team_id) FROM teams") == [
            (9, 6, 6)
        ]
        assert real.ask("SELECT count(*) FROM accounts WHERE industry = 'technology'") == [(12,)]


class TestAdventureWorks:
    def test_header_totals_that_differ_are_noted_and_kept(self) -> None:
        """All 32 orders have a total that is not that of their lines; it is kept beside."""
        real = imported("adventureworks")
        assert len(problems(real, "is the source's total")) == 32
        kept = "SELECT value FROM custom_values WHERE row_id = 'aw:71774' AND name = 'source_total'"
        assert real.ask(kept) == [(88035,)]

    def test_companies_that_are_there_twice_are_reported(self) -> None:
        """406 company names belong to more than one account."""
        real = imported("adventureworks")
        assert len(problems(real, "is the name of")) == 406
        assert real.ask("SELECT count(*) FROM accounts") == [(847,)]

    def test_no_password_is_stored(self) -> None:
        """The password columns are named as never stored, and no cell holds one."""
        real = imported("adventureworks")
        assert real.summary.secret_columns == {"Customer.csv": ["PasswordHash", "PasswordSalt"]}
        assert b"L/Rlwxzp4w7RWmEgXX+" not in real.path.read_bytes()

    def test_lines_are_multiplied_exactly_and_rounded_once(self) -> None:
        """List is quantity × list price, invoice takes the discount off, cost is quantity × standard cost."""
        real = imported("adventureworks")
        line = f"{LINE} WHERE line_id = 'aw:110562'"
        assert real.ask(line) == [(1.0, 59483, 35690, 36094)]

    def test_a_file_that_is_not_utf8_is_read_as_stated(self) -> None:
        """cp1252 names arrive whole."""
        real = imported("adventureworks")
        assert (
            real.ask("SELECT count(*) FROM contacts WHERE name LIKE '%é%' OR name LIKE '%ö%'")[0][0]
            > 0
        )
        assert real.ask("SELECT count(*) FROM contacts WHERE name LIKE '%\ufffd%'") == [(0,)]


class TestNorthwind:
    def test_orders_are_won_deals(self) -> None:
        """Every order is a won deal closed on its day, with an owner and lines at list and invoice price."""
        real = imported("northwind")
        assert real.ask("SELECT count(*), count(owner_id), max(closed_on) FROM deals") == [
            (830, 830, "1998-05-06")
        ]
        line = f"{LINE} WHERE line_id = 'northwind:10248/11'"
        assert real.ask(line) == [(12.0, 25200, 16800, None)]

    def test_tables_with_blanks_in_their_names_are_read(self) -> None:
        """[Order Details] feeds 2,155 lines."""
        real = imported("northwind")
        assert real.ask("SELECT count(*), count(list_minor) FROM deal_lines") == [(2155, 2155)]


class TestOpsMadeEz:
    def test_history_of_unknown_deals_is_rejected_by_name(self) -> None:
        """3,615 history rows belong to no deal; each is a problem with its line, and makes no stage."""
        real = imported("opsmadeez")
        assert real.summary.rejected == 3615
        assert real.summary.problem_counts["rejected"] == 3615
        assert len(problems(real, "which does not exist")) == 97
        assert real.ask("SELECT count(*) FROM deal_changes") == [(0,)]
        assert real.summary.unmapped_stages == []

    def test_ids_that_look_like_numbers_are_unharmed(self) -> None:
        """9237e622 joins as text, and what a spreadsheet damaged is noted and kept as it is."""
        real = imported("opsmadeez")
        assert real.ask(
            "SELECT count(*) FROM stakeholder_roles WHERE deal_id = 'opsmadeez:9237e622'"
        ) == [(5,)]
        assert real.ask(
            "SELECT count(*) FROM activities WHERE activity_id = 'opsmadeez:6.33E+07'"
        ) == [(1,)]
        assert any(row[3] == "6.33E+07" for row in problems(real, "turned into a number"))
        assert problems(real, "leading zeros may be lost")

    def test_roles_and_touches_are_translated(self) -> None:
        """Every role is known, each deal has one main contact, and passive touches count as automated."""
        real = imported("opsmadeez")
        roles = dict(real.ask("SELECT role, count(*) FROM stakeholder_roles GROUP BY 1"))
        assert roles == {
            "decision_maker": 15, "evaluator": 14, "finance": 11,
            "gatekeeper": 22, "technical": 14, "user": 12,
        }  # fmt: skip
        assert real.ask("SELECT count(*) FROM stakeholders WHERE is_main") == [(20,)]
        touches = (
            "SELECT automated, count(*) FROM activities WHERE direction = 'inbound' GROUP BY 1"
        )
        assert real.ask(touches) == [(0, 1055), (1, 1617)]
        assert real.ask("SELECT count(*) FROM activities WHERE direction = 'outbound'") == [(3140,)]

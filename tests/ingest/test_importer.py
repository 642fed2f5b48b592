from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import parse_mapping
from dealreview.ingest.readers import FileError
from dealreview.model.errors import ConfigurationError, DealreviewError
from dealreview.store.schema import TABLES
from tests.ingest.importing import DEALS, NOW, TODAY, Imported, deals, import_files, write_files

if TYPE_CHECKING:
    from pathlib import Path

STAGED = """
exported_on = {day}
[stages]
New = {{milestone = "qualifying"}}
Old = {{milestone = "proposal"}}
"""
FULL = """
name = "name"
stage_id = "stage"
amount_minor = "amount"
created_on = "created"
"""
COMPLETE = DEALS.replace("into", "complete = true\ninto")


def complete(tmp_path: Path, rows: str, day: str = "2025-05-01") -> Imported:
    """Import a complete export of deals as of a day."""
    text = f"id,name,stage,amount,created\n{rows}"
    return import_files(
        tmp_path, {"deals.csv": text}, f'source = "crm"\n{STAGED.format(day=day)}{COMPLETE}{FULL}'
    )


class TestSums:
    def test_every_row_is_accounted_for(self, tmp_path: Path) -> None:
        """Stored, duplicate, left out and rejected rows add up to the rows of the file."""
        text = "id,n,skip\n1,a,\n1,a,\n1,b,\n2,c,x\n,d,\n3,e\n"
        fields = 'name = "n"'
        mapping = DEALS.replace("[file.fields]", 'where = {skip = ""}\n[file.fields]') + fields
        (counts,) = import_files(tmp_path, {"deals.csv": text}, mapping).summary.counts
        assert (
            counts.rows,
            counts.stored,
            counts.duplicates,
            counts.left_out,
            counts.rejected,
        ) == (6, 1, 1, 1, 3)
        assert counts.adds_up()

    def test_one_file_can_feed_several_tables(self, tmp_path: Path) -> None:
        """Each table has sums of its own; a damaged row is rejected for both and reported once."""
        also = '\n[[file.also]]\ninto = "people"\n[file.also.fields]\nperson_id = "owner"\nname = "owner"\n'
        mapping = f'{DEALS}owner_id = "owner"{also}'
        found = import_files(tmp_path, {"deals.csv": "id,owner\n1,Ana\n2,Ana\n3,Ben,x\n"}, mapping)
        sums = {c.table: (c.rows, c.stored, c.duplicates, c.rejected) for c in found.summary.counts}
        assert sums == {"people": (3, 1, 1, 1), "deals": (3, 2, 0, 1)}
        assert len(found.problems()) == 1

    def test_the_summary_is_plain_data(self, tmp_path: Path) -> None:
        """It can be written as JSON, with totals; the database keeps the counts."""
        found = deals(tmp_path, "id\n1\n2,x\n")
        data = json.loads(json.dumps(found.summary.to_dict(), default=str))
        assert data["totals"] == {
            "rows_read": 2, "rows": 2, "stored": 1, "unchanged": 0, "duplicates": 0, "left_out": 0,
            "rejected": 1,
            "blank": 0,
        }  # fmt: skip
        kept = found.ask("SELECT rows_in, rows_stored, rows_rejected, started_at FROM imports")
        assert kept == [(2, 1, 1, "2025-05-16T12:00:00Z")]

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(body=st.binary(max_size=300) | st.text('ab1,;"\n\r\t\0é', max_size=120).map(str.encode))
    def test_any_bytes_are_read_or_refused(self, tmp_path: Path, body: bytes) -> None:
        """No file crashes the import; sums agree and the database stays whole, whatever is in it."""
        path = tmp_path / "any.db"
        files = write_files(tmp_path / "any", {"deals.csv": b"id,n\n" + body, "raw.csv": body})
        raw = (
            '[[file]]\nmatch = "raw.csv"\nheader = false\ncolumns = ["a", "b"]\ninto = "accounts"\n'
        )
        text = f'source = "crm"\n{DEALS}name = "n"\namount_minor = "n"\n{raw}'
        text += '[file.fields]\naccount_id = "a"\n'
        try:
            summary = run_import(path, files, parse_mapping(text), today=TODAY, now=NOW)
        except DealreviewError:
            return
        assert summary.adds_up()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


class TestAgain:
    def test_the_same_file_twice_changes_nothing(self, tmp_path: Path) -> None:
        """Not even the data revision; a row that moved to another line is the same row."""
        complete(tmp_path, "1,A,New,5,2025-01-01\n2,B,New,6,2025-01-02\n")
        again = complete(tmp_path, "2,B,New,6,2025-01-02\n1,A,New,5,2025-01-01\n")
        assert again.summary.total("unchanged") == 2
        assert again.summary.revision_before == again.summary.revision_after

    def test_only_changed_columns_are_written(self, tmp_path: Path) -> None:
        """What a person filled in by hand, and no file gives, stays."""
        complete(tmp_path, "1,A,New,5,2025-01-01\n")
        with closing(sqlite3.connect(tmp_path / "data.db")) as connection, connection:
            connection.execute("UPDATE deals SET scope = 'team'")
        again = complete(tmp_path, "1,B,New,,2025-01-01\n", "2025-05-02")
        assert again.ask("SELECT name, amount_minor, scope FROM deals") == [("B", None, "team")]

    def test_changes_between_two_exports_are_kept(self, tmp_path: Path) -> None:
        """Stage and amount before and after, dated by the later export; the feed says so."""
        complete(tmp_path, "1,A,New,5,2025-01-01\n")
        again = complete(tmp_path, "1,B,Old,6,2025-01-01\n", "2025-05-08")
        changes = "SELECT field, old_value, new_value, changed_at FROM deal_changes ORDER BY field"
        assert again.ask(changes) == [
            ("amount_minor", "500", "600", "2025-05-08T00:00:00Z"),
            ("stage_id", "crm:New", "crm:Old", "2025-05-08T00:00:00Z"),
        ]
        feed = "SELECT covers_from, covers_to FROM feeds WHERE table_name = 'deal_changes'"
        assert again.ask(feed) == [("2025-05-01", "2025-05-08")]
        assert again.summary.changes == 2

    def test_a_change_that_the_source_tells_itself_is_not_told_twice(self, tmp_path: Path) -> None:
        """The source's own history explains the new stage."""
        history = """
        [[file]]
        match = "history.csv"
        into = "deal_changes"
        [file.fields]
        change_id = "id"
        deal_id = "deal"
        field = {constant = "stage_id"}
        old_value = "old"
        new_value = "new"
        changed_at = "at"
        """
        mapping = f"{STAGED.format(day='2025-05-01')}{COMPLETE}{FULL}{history}"
        head = "id,name,stage,amount,created\n"
        old = {"deals.csv": f"{head}1,A,New,5,2025-01-01\n", "history.csv": "id,deal,old,new,at\n"}
        new = {
            "deals.csv": f"{head}1,A,Old,5,2025-01-01\n",
            "history.csv": "id,deal,old,new,at\nh,1,New,Old,2025-05-03\n",
        }
        import_files(tmp_path, old, f'source = "crm"\n{mapping}')
        found = import_files(tmp_path, new, f'source = "crm"\n{mapping}'.replace("05-01", "05-08"))
        assert found.ask("SELECT change_id, changed_at FROM deal_changes") == [
            ("crm:h", "2025-05-03T00:00:00Z")
        ]

    def test_what_a_complete_export_no_longer_has_is_gone(self, tmp_path: Path) -> None:
        """It is marked with the day, kept, and unmarked when it is back."""
        both = "1,A,New,5,2025-01-01\n2,B,New,6,2025-01-02\n"
        complete(tmp_path, both)
        fewer = complete(tmp_path, "1,A,New,5,2025-01-01\n", "2025-05-08")
        gone = "SELECT deal_id, gone_on FROM deals ORDER BY 1"
        assert fewer.ask(gone) == [("crm:1", None), ("crm:2", "2025-05-08")]
        assert fewer.summary.gone == {"deals": 1}
        back = complete(tmp_path, both, "2025-05-09")
        assert back.ask(gone) == [("crm:1", None), ("crm:2", None)]
        assert back.summary.returned == {"deals": 1}

    def test_a_damaged_export_marks_nothing_as_gone(self, tmp_path: Path) -> None:
        """A row that can't be read may be any record."""
        complete(tmp_path, "1,A,New,5,2025-01-01\n2,B,New,6,2025-01-02\n")
        damaged = complete(
            tmp_path, "1,A,New,5,2025-01-01\n2,B, Inc,New,6,2025-01-02\n", "2025-05-08"
        )
        assert damaged.ask("SELECT count(gone_on) FROM deals") == [(0,)]
        assert (
            "deals: nothing was marked as gone, because rows could not be read" in damaged.reasons()
        )

    def test_another_source_is_left_alone(self, tmp_path: Path) -> None:
        """A complete export speaks for its own system; the same id elsewhere is another record."""
        complete(tmp_path, "1,A,New,5,2025-01-01\n")
        text = f'source = "erp"\n{COMPLETE}'
        found = import_files(tmp_path, {"deals.csv": "id\n1\n"}, text)
        assert found.ask("SELECT deal_id, gone_on FROM deals ORDER BY 1") == [
            ("crm:1", None),
            ("erp:1", None),
        ]


class TestAllOrNothing:
    def test_a_dry_run_stores_nothing(self, tmp_path: Path) -> None:
        """It counts everything and makes no file."""
        found = deals(tmp_path, "id\n1\n2,x\n", dry_run=True)
        assert (found.summary.stored, found.summary.total("stored"), found.summary.rejected) == (
            False,
            1,
            1,
        )
        assert not found.path.exists()

    def test_a_dry_run_leaves_a_database_as_it_is(self, tmp_path: Path) -> None:
        """What was there stays, the rest is only counted."""
        deals(tmp_path, "id\n1\n")
        found = deals(tmp_path, "id\n1\n2\n", dry_run=True)
        assert found.ask("SELECT deal_id FROM deals") == [("crm:1",)]
        assert found.ask("SELECT count(*) FROM imports") == [(1,)]

    def test_strict_stores_nothing_when_a_row_is_rejected(self, tmp_path: Path) -> None:
        """The summary still says what was wrong."""
        found = deals(tmp_path, "id\n1\n2,x\n", strict=True)
        assert not found.summary.stored
        assert found.ask("SELECT count(*) FROM deals") == [(0,)]
        assert [problem.line for problem in found.summary.problems] == [3]
        assert deals(tmp_path, "id\n1\n", strict=True).summary.stored

    def test_an_error_half_way_stores_nothing(self, tmp_path: Path) -> None:
        """A second file without a needed column takes the first one back."""
        lines = '[[file]]\nmatch = "lines.csv"\ninto = "deal_lines"\n'
        mapping = f'{DEALS}\n{lines}[file.fields]\nline_id = "id"\ndeal_id = "Dael"\n'
        with pytest.raises(
            ConfigurationError, match=r"lines\.csv has no column 'Dael'\. Did you mean 'Deal'\?"
        ):
            import_files(tmp_path, {"deals.csv": "id\n1\n", "lines.csv": "id,Deal\n1,1\n"}, mapping)
        with closing(sqlite3.connect(tmp_path / "data.db")) as connection:
            assert connection.execute("SELECT count(*) FROM deals").fetchone() == (0,)

    def test_files_that_no_block_reads_are_named(self, tmp_path: Path) -> None:
        """So are blocks without a file; no file at all is an error, and so is a path that is not there."""
        found = import_files(
            tmp_path,
            {"deals.csv": "id\n1\n", "x.csv": "a\n"},
            DEALS + '\n[[file]]\nmatch = "y.csv"\n',
        )
        assert (found.summary.unread, found.summary.unmatched) == (["x.csv"], ["y.csv"])
        with pytest.raises(ConfigurationError, match="The file is not one that mapping reads"):
            import_files(tmp_path, {"x.csv": "a\n"}, DEALS)
        with pytest.raises(FileError, match="There is no file"):
            run_import(
                tmp_path / "d.db", [tmp_path / "none"], parse_mapping(f'source = "a"\n{DEALS}')
            )


class TestOrder:
    def test_parents_come_first_whatever_the_files_order(self) -> None:
        """The schema lists every parent before its children, which is the order of an import."""
        order = list(TABLES)
        for table in TABLES.values():
            assert all(
                order.index(parent) < order.index(table.name) for parent in table.parents.values()
            )

    def test_progress_is_told(self, tmp_path: Path) -> None:
        """Rows done, rows in all where known, and the file."""
        calls: list[tuple[int, int | None, str]] = []
        rows = "".join(f"{n}\n" for n in range(2_500))
        deals(tmp_path, f"id\n{rows}", on_progress=lambda *call: calls.append(call))
        assert calls == [
            (1000, None, "deals.csv"),
            (2000, None, "deals.csv"),
            (2500, 2500, "deals.csv"),
        ]


class TestStages:
    def test_a_stage_that_nobody_mapped_is_noted(self, tmp_path: Path) -> None:
        """It gets a row without a milestone; one that is closed by its flags needs none."""
        fields = 'stage_id = "s"\nis_closed = "c"\nis_won = "w"\npipeline = "p"'
        text = "id,s,c,w,p\n1,Hot,0,0,EU\n2,Hot,0,0,EU\n3,Done,1,1,EU\n"
        found = deals(tmp_path, text, fields)
        rows = found.ask(
            "SELECT stage_id, pipeline_id, name, kind, milestone FROM stages ORDER BY 1"
        )
        assert rows == [
            ("crm:EU/Done", "EU", "Done", "won", None),
            ("crm:EU/Hot", "EU", "Hot", "open", None),
        ]
        assert found.summary.unmapped_stages == ["Hot"]
        assert [row[:3] for row in found.problems()] == [(2, "s", "Hot")]

    def test_a_milestone_given_later_reaches_the_stage(self, tmp_path: Path) -> None:
        """The next import with the stage in the mapping fills it in."""
        deals(tmp_path, "id,s\n1,Hot\n", 'stage_id = "s"')
        found = deals(
            tmp_path, "id,s\n1,Hot\n", 'stage_id = "s"', "[stages]\nHot = {milestone = 5}"
        )
        assert found.ask("SELECT milestone, kind FROM stages") == [(5, "open")]
        assert found.summary.unmapped_stages == []

    def test_deals_can_know_stages_by_id(self, tmp_path: Path) -> None:
        """A file of stages gives the names; the mapping speaks of them by name or by id."""
        block = """
        [[file]]
        match = "stages.csv"
        into = "stages"
        [file.fields]
        stage_id = "id"
        name = "label"
        """
        files = {"deals.csv": "id,s\n1,s1\n2,s2\n", "stages.csv": "id,label\ns1,First\ns2,Second\n"}
        top = '[stages]\nFirst = {milestone = 1}\n"2nd" = {id = "s2", milestone = 2}\n'
        for _ in range(2):
            found = import_files(tmp_path, files, f'{top}{DEALS}stage_id = "s"{block}')
            stages = found.ask("SELECT stage_id, name, milestone FROM stages ORDER BY 1")
            assert stages == [("crm:s1", "First", 1), ("crm:s2", "Second", 2)]
        assert found.summary.revision_before == found.summary.revision_after


class TestFeeds:
    def test_a_feed_goes_from_the_first_to_the_last_day(self, tmp_path: Path) -> None:
        """Days that are not plausible don't count; a complete export reaches up to its own day."""
        text = "id,d\n1,2025-02-01\n2,2025-03-01\n3,1900-01-01\n4,2030-01-01\n"
        found = deals(tmp_path, text, 'created_on = "d"')
        assert found.ask("SELECT * FROM feeds")[0][:4] == (
            "deals",
            "crm/deals.csv",
            "2025-02-01",
            "2025-03-01",
        )
        whole = complete(tmp_path, "1,A,New,5,2025-01-01\n", "2025-05-10")
        assert whole.summary.feeds[0].covers_to == "2025-05-10"

    def test_a_mapping_can_state_a_feed(self, tmp_path: Path) -> None:
        """Then its days count, for a table without rows too."""
        found = deals(
            tmp_path,
            "id,d\n",
            'created_on = "d"',
            "[feeds]\ndeals = {from = 2024-01-01, to = 2024-12-31}",
        )
        assert [tuple(row[:4]) for row in found.ask("SELECT * FROM feeds")] == [
            ("deals", "crm/deals.csv", "2024-01-01", "2024-12-31")
        ]


class TestCustomFields:
    def test_own_columns_have_a_type_and_follow_changes(self, tmp_path: Path) -> None:
        """x.<name> is declared once, its values are typed, and an emptied cell takes the value away."""
        fields = (
            '"x.score" = {column = "s", type = "real", unit = "points"}\n'
            'x.hot = {column = "h", type = "bool"}'
        )
        found = deals(tmp_path, "id,s,h\n1,2.5,yes\n2,x,no\n", fields)
        values = "SELECT row_id, name, value, typeof(value) FROM custom_values ORDER BY 1, 2"
        assert found.ask(values) == [
            ("crm:1", "hot", 1, "integer"),
            ("crm:1", "score", 2.5, "real"),
            ("crm:2", "hot", 0, "integer"),
        ]
        assert found.ask("SELECT name, type, unit FROM custom_fields ORDER BY 1") == [
            ("hot", "bool", ""), ("score", "real", "points"),
        ]  # fmt: skip
        again = deals(tmp_path, "id,s,h\n1,,yes\n2,x,no\n", fields)
        assert again.summary.total("updated") == 1
        assert len(again.ask(values)) == 2


CALLS = """
[[file]]
match = "calls.csv"
into = "activities"
[file.fields]
activity_id = "id"
kind = {constant = "call"}
person_id = {constant = "ana"}
at = "at"
[[file.also]]
into = "activity_attendees"
[file.also.fields]
activity_id = "id"
attendee_id = "who"
side = {constant = "buyer"}
"""


class TestSameRecord:
    def aliases(self, path: Path, *rows: tuple[str, str, str]) -> None:
        """Say that records of two systems are one."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executemany("INSERT INTO aliases VALUES (?, ?, ?)", rows)

    def test_a_call_from_two_systems_is_stored_once(self, tmp_path: Path) -> None:
        """Same person, contact and minute within five; a redial in one list stays; the next import agrees."""
        crm = "id,at,who\n1,2025-05-01 10:00,c\n2,2025-05-01 10:03,c\n3,2025-05-02,c\n"
        found = import_files(tmp_path, {"calls.csv": crm}, CALLS)
        assert found.ask("SELECT count(*) FROM activities") == [(3,)]
        self.aliases(found.path, ("people", "tel:ana", "crm:ana"), ("contacts", "tel:c", "crm:c"))
        tel = "id,at,who\n8,2025-05-01 10:04,c\n9,2025-05-01 11:00,c\n7,2025-05-02,c\n"
        for attempt in range(2):
            twice = import_files(tmp_path, {"calls.csv": tel}, f'source = "tel"\n{CALLS}')
            assert twice.summary.adds_up()
            assert {(c.table, c.duplicates) for c in twice.summary.counts} == {
                ("activities", 1), ("activity_attendees", 1),
            }  # fmt: skip
            assert twice.ask(
                "SELECT activity_id FROM activities WHERE activity_id LIKE 'tel:%'"
            ) == [("tel:7",), ("tel:9",)]
            assert ("is the same call as 'crm:1'; stored once" in twice.reasons()) == (attempt == 0)
        assert twice.summary.revision_before == twice.summary.revision_after

    def test_another_id_of_a_record_is_resolved(self, tmp_path: Path) -> None:
        """A reference follows the alias; a row under the other id is counted as a duplicate."""
        found = deals(tmp_path, "id,account\n1,9\n", 'account_id = "account"')
        self.aliases(found.path, ("accounts", "crm:9", "erp:77"), ("deals", "crm:2", "crm:1"))
        again = deals(tmp_path, "id,account\n1,9\n2,9\n", 'account_id = "account"')
        assert again.ask("SELECT deal_id, account_id FROM deals") == [("crm:1", "erp:77")]
        assert again.summary.total("duplicates") == 1

    def test_own_columns_can_disagree_too(self, tmp_path: Path) -> None:
        """Two rows of one id with two scores: the first counts."""
        fields = 'name = "n"\n"x.score" = {column = "s", type = "int"}'
        found = deals(tmp_path, "id,n,s\n1,a,5\n1,a,6\n1,a,5\n", fields)
        reason = "deals: disagrees with deals.csv line 2 about x.score; the first row counts"
        assert found.reasons() == [reason]
        assert found.ask("SELECT value FROM custom_values") == [(5,)]
        assert found.summary.total("duplicates") == 1

    def test_two_blocks_can_make_one_record(self, tmp_path: Path) -> None:
        """The second adds columns that the first left empty, and is rejected where it disagrees."""
        block = (
            '[[file]]\nmatch = "{0}.csv"\ninto = "people"\n'
            '[file.fields]\nperson_id = "id"\nname = "n"\n{1}\n'
        )
        mapping = block.format("a", "") + block.format("b", 'started_on = "d"')
        files = {
            "a.csv": "id,n\n1,Ana\n2,\n3,Cem\n",
            "b.csv": "id,n,d\n1,Ana,2020-01-01\n2,Ben,\n3,Zed,\n",
        }
        for _ in range(2):
            found = import_files(tmp_path, files, mapping)
            people = found.ask("SELECT name, started_on FROM people ORDER BY person_id")
            assert people == [("Ana", "2020-01-01"), ("Ben", None), ("Cem", None)]
            assert found.summary.rejected == 1
        assert found.summary.revision_before == found.summary.revision_after

"""Mappings and files that say something impossible, with the mend."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dealreview.ingest import problems, readers
from dealreview.ingest.importer import run_import
from dealreview.ingest.mapping_file import load_mapping, parse_mapping
from dealreview.ingest.readers import FileError, open_table
from dealreview.model.errors import ConfigurationError, DealreviewError
from tests.ingest.importing import DEALS, NOW, TODAY, deals, import_files, write_files

if TYPE_CHECKING:
    from pathlib import Path


class TestMappings:
    @pytest.mark.parametrize(
        ("date", "mend"),
        [
            ('"dd.mm.yyyy"', r'Did you mean "%d\.%m\.%Y"'),
            ('"%Q"', "can be read.*E.g."),
            ('"%d.%m."', "does not say year, month and day"),
            ('"%H:%M"', "does not say year, month and day"),
            ('["iso", "%d.%m."]', "does not say year"),
            ("[]", "empty list"),
            ('"%Y-%m"', "does not say year, month and day"),
        ],
    )
    def test_a_date_format_makes_a_day(self, tmp_path: Path, date: str, mend: str) -> None:
        """For the whole mapping and for a field."""
        with pytest.raises(ConfigurationError, match=mend):
            deals(tmp_path, "id\n", "", f"date = {date}")
        with pytest.raises(ConfigurationError, match=mend):
            deals(tmp_path, "id\n", f'created_on = {{column = "id", date = {date}}}')

    @pytest.mark.parametrize("date", ["%d.%m.%y %H:%M", "%Y%m%d", "%G-W%V-%u", "%Y-%j", "%d %b %Y"])
    def test_usual_formats_are_taken(self, tmp_path: Path, date: str) -> None:
        """Whatever names year, month and day in some way."""
        deals(tmp_path, "id\n", "", f'date = "{date}"')

    @pytest.mark.parametrize(
        "name", ["idna", "unicode_escape", "utf-7", "punycode", "rot13", "hex"]
    )
    def test_an_encoding_is_one_of_files(self, tmp_path: Path, name: str) -> None:
        """What Python can decode besides is none."""
        with pytest.raises(ConfigurationError, match="no text encoding"):
            deals(tmp_path, "id\n", "", f'encoding = "{name}"')

    def test_the_nearest_encoding_is_named(self, tmp_path: Path) -> None:
        """A typing error is mended by its like."""
        with pytest.raises(ConfigurationError, match="Did you mean 'cp125"):
            deals(tmp_path, "id\n", "", 'encoding = "cp-1252x"')

    @pytest.mark.parametrize("day", ["1925-05-16", "2035-05-16"])
    def test_the_day_of_an_export_is_plausible(self, tmp_path: Path, day: str) -> None:
        """Nothing was exported then, and one wrong digit would close every clock."""
        with pytest.raises(ConfigurationError, match="exported_on"):
            deals(tmp_path, "id\n1\n", "", f"exported_on = {day}")

    def test_a_closed_stage_has_no_milestone(self, tmp_path: Path) -> None:
        """How far a deal is, is asked of open ones."""
        with pytest.raises(ConfigurationError, match="is won and has a milestone"):
            deals(tmp_path, "id\n", "", '[stages]\nA = {kind = "won", milestone = "closing"}')

    def test_a_mapping_may_begin_with_a_mark(self, tmp_path: Path) -> None:
        """Editors write one; UTF-16 is refused with the mend."""
        path = tmp_path / "crm.toml"
        path.write_bytes(b'\xef\xbb\xbfsource = "crm"\n')
        assert load_mapping(path).source == "crm"
        path.write_bytes('source = "crm"'.encode("utf-16"))
        with pytest.raises(ConfigurationError, match=r"UTF-16.*Save it as UTF-8"):
            load_mapping(path)

    def test_lines_above_the_header_are_skipped(self, tmp_path: Path) -> None:
        """Whatever they hold, quotes too; ``header_row`` says the same."""
        text = 'Report "of\n"May", 2025\nid,n\n1,a\n'
        for key in ("skip_lines = 2", "header_row = 3"):
            mapping = DEALS.replace("into", f"{key}\ninto") + 'name = "n"'
            found = import_files(tmp_path, {"deals.csv": text}, mapping)
            assert found.ask("SELECT name, source_row FROM deals") == [("a", "deals.csv:4")]
        with pytest.raises(ConfigurationError, match="either header_row or skip_lines"):
            parse_mapping(
                'source = "a"\n' + DEALS.replace("into", "skip_lines = 2\nheader_row = 3\ninto")
            )


class TestFiles:
    @pytest.mark.parametrize(
        ("body", "what"),
        [(gzip.compress(b"id\n1\n", mtime=0), "gzip archive"), (b"%PDF-1.7\xe9", "PDF document")],
    )
    def test_what_is_no_text_is_named(self, tmp_path: Path, body: bytes, what: str) -> None:
        """No encoding would mend it."""
        with pytest.raises(FileError, match=what) as caught:
            deals(tmp_path, body)
        assert "cp1252" not in str(caught.value)

    def test_a_name_that_is_no_text_is_shown_all_the_same(self, tmp_path: Path) -> None:
        """Old systems name files in their own encoding."""
        name = os.fsdecode(b"deals-\xe9.csv")
        mapping = parse_mapping('source = "crm"\n' + DEALS.replace("deals.csv", "deals*"))
        (path,) = write_files(tmp_path / "files", {name: "id,n\n1,a,b\n2,c\n"})
        summary = run_import(tmp_path / "x.db", [path], mapping, today=TODAY, now=NOW)
        assert [counts.file for counts in summary.counts] == ["deals-\ufffd.csv"]
        path.write_bytes(b"\x1f\x8b")
        with pytest.raises(FileError, match=r"deals-\ufffd\.csv"):
            run_import(tmp_path / "x.db", [path], mapping, today=TODAY, now=NOW)

    def test_what_can_not_be_read_in_a_folder_is_listed(self, tmp_path: Path) -> None:
        """A pipe is never opened: it would wait for ever."""
        write_files(tmp_path / "files", {"deals.csv": "id\n1\n"})
        os.mkfifo(tmp_path / "files" / "pipe.csv")
        (tmp_path / "files" / "link.csv").symlink_to(tmp_path / "nowhere")
        mapping = parse_mapping('source = "crm"\n' + DEALS)
        summary = run_import(tmp_path / "x.db", [tmp_path / "files"], mapping, today=TODAY, now=NOW)
        assert summary.unread == ["link.csv (a link to nothing)", "pipe.csv (no ordinary file)"]
        with pytest.raises(DealreviewError, match="no ordinary file"):
            run_import(tmp_path / "x.db", [tmp_path / "files" / "pipe.csv"], mapping)

    def test_a_view_without_end_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither one that gives no row nor one that gives rows for ever hangs the import."""
        path = tmp_path / "a.db"
        with closing(sqlite3.connect(path)) as connection:
            endless = (
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
            )
            connection.execute(f"CREATE VIEW rows AS {endless}")
            connection.execute(f"CREATE VIEW silent AS SELECT x FROM ({endless}) WHERE x < 0")
        monkeypatch.setattr(readers, "PATIENCE_SECONDS", -1.0)
        monkeypatch.setattr(readers, "MOST_VIEW_ROWS", 50)
        for name in ("rows", "silent"):
            with pytest.raises(FileError, match=f"view '{name}' takes too long or does not end"):
                list(open_table(path, name).read())

    def test_a_flood_of_problems_is_cut_and_counted(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first of a kind are kept, with the number of the rest."""
        monkeypatch.setattr(problems, "MOST_ROWS", 3)
        rows = "".join(f"{n},x{n}\n" for n in range(10))
        found = deals(tmp_path, f"id,d\n{rows}", 'created_on = "d"')
        assert found.reasons() == [
            *["is not a date written as iso"] * 3, "is not a date written as iso: and 7 more rows",
        ]  # fmt: skip
        assert found.summary.problem_counts["emptied"] == 10

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dealreview.ingest.readers import (
    Damaged,
    FileError,
    Row,
    TextOptions,
    find_encoding,
    first_line_not_utf8,
    open_table,
    open_text,
    table_names,
)
from dealreview.model.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def text_file(tmp_path: Path, text: str | bytes) -> Path:
    """Write a file."""
    path = tmp_path / "a.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def database(tmp_path: Path, *statements: str) -> Path:
    """Write a SQLite file."""
    path = tmp_path / "a db.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def test_header_names_are_trimmed_and_told_apart(tmp_path: Path) -> None:
    """Two columns of one name and one without any can all be mapped."""
    path = text_file(tmp_path, " Name\u00a0,Name,,x\n1,2,3,4\n")
    assert open_text(path, TextOptions()).columns == ("Name", "Name (2)", "column 3", "x")


def test_quotes_can_be_ordinary_characters(tmp_path: Path) -> None:
    """A tab-separated file with inches in it."""
    path = text_file(tmp_path, 'a\tb\n"1\t5" pipe\n')
    (row,) = open_text(path, TextOptions(quote="")).read()
    assert isinstance(row, Row)
    assert row.cells == ('"1', '5" pipe')


def test_old_line_ends_are_read(tmp_path: Path) -> None:
    """A carriage return alone ends a line too."""
    rows = list(open_text(text_file(tmp_path, "a,b\r1,2\r3,4\r"), TextOptions()).read())
    assert [row.line for row in rows] == [2, 3]


def test_an_open_quote_costs_what_it_swallows(tmp_path: Path) -> None:
    """The row is damaged with the line that it starts on; nothing is invented from it."""
    rows = list(open_text(text_file(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n'), TextOptions()).read())
    assert isinstance(rows[-1], Damaged)
    assert rows[-1].line == 3


@pytest.mark.parametrize("cut", [1, 2, 3, 1 << 20])
def test_the_first_line_that_is_not_utf8_is_found(
    tmp_path: Path, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not a character is cut between two chunks."""
    monkeypatch.setattr("dealreview.ingest.readers.CHUNK_BYTES", cut)
    assert first_line_not_utf8(text_file(tmp_path, "é\nüé\n".encode() + b"\xe9\n")) == 3
    assert first_line_not_utf8(text_file(tmp_path, "é\nüé\n")) is None
    assert first_line_not_utf8(text_file(tmp_path, "é\n".encode() + "é".encode()[:1])) == 2


def test_an_encoding_that_is_no_text_encoding_is_refused(tmp_path: Path) -> None:
    """Neither an unknown name nor a codec of another sort."""
    for name in ("nope", "base64", "rot13"):
        with pytest.raises(ConfigurationError, match="no text encoding"):
            find_encoding(text_file(tmp_path, b"\xff"), name)


def test_values_of_a_database_become_texts(tmp_path: Path) -> None:
    """Whole and real numbers say the same as text; NULL and bytes stay what they are."""
    path = database(
        tmp_path,
        "CREATE TABLE [a b] (x, y)",
        "INSERT INTO [a b] VALUES (7, 0.1), (1e20, NULL), (x'00', 'é')",
    )
    source = open_table(path, "a b")
    assert (source.name, source.columns, source.total) == ("a db.sqlite:a b", ("x", "y"), 3)
    assert [row.cells for row in source.read() if isinstance(row, Row)] == [
        ("7", "0.1"), ("100000000000000000000", None), (b"\0", "é"),
    ]  # fmt: skip


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    """A table whose name looks like SQL is read by that name; an unknown one is refused with the nearest."""
    name = 'x"; DROP TABLE y; --'
    path = database(tmp_path, 'CREATE TABLE "x""; DROP TABLE y; --" (a)', "CREATE TABLE y (a)")
    assert list(open_table(path, name).read()) == []
    assert table_names(path) == (name, "y")
    with pytest.raises(ConfigurationError, match="Did you mean 'y'"):
        open_table(path, "yy")


def test_a_view_can_only_read(tmp_path: Path) -> None:
    """A view that calls what is not safe, or that is broken, is an error and nothing else."""
    path = database(
        tmp_path,
        "CREATE TABLE t (a)",
        "CREATE VIEW broken AS SELECT a FROM nowhere",
        "CREATE VIEW good AS SELECT upper(a) AS a FROM t",
        "INSERT INTO t VALUES ('x')",
    )
    with pytest.raises(FileError, match="table 'broken' can't be read"):
        open_table(path, "broken")
    assert [row.cells for row in open_table(path, "good").read() if isinstance(row, Row)] == [
        ("X",)
    ]


def test_a_damaged_database_is_an_error(tmp_path: Path) -> None:
    """The magic alone makes no database."""
    path = text_file(tmp_path, b"SQLite format 3\0" + b"\xff" * 200)
    with pytest.raises(FileError, match="can't be read as a database"):
        table_names(path)

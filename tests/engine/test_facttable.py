"""Facts in pages, in memory or in files, are those of one frame."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dealreview.engine import factparts
from dealreview.engine.factfiles import FactsFile, part_of, write_facts
from dealreview.engine.factparts import (
    Aside,
    FilePart,
    FramePart,
    MixedPart,
    StackedPart,
    rows_of_parts,
)
from dealreview.engine.facttable import GONE, PAGE, FactTable, table_of
from tests.support.facts import in_files, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dealreview.engine.factparts import Part

IDS = st.lists(st.text("abcé", min_size=1, max_size=3), unique=True, min_size=1, max_size=24)
SEEDS = st.integers(0, 2**32)


def facts(ids: Sequence[str], seed: int = 0) -> pl.DataFrame:
    """Return some facts of subjects, in order of id."""
    random = Random(seed)
    cells: dict[str, Any] = {
        "id": sorted(ids),
        "n": [random.choice([None, random.randint(0, 9)]) for _ in ids],
        "words": [random.choice([None, "", "naïve"]) for _ in ids],
        "people": [random.choice([None, [], ["x", "y"]]) for _ in ids],
    }
    types = {"id": pl.String, "n": pl.Int64, "words": pl.String, "people": pl.List(pl.String)}
    return pl.DataFrame(cells, schema=types)


def cut(frame: pl.DataFrame, seed: int, count: int = 3) -> list[pl.DataFrame]:
    """Return the rows of a frame in buckets, some of them perhaps empty."""
    random = Random(seed)
    mine = pl.Series([random.randrange(count) for _ in range(frame.height)], dtype=pl.Int64)
    return [frame.filter(mine == number) for number in range(count)]


def assert_same(table: FactTable, expected: pl.DataFrame, seed: int) -> None:
    """Check everything that is asked of facts."""
    assert table.height == expected.height
    assert list(table.columns) == expected.columns
    assert_frame_equal(whole(table), expected)
    assert_frame_equal(pl.concat(table.windows(["words", "id"])), expected.select("words", "id"))
    for name in expected.columns:
        assert table.column(name).to_list() == expected[name].to_list()
    beside = pl.DataFrame({"_row": range(expected.height)}, schema={"_row": pl.Int64})
    worked_out = (pl.col("n") + pl.col("_row")).alias("sum"), pl.lit(7).alias("same")
    assert_frame_equal(
        table.select(*worked_out, beside=beside),
        expected.hstack(beside).with_columns(worked_out).select("sum", "same"),
    )
    assert table.select(pl.lit(7).alias("same"))["same"].to_list() == [7] * expected.height
    random = Random(seed)
    some = [random.randrange(expected.height) for _ in range(5)] if expected.height else []
    for rows in (some, [], list(range(expected.height))[::-1]):
        assert_frame_equal(table.rows(rows), expected[rows])
    pieces = [piece.read(piece.columns) for piece in table.pieces()]
    assert_frame_equal(pl.concat(pieces), expected)


@given(st.just([]) | IDS, SEEDS)
def test_buckets_are_put_in_order_of_id(ids: list[str], seed: int) -> None:
    """Whether they are held in memory or lie in files, and whatever is at hand of them."""
    frame, random = facts(ids, seed), Random(seed)
    at_hand = {name for name in frame.columns if random.random() < 0.5}
    with tempfile.TemporaryDirectory() as folder, in_files(random.randint(1, 5)):
        for place in (None, Path(folder)):
            aside = Aside(place)
            parts: list[Part] = [
                part for one in cut(frame, seed) for part in aside.put_few_together(one)
            ]
            assert aside.is_full == (place is not None and frame.height > 0)
            pages = Aside(place, is_full=True) if place else None
            table = table_of(parts, at_hand, aside=pages)
            assert not parts
            assert bool(table.pages) == aside.is_full
            assert_same(table, frame, seed)
            if table.pages:
                assert set(table.at_hand.columns) == at_hand | {"id"}
        # It never had a name.
        assert os.listdir(folder) == []


@given(IDS, IDS, SEEDS)
def test_changed_facts_take_the_place_of_what_they_were(
    before: list[str], after: list[str], seed: int
) -> None:
    """Also where every subject is gone, and where new ones come before or after all others."""
    random = Random(seed)
    old, new = facts(before, seed), facts(after, seed + 1)
    gone = [one for one in before if one not in after and random.random() < 0.5]
    gone = [*gone, "zzz"] if random.random() < 0.9 else [one for one in before if one not in after]
    changed = pl.concat(
        [
            new.with_columns(pl.lit(value=False).alias(GONE)),
            facts(gone).with_columns(pl.lit(value=True).alias(GONE)),
        ]
    ).sort("id")
    stays = old.filter(~pl.col("id").is_in([*after, *gone]))
    expected = pl.concat([stays, new]).sort("id")
    everybody = changed.with_columns(pl.lit(value=True).alias(GONE))
    nobody = pl.concat([everybody, stays.with_columns(pl.lit(value=True).alias(GONE))]).sort("id")
    with tempfile.TemporaryDirectory() as folder, in_files(random.randint(1, 5)):
        for place in (None, Path(folder)):
            aside = Aside(place, is_full=place is not None)
            size = random.randint(1, 9)
            for some, left in ((changed, expected), (nobody, old.clear())):
                pages: list[Part] = [
                    aside.put(old[n : n + size]) for n in range(0, old.height, size)
                ]
                assert_same(table_of(pages, {"n"}, some), left, seed)


@given(IDS, SEEDS)
def test_more_facts_stand_beside_the_others(ids: list[str], seed: int) -> None:
    """Those of the organisation are put where the local ones are, those that are left are at hand."""
    frame, random = facts(ids, seed), Random(seed)
    more = frame.select(a="n", b="words")
    with tempfile.TemporaryDirectory() as folder, in_files(random.randint(1, 5)):
        aside = Aside(Path(folder), is_full=True)
        table = table_of([aside.put(frame)], {"n"}, aside=aside)
        table = table.with_aside(more.select("a"), aside).with_aside(more.select("b"), aside)
        assert_same(table, frame.hstack(more), seed)


def test_few_facts_are_held_and_many_are_not() -> None:
    """What is held counts; once it is too much, everything that follows goes into the file."""
    frame = facts(["a", "b"])
    with tempfile.TemporaryDirectory() as folder:
        aside = Aside(Path(folder))
        size = int(frame.estimated_size())
        with mock.patch.object(factparts, "MOST_AT_HAND", 2 * size):
            kinds = [type(aside.put(frame)) for _ in range(4)]
        assert kinds == [FramePart, FramePart, FilePart, FilePart]
        assert isinstance(Aside(None).put(frame), FramePart)


def test_a_kind_without_subjects_has_facts_of_nobody() -> None:
    """Also where facts of others have filled the memory before, and where a file holds those of nobody."""
    nobody = facts([])
    with tempfile.TemporaryDirectory() as folder:
        aside = Aside(Path(folder), is_full=True)
        parts: list[Part] = [part for _ in range(2) for part in aside.put_few_together(nobody)]
        assert_same(table_of(parts, {"n"}, aside=aside), nobody, 0)
        assert_same(table_of([aside.put(nobody)], {"n"}), nobody, 0)


@given(st.lists(st.integers(0, 11), max_size=12))
def test_rows_are_found_through_parts(numbers: list[int]) -> None:
    """Asked for twice, where one part ends and the next begins, and beside parts without rows."""
    frame = facts([f"{n:02}" for n in range(12)])
    parts = [FramePart(frame[begin:end]) for begin, end in ((0, 4), (4, 4), (4, 5), (5, 12))]
    asked = pl.Series(numbers, dtype=pl.UInt32)
    assert_frame_equal(rows_of_parts(parts, asked), frame[numbers])
    mixed = MixedPart(parts, pl.Series(range(12), dtype=pl.UInt32))
    assert_frame_equal(mixed.take(asked), frame[numbers])


class Pages:
    """A page of which it is seen what is read when; the second window of it can't be read."""

    columns = ("id",)
    height = 3 * PAGE

    def __init__(self, *, is_damaged: bool) -> None:
        """Begin with nothing read."""
        self.is_damaged = is_damaged
        self.read_from = [threading.Event() for _ in range(3)]

    def read(self, names: Sequence[str], start: int = 0, count: int | None = None) -> pl.DataFrame:
        """Return empty ids."""
        assert names == ["id"]
        assert count == PAGE
        if self.is_damaged and start == PAGE:
            raise OSError("damaged")
        self.read_from[start // PAGE].set()
        return pl.DataFrame({"id": [""] * count})

    def take(self, places: pl.Series) -> pl.DataFrame:
        """Nobody asks for single rows."""
        raise NotImplementedError(places)


@pytest.mark.parametrize("is_damaged", [False, True])
def test_the_next_window_is_read_meanwhile(is_damaged: bool) -> None:
    """No other one; what is in the way is raised in its turn, and whoever turns away leaves no thread."""
    page = Pages(is_damaged=is_damaged)
    at_hand = pl.DataFrame({"n": range(page.height)})
    windows = FactTable(at_hand, [page], ["id", "n"]).windows(["id"])
    assert next(windows).height == PAGE
    if is_damaged:
        with pytest.raises(OSError, match="damaged"):
            next(windows)
    else:
        assert page.read_from[1].wait(10)
        assert not page.read_from[2].is_set()
        del windows
    assert not [one for one in threading.enumerate() if one.name.startswith("pages")]


def test_a_bucket_is_put_into_a_file_in_chunks() -> None:
    """So that a page of those of all reads few that are not its own."""
    frame = facts([f"{n:02}" for n in range(10)])
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(factparts, "CHUNK", 4):
        assert len(Aside(Path(folder)).put_few_together(frame)) == 1
        parts = Aside(Path(folder), is_full=True).put_few_together(frame)
        assert [part.height for part in parts] == [4, 4, 2]
        assert_frame_equal(pl.concat(part.read(part.columns) for part in parts), frame)


class Full(io.RawIOBase):
    """A file on a disk on which there is room for some bytes."""

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def seek(self, *_where: int) -> int:
        """Go nowhere."""
        return 0

    def write(self, content: Any) -> int:
        """Take some bytes, then no more."""
        if len(content) < 100:
            raise OSError(28, "No space left on device")
        return min(len(content), 50)


def test_a_full_disk_costs_memory() -> None:
    """So does a folder that is gone or not ours to write to."""
    frame = facts(["a", "b"])
    with tempfile.TemporaryDirectory() as folder:
        assert isinstance(Aside(Path(folder) / "gone", is_full=True).put(frame), FramePart)
        with mock.patch.object(factparts.tempfile, "TemporaryFile", return_value=Full()):
            assert isinstance(Aside(Path(folder), is_full=True).put(frame), FramePart)


def test_a_file_is_closed_with_the_last_facts_in_it() -> None:
    """And stays open as long as there are any; who deletes or garbles what it was taken from does no harm."""
    frame = facts(["a", "b", "c"])
    with tempfile.TemporaryDirectory() as folder:
        given_ = write_facts(Path(folder), "x", FramePart(frame))
        part = part_of(Path(folder), given_, Aside(Path(folder), is_full=True))
        assert isinstance(part, FilePart)
        stream = part.file.stream
        (Path(folder) / given_["name"]).write_bytes(b"")
        assert_frame_equal(part.read(frame.columns), frame)
        other = FilePart(part.file, part.begin, part.size, 3, part.columns)
        del part
        assert not stream.closed
        assert_frame_equal(other.read(frame.columns, 1, 1), frame[1:2])
        del other
        assert stream.closed


def test_views_have_the_same_windows() -> None:
    """Whether their facts lie in pages or not, and however long these are: they are read side by side."""
    frame = facts([f"{n:02}" for n in range(10)])
    with tempfile.TemporaryDirectory() as folder, in_files(page=4):
        aside = Aside(Path(folder), is_full=True)
        uneven = table_of([aside.put(frame[:5]), aside.put(frame[5:6]), aside.put(frame[6:])], ())
        halved = table_of([FramePart(frame[:5]), aside.put(frame[5:])], ())
        paged = table_of([aside.put(frame)], (), aside=aside)
        for table in (FactTable(frame), uneven, halved, paged):
            assert [window.height for window in table.windows(["n"])] == [4, 4, 2]
            assert_same(table, frame, 0)


@pytest.mark.parametrize("harm", ["flipped", "cut", "touched", "gone"])
def test_what_is_not_what_was_written_is_not_taken(harm: str) -> None:
    """A file that is read later is looked through when it is opened, as nothing can be done later."""
    frame = facts([f"{n:03}" for n in range(300)])
    with tempfile.TemporaryDirectory() as folder, in_files():
        place = Path(folder)
        given_ = write_facts(place, "x", FramePart(frame))
        path = place / given_["name"]
        content, status = path.read_bytes(), path.stat()
        aside = Aside(place, is_full=True)
        assert_frame_equal(part_of(place, given_, aside).read(frame.columns), frame)
        if harm == "flipped":
            at = len(content) // 2
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        elif harm == "cut":
            os.truncate(path, len(content) // 2)
        elif harm == "touched":
            os.utime(path)
        else:
            path.unlink()
        with pytest.raises(OSError, match="x"):
            part_of(place, given_, aside)


def test_parts_of_parts() -> None:
    """Rows of a few ids are read out of whatever they lie in."""
    frame = facts([f"{n:02}" for n in range(20)])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        held.enter_context(in_files())
        aside = Aside(Path(folder), is_full=True)
        first = aside.put(frame.filter(pl.col("id").str.slice(1) > "4"))
        rest = aside.put(frame.filter(pl.col("id").str.slice(1) <= "4"))
        ids = pl.concat([part.read(["id"])["id"] for part in (first, rest)])
        mixed = MixedPart([first, rest], ids.arg_sort())
        both = StackedPart([mixed, FramePart(frame.select(more="n"))])
        expected = frame.with_columns(more="n")
        assert (both.height, list(both.columns)) == (20, expected.columns)
        assert_frame_equal(both.read(["more", "id"], 3, 9), expected.select("more", "id")[3:12])
        places = pl.Series([17, 2, 2, 9], dtype=pl.UInt32)
        assert_frame_equal(both.take(places), expected[places])
        assert_frame_equal(both.take(places.clear()), expected.clear())
        # One that looks at a file by its path reads the same rows.
        given_ = write_facts(Path(folder), "x", FramePart(frame))
        assert_frame_equal(FactsFile(Path(folder), given_).rows([2, 9]), frame[[2, 9]])

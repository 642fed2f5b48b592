"""Facts of all subjects of a kind: in memory, or page by page in files where they are many.

What a bucket or an earlier review gives is one part. At hand is what is asked of everybody at once; the rest
is read page by page for all subjects, or for some of them.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.engine.ahead import one_ahead
from dealreview.engine.factparts import FilePart, FramePart, MixedPart, StackedPart, rows_of_parts
from dealreview.store.ordering import in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from concurrent.futures import Future

    import polars as pl

    from dealreview.engine.factparts import Aside, Part, Whole

PAGE = 65_536
"""Subjects whose facts are read together by whoever goes through those of all."""

GONE = "#gone"
"""Whether a subject that is named among changed facts is there no more."""


@frozen(eq=False)
class FactTable:
    """Facts of all subjects of a kind.

    Attributes:
        at_hand: Facts in memory, a row a subject in order of id; all of them where there are no pages.
        pages: Where the others are, in order of id.
        named: Names of all columns, in order, where there are pages.
    """

    at_hand: pl.DataFrame
    pages: Sequence[Part] = ()
    named: Sequence[str] = ()

    @property
    def height(self) -> int:
        """How many subjects there are."""
        return self.at_hand.height

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns."""
        return self.named if self.pages else self.at_hand.columns

    def column(self, name: str) -> pl.Series:
        """Return one fact of all subjects."""
        import polars as pl

        return (
            self.at_hand[name] if name in self.at_hand.columns else self.select(pl.col(name))[name]
        )

    def select(self, *given: pl.Expr, beside: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return what is worked out of each row alone, page by page.

        Args:
            given: What to work out; nothing that looks from one row to another.
            beside: Columns that it may read beside the facts.
        """
        import polars as pl

        if not self.pages:
            return _worked_out(_hstacked(self.at_hand, beside), given)
        named = {name for one in given for name in one.meta.root_names()}
        names = [name for name in self.columns if name in named] or ["id"]
        found, begin = [], 0
        for window in self.windows(names):
            others = None if beside is None else beside.slice(begin, window.height)
            found.append(_worked_out(_hstacked(window, others), given))
            begin += window.height
        return pl.concat(found, rechunk=True)

    def windows(self, names: Collection[str]) -> Iterator[pl.DataFrame]:
        """Yield columns of all subjects, :data:`PAGE` of them after the other in order of id.

        Those that lie in files are read one window ahead, on a thread that ends with the generator.
        """
        at_hand = self.at_hand.select(name for name in self.at_hand.columns if name in names)
        own = [name for name in names if name not in at_hand.columns]
        starts = range(0, max(self.height, 1), PAGE)
        if not own:
            yield from (at_hand.slice(start, PAGE).select(names) for start in starts)
            return
        with closing(one_ahead(partial(self._read, own), starts, "pages")) as read:
            for start, others in zip(starts, read, strict=True):
                yield _hstacked(others, at_hand.slice(start, PAGE)).select(names)

    def _read(self, names: Sequence[str], start: int) -> pl.DataFrame:
        """Return columns of a window out of the pages, which are mostly as long as it is."""
        import polars as pl

        found, begin = [], 0
        for page in self.pages:
            first, last = max(start - begin, 0), min(start + PAGE - begin, page.height)
            if first < last:
                found.append(page.read(names, first, last - first))
            begin += page.height
        return pl.concat(found or [self.pages[0].read(names, 0, 0)])

    def rows(self, numbers: Sequence[int]) -> pl.DataFrame:
        """Return all facts of some subjects, in the order in which they are named."""
        import polars as pl

        if not self.pages:
            return self.at_hand[list(numbers)]
        asked = pl.Series(numbers, dtype=pl.UInt32)
        at_hand = self.at_hand[asked]
        others = rows_of_parts(self.pages, asked).drop(at_hand.columns, strict=False)
        return _hstacked(at_hand, others).select(self.named)

    def pieces(self) -> Iterator[Whole]:
        """Yield all facts, some subjects after the other in order of id."""
        if not self.pages:
            yield FramePart(self.at_hand)
        for page in self.pages:
            if isinstance(page, FramePart | FilePart):
                yield page
            else:
                yield FramePart(page.read(self.columns))

    def with_aside(self, more: pl.DataFrame, aside: Aside) -> FactTable:
        """Return the table with more facts of all subjects, which are put where the others are.

        Args:
            more: The facts, in order of id.
            aside: What puts them there.
        """
        pages: list[Part] = []
        begin = 0
        for page in self.pages:
            others = page.parts if isinstance(page, StackedPart) else [page]
            pages.append(StackedPart([*others, aside.put(more.slice(begin, page.height))]))
            begin += page.height
        return evolve(self, pages=pages, named=[*self.named, *more.columns])


def table_of(
    parts: list[Part],
    at_hand: Collection[str],
    changed: pl.DataFrame | None = None,
    aside: Aside | None = None,
) -> FactTable:
    """Return the facts of all subjects.

    Args:
        parts: The parts; the list is left empty, so that no fact is held twice.
        at_hand: Facts that are asked of everybody at once, as far as they are there.
        changed: Facts that take the place of those in the parts, and whether their subject is gone.
        aside: What puts facts in order of id that are in files; None where the parts follow each other so.
    """
    import polars as pl

    if len(parts) == 1 and changed is None and isinstance(parts[0], FramePart):
        return FactTable(_frame(parts.pop()))
    if all(isinstance(part, FramePart) for part in parts):
        return FactTable(together([_frame(part) for part in _emptied(parts)], changed))
    named, none = parts[0].columns, parts[0].read(parts[0].columns, 0, 0)
    pages = _emptied(parts)
    if aside is not None:
        pages = _in_pages(pages, aside)
    if changed is not None:
        pages = _with_changes(pages, changed)
    if not pages:
        return FactTable(none)
    ids = pl.concat([page.read(["id"]) for page in pages])
    table = FactTable(ids, pages, named)
    kept = (pl.col(name) for name in named if name == "id" or name in at_hand)
    return evolve(table, at_hand=table.select(*kept))


def _emptied(parts: list[Part]) -> list[Part]:
    found = list(parts)
    parts.clear()
    return found


def together(frames: list[pl.DataFrame], changed: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return all rows in order of id.

    Args:
        frames: The rows; the list is left empty.
        changed: Those that take the place of what they were, and whether their subject is gone.
    """
    import polars as pl

    ids = pl.concat([frame["id"] for frame in frames])
    if changed is None:
        return in_order(frames, ids.arg_sort())
    here = changed.filter(~pl.col(GONE)).select(frames[0].columns)
    frames.append(here)
    return in_order(frames, _order(ids, changed, here["id"]))


def _in_pages(parts: Sequence[Part], aside: Aside) -> list[Part]:
    """Return the rows of all parts in order of id, some of them after the others."""
    from concurrent.futures import ThreadPoolExecutor, wait

    import polars as pl

    whole = MixedPart(parts, pl.concat([part.read(["id"])["id"] for part in parts]).arg_sort())
    pages: list[Future[Whole]] = []
    # One is written while the next one is put together, and no more are held.
    with ThreadPoolExecutor(1, thread_name_prefix="facts") as thread:
        for start in range(0, whole.height, PAGE):
            page = whole.read(whole.columns, start, PAGE)
            wait(pages[-1:])
            pages.append(thread.submit(aside.put, page))
    return [page.result() for page in pages]


def _with_changes(pages: Sequence[Part], changed: pl.DataFrame) -> list[Part]:
    """Return pages with changed rows in the place of what they were, each in the page of its id."""
    import polars as pl

    here = changed.filter(~pl.col(GONE)).select(pages[0].columns)
    firsts = pl.concat(
        [page.read(["id"], 0, 1)["id"] for page in pages[1:]] or [here["id"].clear()]
    )
    cuts = [0, *here["id"].search_sorted(firsts), here.height]
    found: list[Part] = []
    for page, (first, last) in zip(pages, pairwise(cuts), strict=True):
        own = here.slice(first, last - first)
        order = _order(page.read(["id"])["id"], changed, own["id"])
        is_as_it_was = not own.height and len(order) == page.height
        found.append(page if is_as_it_was else MixedPart([page, FramePart(own)], order))
    return [page for page in found if page.height]


def _order(ids: pl.Series, changed: pl.DataFrame, new: pl.Series) -> pl.Series:
    """Return the numbers of rows that still hold and of new ones after them, in order of their ids."""
    import polars as pl

    live = (~ids.is_in(changed["id"].implode())).arg_true()
    rows = pl.int_range(len(ids), len(ids) + len(new), dtype=pl.UInt32, eager=True)
    return pl.concat([live, rows])[pl.concat([ids[live], new]).arg_sort()]


def _frame(part: Part) -> pl.DataFrame:
    assert isinstance(part, FramePart)  # noqa: S101 - whoever calls this has looked
    return part.frame


def _hstacked(frame: pl.DataFrame, others: pl.DataFrame | None) -> pl.DataFrame:
    return frame if others is None else frame.hstack(others.get_columns())


def _worked_out(frame: pl.DataFrame, given: Sequence[pl.Expr]) -> pl.DataFrame:
    """Return a row a subject, also where nothing is read of any of them."""
    import polars as pl

    found = frame.select(given)
    if found.height == frame.height:
        return found
    return pl.DataFrame([column.new_from_index(0, frame.height) for column in found])

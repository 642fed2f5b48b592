"""What the whole organisation decides about deals and accounts, kept for the time between two reviews.

Medians of peers, rates of winning, hours of owners: they need everybody's rows, so that one deal alone
can't have them anew. A review that is stored leaves those that its checks read; the next one that is
not of an earlier day takes their place.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from attrs import define, field

from dealreview.engine.factplan import dtype_of
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.checks.facts import Fact
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.registry import Registry
    from dealreview.engine.review import KindReview
    from dealreview.store.benchmarks import StoredBenchmarks
    from dealreview.store.runs import StoredRun

KINDS = (Kind.ACCOUNT, Kind.DEAL)
"""Kinds whose benchmarks are kept: those that are judged between reviews."""

SUBJECTS_A_BLOCK = 2_048
"""Subjects kept together: a block is read for one of them, and columns should still pack well."""

BLOCKS_AT_HAND = 64
"""Blocks that a reader keeps in memory, of a few hundred kilobytes each."""


def benchmark_facts(registry: Registry, wanted: Wanted, kind: Kind) -> tuple[str, ...]:
    """Return the wanted facts of a kind that the whole organisation decides, in order of name."""
    names = (name for on, name in wanted if on is kind)
    return tuple(n for n in sorted(names) if registry.provider_of(kind, n).step != "local")


def stored_benchmarks(found: KindReview) -> Iterator[StoredBenchmarks]:
    """Yield the benchmarks of a kind as a run keeps them, block by block in order of id."""
    from dealreview.store.benchmarks import StoredBenchmarks

    if found.kind not in KINDS:
        return
    for together in _windows(found):
        for start in range(0, together.height, SUBJECTS_A_BLOCK):
            block = together.slice(start, SUBJECTS_A_BLOCK)
            ids = block["id"]
            yield StoredBenchmarks(found.kind.value, ids[0], ids[-1], _packed(block))


def _windows(found: KindReview) -> Iterator[pl.DataFrame]:
    """Yield a row a subject: its facts in each of the frames that checks see."""
    import polars as pl

    frozen, live = found.benchmarks
    windows = [found.seen.windows(["id", *frozen])]
    if live:
        seen = next(found.tables[r.check.id] for r in found.results if r.check.after_close)
        windows.append(seen.windows(["id", *live]))
    for frames in zip(*windows, strict=True):
        own = [
            frame.select(pl.exclude("id").name.prefix(f"{n}:")) for n, frame in enumerate(frames)
        ]
        yield pl.concat([frames[0].select("id"), *own], how="horizontal")


def _packed(block: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    block.rechunk().write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return buffer.getvalue()


@define
class Benchmarks:
    """The benchmarks of a stored run, read where they are asked for.

    Attributes:
        run: The run.
        firsts: The first subject of each block by kind, in order.
    """

    run: StoredRun
    firsts: Mapping[str, Sequence[str]]
    _blocks: dict[tuple[str, str], pl.DataFrame] = field(factory=dict, init=False)

    def of(self, connection: sqlite3.Connection, kind: Kind, subject_id: str) -> dict[str, Any]:
        """Return what is kept of a subject, by frame and fact; nothing if the run did not look at it."""
        firsts = self.firsts.get(kind.value, ())
        place = bisect_right(firsts, subject_id)
        if not place:
            return {}
        block = self._block(connection, kind, firsts[place - 1])
        row = block["id"].search_sorted(subject_id)
        found = block.row(row, named=True) if row < block.height else {}
        return found if found.get("id") == subject_id else {}

    def _block(self, connection: sqlite3.Connection, kind: Kind, first: str) -> pl.DataFrame:
        import polars as pl

        from dealreview.store.benchmarks import load_benchmarks

        found = self._blocks.pop((kind, first), None)
        if found is None:
            data = load_benchmarks(connection, self.run.number or 0, kind, first)
            found = pl.read_parquet(io.BytesIO(data))
        self._blocks[kind, first] = found
        if len(self._blocks) > BLOCKS_AT_HAND:
            self._blocks.pop(next(iter(self._blocks)))
        return found


def benchmarks_of(connection: sqlite3.Connection, number: int) -> Benchmarks:
    """Return the benchmarks of a run."""
    from dealreview.store.benchmarks import benchmark_blocks
    from dealreview.store.runs import load_run

    return Benchmarks(load_run(connection, number), benchmark_blocks(connection, number))


def with_benchmarks(
    base: pl.DataFrame, facts: Iterable[Fact], kept: Sequence[Mapping[str, Any]], frame: int
) -> pl.DataFrame:
    """Return subjects with facts of a run beside their own; what it does not have is unknown.

    Args:
        base: The subjects with their local facts.
        facts: The facts that are wanted.
        kept: What the run keeps of each subject.
        frame: Which of the frames that checks see is meant: 1 goes on after a deal has closed.
    """
    import polars as pl

    return base.hstack(
        [
            pl.Series(
                fact.name, [one.get(f"{frame}:{fact.name}") for one in kept], dtype=dtype_of(fact)
            )
            for fact in facts
        ]
    )

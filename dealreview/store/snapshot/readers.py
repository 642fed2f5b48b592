"""Having spans read by several processes at once; what none of them can read is read here."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, cast

from attrs import asdict, define, field

from dealreview.model import interpreter
from dealreview.store.changes import revision
from dealreview.store.schema import TABLES
from dealreview.store.snapshot import reader
from dealreview.store.snapshot.buckets import Buckets, buckets_from
from dealreview.store.snapshot.files import File
from dealreview.store.snapshot.rows import Unordered, as_typed
from dealreview.store.snapshot.spans import cells_of, spans_of
from dealreview.store.snapshot.writing import Place, Written, read_buckets, write_span
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from dealreview.store.schema import Table
    from dealreview.store.snapshot.spans import Span

    Asked = Future[dict[str, Any] | None]

WORTH_BYTES = 64 * 1024 * 1024
"""Size of a database from which on it pays to start processes that read it, which takes half a second."""

MOST = 4
"""Processes at most; each holds a span in memory."""

STARTING_S = 60.0
"""How long an interpreter may take to start, on a busy machine."""

DRIVER = "adbc_driver_sqlite"


@define
class Process:
    """A process that reads.

    Attributes:
        popen: The process.
        questions: What it is asked goes here.
        answers: What it answers comes from here.
        sees: Data revision, schema and mark that it must see.
        is_ready: Whether it has said that it does.
        is_over: Whether it is not to be asked any more.
    """

    popen: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]
    sees: list[int]
    is_ready: bool = False
    is_over: bool = False

    @classmethod
    def start(cls, uri: str, place: Place, sees: list[int]) -> Process:
        """Start one; it is ready a little later.

        Raises:
            OSError: It can't be started.
        """
        command = interpreter.command(
            f"from {reader.__name__} import main; main()", uri, str(place.folder), place.mark
        )
        pipe, nobody = subprocess.PIPE, subprocess.DEVNULL
        environment = interpreter.environment()
        popen = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=pipe, stdout=pipe, stderr=nobody, env=environment
        )
        return cls(popen, cast("IO[bytes]", popen.stdin), cast("IO[bytes]", popen.stdout), sees)

    def ask(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a question; None where there is none.

        What sees other data, or answers none or nonsense, is ended and not asked again.
        """
        if self.is_over:
            return None
        with suppress(OSError, ValueError, LookupError, TypeError):
            if self.is_ready or self._begins():
                self.questions.write(json.dumps(asked).encode() + b"\n")
                self.questions.flush()
                found: dict[str, Any] = json.loads(self.answers.readline())
                return None if "failed" in found else found
        self.is_over = True
        self.popen.kill()
        return None

    def _begins(self) -> bool:
        """Wait until it says that it sees the same data; what never says anything is ended."""
        guard = threading.Timer(STARTING_S, self.popen.kill)
        guard.start()
        try:
            self.is_ready = json.loads(self.answers.readline())["seen"] == self.sees
        finally:
            guard.cancel()
        return self.is_ready

    def end(self) -> None:
        """End it."""
        self.popen.kill()
        self.popen.wait()
        for stream in (self.questions, self.answers):
            with suppress(OSError):
                stream.close()


@define
class Readers:
    """Whoever reads the spans of a database.

    Attributes:
        connection: One read transaction.
        place: Where the snapshot is being built.
        count: Into how many buckets rows are divided.
        processes: Processes that see the same data; perhaps none.
    """

    connection: sqlite3.Connection
    place: Place
    count: int
    processes: tuple[Process, ...]
    _buckets: Buckets | None = None
    _idle: SimpleQueue[Process] = field(factory=SimpleQueue)

    def written(self, tables: Iterable[Table]) -> Iterator[tuple[Table, Span | None, Written]]:
        """Yield every span of tables, in their order, once it is written.

        None instead of a span says that a table can't be kept; further spans of it may follow.
        """
        for process in self.processes:
            self._idle.put(process)
        # First those whose rows belong to nobody: buckets are not needed for them.
        ordered = sorted(tables, key=lambda table: bool(table.owner))
        with ThreadPoolExecutor(max(len(self.processes), 1)) as threads:
            try:
                yield from self._written(threads, ordered)
            except BaseException:
                # Nobody waits for what is still being read.
                for process in self.processes:
                    process.popen.kill()
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def _written(
        self, threads: ThreadPoolExecutor, tables: Iterable[Table]
    ) -> Iterator[tuple[Table, Span | None, Written]]:
        known = threads.submit(self._asked, {"buckets": self.count})
        ahead: deque[tuple[Table, Span, Asked]] = deque()
        for table in tables:
            try:
                for span in spans_of(self.connection, table):
                    ahead.append((table, span, threads.submit(self._read, span, known)))
                    if len(ahead) > 2 * len(self.processes):
                        yield self._first(ahead, known)
            except Unordered:
                yield table, None, _NOTHING
        while ahead:
            yield self._first(ahead, known)

    def _asked(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer of a process that nobody else asks anything."""
        if not self.processes:
            return None
        process = self._idle.get()
        try:
            return process.ask(asked)
        finally:
            self._idle.put(process)

    def _read(self, span: Span, known: Asked) -> dict[str, Any] | None:
        is_asked = not TABLES[span.table].owner or known.result() is not None
        return self._asked(asdict(span)) if is_asked else None

    def _first(
        self, ahead: deque[tuple[Table, Span, Asked]], known: Asked
    ) -> tuple[Table, Span | None, Written]:
        table, span, coming = ahead.popleft()
        found = coming.result()
        try:
            if found is None:
                return table, span, self._read_here(span, known)
        except Unordered:
            return table, None, _NOTHING
        if "unordered" in found:
            return table, None, _NOTHING
        files = {int(bucket): File(**file) for bucket, file in found.pop("files").items()}
        return table, span, Written(files, **found)

    def _read_here(self, span: Span, known: Asked) -> Written:
        """Write a span that is read cell by cell."""
        if self._buckets is None and known.result() is not None:
            self._buckets = read_buckets(self.place)
        if self._buckets is None:
            self._buckets = buckets_from(Tables(self.connection).frame, self.count)
        frame = as_typed(span.query, cells_of(self.connection, span))
        return write_span(self.place, span, frame, self._buckets)


_NOTHING = Written({}, {}, (), {})


@contextmanager
def readers_of(
    connection: sqlite3.Connection, path: Path, place: Place, count: int
) -> Iterator[Readers]:
    """Give readers of what a connection sees: processes where that pays.

    Args:
        connection: One read transaction.
        path: Its database.
        place: Where the snapshot is being built.
        count: Into how many buckets rows are divided.
    """
    processes: list[Process] = []
    try:
        is_large = path.stat().st_size >= WORTH_BYTES
        if is_large and interpreter.is_python() and find_spec(DRIVER) is not None:
            sees = [revision(connection), _schema(connection), 1]
            uri = f"{path.absolute().as_uri()}?mode=ro"
            with suppress(OSError, ValueError):
                while len(processes) < min(interpreter.processors(), MOST):
                    processes.append(Process.start(uri, place, sees))
        yield Readers(connection, place, count, tuple(processes))
    finally:
        # Nothing is written any more once whoever gave the folder goes on.
        for process in processes:
            process.end()


def _schema(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    return number

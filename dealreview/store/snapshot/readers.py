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
from dealreview.store.snapshot import reader, spans
from dealreview.store.snapshot.buckets import Buckets, buckets_from
from dealreview.store.snapshot.files import File
from dealreview.store.snapshot.rows import Unordered, as_typed
from dealreview.store.snapshot.spans import cells_of, spans_of
from dealreview.store.snapshot.writing import Place, Written, read_buckets, write_span
from dealreview.store.tables import Tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from dealreview.store.schema import Table
    from dealreview.store.snapshot.spans import Span

    Asked = Future[dict[str, Any]]
    Note = Callable[[str], None]

WORTH_BYTES = 64 * 1024 * 1024
"""Size of a database from which on it pays to start processes that read it, which takes half a second."""

MOST = 4
"""Processes at most; each holds a span in memory."""

STARTING_S = 60.0
"""How long an interpreter may take to start, on a busy machine."""

SLOWEST = 1024 * 1024
"""Bytes a second that even the slowest disk gives; who reads less for long has come to a stop."""

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
        failed: Why it is not to be asked any more; empty while it is.
    """

    popen: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]
    sees: list[int]
    is_ready: bool = False
    failed: str = ""

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

    def ask(self, asked: dict[str, Any], size: int) -> dict[str, Any]:
        """Return the answer to a question; ``failed`` in it says why there is none.

        What sees other data, or answers nothing, nonsense or too late, is ended and not asked again.

        Args:
            asked: The question.
            size: How many bytes have to be read for it at most.
        """
        if self.failed:
            return {"failed": self.failed}
        try:
            if not self.is_ready:
                self.is_ready = self._line(STARTING_S)["seen"] == self.sees
            if self.is_ready:
                self.questions.write(json.dumps(asked).encode() + b"\n")
                self.questions.flush()
                return {**self._line(STARTING_S + size / SLOWEST)}
            self.failed = "a process that reads saw other data"
        except (OSError, ValueError, LookupError, TypeError):
            self.failed = "a process that reads gave no answer"
        self._stop()
        return {"failed": self.failed}

    def _line(self, patience: float) -> Any:
        """Return what it says next; what says nothing for so many seconds is ended."""
        guard = threading.Timer(patience, self.popen.kill)
        guard.start()
        try:
            return json.loads(self.answers.readline())
        finally:
            guard.cancel()

    def _stop(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def end(self) -> None:
        """End it."""
        self._stop()
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
        size: Bytes of the database.
        note: Told, in a sentence, which rows are read cell by cell, and why.
        processes: Processes that see the same data; perhaps none.
    """

    connection: sqlite3.Connection
    place: Place
    count: int
    size: int
    note: Note
    processes: tuple[Process, ...]
    _slow: dict[str, dict[str, None]] = field(factory=dict)
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
        for why, names in self._slow.items():
            self.note(f"{_listed(list(names))}: read cell by cell, since {why}.")

    def _written(
        self, threads: ThreadPoolExecutor, tables: Iterable[Table]
    ) -> Iterator[tuple[Table, Span | None, Written]]:
        known = threads.submit(self._asked, {"buckets": self.count}, self.size)
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

    def _asked(self, asked: dict[str, Any], size: int) -> dict[str, Any]:
        """Return the answer of a process that nobody else asks anything."""
        if not self.processes:
            return {"failed": ""}
        process = self._idle.get()
        try:
            return process.ask(asked, size)
        finally:
            self._idle.put(process)

    def _read(self, span: Span, known: Asked) -> dict[str, Any]:
        if TABLES[span.table].owner and "failed" in known.result():
            return known.result()
        return self._asked(asdict(span), spans.SPAN_BYTES)

    def _first(
        self, ahead: deque[tuple[Table, Span, Asked]], known: Asked
    ) -> tuple[Table, Span | None, Written]:
        table, span, coming = ahead.popleft()
        found = coming.result()
        try:
            if "failed" in found:
                if found["failed"]:
                    self._slow.setdefault(found["failed"], {})[table.name] = None
                return table, span, self._read_here(span, known)
        except Unordered:
            return table, None, _NOTHING
        if "unordered" in found:
            return table, None, _NOTHING
        files = {int(bucket): File(**file) for bucket, file in found.pop("files").items()}
        return table, span, Written(files, **found)

    def _read_here(self, span: Span, known: Asked) -> Written:
        """Write a span that is read cell by cell."""
        if self._buckets is None and "failed" not in known.result():
            self._buckets = read_buckets(self.place)
        if self._buckets is None:
            self._buckets = buckets_from(Tables(self.connection).frame, self.count)
        frame = as_typed(span.query, cells_of(self.connection, span))
        return write_span(self.place, span, frame, self._buckets)


_NOTHING = Written({}, {}, (), {})


def _listed(names: list[str]) -> str:
    """Return names of tables, at most three of them."""
    some = names if len(names) < 4 else [*names[:2], f"{len(names) - 2} other tables"]
    return " and ".join([", ".join(some[:-1]), some[-1]] if some[1:] else some)


@contextmanager
def readers_of(
    connection: sqlite3.Connection, path: Path, place: Place, count: int, note: Note
) -> Iterator[Readers]:
    """Give readers of what a connection sees: processes where that pays.

    Args:
        connection: One read transaction.
        path: Its database.
        place: Where the snapshot is being built.
        count: Into how many buckets rows are divided.
        note: Told, in a sentence, which rows are read cell by cell, and why, where processes would pay.
    """
    processes: list[Process] = []
    size = path.stat().st_size
    try:
        if size >= WORTH_BYTES:
            sees = [revision(connection), _schema(connection), 1]
            uri = f"{path.absolute().as_uri()}?mode=ro"
            why = _hindrance() or _start(processes, uri, place, sees)
            if not processes:
                note(f"All rows are read cell by cell, since {why}.")
        yield Readers(connection, place, count, size, note, tuple(processes))
    finally:
        # Nothing is written any more once whoever gave the folder goes on.
        for process in processes:
            process.end()


def _hindrance() -> str:
    """Return why no process can read; empty where nothing is known to be in the way."""
    if not interpreter.is_python():
        return "this program is no Python that could be started again"
    if find_spec(DRIVER) is None:
        return f"the package {DRIVER.replace('_', '-')} is not installed"
    return ""


def _start(processes: list[Process], uri: str, place: Place, sees: list[int]) -> str:
    """Start processes, and return why there are no more of them."""
    try:
        while len(processes) < min(interpreter.processors(), MOST):
            processes.append(Process.start(uri, place, sees))
    except (OSError, ValueError) as error:
        return f"no process can be started: {error}"
    return ""


def _schema(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    return number

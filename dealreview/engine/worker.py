"""The other side of a pack that runs in a process of its own: takes requests, runs the authors' code.

Messages are pickles behind their length, on
the standard streams that the process was started with; what authors print goes to standard error.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, TypeVar

from attrs import define, evolve, field, frozen

from dealreview.checks.columns import Columns
from dealreview.engine.days import CountsDays
from dealreview.engine.factplan import UndeclaredError
from dealreview.engine.functions import SUBJECTS
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.loader import Candidate, describe
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    import polars as pl

    from dealreview.checks.pack import Pack
    from dealreview.engine.feeds import RecordedFeeds
    from dealreview.engine.rates import Rates
    from dealreview.model.calendar import Calendar

Made = TypeVar("Made")
LENGTH = struct.Struct(">Q")


@frozen
class Request:
    """What a worker is asked to do.

    Attributes:
        candidate: The pack, imported when it is first asked for.
        task: ``describe``, ``rules``, ``judge`` or ``provide``.
        name: Id of the check, or number of the provider.
        given: What the task needs.
    """

    candidate: Candidate
    task: str
    name: str = ""
    given: tuple[Any, ...] = ()


@frozen
class Answer:
    """What a worker did: a value, or the type and text of what was raised."""

    value: Any = None
    error: str = ""
    text: str = ""


@frozen
class CarriedInputs(CountsDays):
    """What a provider gets, without the database behind it; see :class:`dealreview.Inputs`."""

    as_of: dt.date
    calendar: Calendar
    currency: str
    feeds: RecordedFeeds
    params: Mapping[str, Any]
    rates: Rates
    tables: Mapping[str, pl.DataFrame]
    own: pl.DataFrame
    frames: Mapping[str, pl.DataFrame]

    def table(self, name: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return the declared columns of a table, of all rows or of some."""
        if name not in self.tables:
            raise UndeclaredError(f"it reads '{name}' without saying so. Add it to reads.")
        return self.tables[name] if where is None else self.tables[name].filter(where)

    def subjects(self) -> pl.DataFrame:
        """Return the subjects: ``id`` and ``day``."""
        return self.own

    def facts(self, kind: str = "") -> pl.DataFrame:
        """Return ``id`` and the declared facts of a kind."""
        if kind not in self.frames:
            raise UndeclaredError(f"it uses no facts of '{kind}'. Add them to uses.")
        return self.frames[kind]

    def shared(
        self,
        make: Callable[[Any], Made],
        *,
        reads: Mapping[str, Iterable[str]] | None = None,  # noqa: ARG002 - checked where tables are
        uses: Iterable[str] = (),  # noqa: ARG002 - as above
    ) -> Made:
        """Return what ``make`` gives, made for this provider alone: it shares its process with nobody."""
        return make(self)

    def to_reporting(
        self, frame: pl.DataFrame, amount: str, currency: str, on: str | pl.Expr
    ) -> pl.Series:
        """Return an amount column in reporting currency minor units; unknown without a rate near the day."""
        return self.rates.convert(frame, amount, currency, on)


@define
class Worker:
    """The packs of this process."""

    packs: dict[str, Pack] = field(factory=dict)

    def answer(self, request: Request) -> Any:
        """Do what is asked."""
        if request.candidate.name not in self.packs:
            self.packs[request.candidate.name] = describe(request.candidate)
        pack = self.packs[request.candidate.name]
        if request.task == "describe":
            return described(pack)
        if request.task == "provide":
            return _provided(pack, int(request.name), *request.given)
        check = next(check for check in pack.checks if check.id == request.name)
        return _TASKS[request.task](check.function, *request.given)


def described(pack: Pack) -> Pack:
    """Return a pack without the authors' functions.

    Raises:
        ValueError: It brings extensions, which have no place in another process.
    """
    if pack.tables is not None:
        raise ValueError("it brings tables, whose migrations can't run in a process of its own")
    if pack.extensions:
        names = ", ".join(extension.name for extension in pack.extensions)
        raise ValueError(f"it brings {names}, which can't run in a process of its own")
    return evolve(
        pack,
        modules=(),
        checks=tuple(evolve(check, function=nobody) for check in pack.checks),
        providers=tuple(evolve(provider, function=nobody) for provider in pack.providers),
    )


def nobody(*_args: Any, **_values: Any) -> Any:
    """Stand in for a function that only the worker has."""
    raise NotImplementedError


def _rules(function: Any, kind: str, types: Mapping[str, str], values: Mapping[str, Any]) -> Any:
    return function(Columns(kind, types), **values)


def _judge(function: Any, subject: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
    kind, subject_id, name, facts, related = subject
    records = {
        table: tuple(MappingProxyType(record) for record in rows) for table, rows in related.items()
    }
    return function(SUBJECTS[Kind(kind)](subject_id, name, facts, records), **values)


def _provided(pack: Pack, number: int, inputs: CarriedInputs) -> Any:
    import polars as pl

    given: Any = pack.providers[number].function(inputs)
    return given.collect() if isinstance(given, pl.LazyFrame) else given


_TASKS: dict[str, Callable[..., Any]] = {"rules": _rules, "judge": _judge}


def send(stream: IO[bytes], message: Any) -> None:
    """Write a message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes], load: Any = pickle.loads) -> Any:
    """Read a message.

    Raises:
        EOFError: There is none any more.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (size,) = LENGTH.unpack(head)
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return load(body)


def limit_memory(mib: int) -> None:
    """Let this process have so much memory more than it has now; only where Linux tells how much that is."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return
    import resource

    pages = int(statm.read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + mib * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answered(worker: Worker, request: Request) -> Answer:
    found = attempt(worker.answer, request)
    if isinstance(found, Raised):
        return Answer(error=type(found.error).__name__, text=found.text)
    return Answer(found)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    worker = Worker()
    send(answers, Answer("ready"))
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        answer = _answered(worker, request)
        body = attempt(pickle.dumps, answer)
        if isinstance(body, Raised):
            answer = Answer(error="TypeError", text=f"its answer can't be sent: {body}")
        send(answers, answer)


def main() -> None:
    """Keep the two streams of the exchange for it alone, and serve; the argument is the memory in MiB."""
    import polars as pl

    pl.DataFrame({"a": [1]}).select(pl.col("a") + 1)  # threads and arenas exist before the limit
    requests, answers = (os.fdopen(os.dup(n), mode) for n, mode in ((0, "rb"), (1, "wb")))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = io.TextIOWrapper(os.fdopen(os.dup(2), "wb"), line_buffering=True)
    limit_memory(int(sys.argv[1]))
    serve(requests, answers)

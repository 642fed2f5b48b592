"""Packs in processes of their own: whatever one does costs only what it was asked for.

A worker that raises, hangs, exits, crashes or takes too much memory is named, ended and started
again for the next question. This keeps mistakes away from a review, not malice: the process runs with
the rights of who reviews.
"""

from __future__ import annotations

import io
import pickle
import queue
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from attrs import define, evolve, field, frozen

from dealreview.checks.columns import Columns, Subject, fact_types
from dealreview.checks.pack import Pack
from dealreview.engine import worker
from dealreview.engine.isolation import EndedError
from dealreview.engine.validation import used_fact
from dealreview.model import interpreter

if TYPE_CHECKING:
    from dealreview.engine.factplan import ProviderInputs
    from dealreview.engine.limits import Limits
    from dealreview.engine.loader import Candidate

STARTING_S = 60.0
"""How long an interpreter may take to start, on a busy machine."""


class ElsewhereError(Exception):
    """What authors' code raised in another process, by type and text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.raised_as = name


class _Careful(pickle.Unpickler):
    """Makes only what answers are made of; a class of the authors' would be imported here otherwise."""

    def find_class(self, module: str, name: str) -> Any:
        root = module.partition(".")[0]
        if root not in _ALLOWED and (module, name) not in _BUILT_IN:
            raise pickle.UnpicklingError(f"an answer may not hold {module}.{name}")
        return super().find_class(module, name)


_ALLOWED = frozenset(
    {
        "dealreview",
        "polars",
        "datetime",
        "decimal",
        "fractions",
        "pathlib",
        "collections",
        "copyreg",
    }
)
_PLAIN = (
    "bool",
    "int",
    "float",
    "str",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "bytes",
    "type",
)
_BUILT_IN = frozenset({("builtins", name) for name in (*_PLAIN, "complex", "getattr")})


def _loaded(body: bytes) -> Any:
    return _Careful(io.BytesIO(body)).load()


@define
class Process:
    """A running worker; it ends when its input is closed, at the latest with this process."""

    popen: subprocess.Popen[bytes]
    requests: IO[bytes]
    said: IO[bytes]
    answers: queue.SimpleQueue[Any] = field(factory=queue.SimpleQueue)

    @classmethod
    def start(cls, memory_mib: int) -> Process:
        """Start a worker and wait until it is ready.

        Raises:
            EndedError: It is not.
        """
        # Not -m: what is pickled there would come from a module called __main__.
        code = f"from {worker.__name__} import main; main()"
        command = interpreter.command(code, str(memory_mib))
        environment = interpreter.environment()
        pipe = subprocess.PIPE
        popen = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603 - our own module
        started = cls(popen, cast("IO[bytes]", popen.stdin), cast("IO[bytes]", popen.stdout))
        threading.Thread(target=started.listen, daemon=True).start()
        started.hear(STARTING_S)
        return started

    def listen(self) -> None:
        """Take in answers until there are no more."""
        try:
            while True:
                self.answers.put(worker.receive(self.said, _loaded))
        except EOFError:
            self.answers.put(None)
        except Exception as error:  # noqa: BLE001 - whatever an answer did, it is the answer
            self.answers.put(worker.Answer(error=type(error).__name__, text=str(error)))

    def hear(self, seconds: float) -> worker.Answer:
        """Return the next answer.

        Raises:
            EndedError: There is none in time, or at all.
        """
        try:
            answer = self.answers.get(timeout=seconds)
        except queue.Empty:
            self.end()
            raise EndedError(f"it did not answer within {seconds:g} s and was ended") from None
        if answer is None:
            raise EndedError(self._how_it_ended())
        return answer  # type: ignore[no-any-return]

    def _how_it_ended(self) -> str:
        code = self.popen.wait()
        self.end()
        if code >= 0:
            return f"its process ended with exit code {code}"
        return f"its process was ended by {signal.Signals(-code).name}"

    def end(self) -> None:
        """End the process."""
        self.popen.kill()
        self.popen.wait()
        if sys.is_finalizing():  # whoever listens holds its stream and never runs again
            return
        for stream in (self.requests, self.said):
            with suppress(OSError):  # what was still to be written has nobody to read it
                stream.close()


@define(eq=False)
class Host:
    """The process of one pack, started when it is needed and again after it has ended.

    Attributes:
        candidate: The pack.
        limits: What it may use.
    """

    candidate: Candidate
    limits: Limits
    _process: Process | None = None

    def describe(self) -> Pack:
        """Return the pack; its functions ask the process.

        Raises:
            ElsewhereError: What importing it raised.
            EndedError: Its process ended.
            TypeError: It described something else than a pack.
        """
        pack = self._ask(worker.Request(self.candidate, "describe"), self.limits.seconds_for_all)
        if not isinstance(pack, Pack):
            raise TypeError(f"it described {type(pack).__name__}, not a Pack")
        return evolve(
            pack,
            checks=tuple(evolve(c, function=_check(self, c.form, c.id)) for c in pack.checks),
            providers=tuple(
                evolve(p, function=RemoteProvider(self, n)) for n, p in enumerate(pack.providers)
            ),
        )

    def ask(self, task: str, name: str, *given: Any, seconds: float) -> Any:
        """Return the answer to a question.

        Raises:
            ElsewhereError: What the authors' code raised.
            EndedError: The process ended.
        """
        return self._ask(worker.Request(self.candidate, task, name, given), seconds)

    def _ask(self, request: worker.Request, seconds: float) -> Any:
        process = self._started(request)
        with suppress(OSError):  # it ended between two questions; hear tells how
            worker.send(process.requests, request)
        try:
            answer = process.hear(seconds)
        except EndedError:
            self._process = None
            raise
        if answer.error:
            raise ElsewhereError(answer.error, answer.text)
        return answer.value

    def _started(self, request: worker.Request) -> Process:
        """Return the process; one that is new has the pack imported first, which takes its own time."""
        if self._process is None:
            self._process = Process.start(self.limits.memory_mib)
            if request.task != "describe":
                self._ask(worker.Request(self.candidate, "describe"), self.limits.seconds_for_all)
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def __del__(self) -> None:
        self.close()


def _check(host: Host, form: str, check_id: str) -> RemoteRules | RemoteJudge:
    return RemoteJudge(host, check_id) if form == "function" else RemoteRules(host, check_id)


@frozen
class RemoteRules:
    """The function of a columns check, in another process."""

    host: Host
    check_id: str

    def __call__(self, columns: Columns, **values: Any) -> Any:
        """Return what the function returns."""
        kind = columns._kind  # noqa: SLF001 - every public attribute of Columns is a fact
        given = (kind, dict(fact_types(columns)), values)
        return self.host.ask("rules", self.check_id, *given, seconds=self.host.limits.seconds)


@frozen
class RemoteJudge:
    """The function of a check over one subject, in another process."""

    host: Host
    check_id: str

    def __call__(self, subject: Subject, **values: Any) -> Any:
        """Return what the function returns."""
        records = {table: [dict(row) for row in rows] for table, rows in subject.related.items()}
        kind = type(subject).__name__.lower()
        carried = (kind, subject.id, subject.name, dict(vars(subject)), records)
        seconds = self.host.limits.seconds
        return self.host.ask("judge", self.check_id, carried, values, seconds=seconds)


@frozen
class RemoteProvider:
    """A fact provider in another process."""

    host: Host
    number: int

    def __call__(self, inputs: ProviderInputs) -> Any:
        """Return what the provider returns."""
        seconds = self.host.limits.seconds_for_all
        return self.host.ask("provide", str(self.number), carried(inputs), seconds=seconds)


def carried(inputs: ProviderInputs) -> worker.CarriedInputs:
    """Return what a provider gets, without the database behind it."""
    provider = inputs.provider
    kinds = {used_fact(name, provider.on)[0] for name in provider.uses}
    frames = {kind.value: inputs.facts(kind) for kind in kinds}
    if provider.on in kinds:
        frames[""] = frames[provider.on.value]
    return worker.CarriedInputs(
        inputs.as_of,
        inputs.calendar,
        inputs.currency,
        inputs.feeds,
        inputs.params,
        inputs.setting.rates,
        {name: inputs.table(name) for name in provider.reads},
        inputs.subjects(),
        frames,
    )

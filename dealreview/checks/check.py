"""Checks: named judgements over facts, declared with a decorator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypedDict, TypeVar, Unpack

from attrs import field, frozen

from dealreview.checks.parameters import Parameter, parameters_of
from dealreview.checks.rules import Rules
from dealreview.model.errors import did_you_mean
from dealreview.model.outcome import Kind, Severity
from dealreview.model.verdict import Verdict

Function = TypeVar("Function", bound=Callable[..., Any])
Judge = TypeVar("Judge", bound=Callable[..., Verdict])
Conditions = TypeVar("Conditions", bound=Callable[..., Rules])
STATUSES = ("preview", "stable", "deprecated")
FORMS = ("function", "columns", "rule")


def _kinds(on: str | Iterable[str]) -> tuple[Kind, ...]:
    return tuple(Kind(kind) for kind in ([on] if isinstance(on, str) else on))


def _texts(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


@frozen
class Check:
    """A named judgement over facts.

    Attributes:
        id: ``pack/slug``.
        on: Kinds of subject.
        severity: How much it matters.
        form: ``function``, ``columns`` or ``rule``.
        function: The author's function (a rule's is made from its expressions).
        title: First sentence of the docstring.
        description: The docstring.
        ask: Open questions; the first is printed.
        parameters: Its parameters.
        needs: Facts that must be known before a function is called.
        reads: Facts that a function may find unknown.
        related: Tables whose records of the subject a function gets, with their columns.
        requires: What must be recorded beyond what its facts say, as in :class:`Fact`.
        family: Verdicts of a family are folded under the heaviest on a card.
        after_close: Whether it goes on judging closed deals as of the review's date.
        sources: Where the rule and its numbers come from.
        renamed_from: Former ids, for identity and configuration.
        version: Raised when the meaning changes.
        status: ``preview``, ``stable`` or ``deprecated``.
        replacement: The id that takes over from a deprecated check.
        origin: ``file:line`` for messages.
    """

    id: str
    on: tuple[Kind, ...] = field(converter=_kinds)
    severity: Severity = field(converter=Severity)
    form: str
    function: Callable[..., Any]
    title: str
    description: str
    ask: tuple[str, ...] = field(converter=_texts)
    parameters: tuple[Parameter, ...] = ()
    needs: tuple[str, ...] = field(default=(), converter=_texts)
    reads: tuple[str, ...] = field(default=(), converter=_texts)
    related: dict[str, tuple[str, ...]] = field(factory=dict)
    requires: tuple[str, ...] = field(default=(), converter=_texts)
    family: str = ""
    after_close: bool = False
    sources: tuple[str, ...] = field(default=(), converter=_texts)
    renamed_from: tuple[str, ...] = field(default=(), converter=_texts)
    version: int = 1
    status: str = "stable"
    replacement: str = ""
    origin: str = ""

    @property
    def pack(self) -> str:
        """The part of the id before the slash; also the dimension of the score."""
        return self.id.partition("/")[0]

    @property
    def question(self) -> str:
        """The question that is printed."""
        return self.ask[0] if self.ask else ""


OnKind = Kind | Literal["deal", "account", "rep", "team", "pipeline"]


class Options(TypedDict, total=False):
    """What an author may say beside the id, as in :class:`Check`; the rest is read from the function."""

    on: OnKind | Iterable[OnKind]
    severity: Severity | Literal["blocker", "major", "minor", "info"]
    ask: str | Iterable[str]
    needs: str | Iterable[str]
    reads: str | Iterable[str]
    related: Mapping[str, Iterable[str]]
    requires: str | Iterable[str]
    family: str
    after_close: bool
    sources: str | Iterable[str]
    renamed_from: str | Iterable[str]
    version: int
    status: Literal["preview", "stable", "deprecated"]
    replacement: str


class _Decorator:
    """``@check(...)`` for functions over one subject, ``@check.columns(...)`` for conditions."""

    def __call__(self, check_id: str, **options: Unpack[Options]) -> Callable[[Judge], Judge]:
        """Declare a check that is a plain function over one subject and returns a Verdict."""
        _demand_known(options)
        return lambda function: _declared("function", check_id, options, function)

    def columns(
        self, check_id: str, **options: Unpack[Options]
    ) -> Callable[[Conditions], Conditions]:
        """Declare a check that takes the facts as columns and returns Rules."""
        _demand_known(options)
        return lambda function: _declared("columns", check_id, options, function)


def _demand_known(options: Options) -> None:
    """Refuse an option that is none, where the type checker of an author has not."""
    known = Options.__annotations__
    for name in options:
        if name not in known:
            raise TypeError(f"@check has no option '{name}'.{did_you_mean(name, known)}")


def _declared(form: str, check_id: str, options: Options, function: Function) -> Function:
    """Return the function with its check beside it."""
    doc = inspect.getdoc(function) or ""
    code = getattr(function, "__code__", None)
    given: dict[str, Any] = {"on": "deal", "severity": "minor", "ask": (), **options}
    function.__dealreview_check__ = Check(  # type: ignore[attr-defined]
        id=check_id,
        form=form,
        function=function,
        title=doc.partition("\n")[0].rstrip("."),
        description=doc,
        parameters=parameters_of(function),
        origin=f"{code.co_filename}:{code.co_firstlineno}" if code else "",
        **given,
    )
    return function


check = _Decorator()

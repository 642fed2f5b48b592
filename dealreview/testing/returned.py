"""What a check that is a function returns, read from its source: verdicts by how they are made."""

from __future__ import annotations

import ast
import inspect
from textwrap import dedent
from types import FunctionType
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from dealreview.model.outcome import Outcome
from dealreview.model.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_BY_METHOD = {
    "risk": Outcome.RISK,
    "watch": Outcome.WATCH,
    "strength": Outcome.STRENGTH,
    "passed": Outcome.PASS,
    "insufficient": Outcome.INSUFFICIENT_DATA,
    "not_applicable": Outcome.NOT_APPLICABLE,
}


@frozen
class Seen:
    """What a function was seen to return.

    Attributes:
        outcomes: Outcomes of verdicts that it makes.
        whole: Whether that is all: every verdict is made by a method of ``Verdict``.
    """

    outcomes: frozenset[Outcome] = frozenset()
    whole: bool = True

    def __or__(self, other: Seen) -> Seen:
        return Seen(self.outcomes | other.outcomes, self.whole and other.whole)


NOTHING_SEEN = Seen(whole=False)


def returned_by(function: object) -> Seen:
    """Return what can be seen in the source of a function of the verdicts that it returns."""
    return Reader().read(function)


@define
class Reader:
    """Reads functions, each once, also those of the pack that a check calls for its verdict.

    Attributes:
        known: Functions that were read.
    """

    known: set[object] = field(factory=set)

    def read(self, function: object) -> Seen:
        """Return what a function returns; nothing more of one that was read before."""
        function = inspect.unwrap(function) if callable(function) else function
        if function in self.known:
            return Seen()
        body = _body(function)
        if not isinstance(function, FunctionType) or body is None:
            return NOTHING_SEEN
        self.known.add(function)
        closed = inspect.getclosurevars(function).nonlocals
        scope = Scope(self, {**function.__globals__, **closed}, _assigned(body))
        returns = [node.value for node in _own_nodes(body) if isinstance(node, ast.Return)]
        return _together(map(scope.value, returns)) if returns else NOTHING_SEEN


@define
class Scope:
    """What names stand for in a function.

    Attributes:
        reader: Reads further functions.
        outside: Values of names around the function.
        inside: Expressions that the function assigns, by name; None is one that can't be followed.
        open: Names that are being followed.
    """

    reader: Reader
    outside: Mapping[str, object]
    inside: Mapping[str, list[ast.expr | None]]
    open: set[str] = field(factory=set)

    def value(self, node: ast.expr | None) -> Seen:
        """Return what an expression comes to."""
        match node:
            case ast.IfExp(body=body, orelse=other):
                return self.value(body) | self.value(other)
            case ast.Call(func=made):
                return self.made(made)
            case ast.NamedExpr(value=value):
                return self.value(value)
            case ast.Name(id=name):
                return self.named(name, self.value)
        return NOTHING_SEEN

    def made(self, node: ast.expr | None) -> Seen:
        """Return what a call of an expression comes to."""
        match node:
            case ast.IfExp(body=body, orelse=other):
                return self.made(body) | self.made(other)
            case ast.Attribute(value=value, attr=name) if name in _BY_METHOD and self.is_verdict(
                value
            ):
                return Seen(frozenset({_BY_METHOD[name]}))
            case ast.Attribute(value=value, attr="filled"):
                return self.value(value)
            case ast.Name(id=name) if name in self.inside:
                return self.named(name, self.made)
            case ast.Name(id=name):
                return self.reader.read(self.outside.get(name))
        return NOTHING_SEEN

    def named(self, name: str, follow: Callable[[ast.expr | None], Seen]) -> Seen:
        """Return what everything that is assigned to a name comes to."""
        if name in self.open:
            return Seen()
        if name not in self.inside:
            return NOTHING_SEEN
        self.open.add(name)
        found = _together(map(follow, self.inside[name]))
        self.open.discard(name)
        return found

    def is_verdict(self, node: ast.expr) -> bool:
        """Whether an expression is the class of verdicts."""
        if isinstance(node, ast.Attribute):
            return node.attr == Verdict.__name__
        return isinstance(node, ast.Name) and (
            self.outside.get(node.id, Verdict) is Verdict
            if node.id == Verdict.__name__
            else self.outside.get(node.id) is Verdict
        )


def _together(parts: Iterable[Seen]) -> Seen:
    found = Seen()
    for part in parts:
        found |= part
    return found


def _body(function: object) -> ast.FunctionDef | None:
    """Return the source of a function; None where it can't be read or is no plain ``def``."""
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    first = tree.body[0] if tree.body else None
    return first if isinstance(first, ast.FunctionDef) else None


def _own_nodes(body: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions inside it."""
    waiting: list[ast.AST] = list(body.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _assigned(body: ast.FunctionDef) -> dict[str, list[ast.expr | None]]:
    """Return what is assigned to names; names bound in another way can't be followed."""
    found: dict[str, list[ast.expr | None]] = {}
    simple: set[ast.expr] = set()
    for node in _own_nodes(body):
        if isinstance(node, ast.AnnAssign) and node.value is None:
            simple.add(node.target)
        for target, value in _assignments(node):
            simple.add(target)
            found.setdefault(target.id, []).append(value)
    arguments = body.args
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    names += [
        node.id
        for node in _own_nodes(body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in simple
    ]
    names += [node.name for node in _own_nodes(body) if isinstance(node, ast.FunctionDef)]
    for name in names:
        found.setdefault(name, []).append(None)
    return found


def _assignments(node: ast.AST) -> Iterator[tuple[ast.Name, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value

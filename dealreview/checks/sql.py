"""SQL expressions as terms: parsed by an allow-list, never executed.

People who do not write Python say conditions in SQL. A parser turns the text into a tree, and only
the nodes that are listed here become terms of :mod:`dealreview.checks.terms`; everything else is
refused with the mend. So a file can say nothing that a check in Python could not say.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.checks.terms import (
    Column,
    Constant,
    Interval,
    Term,
    TermTypeError,
    any_of,
    apply,
    compare,
    inputs_of,
    kind_of,
    term,
)
from dealreview.model.errors import ConfigurationError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    _Translate = Callable[["_Reader", "Node"], Term | Interval]

Node = Any
"""A node of the parser's tree; its classes move between releases, so they are known by name."""

MAX_LENGTH = 4000
MAX_DEPTH = 50
MAX_PARENTHESES = 20
"""More open at a time than anybody reads; the parser's own stack would be the limit otherwise."""


class ConditionError(ConfigurationError):
    """An SQL expression that can't be read or says something that a condition must not say.

    Attributes:
        text: The expression.
        position: Index of the character where the problem starts; None when it has no one place.
    """

    def __init__(
        self, problem: str, *, text: str, position: int | None = None, mend: str = ""
    ) -> None:
        shown = " ".join(text.split())
        shown = shown if len(shown) <= 120 else f"{shown[:117]}..."
        place = "" if position is None else f" (character {position + 1})"
        super().__init__(f'In "{shown}": {problem}{place}.', mend=mend)
        self.text = text
        self.position = position


def parse_condition(
    text: str, *, facts: Mapping[str, str], constants: Mapping[str, Any] | None = None
) -> Term:
    """Return an SQL condition as a term.

    Args:
        text: The condition: facts, numbers, texts, ``DATE '2025-01-31'``, TRUE and FALSE with
            ``+ - * /``, comparisons, AND, OR, NOT, BETWEEN, IN, ``ABS(x)``, ``contains(set, 'x')``,
            ``count(set)`` and ``interval(name)`` for a pair of facts ``name_lo`` and ``name_hi``.
        facts: Types of the facts by name.
        constants: Values of parameters and other names that are not facts; terms are allowed.

    Raises:
        ConditionError: Anything else, an unknown name, operands that do not go together, or a
            condition that is not true or false or reads no fact.
    """
    found = parse_expression(text, facts=facts, constants=constants)
    kind = kind_of(found, facts)
    if kind != "bool":
        raise ConditionError(
            f"this is a {kind}, not a condition",
            text=text,
            mend="Compare it with something, as in 'discount > 0.2'.",
        )
    if not inputs_of(found):
        raise ConditionError(
            "this condition reads no fact", text=text, mend="Leave it out, or compare a fact."
        )
    return found


def parse_expression(
    text: str, *, facts: Mapping[str, str], constants: Mapping[str, Any] | None = None
) -> Term:
    """Return an SQL expression of any kind as a term; see :func:`parse_condition`.

    Raises:
        ConditionError: What is not allowed, an unknown name or operands that do not go together.
    """
    reader = _Reader(text, facts, constants or {})
    found = _plain(reader, _parse(text))
    try:
        kind_of(found, facts)
    except TermTypeError as error:
        raise ConditionError(str(error), text=text, mend=_type_mend(str(error))) from error
    return found


def _type_mend(problem: str) -> str:
    if "date" in problem and "text" in problem:
        return "Write a date as DATE '2025-01-31'."
    if "compares bool" in problem or "with bool" in problem:
        return "Write 'x' or 'NOT x' for what is true or false; join comparisons with AND."
    return ""


# --- from text to the parser's tree --------------------------------------------------------------


def _parse(text: str) -> Node:
    if not text.strip():
        raise ConditionError("the expression is empty", text=text, mend="Name a fact.")
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            f"the expression has {len(text):,} characters",
            text=text,
            mend=f"The limit is {MAX_LENGTH:,}: use IN (...), or split the check in two.",
        )
    root = _guarded(text)
    _demand_shallow(text, root)
    return root


def _guarded(text: str) -> Node:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError

    try:
        _check_tokens(text, sqlglot.tokenize(text, read="sqlite"))
        return sqlglot.parse_one(text, dialect="sqlite", into=exp.Condition)
    except ConditionError:
        raise
    except ParseError as error:
        raise _unreadable(text, error) from error
    except RecursionError:
        raise _too_deep(text) from None
    except Exception as error:  # whatever the parser trips over, the text is at fault
        raise ConditionError("this can't be read as SQL", text=text) from error


def _unreadable(text: str, error: Any) -> ConditionError:
    first = error.errors[0] if error.errors else {}
    found = first.get("highlight") or ""
    if not found:
        return ConditionError("this can't be read as SQL", text=text)
    lines = text.split("\n")[: max(first["line"] - 1, 0)]
    position = sum(len(line) + 1 for line in lines) + max(first["col"] - len(found), 0)
    return ConditionError(f"can't go on at '{found}'", text=text, position=position)


def _too_deep(text: str) -> ConditionError:
    return ConditionError(
        f"the expression is nested more than {MAX_DEPTH} levels deep",
        text=text,
        mend="Use IN (...) for a list of values, or split the check in two.",
    )


def _check_tokens(text: str, tokens: list[Any]) -> None:
    """Refuse what the parser would drop or join without a trace."""
    for token in tokens:
        if token.comments:
            raise ConditionError(
                "comments can't be used", text=text, mend="Put the reason into 'description'."
            )
        if token.text == ";" and token.token_type.name == "SEMICOLON":
            raise ConditionError(
                "more than one statement", text=text, position=token.start, mend="Join with AND."
            )
    if _most_open(tokens) > MAX_PARENTHESES:
        raise ConditionError(
            f"more than {MAX_PARENTHESES} parentheses are open at a time",
            text=text,
            mend="Split the check in two.",
        )


def _most_open(tokens: list[Any]) -> int:
    steps = {"L_PAREN": 1, "R_PAREN": -1}
    depth = most = 0
    for token in tokens:
        depth += steps.get(token.token_type.name, 0)
        most = max(most, depth)
    return most


def _demand_shallow(text: str, root: Node) -> None:
    level = [root]
    for _depth in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_expressions()]
        if not level:
            return
    raise _too_deep(text)


# --- from the parser's tree to terms -------------------------------------------------------------


@frozen
class _Reader:
    text: str
    facts: Mapping[str, str]
    constants: Mapping[str, Any]

    def error(self, node: Node, problem: str, mend: str = "") -> ConditionError:
        starts = [found for found in _starts(node) if found is not None]
        return ConditionError(
            problem, text=self.text, position=min(starts, default=None), mend=mend
        )


def _starts(node: Node) -> Iterator[int | None]:
    for found in node.walk():
        yield found.meta.get("start")


def _read(reader: _Reader, node: Node) -> Term | Interval:
    """Return a node of the parser's tree as a term, or an interval inside a comparison."""
    name = type(node).__name__
    if name not in _ALLOWED:
        raise _refusal(reader, node)
    arguments, translate = _ALLOWED[name]
    extra = {key for key, value in node.args.items() if value} - arguments
    if extra:
        raise _refusal(reader, node)
    try:
        return translate(reader, node)
    except (TypeError, ValueError) as error:
        raise reader.error(node, str(error).rstrip(".")) from error


def _plain(reader: _Reader, node: Node) -> Term:
    found = _read(reader, node)
    if isinstance(found, Interval):
        raise reader.error(node, "interval(...) stands alone", "Compare it with <, <=, > or >=.")
    return found


def _name(reader: _Reader, node: Node) -> Term:
    name = node.name
    if node.args.get("table"):
        mend = f"Write '{name}': the table is never named, all facts are of one subject."
        raise reader.error(node, f"'{node.sql()}' names a table", mend)
    if name in reader.facts and name in reader.constants:
        raise reader.error(
            node, f"'{name}' is both a fact and a parameter", "Rename the parameter."
        )
    if name in reader.facts:
        return Column(name)
    if name in reader.constants:
        return term(reader.constants[name])
    raise _unknown(reader, node, name, {*reader.facts, *reader.constants})


def _unknown(reader: _Reader, node: Node, name: str, known: set[str]) -> ConditionError:
    return reader.error(node, f"there is no fact '{name}'", did_you_mean(name, known).strip())


def _literal(_reader: _Reader, node: Node) -> Term:
    text = node.name
    if node.is_string:
        return Constant(text)
    return Constant(int(text) if text.isdecimal() else float(text))


def _negative(reader: _Reader, node: Node) -> Term:
    value = _plain(reader, node.this)
    if isinstance(value, Constant) and type(value.value) in (int, float):
        return Constant(operator.neg(value.value))  # type: ignore[arg-type]
    return apply("-", 0, value)


def _date(reader: _Reader, node: Node) -> Term:
    written = node.this
    if type(written).__name__ != "Literal" or not written.is_string or node.to.sql() != "DATE":
        raise _refusal(reader, node)
    try:
        day = dt.date.fromisoformat(written.name)
    except ValueError:
        day = None
    if day is None or day.isoformat() != written.name:
        raise reader.error(
            node, f"'{written.name}' is not a date", "Write a date as DATE '2025-01-31'."
        )
    return Constant(day)


def _arithmetic(op: str) -> _Translate:
    def translate(reader: _Reader, node: Node) -> Term:
        return apply(op, _plain(reader, node.left), _plain(reader, node.right))

    return translate


def _one(op: str) -> _Translate:
    return lambda reader, node: apply(op, _plain(reader, node.this))


_COMPARE: dict[str, Callable[[Any, Any], Term]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compared(op: str, left: Term | Interval, right: Term | Interval) -> Term:
    if isinstance(left, Interval) and op in _COMPARE:
        return _COMPARE[op](left, right)
    if isinstance(left, Interval):
        return compare(op, Constant(0), left)
    return compare(op, left, right)


def _comparison(op: str) -> _Translate:
    def translate(reader: _Reader, node: Node) -> Term:
        return _compared(op, _read(reader, node.left), _read(reader, node.right))

    return translate


def _between(reader: _Reader, node: Node) -> Term:
    value = _read(reader, node.this)
    low, high = (_plain(reader, node.args[end]) for end in ("low", "high"))
    return apply("and", _compared(">=", value, low), _compared("<=", value, high))


def _in(reader: _Reader, node: Node) -> Term:
    value = _plain(reader, node.this)
    choices = [_plain(reader, choice) for choice in node.expressions]
    if not choices or not all(isinstance(choice, Constant) for choice in choices):
        raise reader.error(node, "IN needs a list of plain values", "As in stage IN ('a', 'b').")
    return any_of([compare("=", value, choice) for choice in choices])


def _contains(reader: _Reader, node: Node) -> Term:
    item = _plain(reader, node.expression)
    if not isinstance(item, Constant):
        raise reader.error(node, "contains() needs a plain text", "As in contains(tags, 'price').")
    return apply("contains", _plain(reader, node.this), item)


def _interval(reader: _Reader, node: Node) -> Interval:
    inner: Node = node.this.this if type(node.this).__name__ == "Paren" else None
    if type(inner).__name__ != "Column" or inner.args.get("table"):
        raise reader.error(
            node, "interval() takes one name", "As in interval(pocket_margin) < 0.1."
        )
    name = inner.name
    known = {fact[:-3] for fact in reader.facts if fact.endswith("_lo")}
    known = {base for base in known if f"{base}_hi" in reader.facts}
    if name not in known:
        hint = did_you_mean(name, known).strip()
        raise reader.error(node, f"there are no facts '{name}_lo' and '{name}_hi'", hint)
    return Interval(Column(f"{name}_lo"), Column(f"{name}_hi"))


_BOTH = frozenset({"this", "expression"})
_THIS = frozenset({"this"})

# By exact class: a subclass of an allowed node may mean something else.
_ALLOWED: dict[str, tuple[frozenset[str], _Translate]] = {
    "Column": (_THIS | {"table", "db", "catalog"}, _name),
    "Literal": (_THIS | {"is_string"}, _literal),
    "Boolean": (_THIS, lambda _reader, node: Constant(bool(node.this))),
    "Paren": (_THIS, lambda reader, node: _read(reader, node.this)),
    "Neg": (_THIS, _negative),
    "Cast": (_THIS | {"to"}, _date),
    "Add": (_BOTH, _arithmetic("+")),
    "Sub": (_BOTH, _arithmetic("-")),
    "Mul": (_BOTH, _arithmetic("*")),
    "Div": (_BOTH | {"typed", "safe"}, _arithmetic("/")),
    "And": (_BOTH, _arithmetic("and")),
    "Or": (_BOTH, _arithmetic("or")),
    "Not": (_THIS, _one("not")),
    "Abs": (_THIS, _one("abs")),
    "Count": (_THIS | {"big_int"}, _one("count")),
    "Contains": (_BOTH, _contains),
    "Interval": (_THIS, _interval),
    "LT": (_BOTH, _comparison("<")),
    "LTE": (_BOTH, _comparison("<=")),
    "GT": (_BOTH, _comparison(">")),
    "GTE": (_BOTH, _comparison(">=")),
    "EQ": (_BOTH, _comparison("=")),
    "NEQ": (_BOTH, _comparison("!=")),
    "Between": (_THIS | {"low", "high"}, _between),
    "In": (_THIS | {"expressions"}, _in),
}


# --- what is refused, and what to do instead -----------------------------------------------------

_STAYS_UNKNOWN = (
    "can't be used: an unknown value must stay unknown",
    "Use a fact that says whether it is there.",
)
_NO_CHOICE = (
    "can't be used: the branch that is not taken could hide an unknown value",
    "Join conditions with AND and OR.",
)
_NO_EXTREME = (
    "can't be used: it would skip an unknown value",
    "Compare each value, joined with AND or OR.",
)
_ONE_SUBJECT = (
    "can't be used: a condition looks at the facts of one subject",
    "Use a fact that is computed over the others.",
)
_NO_CLOCK = (
    "can't be used: a review is of its as-of date, not of today",
    "Use a fact that counts from the as-of date, such as one in days.",
)
_NO_VALUE_FROM_OUTSIDE = (
    "can't be used: nothing is bound from outside",
    "Declare a parameter and write its name.",
)
_NO_CAST = ("can't be used: facts have one type", "Use a fact of the type that you need.")
_NO_PATTERN = ("can't be used: a text is compared whole", "Use =, IN (...) or a fact.")

_REFUSED: dict[tuple[str, str], tuple[str, ...]] = {
    _STAYS_UNKNOWN: (
        *("Is", "Null", "Coalesce", "Nullif", "NullSafeEQ", "NullSafeNEQ", "Nvl2", "IsNullValue"),
    ),
    _NO_CHOICE: ("Case", "If", "Decode", "DecodeCase"),
    _NO_EXTREME: ("Greatest", "Least", "Max", "Min"),
    _ONE_SUBJECT: (
        *("Subquery", "Select", "Exists", "Any", "All", "Union", "Window", "Filter", "Distinct"),
        *("WithinGroup", "IgnoreNulls", "RespectNulls", "Star"),
    ),
    _NO_CLOCK: (
        *("CurrentDate", "CurrentTime", "CurrentTimestamp", "CurrentDatetime", "Localtime"),
        *("Localtimestamp", "Date", "TsOrDsToDate", "CurrentTimestampLTZ"),
    ),
    _NO_VALUE_FROM_OUTSIDE: ("Placeholder", "Parameter", "SessionParameter"),
    _NO_CAST: ("Cast", "TryCast", "JSONCast", "CastToStrType"),
    _NO_PATTERN: ("Like", "ILike", "Glob", "SimilarTo", "RegexpLike", "RegexpILike", "Escape"),
}
_REASONS = {name: reason for reason, names in _REFUSED.items() for name in names}
_CLOCKS = frozenset({"now", "getdate", "sysdate", "today", "julianday", "unixepoch", "strftime"})
_FUNCTIONS = "There are ABS(number), count(set), contains(set, 'x') and interval(name)."


def _refusal(reader: _Reader, node: Node) -> ConditionError:
    culprits = (found for found in node.walk() if type(found).__name__ in _REASONS)
    culprit = node if type(node).__name__ in _REASONS else next(culprits, node)
    problem, mend = _reason(culprit)
    return reader.error(culprit, f"'{_shown(reader.text, culprit)}' {problem}", mend)


def _reason(node: Node) -> tuple[str, str]:
    from sqlglot import exp

    if type(node).__name__ in _REASONS:
        return _REASONS[type(node).__name__]
    if isinstance(node, exp.Anonymous) and node.name.lower() in _CLOCKS:
        return _NO_CLOCK
    if isinstance(node, exp.AggFunc):
        return _ONE_SUBJECT
    if isinstance(node, exp.Func):
        return "is not a function that conditions know", _FUNCTIONS
    return "can't be used in a condition", ""


def _shown(text: str, node: Node) -> str:
    """Return a node as it was written where that can be told: MAX(a, b), not GREATEST(a, b)."""
    start = node.meta.get("start")
    written = re.match(r"\w+(?=\s*\()", text[start:]) if start is not None else None
    shown = f"{written[0]}(...)" if written else node.sql()
    return shown if len(shown) <= 40 else f"{shown[:37]}..."

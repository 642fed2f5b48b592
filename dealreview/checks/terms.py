"""The closed algebra that conditions are written in.

``d.pocket_margin < floor`` builds a small tree, not a frame expression. Only what is here can be
said, so a condition can neither hide an unknown value nor look at another row: there is no
fill-null, no if-else, no aggregate and no window. The same tree runs over columns (Polars) and over
one row (plain Python), with the same three-valued logic: ``true or unknown`` is true, every other
operation on an unknown value is unknown, and so are a division by zero and a result too large for
a number. Whole numbers are exact up to 2**53 (90 trillion in cents).
"""

from __future__ import annotations

import datetime as dt
import math
import operator
from typing import TYPE_CHECKING, Any, NoReturn

from attrs import field, frozen

from dealreview.checks.named import plain_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import polars as pl

Scalar = bool | int | float | str | dt.date | None

_NO_TRUTH = "A condition has no truth value of its own: use & for and, | for or, ~ for not."
_LARGEST_INT = 2**63 - 1
_LARGEST_SUM = float(2**62)
_CHECKED = frozenset({"+", "-", "*", "/", "surely"})
MOST_NESTED = 50
"""Operations within each other whose results are checked: 50 are planned in 0.2 s, 200 in 35 s."""
MOST_OPERATIONS = 100_000
"""Operations of a condition, those of a shared part counted as often as it occurs."""
_SHORT = 8
"""Facts in an expression up to which it is written out: to plan a name takes longer than so many of them."""


class Term:
    """A node of a condition: a fact, a constant or an operation on terms.

    ``+``, ``-``, ``*``, ``/`` and comparisons give further terms, of facts and of plain values;
    ``&``, ``|`` and ``~`` combine conditions. A term has no truth value: ``and``, ``or``, ``not`` and
    ``if`` refuse it.
    """

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Term:
        return apply("+", self, other)

    def __radd__(self, other: Any) -> Term:
        return apply("+", other, self)

    def __sub__(self, other: Any) -> Term:
        return apply("-", self, other)

    def __rsub__(self, other: Any) -> Term:
        return apply("-", other, self)

    def __mul__(self, other: Any) -> Term:
        return apply("*", self, other)

    def __rmul__(self, other: Any) -> Term:
        return apply("*", other, self)

    def __truediv__(self, other: Any) -> Term:
        return apply("/", self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return apply("/", other, self)

    def __neg__(self) -> Term:
        return apply("-", 0, self)

    def __lt__(self, other: Any) -> Term:
        return compare("<", self, other)

    def __le__(self, other: Any) -> Term:
        return compare("<=", self, other)

    def __gt__(self, other: Any) -> Term:
        return compare(">", self, other)

    def __ge__(self, other: Any) -> Term:
        return compare(">=", self, other)

    def __eq__(self, other: object) -> Term:  # type: ignore[override]
        return compare("=", self, other)

    def __ne__(self, other: object) -> Term:  # type: ignore[override]
        return compare("!=", self, other)

    def __and__(self, other: Any) -> Term:
        return apply("and", self, other)

    def __rand__(self, other: Any) -> Term:
        return apply("and", other, self)

    def __or__(self, other: Any) -> Term:
        return apply("or", self, other)

    def __ror__(self, other: Any) -> Term:
        return apply("or", other, self)

    def __invert__(self) -> Term:
        return apply("not", self)

    def __bool__(self) -> NoReturn:
        raise TypeError(_NO_TRUTH)

    def is_in(self, values: Iterable[Scalar]) -> Term:
        """Say that the value is one of ``values``."""
        choices = [self == value for value in values]
        if not choices:
            raise ValueError("is_in() needs at least one value.")
        return any_of(choices)

    def between(self, low: Any, high: Any) -> Term:
        """Say that the value lies between ``low`` and ``high``, limits included."""
        return apply("and", self >= low, self <= high)

    def contains(self, item: str) -> Term:
        """Say that a set fact has the member ``item``."""
        return apply("contains", self, item)

    def count(self) -> Term:
        """Return the number of members of a set fact."""
        return apply("count", self)

    def abs(self) -> Term:
        """Return the value without its sign."""
        return apply("abs", self)


@frozen(eq=False)
class Column(Term):
    """A fact of the subject, by name."""

    name: str


@frozen(eq=False)
class Constant(Term):
    """A plain value, never NaN or infinite, and the parameter that it is or was computed from."""

    value: Scalar = field()
    parameter: str = ""

    @value.validator
    def _finite(self, _attribute: Any, value: Scalar) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"A condition can't compare with {value}: use a number.")
        if isinstance(value, int) and abs(value) > _LARGEST_INT:
            raise ValueError(f"A condition can't compare with {value}: it has more than 64 bits.")
        if isinstance(value, dt.datetime) or not isinstance(value, Scalar):
            raise TypeError(
                f"A condition can't hold a {type(value).__name__}: "
                "use facts (d.<name>), numbers, texts or dates."
            )


@frozen(eq=False)
class Apply(Term):
    """An operation on terms.

    Attributes:
        op: The operation.
        args: What it is applied to.
        size: How many operations it takes, written out.
        depth: How many of those that may overflow, or compare intervals, lie within each other.

    Raises:
        TermTypeError: It is too long, or too deep, to be planned for columns in a moment.
    """

    op: str
    args: tuple[Term, ...]
    size: int = field(init=False)
    depth: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        parts = [arg for arg in self.args if isinstance(arg, Apply)]
        size = 1 + sum(part.size for part in parts)
        depth = (self.op in _CHECKED) + max((part.depth for part in parts), default=0)
        if size > MOST_OPERATIONS or depth > MOST_NESTED:
            most = f"{MOST_NESTED} sums, products and divisions within each other"
            raise TermTypeError(
                f"it takes more than {most}, or {MOST_OPERATIONS:,} operations: make a part of it a fact"
            )
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "depth", depth)


class TermTypeError(TypeError):
    """A condition that compares or combines things that do not go together, or too many of them."""


@frozen(eq=False)
class Interval:
    """A value that is only known to lie between two facts (an unknown end is open).

    A comparison is true or false where both ends agree and unknown where they do not, so an unknown
    cell is weighed at its best and at its worst. Ends in the wrong order agree on nothing between
    them.

    Attributes:
        low: The least that the value can be.
        high: The most that the value can be.
    """

    low: Term
    high: Term

    def __lt__(self, other: Any) -> Term:
        return apply("surely", self.high < other, self.low < other)

    def __le__(self, other: Any) -> Term:
        return apply("surely", self.high <= other, self.low <= other)

    def __gt__(self, other: Any) -> Term:
        return apply("surely", self.low > other, self.high > other)

    def __ge__(self, other: Any) -> Term:
        return apply("surely", self.low >= other, self.high >= other)

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError(_NO_EQUALITY)

    __ne__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError(_NO_TRUTH)


_NO_EQUALITY = "An interval can only be compared with <, <=, > and >=: its value is not one number."


def term(value: Any) -> Term:
    """Return ``value`` as a term; plain values become constants."""
    if isinstance(value, Term):
        return value
    return Constant(plain_value(value), getattr(value, "parameter", ""))


def apply(op: str, *args: Any) -> Term:
    """Return the operation ``op`` on ``args``.

    Raises:
        TermTypeError: It is too long or too deep.
    """
    return Apply(op, tuple(term(arg) for arg in args))


_MIRRORED: dict[str, Callable[[Any, Any], Term]] = {
    "<": operator.gt,
    "<=": operator.ge,
    ">": operator.lt,
    ">=": operator.le,
}


def compare(op: str, left: Any, right: Any) -> Term:
    """Return the comparison of two terms; an interval on the right is turned to the left.

    Raises:
        TypeError: An interval is compared with ``=`` or ``!=``.
    """
    if not isinstance(right, Interval):
        return apply(op, left, right)
    if op not in _MIRRORED:
        raise TypeError(_NO_EQUALITY)
    return _MIRRORED[op](right, left)


def any_of(choices: Sequence[Term]) -> Term:
    """Join conditions with "or" as a balanced tree, so that a long list stays shallow."""
    if len(choices) == 1:
        return choices[0]
    middle = len(choices) // 2
    return any_of(choices[:middle]) | any_of(choices[middle:])


def walk(root: Term) -> Iterator[Term]:
    """Yield every node of a term, the root first."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Apply):
            waiting.extend(reversed(node.args))


def inputs_of(*roots: Term | None) -> tuple[str, ...]:
    """Return the names of the facts that the terms read, sorted."""
    nodes = (node for root in roots if root is not None for node in walk(root))
    return tuple(sorted({node.name for node in nodes if isinstance(node, Column)}))


# --- what a term is ------------------------------------------------------------------------------

NUMBERS = frozenset({"int", "real", "money"})
_COMPARABLE = {"int": "number", "real": "number", "money": "number", "enum": "text", "text": "text"}


def kind_of(root: Term, facts: Mapping[str, str]) -> str:
    """Return the kind of a term: ``bool``, ``number``, ``text``, ``date``, ``set`` or ``unknown``.

    Args:
        root: The term.
        facts: Kinds of the facts by name, as :class:`dealreview.checks.facts.Fact` declares them.

    Raises:
        TermTypeError: The operation makes no sense for its operands; the message says which.
        KeyError: A fact that does not exist.
    """
    if isinstance(root, Column):
        kind = facts[root.name]
        return _COMPARABLE.get(kind, kind)
    if isinstance(root, Constant):
        return _kind_of_value(root.value)
    assert isinstance(root, Apply)  # noqa: S101
    return _kind_of_apply(root, [kind_of(arg, facts) for arg in root.args])


def _kind_of_value(value: Scalar) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "date"


_SIGNATURES: dict[str, tuple[str, str]] = {
    "+": ("number", "number"),
    "-": ("number", "number"),
    "*": ("number", "number"),
    "/": ("number", "number"),
    "abs": ("number", "number"),
    "and": ("bool", "bool"),
    "or": ("bool", "bool"),
    "not": ("bool", "bool"),
    "surely": ("bool", "bool"),
    "count": ("set", "number"),
}


def _kind_of_apply(root: Apply, kinds: list[str]) -> str:
    if root.op == "contains":
        _demand(root, kinds[:1], "set")
        _demand(root, kinds[1:], "text")
        return "bool"
    if root.op in _SIGNATURES:
        wanted, result = _SIGNATURES[root.op]
        _demand(root, kinds, wanted)
        return result
    _demand_comparable(root.op, *kinds)
    return "bool"


def _demand_comparable(op: str, left: str, right: str) -> None:
    if "unknown" in (left, right):
        raise TermTypeError(
            f"'{op}' compares with nothing, which is never known: "
            "use a fact that says whether the value is there"
        )
    if left != right:
        raise TermTypeError(f"'{op}' compares {left} with {right}")
    if left == "set":
        raise TermTypeError(f"'{op}' can't compare a set: use contains or count")
    if left == "bool" and op in _MIRRORED:
        raise TermTypeError(f"'{op}' can't order true and false")


def _demand(root: Apply, kinds: Iterable[str], wanted: str) -> None:
    for kind in kinds:
        if kind != wanted:
            raise TermTypeError(f"'{root.op}' needs {wanted}, not {kind}")


# --- one row, plain Python -----------------------------------------------------------------------


def evaluate(root: Term, row: Mapping[str, Any]) -> Any:
    """Return the value of a term for one row of facts; None is unknown."""
    if isinstance(root, Column):
        return row[root.name]
    if isinstance(root, Constant):
        return root.value
    assert isinstance(root, Apply)  # noqa: S101
    values = [evaluate(arg, row) for arg in root.args]
    return _KLEENE[root.op](*values) if root.op in _KLEENE else _strict(root.op, values)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _surely(at_best: bool | None, at_worst: bool | None) -> bool | None:
    if at_best is True and at_worst is not False:
        return True
    return False if at_worst is False and at_best is not True else None


_KLEENE: dict[str, Callable[[Any, Any], bool | None]] = {"and": _and, "or": _or, "surely": _surely}


def _sum(value: float) -> float | None:
    return value if abs(value) < _LARGEST_SUM else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: _sum(a + b),
    "-": lambda a, b: _sum(a - b),
    "*": lambda a, b: _finite(float(a) * float(b)),
    "/": lambda a, b: _finite(float(a) / float(b)) if b else None,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "not": lambda a: not a,
    "abs": abs,
    "count": len,
    "contains": lambda a, b: b in a,
}


def _strict(op: str, values: list[Any]) -> Any:
    return None if any(value is None for value in values) else _OPERATIONS[op](*values)


# --- columns, Polars -----------------------------------------------------------------------------


def to_polars(root: Term) -> pl.Expr:
    """Return a term as a Polars expression over fact columns.

    A term without a fact gives a single value.
    """
    import polars as pl

    if isinstance(root, Column):
        return pl.col(root.name)
    if isinstance(root, Constant):
        return _literal(root.value)
    assert isinstance(root, Apply)  # noqa: S101
    if not inputs_of(root):
        return _settled(root)
    args = [to_polars(arg) for arg in root.args]
    if root.op == "/" and not inputs_of(root.args[1]):
        return _divide_by_one_number(*args)
    if root.op in _TURNED and not inputs_of(root.args[0]):
        # Polars 2.1 gives "number < all unknown" a length of one.
        return _EXPRESSIONS[_TURNED[root.op]](*reversed(args))
    return _EXPRESSIONS[root.op](*args)


def _settled(root: Apply) -> pl.Expr:
    """Return the value of an operation on constants: a frame would give it its own length."""
    import polars as pl

    value = evaluate(root, {})
    return pl.lit(value, dtype=pl.Float64 if root.op in _ARITHMETIC else pl.Boolean)


def _literal(value: Scalar) -> pl.Expr:
    import polars as pl

    # A bare whole number takes the width of its neighbour and would overflow beside a narrow one.
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return pl.lit(value, dtype=pl.Int64) if is_int else pl.lit(value)


def _multiply(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    import polars as pl

    # As floats: a product of two sums of money would silently wrap around in 64 bits.
    return _finite_columns(left.cast(pl.Float64) * right)


def _divide(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    # By zero gives infinity or NaN, which is not finite and so unknown.
    return _finite_columns(left / right)


def _divide_by_one_number(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    import polars as pl

    # Polars turns x / 10 into x * 0.1, by which 3 / 10 > 0.3; over a column it divides.
    number = left.cast(pl.Float64)
    return _divide(number, number * 0.0 + right)


def _sum_columns(operation: Callable[[Any, Any], Any], left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Return a sum or difference; unknown where 64 bits would wrap around."""
    import polars as pl

    def checked(one: pl.Expr, other: pl.Expr) -> pl.Expr:
        size = operation(one.cast(pl.Float64), other.cast(pl.Float64)).abs()
        return pl.when(size < _LARGEST_SUM).then(operation(one, other))

    return _named(checked, left, right)


def _finite_columns(value: pl.Expr) -> pl.Expr:
    import polars as pl

    return _named(lambda one: pl.when(one.is_finite()).then(one), value)


def _surely_columns(at_best: pl.Expr, at_worst: pl.Expr) -> pl.Expr:
    import polars as pl

    def agreed(best: pl.Expr, worst: pl.Expr) -> pl.Expr:
        certain = best.fill_null(value=False)
        possible = worst.fill_null(value=True)
        unknown = pl.lit(None, dtype=pl.Boolean)
        return (certain & possible) | ((certain | possible) & unknown)

    return _named(agreed, at_best, at_worst)


def _named(make: Callable[..., pl.Expr], *values: pl.Expr) -> pl.Expr:
    """Return what is made of values, in which a long one stands once, under a name.

    Written out, a sum of twenty facts would hold the first of them a million times.
    """
    import polars as pl

    named, given = [*values], []
    for place, value in enumerate(values):
        if len(value.meta.root_names()) > _SHORT:
            named[place] = pl.field(str(place))
            given.append(value.alias(str(place)))
    made = make(*named)
    return pl.struct(given).struct.with_fields(made.alias("")).struct.field("") if given else made


OPERATIONS = dict.fromkeys((*_KLEENE, *_OPERATIONS), 2) | dict.fromkeys(("not", "abs", "count"), 1)
"""Every operation of the algebra, and on how many terms it is."""
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_ARITHMETIC = frozenset({"+", "-", "*", "/", "abs"})
_EXPRESSIONS: dict[str, Callable[..., pl.Expr]] = {
    "+": lambda a, b: _sum_columns(operator.add, a, b),
    "-": lambda a, b: _sum_columns(operator.sub, a, b),
    "*": _multiply,
    "/": _divide,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "not": lambda a: ~a,
    "abs": lambda a: a.abs(),
    "count": lambda a: a.list.len().cast(int),
    "contains": lambda a, b: a.list.contains(b),
    "surely": _surely_columns,
}

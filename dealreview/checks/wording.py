"""Conditions as people read them: ``contribution_ratio_hi < 0.25 and not is_won``.

What is written is what rules in TOML accept (:mod:`dealreview.checks.sql`), so that it can be copied
into one; only an interval between two terms that do not belong together has no such form.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeGuard

from dealreview.checks.terms import Apply, Column, Constant, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dealreview.checks.terms import Scalar

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "=", "!="})
_OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _ATOM = range(7)
_BINDING = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT} | (
    dict.fromkeys(_COMPARISONS, _COMPARED)
)
_SIGNIFICANT = 12
"""Digits of a number: 1 + 0.1 + 0.1 reads 1.2."""


def spoken(root: Term) -> str:
    """Return a term as text."""
    return _written(root)[0]


def clauses(root: Term) -> tuple[Term, ...]:
    """Return the conditions that the outermost "and" or "or" joins; the term itself when there is none."""
    if isinstance(root, Apply) and root.op in {"and", "or"}:
        return tuple(_flat(root, root.op))
    return (root,)


def _written(root: Term) -> tuple[str, int]:
    """Return a term's text and how tightly it binds."""
    if isinstance(root, Column):
        return root.name, _ATOM
    if isinstance(root, Constant):
        return _value(root.value), _ATOM
    assert isinstance(root, Apply)  # noqa: S101
    special = (form(root) for form in _SPECIAL)
    return next(filter(None, special), None) or _plainly(root)


def _value(value: Scalar) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return f"DATE '{value}'"
    if isinstance(value, str):
        return "'{}'".format(value.replace("'", "''"))
    return str(value) if isinstance(value, int) else f"{value:.{_SIGNIFICANT}g}"


def _plainly(root: Apply) -> tuple[str, int]:
    if root.op not in _BINDING:
        return f"{root.op}({', '.join(map(spoken, root.args))})", _ATOM
    binding = _BINDING[root.op]
    if root.op in {"and", "or"}:
        parts = [_inside(part, binding, root.op) for part in _flat(root, root.op)]
        return f" {root.op} ".join(parts), binding
    left, right = root.args
    # A sum of floats is not associative, and a comparison of comparisons reads badly bare.
    loosest = binding + 1 if root.op in _COMPARISONS else binding
    return f"{_held(left, loosest)} {root.op} {_held(right, binding + 1)}", binding


def _held(part: Term, loosest: int) -> str:
    text, binding = _written(part)
    return text if binding >= loosest else f"({text})"


def _inside(part: Term, binding: int, op: str) -> str:
    """Return an operand of "and" or "or"; "x between 1 and 2" would be misread after another "and"."""
    text = _held(part, binding)
    return f"({text})" if op == "and" and _within(part) else text


def _flat(root: Term, op: str) -> Iterator[Term]:
    """Yield what one operator joins; a range and a list of choices stay whole."""
    if not _is(root, op) or _one_of(root) or _within(root):
        yield root
        return
    for part in root.args:
        yield from _flat(part, op)


def _is(part: Term, op: str) -> TypeGuard[Apply]:
    return isinstance(part, Apply) and part.op == op


# --- forms that read better than their parts ------------------------------------------------------


def _negation(root: Apply) -> tuple[str, int] | None:
    if root.op != "not":
        return None
    return f"not {_held(root.args[0], _ATOM)}", _NOT


def _negative(root: Apply) -> tuple[str, int] | None:
    """Return ``-x`` for ``0 - x``; a plain number would become another term when it is read again."""
    if root.op != "-" or not _is_zero(root.args[0]) or isinstance(root.args[1], Constant):
        return None
    text = _held(root.args[1], _ATOM)
    return f"-({text})" if text.startswith("-") else f"-{text}", _PRODUCT


def _is_zero(part: Term) -> bool:
    return isinstance(part, Constant) and type(part.value) is int and part.value == 0


def _one_of(root: Term) -> tuple[str, int] | None:
    """Return ``x in (1, 2)`` where one value is compared with several."""
    if not _is(root, "or"):
        return None
    parts = list(_choices(root))
    if not all(_is(part, "=") and isinstance(part.args[1], Constant) for part in parts):
        return None
    pairs = [_sides(part) for part in parts]
    if len({left for left, _ in pairs}) > 1:
        return None
    return f"{pairs[0][0]} in ({', '.join(right for _, right in pairs)})", _COMPARED


def _choices(root: Term) -> Iterator[Term]:
    for part in root.args if _is(root, "or") else ():
        yield from _choices(part) if _is(part, "or") else [part]


def _sides(part: Term) -> tuple[str, str]:
    assert isinstance(part, Apply)  # noqa: S101
    return _held(part.args[0], _SUM), _held(part.args[1], _SUM)


def _within(root: Term) -> tuple[str, int] | None:
    """Return ``x between 1 and 2`` for ``x >= 1 and x <= 2``."""
    if not _is(root, "and"):
        return None
    low, high = root.args
    if not (_is(low, ">=") and _is(high, "<=")):
        return None
    (value, least), (same, most) = _sides(low), _sides(high)
    return (f"{value} between {least} and {most}", _COMPARED) if value == same else None


def _interval(root: Apply) -> tuple[str, int] | None:
    """Return ``interval(x) < 3`` for a value that is only known to lie between two others."""
    if root.op != "surely":
        return None
    best, worst = root.args
    if not (isinstance(best, Apply) and isinstance(worst, Apply) and best.op == worst.op):
        return None
    if best.op not in _COMPARISONS or spoken(best.args[1]) != spoken(worst.args[1]):
        return None
    low, high = best.args[0], worst.args[0]
    low, high = (high, low) if best.op.startswith("<") else (low, high)
    return f"{_between(low, high)} {best.op} {_held(best.args[1], _SUM)}", _COMPARED


def _between(low: Term, high: Term) -> str:
    lowest, highest = spoken(low), spoken(high)
    name = lowest.removesuffix("_lo")
    pair = isinstance(low, Column) and (lowest, highest) == (f"{name}_lo", f"{name}_hi")
    return f"interval({name})" if pair else f"interval({lowest}, {highest})"


_SPECIAL: tuple[Callable[[Apply], tuple[str, int] | None], ...] = (
    _negation,
    _negative,
    _one_of,
    _within,
    _interval,
)

"""Values of facts and parameters, drawn."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from dealreview.checks.check import Check


def any_value(kind: str) -> st.SearchStrategy[Any]:
    """Values of a type of fact, unknown among them, crowded around the limits of checks."""
    near = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.25, 0.4, 0.45, 0.6, 1.0])
    known: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": st.integers(-3, 60),
        "money": st.integers(-(10**7), 10**7),
        "real": st.one_of(near, st.floats(-1, 2, allow_nan=False)),
        "date": st.dates(dt.date(2024, 1, 1), dt.date(2026, 1, 1)),
        "enum": st.sampled_from(["rep", "lines", "account_months"]),
        "text": st.sampled_from(["a", "b"]),
        "set": st.lists(st.sampled_from(["c1", "c2", "c3"]), unique=True, max_size=3),
    }
    return st.one_of(st.none(), *[known[kind]] * 5)


def ordered(row: dict[str, Any]) -> dict[str, Any]:
    """Return the pairs of a low and a high end, the lower one first."""
    pairs = {name: f"{name.removesuffix('_lo')}_hi" for name in row if name.endswith("_lo")}
    known = {lo: hi for lo, hi in pairs.items() if row[lo] is not None and row.get(hi) is not None}
    return {
        name: value
        for lo, hi in known.items()
        for name, value in zip((lo, hi), sorted((row[lo], row[hi])), strict=True)
    }


@st.composite
def parameters(draw: st.DrawFn, check: Check) -> dict[str, Any]:
    """Parameters of a check within their bounds, soft limits not beyond their hard ones."""
    drawn = {}
    for parameter in check.parameters:
        low, high = parameter.info.ge, parameter.info.le
        if parameter.type in (int, float) and low is not None and high is not None:
            between = (
                st.integers(int(low), int(high))
                if parameter.type is int
                else st.floats(low, high, allow_nan=False)
            )
            drawn[parameter.name] = draw(st.one_of(st.just(parameter.default), between))
    # A soft limit may itself be the hard one of another: the last of a chain is settled first.
    for _ in drawn:
        for parameter in check.parameters:
            hard = parameter.info.at_most
            if hard is not None:
                drawn[parameter.name] = min(drawn[parameter.name], drawn[hard])
    return drawn

"""The weakest letter: a deal is qualified as far as the least that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from dealreview import Fact, Inputs, facts
from dealreview_meddpicc.letters import LETTERS, STATES, is_recorded, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Kept = list[tuple[str, str, str]]

SAID = ("nothing known", "only we say", "they say", "they showed")
"""The states as a message names them: what is seen of each group of letters."""

_ANY = tuple(dict.fromkeys(name for one in LETTERS for group in one.requires for name in group))
_KNOWN = [(f"meddpicc_{one.name}_lo", f"meddpicc_{one.name}_hi") for one in LETTERS]


@facts(
    "deal",
    Fact(
        "meddpicc_weakest_lo",
        "int",
        f"State of the weakest letter, 0 to 3 for {', '.join(STATES)}, at its least; letters of "
        "which the company records nothing are left out.",
        requires=(_ANY,),
    ),
    Fact(
        "meddpicc_weakest_hi",
        "int",
        "The same at its most.",
        requires=(_ANY,),
    ),
    Fact("meddpicc_weakest", "enum", "The same in words; unknown where it is not certain."),
    Fact(
        "meddpicc_profile_words",
        "text",
        "The letters by what stands behind them, the weakest first, in words.",
    ),
    Fact("meddpicc_letters", "int", "Letters of which anything can be known.", "letters"),
    uses=[name for pair in _KNOWN for name in pair],
)
def weakest(inputs: Inputs) -> pl.DataFrame:
    """Find the letter with the least behind it."""
    kept = [
        (one.title.lower(), *pair)
        for one, pair in zip(LETTERS, _KNOWN, strict=True)
        if is_recorded(inputs, one)
    ]
    frame = inputs.facts()
    low = _least(low for _title, low, _high in kept)
    high = _least(high for _title, _low, high in kept)
    left_out = [one.title.lower() for one in LETTERS if not is_recorded(inputs, one)]
    note = f"; not recorded: {', '.join(left_out)}" if left_out else ""
    frame = frame.with_columns(low=low, high=high)
    return frame.select(
        "id",
        meddpicc_weakest_lo="low",
        meddpicc_weakest_hi="high",
        meddpicc_weakest=pl.when(pl.col("low") == pl.col("high")).then(
            named(pl.col("low"), STATES)
        ),
        meddpicc_profile_words=_profile(kept) + pl.lit(note),
        meddpicc_letters=pl.lit(len(kept), dtype=pl.Int64),
    )


def _least(names: Iterable[str]) -> pl.Expr:
    return pl.min_horizontal(pl.lit(None, dtype=pl.Int64), *names)


def _titles(kept: Kept, which: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """Return the titles of the letters of which something holds: ``champion, paper process``."""
    chosen = [
        pl.when(which(pl.col(low), pl.col(high))).then(pl.lit(title)) for title, low, high in kept
    ]
    none = pl.lit(None, dtype=pl.String)
    return pl.concat_str(none, *chosen, separator=", ", ignore_nulls=True)


def _profile(kept: Kept) -> pl.Expr:
    """Return the letters from the worst to the best: ``nothing known: pain; they showed: metrics``."""
    found = {
        said: _titles(kept, lambda low, high, at=number: (low == at) & (high == at))  # type: ignore[misc]
        for number, said in enumerate(SAID)
    }
    found["not certain"] = _titles(kept, lambda low, high: low < high)
    parts = [
        pl.when(names != "").then(pl.format(f"{s}: {{}}", names)) for s, names in found.items()
    ]
    return pl.concat_str(*parts, separator="; ", ignore_nulls=True)

"""What a run keeps of its findings: the rules once, and the facts that they were found on, in columns.

A finding of a check over columns is never written out. The same rules over the same facts say the
same again whenever somebody asks, which :mod:`dealreview.engine.findings` does.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.checks.notation import plain_rules
from dealreview.engine.verdicts import cell_of, facts_told, voice_of
from dealreview.model.outcome import FINDINGS
from dealreview.model.plain import dumped
from dealreview.store.runs import StoredFacts, StoredRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.engine.evaluation import CheckResult, Group
    from dealreview.engine.review import KindReview

FORMAT = 1
"""Of what is written here; what was written in an earlier one stays readable."""

SUBJECTS_A_BLOCK = 16_384
"""Subjects that are kept together: one can be read in milliseconds, and columns pack well."""

FOUND = [outcome.code for outcome in FINDINGS]


@frozen(slots=False)
class Kept:
    """The part of a review of one kind that can be told again.

    Attributes:
        found: What was said about all subjects of the kind.
        told: Checks with findings whose rules tell them.
        full: Checks with findings that a function told: those are stored as they are.
        columns: Facts that telling needs, by frame: the name of each, and the checks that read it.
    """

    found: KindReview
    told: tuple[CheckResult, ...] = field(init=False)
    full: tuple[CheckResult, ...] = field(init=False)
    columns: Mapping[int, Mapping[str, Sequence[str]]] = field(init=False)

    @told.default
    def _told(self) -> tuple[CheckResult, ...]:
        return tuple(r for r in self.found.results if not r.said and _has_findings(r))

    @full.default
    def _full(self) -> tuple[CheckResult, ...]:
        return tuple(r for r in self.found.results if r.said and _has_findings(r))

    @columns.default
    def _columns(self) -> Mapping[int, Mapping[str, Sequence[str]]]:
        read: dict[int, dict[str, list[str]]] = {}
        for result in self.told:
            frame = read.setdefault(self.frame_number(result), {})
            for name in self.facts_of(result):
                frame.setdefault(name, []).append(result.check.id)
        return read

    def facts_of(self, result: CheckResult) -> list[str]:
        """Return the facts that telling the findings of a check needs, in order of name."""
        if result.problem is not None:
            return []
        named = {name for group in result.groups if group.rules for name in facts_told(group.rules)}
        return sorted(named & self.found.facts.keys())

    def frame_number(self, result: CheckResult) -> int:
        """Return which of the frames a check sees: 1 goes on after a deal has closed."""
        return int(result.check.after_close)


def _has_findings(result: CheckResult) -> bool:
    return bool(result.codes.is_in(FOUND).any())


def stored_rules(kept: Kept) -> StoredRules:
    """Return what the checks of a kind say, and what that means, without the subjects."""
    found = kept.found
    told = {result.check.id for result in kept.told}
    names = sorted({name for columns in kept.columns.values() for name in columns})
    document = {
        "currency": found.rates.reporting,
        "facts": {name: _fact(kept, name) for name in names},
        "checks": [_check(kept, r, told=r.check.id in told) for r in found.results],
    }
    data = zlib.compress(dumped(document).encode())
    return StoredRules(found.kind.value, FORMAT, data)


def _fact(kept: Kept, name: str) -> list[str]:
    fact = kept.found.facts[name]
    return [fact.type, fact.unit, *cell_of(kept.found.kind, fact)]


def _check(kept: Kept, result: CheckResult, *, told: bool) -> dict[str, Any]:
    """Return a check; one without findings only with what the points of the others depend on."""
    is_ruled = told and result.problem is None
    check: dict[str, Any] = {
        "id": result.check.id,
        "groups": [_group(group, is_ruled=is_ruled) for group in result.groups],
    }
    if not told:
        return check | ({"full": True} if result in kept.full else {})
    voice = voice_of(result)
    speaks = {"question": voice.question, "family": voice.family, "cause": voice.cause}
    reads = {"frame": kept.frame_number(result), "facts": kept.facts_of(result)}
    return check | speaks | reads


def _group(group: Group, *, is_ruled: bool) -> dict[str, Any]:
    effective = group.effective
    found: dict[str, Any] = {"severity": effective.severity.value, "digest": effective.digest}
    if is_ruled and group.rules is not None:
        values = {"values": dict(effective.values), "origins": dict(effective.origins)}
        found |= values | {"rules": plain_rules(group.rules)}
    return found


# --- facts in columns ----------------------------------------------------------------------------


def fact_column(frame: int, name: str) -> str:
    """Return the column that a fact is kept in."""
    return f"fact:{frame}:{name}"


def group_column(check: str) -> str:
    """Return the column that the group numbers of a check are kept in."""
    return f"group:{check}"


def money_column(check: str, kind: str) -> str:
    """Return the column that money at risk is kept in, in the reporting currency."""
    return f"money:{check}:{kind}"


def stored_facts(kept: Kept) -> Iterator[StoredFacts]:
    """Yield the facts of subjects with findings that are told again, block by block in order of id."""
    if not kept.told:
        return
    for start, facts in _blocks(kept):
        block = _block(kept, start, facts)
        if block.height:
            ids = block["id"]
            yield StoredFacts(kept.found.kind.value, ids[0], ids[-1], block.height, packed(block))


def _blocks(kept: Kept) -> Iterator[tuple[int, list[pl.DataFrame]]]:
    """Yield the first row of a block of subjects, and their facts in each of the frames that checks see."""
    seen, begin = [_windows(kept, number) for number in kept.columns], 0
    for windows in zip(*seen, strict=True):
        height = windows[0].height
        for start in range(0, height, SUBJECTS_A_BLOCK):
            yield begin + start, [window.slice(start, SUBJECTS_A_BLOCK) for window in windows]
        begin += height


def _windows(kept: Kept, number: int) -> Iterator[pl.DataFrame]:
    """Yield the facts that telling needs from one of the frames, under the names that they are kept by."""
    check = next(r.check.id for r in kept.told if kept.frame_number(r) == number)
    names = list(dict.fromkeys(["currency", *kept.columns[number]]))
    for window in kept.found.tables[check].windows(names):
        yield window.rename({name: fact_column(number, name) for name in names})


def _block(kept: Kept, start: int, facts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the facts of some subjects with findings; a fact that no finding needs is left empty."""
    import polars as pl

    masks = pl.DataFrame(
        {_mask(r): r.codes.slice(start, facts[0].height) for r in kept.told}
    ).select(pl.all().is_in(FOUND))
    parts = [kept.found.base["id"].slice(start, facts[0].height).to_frame(), masks]
    parts += [*facts, _beside(kept, start, facts[0].height)]
    together = pl.concat(parts, how="horizontal").filter(pl.any_horizontal(masks.columns))
    wanted = [
        pl.when(pl.any_horizontal(f"mask:{check}" for check in checks)).then(
            fact_column(number, name)
        )
        for number, columns in kept.columns.items()
        for name, checks in columns.items()
    ]
    currencies = [fact_column(number, "currency") for number in kept.columns]
    return together.select("id", *currencies, *wanted, *parts[-1].columns)


def _mask(result: CheckResult) -> str:
    return f"mask:{result.check.id}"


def _beside(kept: Kept, start: int, count: int) -> pl.DataFrame:
    """Return group numbers where there are several groups, and money in the reporting currency."""
    import polars as pl

    groups = {
        group_column(result.check.id): result.group
        for result in kept.found.results
        if len(result.groups) > 1
    }
    money = {
        money_column(result.check.id, kind): amounts
        for result in kept.told
        for kind, amounts in kept.found.exposures.get(result.check.id, {}).items()
    }
    return pl.DataFrame({name: one.slice(start, count) for name, one in (groups | money).items()})


def packed(block: pl.DataFrame) -> bytes:
    """Return a block as Parquet; a column without a value is not worth its header.

    Harder compression takes longer here and makes nothing smaller.
    """
    used = [column.name for column in block if column.null_count() < block.height]
    buffer = io.BytesIO()
    block.select(used).rechunk().write_parquet(
        buffer, compression="zstd", compression_level=1, statistics=False
    )
    return buffer.getvalue()

"""A review as it is stored: one byte a verdict, and what it takes to tell every finding in full."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, Any

from attrs import asdict

from dealreview.engine.benchmarks import stored_benchmarks
from dealreview.engine.keeping import (
    FOUND,
    SUBJECTS_A_BLOCK,
    Kept,
    packed,
    stored_facts,
    stored_rules,
)
from dealreview.model.outcome import FINDINGS, Kind, Outcome
from dealreview.model.plain import dumped, plain, told
from dealreview.store.changes import account_revisions
from dealreview.store.runs import Found, StoredRun, StoredVerdict, save_run
from dealreview.store.scorecards import CELLS, StoredCards

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.review import Header, KindReview, Review
    from dealreview.model.verdict import Evidence, Expected, Quantity, Verdict
    from dealreview.store.database import Database

_NOT_REVIEWED = Outcome.NOT_REVIEWED.code


def run_key(header: Header) -> str:
    """Return 64 hex digits over what went into a run: date, data, configuration, checks, packs, engine.

    Problems count too: a pack that can't be loaded leaves no other trace in what was reviewed.
    """
    went_in = {
        "as_of": header.as_of,
        "data_revision": header.data_revision,
        "config_hash": header.config_hash,
        "checks": {name: list(item) for name, item in sorted(header.checks.items())},
        "packs": sorted([pack.name, pack.version, pack.source] for pack in header.packs),
        "engine_version": header.engine_version,
        "renamed": dict(sorted(header.renamed.items())),
        "problems": sorted([p.kind, p.where, p.cause] for p in header.problems),
    }
    return hashlib.sha256(dumped(plain(went_in)).encode()).hexdigest()


def save_review(database: Database, review: Review) -> int:
    """Store a review and return its number; the same review is stored once.

    Raises:
        StoreError: The database can't be written.
    """
    header = review.header
    checks: Any = tuple(sorted(header.checks))  # the attribute converts any iterable
    run = StoredRun(
        run_key(header),
        header.as_of,
        header.data_revision,
        header.config_hash,
        plain(asdict(header) | {"not_reviewed": review.not_reviewed}),
        checks,
    )
    revisions = _revisions(database, header.data_revision)
    kept = {kind: Kept(review.kinds[kind]) for kind in sorted(review.kinds)}
    found = Found(
        chain.from_iterable(_cards(review, kind, checks, revisions) for kind in kept),
        _verdicts(kept),
        map(stored_rules, kept.values()),
        chain.from_iterable(map(stored_facts, kept.values())),
        chain.from_iterable(map(stored_benchmarks, review.kinds.values())),
    )
    return save_run(database, run, found)


def _revisions(database: Database, reviewed: int) -> Mapping[str, int]:
    """Return the revision of each account; none where the data has changed since it was reviewed."""
    with database.read() as connection:
        same = database.revision(connection) == reviewed
        return account_revisions(connection) if same else {}


def _cards(
    review: Review, kind: Kind, checks: Sequence[str], revisions: Mapping[str, int]
) -> Iterator[StoredCards]:
    """Yield the scorecards of a kind, block by block in order of id."""
    import polars as pl

    figures, width = _figures(review, kind, revisions), len(checks)
    for start in range(0, figures.height, SUBJECTS_A_BLOCK):
        part = figures.slice(start, SUBJECTS_A_BLOCK)
        ids, laid = part["id"], outcome_bytes(review.kinds[kind], checks, start, part.height)
        outcomes = [laid[n * width : (n + 1) * width] for n in range(part.height)]
        part = part.with_columns(pl.Series("outcomes", outcomes, dtype=pl.Binary))
        yield StoredCards(kind.value, ids[0], ids[-1], part.height, packed(part.select(CELLS)))


def outcome_bytes(found: KindReview, checks: Sequence[str], start: int, count: int) -> bytes:
    """Return an outcome byte a check and subject, the checks of a subject together, of some subjects."""
    codes = {result.check.id: result.codes for result in found.results}
    laid = bytearray([_NOT_REVIEWED]) * (count * len(checks))
    for place, check in enumerate(checks):
        if check in codes:
            laid[place :: len(checks)] = bytes(codes[check].slice(start, count).to_list())
    return bytes(laid)


def _figures(review: Review, kind: Kind, revisions: Mapping[str, int]) -> pl.DataFrame:
    """Return what a scorecard keeps beside its outcomes; reps have no sums."""
    import polars as pl

    found = review.kinds[kind]
    sums = found.sums.select(
        e2=pl.col("earned"), wd2=2 * pl.col("decided"), wa2=2 * pl.col("asked")
    )
    if not kind.has_score:
        sums = sums.clear(sums.height)
    beside = {"band": found.bands, "account_revision": _account_revisions(review, kind, revisions)}
    return pl.DataFrame({"id": found.base["id"], **sums.to_dict(), **beside})


def _account_revisions(review: Review, kind: Kind, revisions: Mapping[str, int]) -> pl.Series:
    """Return the revision of the account of each subject of a kind."""
    import polars as pl

    ids = review.kinds[kind].base["id"]
    if kind not in (Kind.DEAL, Kind.ACCOUNT) or not revisions:
        return pl.Series([None] * len(ids), dtype=pl.Int64)
    accounts = review.deals["account_id"] if kind is Kind.DEAL else ids
    known = pl.DataFrame({"account": list(revisions), "revision": list(revisions.values())})
    asked = accounts.alias("account").to_frame()
    return asked.join(known, on="account", how="left", maintain_order="left")["revision"]


def _verdicts(kept: Mapping[Kind, Kept]) -> Iterator[StoredVerdict]:
    """Yield the findings that functions told."""
    for kind, one in kept.items():
        checks = {result.check.id: result for result in one.full}
        rows = _with_findings(one.full)
        told = one.found.verdicts(rows, only=FINDINGS, checks=checks)
        for row, verdicts in zip(rows, told, strict=True):
            for verdict in verdicts:
                result = checks[verdict.check]
                digest = result.groups[result.group[row]].effective.digest
                yield stored_verdict(kind, verdict, digest)


def _with_findings(results: Sequence[CheckResult]) -> list[int]:
    import polars as pl

    if not results:
        return []
    masks = [result.codes.is_in(FOUND) for result in results]
    return pl.select(pl.any_horizontal(masks)).to_series().arg_true().to_list()


def stored_verdict(kind: Kind, verdict: Verdict, parameters: str) -> StoredVerdict:
    """Return a finding as it is stored.

    Args:
        kind: Kind of subject.
        verdict: The finding.
        parameters: Hash of the parameters that it was found with.
    """
    detail = verdict_detail(verdict) | {"parameters_hash": parameters}
    return StoredVerdict(
        kind.value,
        verdict.subject_id,
        verdict.check,
        verdict.outcome.value,
        verdict.severity.value,
        verdict.fingerprint,
        dumped(detail),
    )


def verdict_detail(verdict: Verdict) -> dict[str, Any]:
    """Return what explains a verdict, as plain values."""
    return {
        "message": verdict.message,
        "actual": _quantity(verdict.actual),
        "expected": _expected(verdict.expected),
        "evidence": [_evidence(evidence) for evidence in verdict.evidence],
        "missing": list(verdict.missing),
        "question": verdict.question,
        "points_lost": verdict.points_lost,
        "points_open": verdict.points_open,
        "money_at_risk": None if verdict.money_at_risk is None else asdict(verdict.money_at_risk),
    }


def _quantity(actual: Quantity | None) -> dict[str, Any] | None:
    return None if actual is None else {"value": told(actual.value), "unit": actual.unit}


def _expected(limit: Expected | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    value, n = told(limit.value), plain(limit.n)
    return {"op": limit.op, "value": value, "unit": limit.unit, "source": limit.source, "n": n}


def _evidence(cell: Evidence) -> dict[str, Any]:
    return {"table": cell.table, "id": cell.id, "field": cell.field, "value": told(cell.value)}

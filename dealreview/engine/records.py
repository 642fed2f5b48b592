"""A review as it is stored: one byte a verdict, and every finding in full."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from attrs import asdict

from dealreview.model.outcome import FINDINGS, Kind, Outcome
from dealreview.model.plain import dumped, plain
from dealreview.store.changes import account_revisions
from dealreview.store.runs import StoredRun, StoredScorecard, StoredVerdict, save_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dealreview.engine.review import Header, KindReview, Review
    from dealreview.model.verdict import Evidence, Expected, Quantity, Verdict
    from dealreview.store.database import Database

_NOT_REVIEWED = Outcome.NOT_REVIEWED.code
_FOUND = [outcome.code for outcome in FINDINGS]


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
    return save_run(database, run, _scorecards(review, checks, revisions), _verdicts(review))


def _revisions(database: Database, reviewed: int) -> Mapping[str, int]:
    """Return the revision of each account; none where the data has changed since it was reviewed."""
    with database.read() as connection:
        same = database.revision(connection) == reviewed
        return account_revisions(connection) if same else {}


def _scorecards(
    review: Review, checks: Sequence[str], revisions: Mapping[str, int]
) -> Iterator[StoredScorecard]:
    for kind in sorted(review.kinds):
        found = review.kinds[kind]
        accounts = _accounts(review, kind)
        outcomes = _outcomes(found, checks)
        figures = found.sums.select("earned", "decided", "asked").iter_rows()
        rows = zip(found.base["id"], outcomes, figures, found.bands, accounts, strict=True)
        for subject_id, codes, (earned, decided, asked), band, account in rows:
            revision = revisions.get(account) if account is not None else None
            if kind.has_score:
                sums = (earned, 2 * decided, 2 * asked, band)
                yield StoredScorecard(kind.value, subject_id, codes, *sums, revision)
            else:
                yield StoredScorecard(kind.value, subject_id, codes, account_revision=revision)


def _accounts(review: Review, kind: Kind) -> Sequence[str | None]:
    """Return the account of each subject of a kind."""
    if kind is Kind.DEAL:
        return review.deals["account_id"].to_list()
    ids = review.kinds[kind].base["id"].to_list()
    return ids if kind is Kind.ACCOUNT else [None] * len(ids)


def _outcomes(found: KindReview, checks: Sequence[str]) -> Iterator[bytes]:
    """Yield the outcome bytes of each subject, in the order of the run's checks."""
    if not found.results:
        return iter([bytes([_NOT_REVIEWED]) * len(checks)] * found.base.height)
    import polars as pl

    asked = {result.check.id for result in found.results}
    silent = pl.lit(_NOT_REVIEWED, dtype=pl.UInt8)
    columns = [pl.col(name) if name in asked else silent.alias(name) for name in checks]
    return map(bytes, found.codes.select(columns).iter_rows())


def _verdicts(review: Review) -> Iterator[StoredVerdict]:
    for kind in sorted(review.kinds):
        found = review.kinds[kind]
        digests = {r.check.id: [g.effective.digest for g in r.groups] for r in found.results}
        groups = {result.check.id: result.group for result in found.results}
        rows = _with_findings(found)
        for row, verdicts in zip(rows, found.verdicts(rows, only=FINDINGS), strict=True):
            for verdict in verdicts:
                used = digests[verdict.check][groups[verdict.check][row]]
                yield _stored(kind, verdict, used)


def _with_findings(found: KindReview) -> list[int]:
    import polars as pl

    if not found.results:
        return []
    masks = [result.codes.is_in(_FOUND) for result in found.results]
    return pl.select(pl.any_horizontal(masks)).to_series().arg_true().to_list()


def _stored(kind: Kind, verdict: Verdict, parameters: str) -> StoredVerdict:
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
    return None if actual is None else {"value": plain(actual.value), "unit": actual.unit}


def _expected(limit: Expected | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    value, n = plain(limit.value), plain(limit.n)
    return {"op": limit.op, "value": value, "unit": limit.unit, "source": limit.source, "n": n}


def _evidence(cell: Evidence) -> dict[str, Any]:
    return {"table": cell.table, "id": cell.id, "field": cell.field, "value": plain(cell.value)}

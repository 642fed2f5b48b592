"""The review as JSON and as JSON lines; ``review.schema.json`` is its published form.

What is written depends on the data, the configuration and the packs alone: no clock, no machine, no
number of a stored run. Scorecards are written one by one, so memory does not grow with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from dealreview.engine.gate import Gate
from dealreview.engine.records import run_key, verdict_detail
from dealreview.model.outcome import OUTCOMES, Outcome
from dealreview.model.plain import dumped, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dealreview.engine.registry import Problem
    from dealreview.engine.review import Review
    from dealreview.model.scorecard import Context, Dimension, NotReviewed, Scorecard
    from dealreview.model.verdict import Verdict

SCHEMA_VERSION = 1
QUIET = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})
"""Outcomes that are left out unless everything is asked for."""


@frozen
class Options:
    """What shapes a document beside the review itself.

    Attributes:
        everything: Whether verdicts that passed or did not apply are written too.
        gate: What the run is held to.
        exit_code: The exit code that the run ends with.
    """

    everything: bool = False
    gate: Gate = field(factory=Gate)
    exit_code: int = 0

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """The outcomes of the verdicts that are written."""
        return frozenset(OUTCOMES) - (frozenset() if self.everything else QUIET)


def json_document(
    review: Review, options: Options, cards: Iterable[Scorecard] | None = None
) -> Iterator[str]:
    """Yield the pieces of one JSON object: schema_version, run, scorecards, problems.

    Args:
        review: The review.
        options: What shapes the document.
        cards: The scorecards to write; None means all.
    """
    yield f'{{"schema_version": {SCHEMA_VERSION},\n"run": {dumped(run_object(review, options))},\n'
    yield '"scorecards": ['
    before = "\n"
    for card in _cards(review, options, cards):
        yield before + dumped(card)
        before = ",\n"
    yield f'\n],\n"problems": {dumped(problem_objects(review))}\n}}\n'


def json_lines(
    review: Review, options: Options, cards: Iterable[Scorecard] | None = None
) -> Iterator[str]:
    """Yield lines: first the run with the schema's version, then a scorecard each, last the problems."""
    run = {"schema_version": SCHEMA_VERSION, "run": run_object(review, options)}
    yield dumped(run) + "\n"
    for card in _cards(review, options, cards):
        yield dumped(card) + "\n"
    yield dumped({"problems": problem_objects(review)}) + "\n"


def _cards(
    review: Review, options: Options, cards: Iterable[Scorecard] | None
) -> Iterator[dict[str, Any]]:
    found = review.scorecards(only=options.outcomes) if cards is None else cards
    return (scorecard_object(card, options.outcomes) for card in found)


# --- the run -------------------------------------------------------------------------------------


def run_object(review: Review, options: Options) -> dict[str, Any]:
    """Return what a run was made with and what came out in numbers."""
    header = review.header
    made_with = {
        "id": run_key(header)[:16],
        "as_of": header.as_of,
        "data_revision": header.data_revision,
        "config_hash": header.config_hash,
        "organisation_hash": header.organisation_hash,
        "reporting_currency": header.reporting_currency,
        "engine_version": header.engine_version,
        "packs": [asdict(pack) for pack in header.packs],
        "checks": [_check_object(review, name) for name in sorted(header.checks)],
        "not_reviewed": _not_reviewed(review),
    }
    found: dict[str, Any] = plain(made_with | _counts(review) | _ending(options))
    return found


def _check_object(review: Review, name: str) -> dict[str, Any]:
    version, parameters = review.header.checks[name]
    severity = review.selection.base[name].severity
    return {"id": name, "version": version, "severity": severity, "parameters_hash": parameters}


def _not_reviewed(review: Review) -> list[dict[str, Any]]:
    return [
        {"kind": kind, **asdict(missing)}
        for kind in sorted(review.kinds)
        for missing in review.kinds[kind].not_reviewed
    ]


def _counts(review: Review) -> dict[str, Any]:
    header = review.header
    scored = [kind for kind in sorted(review.kinds) if kind.has_score]
    return {
        "subjects": {kind: review.kinds[kind].base.height for kind in sorted(review.kinds)},
        "open_deals": int(review.open_deals.sum()),
        "outcomes": {outcome: review.outcome_counts[outcome] for outcome in _said()},
        "bands": {kind: review.band_counts(kind) for kind in scored},
        "money_at_risk": review.pipeline_money(),
        "money_without_rate": review.money_without_rate(),
        "rejected_rows": header.rejected_rows,
        "judged_by_todays_values": header.judged_by_todays_values,
        "gone": header.gone,
        "proposed_as_of": header.proposed_as_of,
    }


def _said() -> tuple[Outcome, ...]:
    return tuple(outcome for outcome in OUTCOMES if outcome is not Outcome.NOT_REVIEWED)


def _ending(options: Options) -> dict[str, Any]:
    gate = {"fail_on": options.gate.fail_on, "min_score": options.gate.min_score}
    return {"gate": gate, "exit_code": options.exit_code}


def problem_objects(review: Review) -> list[dict[str, Any]]:
    """Return what makes the run incomplete or its feeds old."""
    return [_problem_object(problem) for problem in review.header.problems]


def _problem_object(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "where": problem.where,
        "cause": problem.cause,
        "mend": problem.mend,
    }


# --- scorecards ----------------------------------------------------------------------------------


def scorecard_object(card: Scorecard, outcomes: frozenset[Outcome]) -> dict[str, Any]:
    """Return a scorecard with the verdicts that have one of the outcomes."""
    return {
        "subject": {"kind": str(card.kind), "id": card.id, "name": card.name},
        "owner_id": card.owner_id,
        "score": card.score,
        "lower": card.lower,
        "upper": card.upper,
        "band": None if card.band is None else str(card.band),
        "coverage": card.coverage,
        "dimensions": [_dimension_object(dimension) for dimension in card.dimensions],
        "not_reviewed": [_missing_object(missing) for missing in card.not_reviewed],
        "verdicts": [verdict_object(v) for v in card.verdicts if v.outcome in outcomes],
        "context": [_context_object(one) for one in card.context],
    }


def _context_object(found: Context) -> dict[str, Any]:
    """Return a finding about another subject; in full it stands on that subject's scorecard."""
    verdict = found.verdict
    return {
        "relation": found.relation,
        "subject": {"kind": str(verdict.kind), "id": verdict.subject_id},
        "check": verdict.check,
        "outcome": str(verdict.outcome),
        "severity": str(verdict.severity),
        "message": verdict.message,
        "fingerprint": verdict.fingerprint,
    }


def _dimension_object(found: Dimension) -> dict[str, Any]:
    return {
        "name": found.name,
        "score": found.score,
        "lower": found.lower,
        "upper": found.upper,
        "coverage": found.coverage,
    }


def _missing_object(missing: NotReviewed) -> dict[str, Any]:
    return {"check": missing.check, "needs": list(missing.needs), "title": missing.title}


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict with everything that explains it."""
    return {
        "check": verdict.check,
        "outcome": str(verdict.outcome),
        "severity": str(verdict.severity),
        **verdict_detail(verdict),
        "disposition": None if verdict.disposition is None else plain(asdict(verdict.disposition)),
        "fingerprint": verdict.fingerprint,
    }

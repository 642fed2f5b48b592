"""A check's page for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.checks.wording import spoken as term_text
from dealreview.reports.checkpage import values_of
from dealreview.reports.document import verdict_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dealreview.checks.parameters import Parameter
    from dealreview.engine.choice import Choice
    from dealreview.reports.checkpage import CheckPage, Told
    from dealreview.reports.ruling import Condition, Input, Ruling, Source


def explain_object(page: CheckPage) -> dict[str, Any]:
    """Return a check's page for programs."""
    check, base = page.check, page.selection.base[page.check.id]
    return {
        "id": check.id,
        "title": check.title,
        "description": check.description,
        "severity": base.severity,
        "severity_origin": base.origins["severity"],
        "on": check.on,
        "family": check.family or None,
        "questions": check.ask,
        "parameters": [_parameter_object(page, parameter) for parameter in check.parameters],
        "needs": page.needs,
        "lacking": page.lacking,
        "facts": {kind: [fact.name for fact in facts] for kind, facts in page.facts.items()},
        "fact_parameters": [
            parameter_object(parameter) | {"value": value, "origin": origin}
            for parameter, value, origin in _by_name((*page.fact_parameters, *page.behind))
        ],
        "sources": check.sources,
        "version": check.version,
        "status": check.status,
        "replacement": check.replacement or None,
        "renamed_from": check.renamed_from,
        "after_close": check.after_close,
        "in_review": None if page.choice is None else _choice_object(page.choice),
        "subject": None if page.ruling is None else ruling_object(page.ruling),
    }


def _by_name(told: Iterable[Told]) -> list[Told]:
    return sorted(told, key=lambda one: one[0].name)


def _choice_object(choice: Choice) -> dict[str, Any]:
    return {
        "selected": choice.selected,
        "origin": choice.origin or None,
        "patterns": choice.patterns,
        "required": choice.required,
    }


def ruling_object(ruling: Ruling) -> dict[str, Any]:
    """Return how a check came to its verdict on a subject, for programs."""
    card, effective, decider = ruling.card, ruling.effective, ruling.decider
    return {
        "kind": card.kind,
        "id": card.id,
        "name": card.name,
        "as_of": ruling.day,
        "lacking": ruling.lacking,
        "problem": ruling.problem or None,
        "severity": effective.severity if effective else None,
        "parameters": effective.values if effective else {},
        "origins": effective.origins if effective else {},
        "overrides": [
            {
                "number": tried.override.number,
                "when": tried.override.text,
                "held": tried.held,
                "changes": tried.override.changes[ruling.check.id],
            }
            for tried in ruling.tried
        ],
        "inputs": [_input_object(ruling, one) for one in ruling.inputs],
        "recorded": [_source_object(source) for source in ruling.sources],
        "conditions": [_condition_object(one) for one in ruling.conditions],
        "decided_by": decider.name if decider else None,
        "verdict": None if ruling.verdict is None else verdict_object(ruling.verdict),
    }


def _input_object(ruling: Ruling, one: Input) -> dict[str, Any]:
    whose = "reporting" if one.fact.unit == "reporting currency" else "own"
    is_money = one.fact.type == "money"
    return {
        "name": one.fact.name,
        "value": one.value,
        "unit": f"{ruling.currency[whose]} minor units" if is_money else one.fact.unit or None,
        "decides": one.decides,
        "origin": one.fact.origin or None,
        "provider": one.provider.name,
        "reads": one.provider.reads,
        "uses": one.provider.uses,
        "description": one.fact.description,
    }


def _source_object(source: Source) -> dict[str, Any]:
    feeds = [{"scope": f.scope, "from": f.first, "to": f.last} for f in source.feeds]
    return {"table": source.table, "feeds": feeds, "nothing_in": source.blank}


def _condition_object(one: Condition) -> dict[str, Any]:
    return {
        "name": one.name,
        "text": term_text(one.term),
        "value": one.value,
        "asked": one.asked,
        "decides": one.decides,
        "clauses": [{"text": text, "value": value} for text, value in one.clauses],
        "limits": [{"value": value, "parameter": name} for value, name in one.limits],
    }


def _parameter_object(page: CheckPage, parameter: Parameter) -> dict[str, Any]:
    (value, origin), *others = values_of(page, parameter)
    overrides = [{"origin": where, "value": other} for other, where in others]
    return parameter_object(parameter) | {"value": value, "origin": origin, "overrides": overrides}


def parameter_object(parameter: Parameter) -> dict[str, Any]:
    """Return what is declared about a parameter, for programs."""
    return {
        "name": parameter.name,
        "type": parameter.type.__name__,
        "description": parameter.info.description,
        "unit": parameter.info.unit or None,
        "default": parameter.default,
        "ge": parameter.info.ge,
        "le": parameter.info.le,
        "source": parameter.info.source or None,
    }

"""The checks for programs: everything that is declared about each, and what it works with."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import frozen

from dealreview.checks.reach import outcomes_of
from dealreview.engine.factplan import needed_providers
from dealreview.engine.plan import Plan, make_plan, try_rules
from dealreview.model.outcome import Outcome
from dealreview.reports.explain_document import parameter_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.registry import Registry
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind


@frozen(slots=False)
class CheckList:
    """The selected checks with what is known of them.

    Attributes:
        registry: What was loaded.
        selection: What the checks work with.
    """

    registry: Registry
    selection: Selection

    @cached_property
    def _complete(self) -> Plan:
        """What is read where everything is recorded."""
        kinds = self.registry.facts.values()
        groups = [group for facts in kinds for fact in facts.values() for group in fact.requires]
        names = {name for group in groups for name in group}
        names |= {n for one in self.selection.checks for n in (*one.requires, *one.related)}
        return make_plan(self.registry, self.selection, frozenset(names))

    @cached_property
    def _empty(self) -> Plan:
        """What is lacking where nothing is recorded."""
        return make_plan(self.registry, self.selection, frozenset())

    def objects(self) -> list[dict[str, Any]]:
        """Return an object for each check, in order of id."""
        return [self._object(check) for check in self.selection.checks]

    def _object(self, check: Check) -> dict[str, Any]:
        base = self.selection.base[check.id]
        return {
            "id": check.id,
            "pack": check.pack,
            "title": check.title,
            "description": check.description,
            "severity": base.severity,
            "severity_default": check.severity,
            "on": check.on,
            "form": check.form,
            "outcomes": self._outcomes(check),
            "family": check.family or None,
            "questions": check.ask,
            "parameters": base.values,
            "parameter_details": [_parameter(self, check, one) for one in check.parameters],
            "needs": self._needs(check),
            "facts": self._facts(check),
            "fact_parameters": [
                parameter_object(one) | {"value": self.selection.fact_params[one.name]}
                for one in self.fact_parameters(check)
            ],
            "sources": check.sources,
            "status": check.status,
            "version": check.version,
            "replacement": check.replacement or None,
            "renamed_from": check.renamed_from,
            "after_close": check.after_close,
        }

    def _needs(self, check: Check) -> Mapping[Kind, tuple[str, ...]]:
        """Return what must be recorded, ``table`` or ``table.column``, by kind of subject."""
        found = {
            kind: tuple(n for one in left_out if one.check == check.id for n in one.needs)
            for kind, left_out in self._empty.not_reviewed.items()
        }
        return {kind: found[kind] for kind in check.on}

    def _facts(self, check: Check) -> Mapping[Kind, list[str]]:
        reads = self._complete.reads.get(check.id, frozenset())
        return {kind: sorted(name for on, name in reads if on is kind) for kind in check.on}

    def fact_parameters(self, check: Check) -> list[Parameter]:
        """Return the parameters of the facts that a check reads, those behind them included."""
        reads = self._complete.reads.get(check.id, frozenset())
        providers = needed_providers(self.registry, reads)
        found = {one.name: one for provider in providers for one in provider.parameters}
        return [found[name] for name in sorted(found)]

    def _outcomes(self, check: Check) -> list[Outcome] | None:
        """Return what a check can say; None of a function, which says what it likes."""
        base = self.selection.base[check.id]
        tried = [(kind, try_rules(self.registry, check, kind, base)) for kind in check.on]
        types = self.registry.fact_types
        said = {one for kind, rules in tried if rules for one in outcomes_of(rules, types[kind])}
        return [outcome for outcome in Outcome if outcome in said] or None


def _parameter(found: CheckList, check: Check, parameter: Parameter) -> dict[str, Any]:
    base = found.selection.base[check.id]
    now = {"value": base.values[parameter.name], "origin": base.origins[parameter.name]}
    return parameter_object(parameter) | now

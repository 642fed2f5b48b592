"""What a run needs: the facts of the selected checks, and the checks that have nothing to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from dealreview.checks.columns import Columns
from dealreview.checks.rules import Rules
from dealreview.checks.terms import inputs_of
from dealreview.engine.isolation import attempt
from dealreview.engine.selection import Effective, Selection, override_inputs
from dealreview.model.outcome import Kind
from dealreview.model.scorecard import NotReviewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dealreview.checks.check import Check
    from dealreview.engine.factplan import Wanted
    from dealreview.engine.registry import Registry


@frozen
class Plan:
    """What is reviewed.

    Attributes:
        checks: Checks to ask, by kind of subject, in order of id.
        not_reviewed: Checks without anything recorded to look at, by kind.
        wanted: Facts that must be computed.
        live: Facts that must also be computed as of the review's date for closed deals.
        reads: Facts that each check reads, by check id.
    """

    checks: Mapping[Kind, tuple[Check, ...]]
    not_reviewed: Mapping[Kind, tuple[NotReviewed, ...]]
    wanted: Wanted
    live: Wanted
    reads: Mapping[str, Wanted] = field(factory=dict)


def make_plan(registry: Registry, selection: Selection, recorded: frozenset[str]) -> Plan:
    """Return what a run reviews, given what is recorded at all."""
    checks: dict[Kind, list[Check]] = {kind: [] for kind in Kind}
    left_out: dict[Kind, list[NotReviewed]] = {kind: [] for kind in Kind}
    wanted: set[tuple[Kind, str]] = set()
    live: set[tuple[Kind, str]] = set()
    reads: dict[str, set[tuple[Kind, str]]] = {}
    recorded |= selection.stand_ins
    for check, kind in [(one, on) for one in selection.checks for on in one.on]:
        deciding, reading = _inputs(registry, selection, check, kind)
        lacking = _lacking(registry, check, kind, deciding, recorded)
        if lacking and check.id not in selection.required:
            left_out[kind].append(NotReviewed(check.id, lacking, check.title))
            continue
        checks[kind].append(check)
        reads.setdefault(check.id, set()).update((kind, name) for name in reading)
        (live if check.after_close and kind is Kind.DEAL else wanted).update(
            (kind, name) for name in reading
        )
    for kind in Kind:
        changing = {(kind, name) for name in override_inputs(selection, kind)}
        wanted |= changing
        live |= changing if live and kind is Kind.DEAL else set()
    return Plan(
        {kind: tuple(found) for kind, found in checks.items()},
        {kind: tuple(found) for kind, found in left_out.items()},
        frozenset(wanted),
        frozenset(live),
        {name: frozenset(found) for name, found in reads.items()},
    )


def _inputs(
    registry: Registry, selection: Selection, check: Check, kind: Kind
) -> tuple[set[str], set[str]]:
    """Return the facts without which a check can't decide, and all that it reads."""
    if check.form == "function":
        return set(check.needs), {*check.needs, *check.reads}
    overrides = selection.overrides_of(check, kind)
    sets = [
        selection.under(check, ()),
        *(selection.under(check, (o,)) for o in overrides),
        selection.under(check, overrides),
    ]
    tried = [rules for one in sets if (rules := try_rules(registry, check, kind, one)) is not None]
    deciding = {
        name for rules in tried for name in inputs_of(rules.applies, rules.risk, rules.watch)
    }
    reading = {name for rules in tried for name in rules.inputs}
    spoken = {name for rules in tried for name in _printed(rules)} & set(registry.facts[kind])
    return deciding, reading | spoken


def try_rules(registry: Registry, check: Check, kind: Kind, effective: Effective) -> Rules | None:
    """Return the rules of a check under a set of parameters; None when it gives none."""
    rules = attempt(check.function, Columns(kind, registry.fact_types[kind]), **effective.values)
    return rules if isinstance(rules, Rules) else None


def _printed(rules: Rules) -> Iterable[str]:
    from dealreview.checks.messages import fields_of

    return (name for template in rules.message.values() for name, _ in fields_of(template))


def _lacking(
    registry: Registry, check: Check, kind: Kind, deciding: Iterable[str], recorded: frozenset[str]
) -> tuple[str, ...]:
    """Return what would have to be recorded before a check can be reviewed."""
    groups: list[tuple[str, ...]] = [(name,) for name in (*check.requires, *check.related)]
    groups += [group for name in sorted(deciding) for group in registry.facts[kind][name].requires]
    missing = [" or ".join(group) for group in groups if not recorded & set(group)]
    return tuple(dict.fromkeys(missing))

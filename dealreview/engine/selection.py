"""Which checks a run reviews, with which parameters and severities for whom."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.checks.parameters import Parameter, effective
from dealreview.checks.terms import Term, inputs_of
from dealreview.engine.standins import STAND_INS
from dealreview.model.errors import ConfigurationError, NothingSelected, did_you_mean
from dealreview.model.outcome import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dealreview.checks.check import Check
    from dealreview.checks.rules import Rules
    from dealreview.engine.config import Config
    from dealreview.engine.registry import Registry


@frozen
class Effective:
    """What a check works with on a group of subjects.

    Attributes:
        severity: How much it matters there.
        values: Parameters by name.
        origins: Where each value and the severity come from: ``default``, ``configuration``, ``override N``.
        shaping: Parameters of the facts that it reads, one value a run.
    """

    severity: Severity
    values: Mapping[str, Any]
    origins: Mapping[str, str]
    shaping: Mapping[str, Any] = field(factory=dict)

    @property
    def digest(self) -> str:
        """The identity of severity, parameters and the parameters of the facts that it reads."""
        return digest([str(self.severity), dict(self.values), dict(self.shaping)])


@frozen
class Override:
    """A condition on facts and what it changes.

    Attributes:
        number: Its place in the configuration, from 1; later ones win.
        kind: The kind of subject that it is on.
        text: The condition as it was written.
        when: The condition.
        changes: Severity and parameters by check id.
    """

    number: int
    kind: Kind
    text: str
    when: Term
    changes: Mapping[str, Mapping[str, Any]]


@frozen
class Selection:
    """The checks of a run and what each works with.

    Attributes:
        checks: Selected checks in order of id.
        base: Effective parameters without overrides, by check id.
        overrides: Overrides in the order of the configuration.
        fact_params: Effective fact parameters.
        required: Ids of checks that are reviewed even where nothing is recorded.
        seconds: How long a check written as a function may take for all subjects of a kind.
        rules: What checks over columns gave for their parameters, as far as they were asked.
        stand_ins: Settings that stand in for what is recorded nowhere, as facts require them.
    """

    checks: tuple[Check, ...]
    base: Mapping[str, Effective]
    overrides: tuple[Override, ...]
    fact_params: Mapping[str, Any]
    required: frozenset[str] = field(default=frozenset())
    seconds: float = math.inf
    stand_ins: frozenset[str] = field(default=frozenset())
    rules: dict[tuple[Any, Kind, str], Rules] = field(factory=dict, eq=False, repr=False)

    def overrides_of(self, check: Check, kind: Kind) -> tuple[Override, ...]:
        """Return the overrides that change a check on a kind of subject."""
        return tuple(o for o in self.overrides if o.kind is kind and check.id in o.changes)

    def under(self, check: Check, overrides: Iterable[Override]) -> Effective:
        """Return what a check works with where exactly these overrides hold; later ones win key by key."""
        base = self.base[check.id]
        given = {
            name: base.values[name]
            for name, origin in base.origins.items()
            if origin != "default" and name != "severity"
        }
        severity, origins = base.severity, dict(base.origins)
        for override in overrides:
            changes = dict(override.changes[check.id])
            if "severity" in changes:
                severity = Severity(changes.pop("severity"))
                origins["severity"] = f"override {override.number}"
            given.update(changes)
            origins.update(dict.fromkeys(changes, f"override {override.number}"))
        values = effective(check.parameters, given, of=check.id)
        return Effective(severity, values, origins, base.shaping)

    def shaped_by(self, shaping: Mapping[str, Mapping[str, Any]]) -> Selection:
        """Return the selection with the fact parameters that each check depends on, by check id."""
        base = {name: evolve(one, shaping=shaping.get(name, {})) for name, one in self.base.items()}
        return evolve(self, base=base)


def digest(value: Any) -> str:
    """Return 16 hex digits over a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def select_checks(
    checks: Iterable[Check], select: Sequence[str], ignore: Sequence[str]
) -> tuple[Check, ...]:
    """Return the checks that patterns select and do not ignore.

    A pattern is a pack (``pricing``), an id or a former one (``pricing/margin-floor``) or a glob over
    ids (``*/margin-*``).

    Raises:
        ConfigurationError: A pattern that matches nothing.
        NothingSelected: No check is left.
    """
    checks = tuple(checks)
    chosen = _matching(checks, select) if select else {check.id for check in checks}
    chosen -= _matching(checks, ignore)
    if not chosen:
        raise NothingSelected(
            "No check is selected.",
            mend="Loosen --select or --ignore; `dealreview checks` lists them.",
        )
    return tuple(check for check in checks if check.id in chosen)


def reviewed_unasked(
    checks: Iterable[Check], select: Sequence[str], *, preview: bool
) -> tuple[Check, ...]:
    """Return the checks without those that nobody asked for: in preview, or deprecated.

    A check in preview is reviewed when its id is selected, or when the configuration asks for all
    that are. A deprecated one is reviewed when its id is selected; its replacement judges the same.
    """
    named = frozenset(select)
    left_out = {"deprecated"} if preview else {"deprecated", "preview"}
    return tuple(
        check
        for check in checks
        if check.status not in left_out or named & {check.id, *check.renamed_from}
    )


def _matching(checks: Sequence[Check], patterns: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        hits = {
            c.id
            for c in checks
            if c.pack == pattern
            or any(fnmatch.fnmatchcase(i, pattern) for i in (c.id, *c.renamed_from))
        }
        if not hits:
            known = {c.id for c in checks} | {c.pack for c in checks}
            raise ConfigurationError(
                f"'{pattern}' selects no check.{did_you_mean(pattern, known)}",
                mend="`dealreview checks` lists them.",
            )
        found |= hits
    return found


def make_selection(
    registry: Registry, config: Config, *, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Selection:
    """Return what a run reviews, everything in the configuration checked against what is loaded.

    Raises:
        ConfigurationError: An unknown check, parameter, fact or severity, or a value out of bounds.
        NothingSelected: No check is left.
    """
    chosen, left_out = select or config.select, [*config.ignore, *ignore]
    patterns = [*chosen, *left_out]
    try:
        ready = reviewed_unasked(registry.checks, chosen, preview=config.preview)
        checks = select_checks(ready, chosen, left_out)
    except ConfigurationError as error:
        raise _with_refusals(error, registry, patterns) from None
    configured = {
        _known(name, registry, "[checks]").id: settings for name, settings in config.checks.items()
    }
    for name, settings in configured.items():
        _demand_own(name, settings, registry)
    base = {check.id: _base(check, configured.get(check.id, {})) for check in registry.checks}
    return Selection(
        checks,
        base,
        tuple(
            _override(number, raw, registry, configured)
            for number, raw in enumerate(config.overrides, start=1)
        ),
        _fact_values(registry, config),
        frozenset(_known(name, registry, "required_checks").id for name in config.required_checks),
        config.seconds_per_check,
        frozenset(STAND_INS[name] for name in config.stand_ins),
    )


def _fact_values(registry: Registry, config: Config) -> dict[str, Any]:
    """Return the value of every fact parameter; a stand-in that no fact asks for is left out."""
    parameters = fact_parameters(registry)
    asked = {parameter.name for parameter in parameters} & config.stand_ins.keys()
    stand_ins = {name: config.stand_ins[name] for name in asked}
    return effective(parameters, {**config.facts, **stand_ins}, of="[facts]")


def _with_refusals(
    error: ConfigurationError, registry: Registry, patterns: Sequence[str]
) -> ConfigurationError:
    """Add to an error of selection what the loader said of packs and checks that were refused."""
    names = {pattern.partition("/")[0].strip("*") for pattern in patterns} - {""}
    said = [str(problem) for problem in registry.problems if any(n in problem.where for n in names)]
    return ConfigurationError(error.message, mend=" ".join([*said, error.mend])) if said else error


def fact_parameters(registry: Registry) -> tuple[Parameter, ...]:
    """Return the parameters of all fact providers, each name once."""
    return tuple(
        {p.name: p for provider in registry.providers for p in provider.parameters}.values()
    )


def _known(name: str, registry: Registry, where: str) -> Check:
    if name not in registry.by_id:
        raise ConfigurationError(
            f"{where}: there is no check '{name}'.{did_you_mean(name, registry.by_id)}"
        )
    return registry.by_id[name]


def _demand_own(name: str, settings: Mapping[str, Any], registry: Registry) -> None:
    """Point at ``[facts]`` when a parameter of facts is set for a check."""
    own = {parameter.name for parameter in registry.by_id[name].parameters}
    for key in settings.keys() & {p.name for p in fact_parameters(registry)} - own:
        raise ConfigurationError(
            f"{name} has no parameter '{key}': it belongs to facts and holds for the whole run.",
            mend=f"Write {key} = … under [facts].",
        )


def _base(check: Check, settings: Mapping[str, Any]) -> Effective:
    given = dict(settings)
    severity = _severity(given.pop("severity", check.severity), check)
    values = effective(check.parameters, given, of=check.id)
    origins = {
        name: "configuration" if name in settings else "default" for name in ("severity", *values)
    }
    return Effective(severity, values, origins)


def _severity(value: Any, check: Check) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        known = ", ".join(Severity)
        raise ConfigurationError(
            f"{check.id}: severity is one of {known}, not '{value}'."
            f"{did_you_mean(str(value), Severity)}"
        ) from None


def _override(
    number: int, raw: Any, registry: Registry, configured: Mapping[str, Mapping[str, Any]]
) -> Override:
    from dealreview.checks.sql import parse_condition

    kind = Kind(raw.on)
    try:
        changes = _changes(raw, kind, registry, configured)
        when = parse_condition(raw.when, facts=registry.fact_types[kind])
    except ConfigurationError as error:
        where = raw.source or f"[[override]] {number}"
        raise ConfigurationError(f"{where}: {error.message}", mend=error.mend) from error
    return Override(number, kind, raw.when, when, changes)


def _changes(
    raw: Any, kind: Kind, registry: Registry, configured: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Return the settings of an override by check id, held against what they stand on."""
    changes: dict[str, Mapping[str, Any]] = {}
    for name, settings in raw.checks.items():
        check = _known(name, registry, "checks")
        if kind not in check.on:
            raise ConfigurationError(f"{check.id} judges {', '.join(check.on)}, not {kind}.")
        _demand_own(check.id, settings, registry)
        _base(check, {**configured.get(check.id, {}), **settings})
        changes[check.id] = settings
    return changes


def override_inputs(selection: Selection, kind: Kind) -> tuple[str, ...]:
    """Return the facts that the overrides of selected checks read."""
    used = [o for check in selection.checks for o in selection.overrides_of(check, kind)]
    return inputs_of(*(override.when for override in used))

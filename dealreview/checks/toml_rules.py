"""Checks written as TOML with SQL expressions, for people who do not write Python.

A file is read into the same :class:`~dealreview.checks.check.Check` that a decorator makes; its
function parses the expressions against the facts that it is given and returns
:class:`~dealreview.checks.rules.Rules`. Parameters are constants of the parsed tree, so nothing is
pasted into a text.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.checks.check import STATUSES, Check
from dealreview.checks.columns import Columns, fact_types
from dealreview.checks.ladder import decide
from dealreview.checks.messages import TemplateError, fields_of
from dealreview.checks.parameters import Param, Parameter, effective
from dealreview.checks.rules import (
    JUDGED,
    MONEY_KINDS,
    OPERATORS,
    SPEAKING,
    Cite,
    Exposure,
    Limit,
    Rules,
)
from dealreview.checks.sql import ConditionError, parse_condition, parse_expression
from dealreview.checks.terms import Term, TermTypeError, kind_of, term
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import SEVERITIES, Kind, Outcome
from dealreview.model.toml import decoded, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

CONDITIONS = ("applies", "risk", "watch", "strength")
EXPECTED = tuple(
    str(outcome) for outcome in Outcome if outcome not in (Outcome.ERROR, Outcome.NOT_REVIEWED)
)
"""Outcomes that an example can expect."""
Expression = str | bool | int | float | dt.date


# --- what a file says ----------------------------------------------------------------------------


@frozen
class Example:
    """A subject and the outcome that its author expects.

    Attributes:
        facts: Values by name; a fact that is not named is unknown.
        expect: The outcome.
        params: Parameters that differ from their defaults.
    """

    facts: dict[str, Any]
    expect: str
    params: dict[str, Any] = field(factory=dict)


@frozen(eq=False)
class Rule:
    """The expressions of one check; calling it does what a columns check's function does.

    Attributes:
        where: File and check, for messages.
        conditions: SQL by name of the condition.
        values: Named expressions for messages and conditions, each may use those before it.
        message: Templates by outcome.
        actual: The value that was judged.
        expected: Limits by outcome, as they stand in the file.
        at_risk: Kind and expression of the money at risk.
        evidence: Cited cells, as they stand in the file.
        examples: Examples, run when the check is loaded.
    """

    where: str
    conditions: dict[str, str]
    values: dict[str, Expression]
    message: dict[str, str]
    actual: Expression | None
    expected: dict[str, dict[str, Any]]
    at_risk: dict[str, Any] | None
    evidence: tuple[dict[str, Any], ...]
    examples: tuple[Example, ...] = ()

    def __call__(self, columns: Columns, **params: Any) -> Rules:
        """Return the conditions over the facts of ``columns``.

        Raises:
            ConfigurationError: An expression that is not allowed for these facts.
        """
        scope = _Scope(self.where, fact_types(columns), dict(params))
        for name, expression in self.values.items():
            scope.names[name] = scope.expression(f"values.{name}", expression)
        return Rules(
            **{name: scope.condition(name, text) for name, text in self.conditions.items()},
            message=self.message,
            actual=None if self.actual is None else scope.expression("actual", self.actual),
            expected={name: _limit(scope, limit) for name, limit in self.expected.items()},
            evidence=tuple(_cite(scope, cite) for cite in self.evidence),
            at_risk=_exposure(scope, self.at_risk) if self.at_risk else None,
            values={name: scope.names[name] for name in self.values},
        )


@frozen
class _Scope:
    """The names that a check's expressions may use, and how to say where one went wrong."""

    where: str
    facts: Mapping[str, str]
    names: dict[str, Any]

    def condition(self, key: str, text: str) -> Term:
        return self._parsed(parse_condition, key, text)

    def expression(self, key: str, given: Expression) -> Term:
        return self._parsed(parse_expression, key, given) if isinstance(given, str) else term(given)

    def number(self, key: str, given: Expression) -> Term:
        found = self.expression(key, given)
        if kind_of(found, self.facts) != "number":
            raise ConfigurationError(f"{self.where}: '{key}' must be a number.")
        return found

    def _parsed(self, parse: Callable[..., Term], key: str, text: str) -> Term:
        try:
            return parse(text, facts=self.facts, constants=self.names)
        except ConditionError as error:
            raise ConfigurationError(
                f"{self.where}: '{key}': {error.message}", mend=error.mend
            ) from error


def _limit(scope: _Scope, given: Mapping[str, Any]) -> Limit:
    return Limit(
        given["op"],
        scope.expression("expected.value", given["value"]),
        unit=given.get("unit", ""),
        source=given.get("source", ""),
        n=scope.number("expected.n", given["n"]) if "n" in given else None,
    )


def _cite(scope: _Scope, given: Mapping[str, Any]) -> Cite:
    terms = {
        name: scope.expression(f"evidence.{name}", given[name])
        for name in ("value", "ids")
        if name in given
    }
    return Cite(given["table"], given["field"], **terms)


def _exposure(scope: _Scope, given: Mapping[str, Any]) -> Exposure:
    return Exposure(given["kind"], scope.number("at_risk.minor", given["minor"]))


# --- reading -------------------------------------------------------------------------------------


@frozen
class RuleFile:
    """What a file of rules came to.

    Attributes:
        checks: The checks that can be loaded.
        refused: Why others can't, each with file and check.
    """

    checks: tuple[Check, ...]
    refused: tuple[ConfigurationError, ...] = ()


def load_rules(source: Path | str, origin: str = "") -> tuple[Check, ...]:
    """Return the checks of a TOML file in which nothing is wrong.

    Args:
        source: A path, or the text itself.
        origin: Name of the file for messages; the path when it is left out.

    Raises:
        ConfigurationError: As :func:`read_rules`, or the first reason for which a rule is refused.
    """
    found = read_rules(source, origin)
    if found.refused:
        raise found.refused[0]
    return found.checks


def read_rules(source: Path | str, origin: str = "") -> RuleFile:
    """Return the checks of a TOML file; a rule with a mistake costs only itself.

    Args:
        source: A path, or the text itself.
        origin: Name of the file for messages; the path when it is left out.

    Raises:
        ConfigurationError: The file can't be read, or what all its rules share has a key or a value
            that is not allowed.
    """
    origin = origin or (str(source) if isinstance(source, Path) else "rules")
    text = _text_of(source, origin)
    given = parsed(text, origin)
    file = _Table(origin, given, "the file").only(_FILE_KEYS)
    checks = file.tables("check")
    if not checks:
        raise ConfigurationError(f"{origin} has no check.", mend="Add a [[check]].")
    shared = {name: _parameter(name, item) for name, item in file.table("params").each()}
    found: list[Check] = []
    refused: list[ConfigurationError] = []
    for table in checks:
        try:
            found.append(_check(table, text, origin, shared))
        except ConfigurationError as error:
            refused.append(error)
    used = {parameter.name for check in found for parameter in check.parameters}
    # What only a refused rule may use is not said to be unused.
    if (unused := sorted(shared.keys() - used)) and not refused:
        raise file.error(f"'params.{unused[0]}' is used by no check.", "Take it out.")
    return RuleFile(tuple(found), tuple(refused))


def _text_of(source: Path | str, origin: str) -> str:
    if isinstance(source, str):
        return source
    try:
        return decoded(source.read_bytes(), origin)
    except OSError as error:
        raise ConfigurationError(f"{origin} can't be read: {error.strerror or error}.") from error


Says = tuple[str, "Callable[[Any], bool]"]


def _kind(says: str, *types: type) -> Says:
    # By exact type: true is an int to Python, a date-time is a date.
    return says, lambda value: type(value) in types


_TEXT = _kind("a text", str)
_FLAG = _kind("true or false", bool)
_WHOLE = _kind("a whole number", int)
_NUMBER = _kind("a number", int, float)
_PLAIN = _kind("a number, a text, true or false", bool, int, float, str)
_EXPRESSION = _kind("an SQL expression or a plain value", *Expression.__args__)
_TABLE = _kind("a table", dict)
_LIST = _kind("a list", list)
_TEXTS: Says = (
    "a text or a list of texts",
    lambda value: all(type(item) is str for item in (value if type(value) is list else [value])),
)
_TEXT_OR_TABLE = _kind("a text, or a table of texts by outcome", str, dict)


def _one_of(choices: Iterable[str]) -> Says:
    known = tuple(map(str, choices))
    return f"one of {', '.join(known)}", lambda value: value in known


_META: dict[str, Says] = {
    "id": _TEXT,
    "on": _TEXTS,
    "severity": _one_of(SEVERITIES),
    "title": _TEXT,
    "description": _TEXT,
    "ask": _TEXTS,
    "family": _TEXT,
    "sources": _TEXTS,
    "after_close": _FLAG,
    "renamed_from": _TEXTS,
    "version": _WHOLE,
    "status": _one_of(STATUSES),
    "replacement": _TEXT,
    "requires": _TEXTS,
}
_CHECK_KEYS: dict[str, Says] = {
    **_META,
    **dict.fromkeys(CONDITIONS, _TEXT),
    "message": _TEXT_OR_TABLE,
    "actual": _EXPRESSION,
    "expected": _TABLE,
    "at_risk": _TABLE,
    "evidence": _LIST,
    "values": _TABLE,
    "parameters": _TABLE,
    "example": _LIST,
}
_FILE_KEYS: dict[str, Says] = {"check": _LIST, "params": _TABLE}
_PARAMETER_KEYS: dict[str, Says] = {
    "default": _PLAIN,
    "description": _TEXT,
    "ge": _NUMBER,
    "le": _NUMBER,
    "unit": _TEXT,
    "at_most": _TEXT,
    "source": _TEXT,
    "type": _one_of(("bool", "int", "real", "text")),
}
_LIMIT_KEYS: dict[str, Says] = {
    "op": _one_of(OPERATORS),
    "value": _EXPRESSION,
    "unit": _TEXT,
    "source": _TEXT,
    "n": _EXPRESSION,
}
_CITE_KEYS: dict[str, Says] = {
    "table": _TEXT,
    "field": _TEXT,
    "value": _EXPRESSION,
    "ids": _EXPRESSION,
}
_EXPOSURE_KEYS: dict[str, Says] = {"kind": _one_of(MONEY_KINDS), "minor": _EXPRESSION}
_EXAMPLE_KEYS: dict[str, Says] = {"facts": _TABLE, "expect": _one_of(EXPECTED), "params": _TABLE}
_TYPES: dict[str, type] = {"bool": bool, "int": int, "real": float, "text": str}


@frozen
class _Table:
    """A table of the file, and where it stands."""

    where: str
    given: dict[str, Any]
    name: str = ""

    def only(self, keys: Mapping[str, Says], *required: str) -> _Table:
        """Refuse unknown keys, wrong values and missing keys."""
        for key, value in self.given.items():
            if key not in keys:
                known = ", ".join(sorted(keys))
                problem = f"'{self._full(key)}' is not known.{did_you_mean(key, keys)}"
                raise self.error(problem, f"Here can be {known}.")
            says, fits = keys[key]
            if not fits(value):
                raise self.error(f"'{self._full(key)}' takes {says}, not {value!r}.")
        for key in required:
            if self.given.get(key, "") == "":
                raise self.error(f"'{self._full(key)}' is missing.")
        return self

    def table(self, key: str) -> _Table:
        return _Table(self.where, self.given.get(key, {}), self._full(key))

    def each(self) -> Iterator[tuple[str, _Table]]:
        """Yield the tables inside by name."""
        for name, value in self.given.items():
            if not isinstance(value, dict):
                raise self.error(f"'{self._full(name)}' takes a table, not {value!r}.")
            yield name, self.table(name)

    def tables(self, key: str) -> list[_Table]:
        items = self.given.get(key, [])
        if not all(isinstance(item, dict) for item in items):
            raise self.error(f"'{self._full(key)}' is a list of tables.")
        return [
            _Table(self.where, item, f"{self._full(key)} {number}" if len(items) > 1 else key)
            for number, item in enumerate(items, 1)
        ]

    def error(self, problem: str, mend: str = "") -> ConfigurationError:
        return ConfigurationError(f"{self.where}: {problem}", mend=mend)

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name and self.name != "the file" else key


def _check(table: _Table, text: str, origin: str, shared: Mapping[str, Parameter]) -> Check:
    check_id = table.given.get("id")
    if not isinstance(check_id, str) or not check_id:
        raise table.error(f"'{table.name}' has no 'id'.", 'Add id = "pack/slug".')
    table = _Table(f"{origin}: check '{check_id}'", table.given)
    table.only(_CHECK_KEYS, "id", "title")
    own = {name: _parameter(name, item) for name, item in table.table("parameters").each()}
    if twice := sorted(own.keys() & shared.keys()):
        raise table.error(f"'{twice[0]}' stands under [params] too.", "Rename one of the two.")
    parameters = (*own.values(), *_taken_from(shared, own, table.given))
    rule = _rule(table)
    _demand_own_names(table, parameters, rule)
    return Check(
        form="rule",
        function=rule,
        parameters=parameters,
        origin=f"{origin}:{_line_of(check_id, text)}",
        **_meta(table),
    )


def _taken_from(
    shared: Mapping[str, Parameter], own: Mapping[str, Parameter], given: Mapping[str, Any]
) -> list[Parameter]:
    """Return the shared parameters that a check names, and those that bound one of its parameters."""
    words = {word for text in _texts_in(given) for word in re.findall(r"\w+", text)}
    named = words & shared.keys()
    known = {**shared, **own}
    bounds = {known[name].info.at_most for name in (*own, *named)}
    return [shared[name] for name in shared if name in named | bounds]


def _texts_in(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        for item in given.values() if isinstance(given, dict) else given:
            yield from _texts_in(item)


def _meta(table: _Table) -> dict[str, Any]:
    given = {key: table.given[key] for key in _META if key in table.given}
    title = given["title"].rstrip(".")
    defaults = {"severity": "minor", "ask": (), "description": title}
    return {**defaults, **given, "title": title, "on": _kinds(table)}


def _kinds(table: _Table) -> tuple[Kind, ...]:
    given = table.given.get("on", "deal")
    for kind in [given] if isinstance(given, str) else given:
        if kind not in tuple(Kind):
            known = ", ".join(Kind)
            raise table.error(f"'on' is one of {known}, not '{kind}'.{did_you_mean(kind, Kind)}")
    return tuple(Kind(kind) for kind in ([given] if isinstance(given, str) else given))


def _line_of(check_id: str, text: str) -> int:
    """Return the line on which an id is given; TOML readers do not say it."""
    written = re.search(rf"^\s*id\s*=\s*[\"']{re.escape(check_id)}[\"']", text, re.MULTILINE)
    return text.count("\n", 0, written.end()) + 1 if written else 1


def _parameter(name: str, table: _Table) -> Parameter:
    given = table.only(_PARAMETER_KEYS, "description").given
    if "default" not in given or not name.isidentifier():
        raise table.error(f"'{table.name}' needs a default and a plain name.")
    kind = _TYPES.get(given.get("type", ""), type(given["default"]))
    info = {key: given[key] for key in given.keys() - {"default", "type", "description"}}
    parameter = Parameter(name, kind, given["default"], Param(given["description"], **info))
    try:
        default = parameter.accept(given["default"], of=table.where)
    except TypeError as error:
        problem = f"the bounds of '{table.name}' can't be compared with its default."
        raise table.error(problem, "Give bounds of the same type.") from error
    return Parameter(name, kind, default, parameter.info)


def _rule(table: _Table) -> Rule:
    given = table.given
    return Rule(
        where=table.where,
        conditions={name: given[name] for name in CONDITIONS if name in given},
        values=dict(_expressions(table.table("values"))),
        message=_message(table),
        actual=given.get("actual"),
        expected=_expected(table.table("expected")),
        at_risk=_at_risk(table.table("at_risk")),
        evidence=tuple(_evidence(item) for item in table.tables("evidence")),
        examples=tuple(_example(item) for item in table.tables("example")),
    )


def _expressions(table: _Table) -> Iterator[tuple[str, Expression]]:
    keys = dict.fromkeys(table.given, _EXPRESSION)
    for name, value in table.only(keys).given.items():
        if not name.isidentifier():
            raise table.error(f"'{name}' is not a plain name for a value.")
        yield name, value


def _message(table: _Table) -> dict[str, str]:
    given = table.given.get("message", {})
    if isinstance(given, dict):
        table.table("message").only(dict.fromkeys(SPEAKING, _TEXT))
    else:
        given = dict.fromkeys(JUDGED, given)
    for template in given.values():
        try:
            fields_of(template)
        except TemplateError as error:
            raise table.error(f"{error}.") from error
    return given


def _expected(table: _Table) -> dict[str, dict[str, Any]]:
    if not table.given:
        return {}
    if table.given.keys() & set(SPEAKING):
        table.only(dict.fromkeys(SPEAKING, _TABLE))
        return {name: _limit_table(item) for name, item in table.each()}
    return dict.fromkeys(JUDGED, _limit_table(table))


def _limit_table(table: _Table) -> dict[str, Any]:
    return table.only(_LIMIT_KEYS, "op", "value").given


def _at_risk(table: _Table) -> dict[str, Any] | None:
    return table.only(_EXPOSURE_KEYS, "kind", "minor").given if table.given else None


def _evidence(table: _Table) -> dict[str, Any]:
    return table.only(_CITE_KEYS, "table", "field").given


def _example(table: _Table) -> Example:
    given = table.only(_EXAMPLE_KEYS, "facts", "expect").given
    return Example(given["facts"], given["expect"], given.get("params", {}))


def _demand_own_names(table: _Table, parameters: Iterable[Parameter], rule: Rule) -> None:
    names = {parameter.name for parameter in parameters}
    for parameter in parameters:
        other = parameter.info.at_most
        if other is not None and other not in names:
            hint = did_you_mean(other, names)
            raise table.error(f"'{parameter.name}' is at most '{other}', no parameter.{hint}")
    for name in rule.values:
        if name in names:
            raise table.error(
                f"'{name}' is both a parameter and a value.", "Rename one of the two."
            )


# --- examples ------------------------------------------------------------------------------------


def run_examples(check: Check, fact_types: Mapping[str, str]) -> list[str]:
    """Return a sentence for each example of a rule whose outcome differs from what it expects.

    Args:
        check: A check; one that is not written in TOML has no examples here.
        fact_types: Types of the facts of its kind of subject, by name.
    """
    if not isinstance(check.function, Rule):
        return []
    if not check.function.examples:
        return ["has no example. Add [[check.example]] with facts = {...} and expect = 'risk'."]
    problems = (_problem(check, example, fact_types) for example in check.function.examples)
    return [f"example {number}: {said}" for number, said in enumerate(problems, 1) if said]


def _problem(check: Check, example: Example, types: Mapping[str, str]) -> str:
    """Return what is wrong with an example; empty when it comes out as expected."""
    for name, value in example.facts.items():
        if name not in types:
            return f"there is no fact '{name}'.{did_you_mean(name, types)}"
        if not _fits(value, types[name]):
            return f"'{name}' is {_FACT_SAYS[types[name]]}, not {value!r}."
    try:
        values = effective(check.parameters, example.params, of=check.id)
        rules = check.function(Columns(check.on[0], types), **values)
        outcome, missing = decide(rules, {**dict.fromkeys(types), **example.facts})
    except (ConfigurationError, TermTypeError, ValueError) as error:
        return str(error)
    if outcome == example.expect:
        return ""
    unknown = f" because these are unknown: {', '.join(missing)}" if missing else ""
    return f"expects {example.expect}, but it is {outcome}{unknown}."


_FACT_SAYS = {
    "bool": "true or false",
    "int": "a whole number",
    "real": "a number",
    "money": "a whole number of minor units",
    "date": "a date without quotes",
    "enum": "a text",
    "text": "a text",
    "set": "a list of texts",
}
_FACT_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "real": (int, float),
    "money": (int,),
    "date": (dt.date,),
    "enum": (str,),
    "text": (str,),
    "set": (list,),
}


def _fits(value: Any, fact_type: str) -> bool:
    members = value if isinstance(value, list) else []
    return type(value) in _FACT_TYPES[fact_type] and all(type(item) is str for item in members)

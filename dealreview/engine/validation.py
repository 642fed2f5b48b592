"""Refuse what the contract does not allow, each refusal with file, check and mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from dealreview.checks.check import STATUSES, Check
from dealreview.checks.columns import Columns
from dealreview.checks.extensions import (
    OWN_EXECUTORS,
    OWN_FORMS,
    OWN_SUFFIXES,
    Executor,
    Importer,
    Reporter,
)
from dealreview.checks.messages import fields_of
from dealreview.checks.named import named
from dealreview.checks.parameters import effective
from dealreview.checks.rules import Rules
from dealreview.checks.terms import Column, Term, TermTypeError, inputs_of, kind_of, term
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.owntables import faults_of
from dealreview.engine.registry import PackInfo, Problem, Registry
from dealreview.engine.standins import STAND_INS
from dealreview.engine.subjects import BASE, SUBJECT_COLUMN
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import Kind
from dealreview.model.table import Table
from dealreview.plugins import BUILT_IN
from dealreview.store.feeds import HISTORIES, PLANS
from dealreview.store.schema import TABLES
from dealreview.version import API_VERSION

if TYPE_CHECKING:
    from dealreview.checks.extensions import Extension
    from dealreview.checks.facts import Fact, Provider
    from dealreview.checks.owntables import OwnTables
    from dealreview.checks.pack import Pack
    from dealreview.checks.parameters import Parameter

_ID = re.compile(r"[a-z][a-z0-9-]*/[a-z0-9]+(-[a-z0-9]+)*")
_FACT = re.compile(r"[a-z][a-z0-9_]*")
_PACK = re.compile(r"[a-z][a-z0-9-]*")
INSIDE = "built in"
"""The source of the packs that come with the engine."""
Types = Mapping[Kind, Mapping[str, str]]
Schema = Mapping[str, Table]
"""Tables by name, those of packs among them."""


@frozen
class Loaded:
    """A pack as it was loaded, before it is checked.

    Attributes:
        pack: What it delivers.
        source: Distribution, folder or :data:`INSIDE`.
        version: Of the distribution or the file.
        own_namespace: Whether its checks must carry its name; a local file brings its own.
        neighbours: Namespaces of the checks in the same folder: facts may start with any of them.
    """

    pack: Pack
    source: str
    version: str
    own_namespace: bool = True
    neighbours: frozenset[str] = frozenset()

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the engine; a folder may have any name."""
        return self.own_namespace and self.source == INSIDE


class RefusalError(Exception):
    """A check or fact that the contract does not allow; the text says why and the mend."""


def classify(
    loaded: Iterable[Loaded], problems: Iterable[Problem], extra: tuple[Provider, ...] = ()
) -> Registry:
    """Return the registry of everything that the contract allows; the rest are problems."""
    found = list(problems)
    packs = [item for item in loaded if _speaks_our_version(item, found) and _named(item, found)]
    packs = _with_neighbours([_with_rules(item, found) for item in packs])
    own = _accept_tables(packs, found)
    tables = {**TABLES, **{table.name: table for one in own for table in one.tables}}
    providers = _accept_providers(packs, extra, tables, found)
    types: dict[Kind, dict[str, str]] = {kind: {} for kind in Kind}
    for provider in providers:
        types[provider.on].update({fact.name: fact.type for fact in provider.facts})
    checks = _accept_checks(packs, types, tables, found)
    extensions = _accept_extensions(packs, found)
    return Registry(
        tuple(_info(i, checks, providers) for i in packs),
        tuple(checks),
        tuple(providers),
        tuple(found),
        extensions,
        own,
    )


def _accept_tables(packs: Iterable[Loaded], problems: list[Problem]) -> tuple[OwnTables, ...]:
    """Return the tables of all packs; a pack with a fault in its tables gets none of them."""
    accepted: dict[str, OwnTables] = {}
    for item in packs:
        if item.pack.tables is None:
            continue
        faults = attempt(
            lambda own, pack: list(faults_of(own, pack)), item.pack.tables, item.pack.name
        )
        said = [_sentence(faults)] if isinstance(faults, Raised) else faults
        if item.pack.name in accepted:
            said = ["there are tables of another pack of that name."]
        if said:
            where = f"tables of {_name(item)}"
            problems.append(Problem(where, said[0], "Mend dealreview_tables()."))
        else:
            accepted[item.pack.name] = item.pack.tables
    return tuple(accepted.values())


def _accept_extensions(packs: Iterable[Loaded], problems: list[Problem]) -> tuple[Extension, ...]:
    """Return the extensions of all packs; of two of one kind and name the first one holds."""
    accepted: dict[tuple[type, str], Extension] = {}
    for item in packs:
        for extension in item.pack.extensions:
            taken = _taken(extension)
            if taken:
                what = f"{type(extension).__name__.lower()} '{extension.name}' of {_name(item)}"
                problems.append(Problem(what, taken, "Choose another."))
                continue
            key = (type(extension), extension.name)
            if key in accepted:
                what = f"{type(extension).__name__.lower()} '{extension.name}' of {_name(item)}"
                mend = "Rename one of the two, or block a pack."
                problems.append(Problem(what, "has the name of another one.", mend))
            accepted.setdefault(key, extension)
    return tuple(accepted.values())


def _taken(extension: Extension) -> str:
    """Return what an extension would take from dealreview itself; empty if nothing."""
    if isinstance(extension, Importer):
        ours = sorted(set(extension.suffixes) & set(OWN_SUFFIXES))
        return f"reads {ours[0]} files, which dealreview reads itself." if ours else ""
    own = {Reporter: OWN_FORMS, Executor: OWN_EXECUTORS}.get(type(extension), ())
    return "has a name of dealreview's own." if extension.name in own else ""


def _with_neighbours(packs: Sequence[Loaded]) -> list[Loaded]:
    """Let the files of a folder share their namespaces: a rule of one may read a fact of another."""
    spaces: dict[str, set[str]] = {}
    for item in packs:
        if not item.own_namespace:
            found = {check.pack for check in item.pack.checks} - set(BUILT_IN)
            spaces.setdefault(item.source, set()).update(found)
    return [
        item if item.own_namespace else evolve(item, neighbours=frozenset(spaces[item.source]))
        for item in packs
    ]


def _speaks_our_version(item: Loaded, problems: list[Problem]) -> bool:
    if item.pack.api == API_VERSION:
        return True
    newer = item.pack.api > API_VERSION
    mend = "Upgrade dealreview." if newer else "Ask its authors for a newer version."
    cause = (
        f"was written for version {item.pack.api} of the contract; this is version {API_VERSION}."
    )
    problems.append(Problem(_name(item), cause, mend))
    return False


def _named(item: Loaded, problems: list[Problem]) -> bool:
    if not item.own_namespace or _PACK.fullmatch(item.pack.name):
        return True
    cause = "has a name that can't stand before the slash of a check's id."
    mend = "Use lower case letters, digits and hyphens, for the entry point or for Pack(name)."
    problems.append(Problem(_name(item), cause, mend))
    return False


def _name(item: Loaded) -> str:
    return f"pack '{item.pack.name}' of {_origin(item)}"


def _with_rules(item: Loaded, problems: list[Problem]) -> Loaded:
    """Add the checks of a pack's TOML files; a file that can't be read is a problem, as is a rule."""
    if not item.pack.rules:
        return item
    from dealreview.checks.toml_rules import read_rules

    checks: list[Check] = [*item.pack.checks]
    for path in item.pack.rules:
        found = attempt(read_rules, path)
        where = f"{path.name} of {_name(item)}"
        if isinstance(found, Raised):
            problems.append(Problem(where, _sentence(found), "Mend the file."))
            continue
        checks += found.checks
        mend = "Mend the rule."
        problems += [Problem(where, str(error), mend, "check") for error in found.refused]
    return evolve(item, pack=evolve(item.pack, checks=checks))


def _info(item: Loaded, checks: Iterable[Check], providers: Iterable[Provider]) -> PackInfo:
    mine = {id(check) for check in item.pack.checks}
    facts = sum(len(p.facts) for p in providers if p.name.startswith(f"{item.pack.name}/"))
    return PackInfo(
        item.pack.name,
        item.version,
        item.source,
        item.pack.description,
        sum(id(c) in mine for c in checks),
        facts,
    )


# --- facts ---------------------------------------------------------------------------------------


def _accept_providers(
    packs: Iterable[Loaded],
    extra: tuple[Provider, ...],
    tables: Schema,
    problems: list[Problem],
) -> list[Provider]:
    accepted: list[Provider] = list(extra)
    owners: dict[tuple[Kind, str], str] = {(p.on, f.name): p.name for p in extra for f in p.facts}
    for item in packs:
        for provider in item.pack.providers:
            named = evolve(provider, name=f"{item.pack.name}/{provider.name}")
            refused = attempt(_check_provider, named, item, owners, accepted, tables)
            if refused is not None:
                where = f"facts '{named.name}' of {_origin(item)}"
                problems.append(_refused(where, refused, "fact"))
                continue
            owners.update({(named.on, fact.name): named.name for fact in named.facts})
            accepted.append(named)
    return ordered(accepted, problems)


def _refused(where: str, refused: Raised, kind: str) -> Problem:
    """Return the problem of what is refused: the first sentence is the cause, the rest the mend."""
    cause, dot, mend = _sentence(refused).partition(". ")
    return Problem(where, f"{cause}.".replace("..", ".") if dot else cause, mend, kind)


def _origin(item: Loaded) -> str:
    return f"{item.source} {item.version}".strip()


def _sentence(refused: Raised) -> str:
    """Return why something is refused; what it raised while it was looked at is a reason too."""
    foreseen = isinstance(refused.error, RefusalError | ConfigurationError)
    return refused.text if foreseen else f"can't be checked: {refused}."


def _check_provider(
    provider: Provider,
    item: Loaded,
    owners: Mapping[tuple[Kind, str], str],
    others: Iterable[Provider],
    tables: Schema,
) -> None:
    for table, columns in provider.reads.items():
        _known_columns(table, columns, tables)
    names = [fact.name for fact in provider.facts]
    for fact in provider.facts:
        _check_fact(fact, item, tables)
        if names.count(fact.name) > 1:
            raise RefusalError(f"it declares the fact '{fact.name}' twice. Rename one of the two.")
        if (provider.on, fact.name) in owners:
            raise RefusalError(
                f"the fact '{fact.name}' on {provider.on} exists already in "
                f"{owners[provider.on, fact.name]}. Rename it."
            )
    if not provider.facts:
        raise RefusalError("it declares no facts. Add Fact(...) entries to @facts.")
    _check_fact_parameters(provider, others)


def _check_fact_parameters(provider: Provider, others: Iterable[Provider]) -> None:
    """A fact parameter has one value a run, so all who use its name must mean the same by it."""
    if any(other.name == provider.name for other in others):
        raise RefusalError("there is another function of that name. Rename one of the two.")
    if not provider.parameters:
        return
    declared = {parameter.name: parameter for other in others for parameter in other.parameters}
    for parameter in provider.parameters:
        if declared.get(parameter.name, parameter) != parameter:
            raise RefusalError(
                f"another function declares the parameter '{parameter.name}' differently. "
                "Rename it, or declare it in the same way."
            )
        _check_default(parameter, provider.name)


def _check_default(parameter: Parameter, of: str) -> None:
    if parameter.name in STAND_INS and parameter.type is dict:
        return
    if parameter.type not in (bool, int, float, str):
        raise RefusalError(f"the default of '{parameter.name}' is no number, text, true or false.")
    try:
        parameter.accept(parameter.default, of=of)
    except ConfigurationError as error:
        raise RefusalError(f"the default of '{parameter.name}' is not allowed: {error}") from error


def _check_fact(fact: Fact, item: Loaded, tables: Schema) -> None:
    if not _FACT.fullmatch(fact.name) or fact.name in BASE:
        raise RefusalError(
            f"'{fact.name}' is no name for a fact. Use lower case letters, digits and underscores."
        )
    if not item.is_built_in:
        _check_prefix(fact, item)
    if not fact.description.strip():
        raise RefusalError(f"the fact '{fact.name}' has no description. Add one sentence.")
    for name in (*(name for group in fact.requires for name in group), fact.origin):
        if name:
            _known_name(name, tables)


def _check_prefix(fact: Fact, item: Loaded) -> None:
    prefixes = sorted(f"{name.replace('-', '_')}_" for name in {item.pack.name, *item.neighbours})
    if not fact.name.startswith(tuple(prefixes)):
        allowed = " or ".join(f"'{prefix}'" for prefix in prefixes)
        raise RefusalError(f"the fact '{fact.name}' must start with {allowed}. Rename it.")


_NO_COLUMNS = frozenset({PLANS, *HISTORIES, *STAND_INS.values()})
"""What may be required and is no column: plans, histories, sections of the configuration."""


def _known_name(name: str, tables: Schema) -> None:
    table, _, column = name.partition(".")
    if name not in _NO_COLUMNS:
        _known_columns(table, [column] if column else [], tables)


def _known_columns(table: str, columns: Iterable[str], tables: Schema) -> None:
    if table not in tables:
        raise RefusalError(f"there is no table '{table}'.{did_you_mean(table, tables)}")
    known = tables[table].names
    for column in columns:
        if column not in known:
            raise RefusalError(
                f"table '{table}' has no column '{column}'.{did_you_mean(column, known)}"
            )


def used_fact(name: str, kind: Kind) -> tuple[Kind, str]:
    """Return kind and name of a fact that a provider uses: ``name`` or ``kind.name``."""
    first, dot, second = name.partition(".")
    return (Kind(first), second) if dot else (kind, first)


def ordered(providers: Iterable[Provider], problems: list[Problem]) -> list[Provider]:
    """Return providers so that each comes after those it uses; unknown uses and circles are refused."""
    by_fact = {(p.on, f.name): p for p in providers for f in p.facts}
    done: dict[str, bool] = {}
    order: list[Provider] = []

    def visit(provider: Provider, path: tuple[str, ...]) -> str:
        if provider.name in path:
            return f"needs itself through {' → '.join((*path, provider.name))}."
        if provider.name in done:
            return "" if done[provider.name] else f"needs {provider.name}, which was refused."
        fault = ""
        for name in provider.uses:
            fault = fault or _visit_used(
                provider, name, by_fact, lambda p: visit(p, (*path, provider.name))
            )
        done[provider.name] = not fault
        if fault:
            problems.append(Problem(f"facts '{provider.name}'", fault, kind="fact"))
        else:
            order.append(provider)
        return fault

    for provider in providers:
        visit(provider, ())
    return order


def _visit_used(
    provider: Provider,
    name: str,
    by_fact: Mapping[tuple[Kind, str], Provider],
    visit: Callable[[Provider], str],
) -> str:
    try:
        key = used_fact(name, provider.on)
    except ValueError:
        return f"uses '{name}', which is no kind of subject."
    used = by_fact.get(key)
    if used is None:
        near = did_you_mean(key[1], [fact for kind, fact in by_fact if kind is key[0]])
        return f"uses the fact '{name}', which nobody provides.{near}"
    if provider.step == "local" and used.step == "organisation":
        return f"is local and uses '{name}', an organisation fact. Add step='organisation'."
    return visit(used)


# --- checks --------------------------------------------------------------------------------------


def _accept_checks(
    packs: Iterable[Loaded], types: Types, tables: Schema, problems: list[Problem]
) -> list[Check]:
    accepted: dict[str, Check] = {}
    taken: dict[str, str] = {}
    for item in packs:
        for check in item.pack.checks:
            refused = attempt(_check_check, check, item, taken, types, tables)
            if refused is not None:
                where = f"check '{check.id}' of {_origin(item)} ({_where(check)})"
                problems.append(_refused(where, refused, "check"))
                continue
            accepted[check.id] = check
            taken.update(
                dict.fromkeys((check.id, *check.renamed_from), f"{_origin(item)} ({_where(check)})")
            )
    return [accepted[check_id] for check_id in sorted(accepted)]


def _check_check(
    check: Check, item: Loaded, taken: Mapping[str, str], types: Types, tables: Schema
) -> None:
    _check_identity(check, item, taken)
    check_contract(check, types, tables)


def _where(check: Check) -> str:
    path, _, line = check.origin.rpartition(":")
    return f"{path.rpartition('/')[2]}:{line}" if path else check.origin or "no file"


def _check_identity(check: Check, item: Loaded, taken: Mapping[str, str]) -> None:
    for name in (check.id, *check.renamed_from):
        if not _ID.fullmatch(name):
            raise RefusalError(
                f"'{name}' is no id for a check. Write pack/slug in lower case, such as acme/late-quote."
            )
        if name in taken:
            raise RefusalError(f"the id '{name}' is taken by {taken[name]}. Rename one of the two.")
    if item.own_namespace and check.pack != item.pack.name:
        raise RefusalError(
            f"is outside its pack's namespace. Name it '{item.pack.name}/{check.id.partition('/')[2]}'."
        )
    if not item.own_namespace and check.pack in BUILT_IN:
        raise RefusalError(
            f"is in the namespace of the built-in pack '{check.pack}'. Choose a name of your own."
        )


def check_contract(check: Check, types: Types, tables: Schema = TABLES) -> None:
    """Check everything about a check that does not depend on other checks.

    Raises:
        RefusalError: The sentence says what is wrong and the mend.
    """
    for sentence in _faults(check, types, tables):
        raise RefusalError(sentence)


def _faults(check: Check, types: Types, tables: Schema) -> Iterator[str]:
    if not check.title:
        yield "has no docstring. Its first line is the check's title: say what a good deal looks like."
    yield from _question_faults(check)
    if check.status not in STATUSES:
        yield f"status is one of {', '.join(STATUSES)}, not '{check.status}'."
    if check.status == "deprecated" and not check.replacement:
        yield "is deprecated without a replacement. Name the check that takes over."
    if not check.on:
        yield "judges nothing. Say on='deal' or another kind of subject."
    for name in check.requires:
        _known_name(name, tables)
    try:
        values = effective(check.parameters, {}, of=check.id)
        for parameter in check.parameters:
            parameter.accept(parameter.default, of=check.id)
    except (ConfigurationError, KeyError) as error:
        yield f"its defaults contradict its bounds: {error}"
        return
    for kind in check.on:
        if check.form == "function":
            yield from _function_faults(check, kind, types, tables)
        else:
            yield from _rule_faults(check, kind, types, values, tables)
    if check.form == "rule":
        yield from _example_faults(check, types)


def _question_faults(check: Check) -> Iterator[str]:
    if not check.ask:
        yield "asks no question. Add ask=['What …?']."
    for question in check.ask:
        first = question.split(" ", 1)[0].lower()
        if not question.endswith("?"):
            yield f"'{question}' is no question. End it with a question mark."
        elif first == "why":
            yield f"'{question}' starts with why, which blames. Ask what, how, who or when."
        elif first in _CLOSED:
            yield f"'{question}' can be answered by yes or no. Ask what, how, who or when."


_CLOSED = frozenset(
    [
        "are",
        "can",
        "could",
        "did",
        "do",
        "does",
        "had",
        "has",
        "have",
        "is",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "was",
        "were",
        "will",
        "would",
    ]
)


def _function_faults(check: Check, kind: Kind, types: Types, tables: Schema) -> Iterator[str]:
    if not check.needs and not check.reads and not check.related:
        yield "reads nothing. Name the facts it needs: needs=['…']."
    for name in (*check.needs, *check.reads):
        if name not in types[kind]:
            yield f"no fact '{name}' on {kind}.{did_you_mean(name, types[kind])}"
    for table, columns in check.related.items():
        own = SUBJECT_COLUMN.get(kind)
        _known_columns(table, columns, tables)
        if own is not None and own not in tables[table].by_name:
            yield f"asks for the {kind}'s records of '{table}', which has no {own}."


def _rule_faults(
    check: Check, kind: Kind, types: Types, values: Mapping[str, object], tables: Schema
) -> Iterator[str]:
    rules = attempt(check.function, Columns(kind, types[kind]), **values)
    if isinstance(rules, Raised):
        known = isinstance(rules.error, ConfigurationError)
        # A rule names its file and itself, as the problem does that is made of this.
        said = rules.text.removeprefix(f"{getattr(check.function, 'where', '')}: ")
        yield said if known else f"can't be tried on no rows: {rules.text or rules}"
        return
    if not isinstance(rules, Rules):
        yield f"returned {type(rules).__name__}. Return Rules(...)."
        return
    yield from _input_faults(rules)
    yield from _kind_faults(rules, types[kind])
    yield from _speech_faults(check, rules, types[kind])
    yield from _evidence_faults(rules, types[kind], tables)


def rules_of(
    check: Check, kind: Kind, types: Mapping[str, str], values: Mapping[str, object]
) -> Rules:
    """Return what a check's function gives for its parameters, which need not be the defaults.

    Raises:
        RefusalError: It gives no rules, or rules that can't be evaluated or printed.
    """
    known = {name: named(name, value) for name, value in values.items()}
    rules = check.function(Columns(kind, types), **known)
    if not isinstance(rules, Rules):
        raise RefusalError(f"returned {type(rules).__name__} instead of Rules")
    spoken = (*_speech_faults(check, rules, types), *_evidence_faults(rules, types, None))
    for sentence in (*_kind_faults(rules, types), *spoken):
        raise RefusalError(sentence)
    return rules


def _input_faults(rules: Rules) -> Iterator[str]:
    given = {n: c for n, c in rules.conditions.items() if inputs_of(c)}
    for name, condition in rules.conditions.items():
        default = getattr(condition, "value", None) is (name == "applies")
        if name not in given and not default:
            yield f"the condition '{name}' reads no fact. Leave it out, or compare a fact."
    if not any(name in given for name in ("risk", "watch", "strength")):
        yield "can give no finding. Give it a condition for risk, watch or strength."


def _kind_faults(rules: Rules, types: Mapping[str, str]) -> Iterator[str]:
    for name, condition in rules.conditions.items():
        try:
            kind = kind_of(condition, types)
        except TermTypeError as error:
            yield f"the condition '{name}' makes no sense: {error}."
            continue
        if kind != "bool":
            yield f"the condition '{name}' is a {kind}. Compare it with something."


def _speech_faults(check: Check, rules: Rules, types: Mapping[str, str]) -> Iterator[str]:
    yield from _term_faults(rules, types)
    known: dict[str, Term] = {p.name: term(p.default) for p in check.parameters}
    known |= rules.values
    for outcome, template in rules.message.items():
        for sentence in _message_faults(template, known, types):
            yield f"the message for {outcome} {sentence}"
    wanted = [
        o
        for o in ("risk", "watch", "strength")
        if inputs_of(rules.conditions[o]) and not rules.message.get(o)
    ]
    if wanted:
        yield f"has no message for {wanted[0]}. Add message='…'."


def _evidence_faults(
    rules: Rules, types: Mapping[str, str], tables: Schema | None
) -> Iterator[str]:
    """Yield what evidence cites and is not there; without tables, only facts are looked at."""
    for cite in rules.evidence:
        if cite.table == "facts" and cite.field not in types:
            hint = did_you_mean(cite.field, types)
            yield f"evidence cites the fact '{cite.field}', which is not there.{hint}"
        elif tables is not None and cite.table not in {*tables, "facts"}:
            hint = did_you_mean(cite.table, tables)
            yield f"evidence cites the table '{cite.table}', which is not there.{hint}"


def _message_faults(
    template: str, known: Mapping[str, Term], types: Mapping[str, str]
) -> Iterator[str]:
    try:
        fields = fields_of(template)
    except ValueError as error:
        yield f"can't be read: {error}."
        return
    for name, form in fields:
        if name not in known and name not in types:
            hint = did_you_mean(name, {**types, **known})
            yield f"prints '{name}': no fact, parameter or value.{hint}"
            continue
        kind, wanted = kind_of(known.get(name, Column(name)), types), _PRINTED.get(form, "number")
        if wanted not in ("", kind):
            yield f"prints '{name}' as {form}, which takes a {wanted}; it is a {kind}."


_PRINTED = {"": "", "date": "date", "person": "text", "people": "set", "list": "set"}
"""Kinds of values that formats of messages take; the others take numbers."""


def _term_faults(rules: Rules, types: Mapping[str, str]) -> Iterator[str]:
    """Yield what could not be computed when somebody looks at a verdict."""
    for what, given, wanted in _spoken(rules):
        try:
            kind = kind_of(given, types)
        except TermTypeError as error:
            yield f"{what} makes no sense: {error}."
            continue
        if wanted and kind != wanted:
            yield f"{what} is a {kind}, not a {wanted}."


def _spoken(rules: Rules) -> Iterator[tuple[str, Term, str]]:
    """Yield each term that is printed: what it is, the term, and the kind that it must have."""
    for name, given in rules.values.items():
        yield f"the value '{name}'", given, ""
    if rules.actual is not None:
        yield "the actual value", rules.actual, ""
    for outcome, limit in rules.expected.items():
        yield f"the limit for {outcome}", limit.value, ""
        if limit.n is not None:
            yield f"the n of the limit for {outcome}", limit.n, "number"
    for cite in rules.evidence:
        if cite.value is not None:
            yield f"the evidence '{cite.field}'", cite.value, ""
        if cite.ids is not None:
            yield f"the rows of the evidence '{cite.field}'", cite.ids, "set"
    if rules.at_risk is not None:
        yield "the money at risk", rules.at_risk.minor, "number"


def _example_faults(check: Check, types: Types) -> Iterator[str]:
    from dealreview.checks.toml_rules import run_examples

    for kind in check.on:
        yield from run_examples(check, types[kind])

"""The page of the Python API: what pack authors import, from the code's own signatures and docstrings."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import json
import re
import sys
from typing import TYPE_CHECKING, Any

from attrs import frozen

import dealreview
from dealreview import testing
from dealreview.checks.check import Options
from dealreview.plugins import hookspecs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@frozen
class Section:
    """Names that an author needs together.

    Attributes:
        title: Heading.
        sentence: What they are for.
        names: The names, in the order in which they are needed.
        module: Where they are imported from.
        text: What else is to be said.
    """

    title: str
    sentence: str
    names: tuple[str, ...]
    module: Any = dealreview
    text: str = ""


def _section(title: str, sentence: str, names: str, module: Any = dealreview) -> Section:
    return Section(title, sentence, tuple(names.split()), module)


ERRORS = """\
`TypeError` and `ValueError` where a declaration makes no sense, `AttributeError` for a fact that nobody
provides or that a function did not ask for, `AssertionError` from the kit for tests. None of them needs to be
caught: the loader refuses a check with that sentence, and a check that raises while it judges costs only
itself: its outcome is `error`, and the run says so."""

ROWS = """\
`Rows` are rows by table, each a mapping from column to value: `{"deals": [{"deal_id": "D1"}]}`.
`testing` stands for `dealreview.testing`."""

SECTIONS = (
    _section(
        "Checks",
        "Declare a judgement over one subject or over columns.",
        "check Check Columns Subject Deal Account Rep Team Pipeline",
    ),
    _section(
        "Rules",
        "What a check over columns returns: conditions, and what to say about them.",
        "Rules Term Interval Limit at_least at_most above below Cite Exposure",
    ),
    _section(
        "Verdicts",
        "What a check written as a function returns, and what both forms come to.",
        "Verdict Quantity Expected Evidence MoneyAtRisk Outcome Severity Kind Band",
    ),
    _section("Parameters", "Numbers that a configuration may change.", "Param"),
    _section("Facts of your own", "Compute what checks judge.", "facts Fact Inputs Feeds"),
    _section(
        "Packs and extensions",
        "Deliver checks and facts together, and what else a pack can bring.",
        "Pack hookimpl Reporter Importer Notifier Executor",
    ),
    _section("Own tables", "Keep data that dealreview has no table for.", "OwnTables Table Column"),
    Section(
        "Errors", "Ordinary exceptions with a sentence that says what to mend.", (), text=ERRORS
    ),
    _section("Versions", "What a pack was written for.", "API_VERSION __version__"),
    _section(
        "Testing: cases",
        "Facts in, verdict out, as data.",
        "run_cases load_cases run_case Case CaseFile",
        testing,
    ),
    Section(
        "Testing: companies",
        "A company in a line, its review, and what must hold for every check.",
        (
            *("deal", "account", "rep", "together"),
            *("assert_verdict", "review_tables", "database_of", "contract_tests"),
        ),
        testing,
        ROWS,
    ),
)

SAID = {
    "check": "Declare a check: `@check(…)` over one subject, `@check.columns(…)` over columns.",
    "hookimpl": "Mark a function as a hook, by which dealreview finds what a pack brings.",
    "API_VERSION": "The version of the contract for packs; a pack written for another is refused.",
    "__version__": "The version of dealreview.",
}
"""First sentences of what has no docstring of its own."""

GIVEN = {"Check", "Columns", "Subject", "Deal", "Account", "Rep", "Team", "Pipeline", "Verdict"} | {
    "Term",
    "Inputs",
    "Feeds",
    "CaseFile",
}
"""Classes whose instances an author gets and does not make by calling the class."""

INTRODUCTION = """\
# Python API

What `from dealreview import …` and `from dealreview.testing import …` give, and nothing else is public:
[what stays stable](../plugins/stability.md). How to use it: [writing checks](../plugins.md),
[recipes](../plugins/recipes.md), [testing a pack](../plugins/testing.md).
"""

WIDTH = 88
ROLE = re.compile(r":(\w+):`([^`]+)`")
HEAD = re.compile(r"^(Args|Attributes|Raises|Returns):$")
ITEM = re.compile(r"^    (\*{0,2}[\w.]+): (.*)$")
STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
NOISE = re.compile(r"\b(dt|pl|datetime|typing)\.")


def api_page() -> str:
    """Return the page of everything that pack authors import."""
    lines = [INTRODUCTION, *_contents()]
    for section in SECTIONS:
        lines += ["", f"## {section.title}", "", section.sentence]
        lines += ["", section.text] if section.text else []
        for name in section.names:
            lines += ["", f"### {heading(section, name)}", "", *entry(section, name)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _contents() -> Iterator[str]:
    """Yield the table of contents, one sentence each."""
    for section in SECTIONS:
        yield f"- [**{section.title}**](#{anchor(section.title)}): {section.sentence}"
        for name in section.names:
            title = heading(section, name)
            said = summary(section.module, name)
            yield f"  - [{title}](#{anchor(title)}): {said}"


def heading(section: Section, name: str) -> str:
    """Return a heading; one word more keeps `check` and `Check` apart, which share an anchor."""
    if section.module is testing:
        return f"`testing.{name}`"
    return f"class `{name}`" if inspect.isclass(getattr(dealreview, name)) else f"`{name}`"


def anchor(title: str) -> str:
    """Return the anchor of a heading as GitHub makes it."""
    return re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")


def summary(module: Any, name: str) -> str:
    """Return the first sentence about a name."""
    return SAID.get(name) or first_line(getattr(module, name))


def first_line(thing: Any) -> str:
    """Return the first line of a docstring as Markdown."""
    return marked((inspect.getdoc(thing) or "").partition("\n")[0], thing)


def entry(section: Section, name: str) -> Iterator[str]:
    """Yield what is said about a name."""
    thing = getattr(section.module, name)
    if name in SPECIAL:
        yield from (SAID[name], "", *SPECIAL[name](thing))
    elif name in SAID:
        yield SAID[name]
    elif inspect.isclass(thing):
        yield from _class_lines(name, thing)
    else:
        yield from (*code(signature(name, thing)), "", *described(thing))


# --- classes -------------------------------------------------------------------------------------


def _class_lines(name: str, thing: type) -> Iterator[str]:
    if issubclass(thing, enum.Enum):
        yield from described(thing)
        yield from ("", *(f"- `{name}.{member.name}` is `{member.value!r}`" for member in thing))
    else:
        if name not in GIVEN:
            yield from (*code(signature(name, thing)), "")
        yield from described(thing, without="Args" if name in GIVEN else "")
    if thing.__base__ is dealreview.Subject:
        yield from ("", "Has what [`Subject`](#class-subject) has.")
    members = [*member_lines(thing)]
    if members:
        yield from ("", "Methods and properties:", "", *members)


def member_lines(thing: type) -> Iterator[str]:
    """Yield a line for each method and property that a class has by itself."""
    for name, raw in vars(thing).items():
        member = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if name.startswith("_") or not inspect.getdoc(member) or inspect.ismemberdescriptor(raw):
            continue
        if inspect.isfunction(member):
            owner = f"{thing.__name__}." if raw is not member else "."
            yield f"- `{plain_signature(f'{owner}{name}', member)}`: {first_line(member)}"
        elif isinstance(raw, property) or hasattr(raw, "func"):
            yield f"- `.{name}`: {first_line(member)}"


# --- what has no docstring of its own ------------------------------------------------------------


def _check_lines(thing: Any) -> Iterator[str]:
    yield from code(
        "@check(check_id: str, **options)\n"
        "def judge(deal: Deal, *, limit: Annotated[int, Param(...)] = 5) -> Verdict: ...\n\n"
        "@check.columns(check_id: str, **options)\n"
        "def judge(d: Columns, *, limit: Annotated[int, Param(...)] = 5) -> Rules: ..."
    )
    yield from ("", f"- `check(…)`: {first_line(type(thing).__call__)}")
    yield f"- `check.columns(…)`: {first_line(thing.columns)}"
    yield from ("", "Title and description are the docstring, parameters the keyword arguments.")
    yield from ("", "Options; `on` is `deal` and `severity` is `minor` unless said:", "")
    said = attributes(dealreview.Check)
    for name, kind in inspect.get_annotations(Options).items():
        written = kind if isinstance(kind, str) else kind.__forward_arg__
        yield f"- `{name}: {short(written).replace('OnKind', 'Kind | str')}`: {said[name]}"


def _hook_lines(_thing: Any) -> Iterator[str]:
    yield from code("@hookimpl\ndef dealreview_pack() -> Pack: ...")
    yield from ("", "The hooks:", "")
    for name, hook in vars(hookspecs).items():
        if name.startswith("dealreview_"):
            yield f"- `{plain_signature(name, hook)}`: {first_line(hook)}"


SPECIAL = {"check": _check_lines, "hookimpl": _hook_lines}


# --- signatures ----------------------------------------------------------------------------------


def code(text: str) -> list[str]:
    """Return lines of code that examples leave alone."""
    return ["<!--- skip -->", "```python", *text.splitlines(), "```"]


def signature(name: str, thing: Any) -> str:
    """Return a signature with short types, over several lines where it is long."""
    given, result = _parts(thing)
    line = f"{name}({', '.join(given)}){result}"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in given) + f"){result}"


def plain_signature(name: str, thing: Any) -> str:
    """Return a signature in one line, without the subject that it is called on."""
    given, result = _parts(thing)
    return f"{name}({', '.join(part for part in given if part not in ('self', 'cls'))}){result}"


def _parts(thing: Any) -> tuple[list[str], str]:
    """Return the parameters and the result of a function or class, as they are written."""
    found = inspect.signature(thing)
    parts: list[str] = []
    for item in found.parameters.values():
        if item.kind is item.KEYWORD_ONLY and not {"*"} & {part[:1] for part in parts}:
            parts.append("*")
        parts.append(_parameter(item))
    result = short(found.return_annotation)
    return parts, f" -> {result}" if result and not inspect.isclass(thing) else ""


def _parameter(item: inspect.Parameter) -> str:
    stars = STARS.get(item.kind, "")
    kind = short(item.annotation)
    typed = f"{stars}{item.name}" + (f": {kind}" if kind else "")
    if item.default is item.empty:
        return typed
    return f"{typed} = {_default(item.default)}" if kind else f"{typed}={_default(item.default)}"


def _default(value: Any) -> str:
    """Return a default as an author would write it; what is made anew is three dots."""
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dt.date):
        return NOISE.sub("", repr(value))
    return repr(value) if isinstance(value, int | float | tuple) or value is None else "..."


def short(annotation: Any) -> str:
    """Return a type without the modules it comes from; empty where it says nothing."""
    if annotation is inspect.Parameter.empty:
        return ""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    text = NOISE.sub("", text).replace("'", '"')
    return "" if text in ("Any", "None") or text.startswith("Unpack") else text


# --- docstrings ----------------------------------------------------------------------------------


def described(thing: Any, *, without: str = "") -> Iterator[str]:
    """Yield a docstring as Markdown: text as it is, sections as lists, the last left out if wished."""
    inside = False
    text = inspect.getdoc(thing) or ""
    for line in _joined_items(
        (text.partition(f"\n{without}:")[0] if without else text).splitlines()
    ):
        head, item = HEAD.match(line), ITEM.match(line) if inside else None
        if head:
            inside = True
            yield from (f"{head[1]}:", "")
        elif item:
            yield f"- `{item[1]}`: {marked(item[2], thing)}"
        else:
            yield marked(line, thing)


def attributes(thing: type) -> dict[str, str]:
    """Return the attributes that a class describes, by name."""
    lines = _joined_items((inspect.getdoc(thing) or "").splitlines())
    found = (ITEM.match(line) for line in lines)
    return {item[1]: marked(item[2], thing) for item in found if item}


def _joined_items(lines: Iterable[str]) -> list[str]:
    """Return the lines with an item's further lines put behind its first."""
    joined: list[str] = []
    for line in lines:
        if line.startswith("     ") and joined:
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line.replace("\\*", "*"))
    return joined


def marked(text: str, thing: Any) -> str:
    """Return the text of a docstring as Markdown."""
    return ROLE.sub(lambda role: _role(role, thing), text.replace("``", "`"))


def _role(role: re.Match[str], thing: Any) -> str:
    """Return a name that is spoken of; of one that can't be imported, what it holds."""
    kind, name = role.groups()
    module = sys.modules.get(getattr(thing, "__module__", ""))
    held: Mapping[str, Any] | tuple[str, ...] = getattr(module, name, ()) if kind == "data" else ()
    return ", ".join(f"`{value}`" for value in held) or f"`{name}`"

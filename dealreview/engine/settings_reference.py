"""Every key of ``dealreview.toml``, described once: validation and reference are made from it."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from dealreview.model.calendar import WEEKDAYS
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import SEVERITIES, Kind
from dealreview.store.pruning import AUTO, OFF, Policy
from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def is_plain(value: Any) -> bool:
    """Whether a value is of a type that parameters can have, and finite."""
    return type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


@frozen
class Shape:
    """What a value looks like.

    Attributes:
        says: What is expected, for people.
        fits: Whether a value looks like it.
        example: A value as it is written in the file.
    """

    says: str
    fits: Callable[[Any], bool]
    example: str


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(type(item) is kind for item in value)


TEXT = Shape("a text", lambda value: isinstance(value, str), '"text"')
TEXTS = Shape("a list of texts", _list_of(str), '["one", "two"]')
FLAG = Shape("true or false", lambda value: isinstance(value, bool), "true")
WHOLE = Shape("a whole number", lambda value: type(value) is int, "3")
NUMBER = Shape("a number", _is_number, "0.5")
DATE = Shape("a date without quotes", lambda value: type(value) is dt.date, "2025-05-16")
DATES = Shape("a list of dates without quotes", _list_of(dt.date), "[2025-12-24]")
AMOUNT = Shape("an amount with its currency", lambda value: isinstance(value, str), '"60 EUR"')
TABLE = Shape("a table", lambda value: isinstance(value, dict), "{ key = 1 }")


def _is_zone(name: str) -> str:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, zoneinfo.available_timezones())
        return f"'{name}' is not an IANA time zone such as Europe/Berlin.{hint}"
    return ""


def _is_currency(code: str) -> str:
    from dealreview.model.money import is_currency

    return "" if is_currency(code) else f"'{code}' is not an ISO 4217 currency such as EUR."


def _is_amount(text: str) -> str:
    from dealreview.model.money import amount_of

    if amount_of(text) is None:
        return f"'{text}' is not an amount with its currency, such as 60 EUR or 62.50 EUR."
    return ""


def _is_word(text: str) -> str:
    if sum(map(str.isalnum, text)) < 2 or "*" in text.strip("*"):
        return f"'{text}' is not a word such as treasury, treasur* or *treasury*."
    return ""


def _is_filled(text: str) -> str:
    return "" if text.strip() else "it is empty."


def _is_requirement(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(text)
    except InvalidRequirement:
        return f"'{text}' is not a pack with versions such as acme>=1.2."
    return ""


def _is_scheduler(address: str) -> str:
    from urllib.parse import urlsplit

    if not address:
        return ""
    scheme, colon, _rest = address.partition("://")
    if colon and scheme not in SCHEMES:
        return f"'{address}' does not begin like tcp:// or tls://.{did_you_mean(scheme, SCHEMES)}"
    try:
        found = urlsplit(address)
        if colon and found.hostname and found.port and not found.path.strip("/"):
            return ""
    except ValueError:
        pass
    return f"'{address}' is not the address of a dask scheduler such as tcp://10.0.0.5:8786."


SCHEMES = ("tcp", "tls")
"""How a dask scheduler can be reached."""


@frozen
class Setting:
    """One key of the file.

    Attributes:
        section: The table that it stands in, with dots; empty for the top of the file.
        name: The key.
        shape: What its value looks like.
        default: The value when it is left out; None means none.
        meaning: What it does, one sentence.
        ge: Smallest allowed number.
        le: Largest allowed number.
        choices: The allowed texts.
        required: Whether it can't be left out.
        problem: Says what is wrong with a value of the right shape; empty when nothing is.
    """

    section: str
    name: str
    shape: Shape
    default: Any
    meaning: str
    ge: float | None = field(default=None, kw_only=True)
    le: float | None = field(default=None, kw_only=True)
    choices: tuple[str, ...] = field(default=(), kw_only=True)
    required: bool = field(default=False, kw_only=True)
    problem: Callable[[Any], str] = field(default=lambda _value: "", kw_only=True)

    @property
    def bounds(self) -> str:
        """The allowed values, for people; empty when the shape says it all."""
        if self.choices:
            return ", ".join(self.choices)
        if self.ge is None or self.le is None:
            return ""
        return f"{self.ge:g} to {self.le:g}".replace("-", "−")

    def accept(self, value: Any, where: str) -> Any:
        """Return the value if the setting allows it.

        Raises:
            ConfigurationError: It does not look as expected or is out of bounds; says which.
        """
        if not self.shape.fits(value):
            raise ConfigurationError(
                f"{where} takes {self.shape.says}, not {value!r}.",
                mend=f"Write it like {self.name} = {self.shape.example}.",
            )
        for item in value if isinstance(value, list) else [value]:
            self._demand_allowed(item, where)
        return value

    def named(self, name: str) -> Setting:
        """Return the setting under the name of a key that stands for one of several."""
        return evolve(self, name=name)

    def _demand_allowed(self, value: Any, where: str) -> None:
        if self.choices and value not in self.choices:
            hint = did_you_mean(value, self.choices)
            raise ConfigurationError(f"{where} can't be '{value}'.{hint}", mend=_one_of(self))
        low = -math.inf if self.ge is None else self.ge
        high = math.inf if self.le is None else self.le
        if self.shape in (WHOLE, NUMBER) and not low <= value <= high:
            raise ConfigurationError(f"{where} = {value!r} is out of bounds ({self.bounds}).")
        problem = self.problem(value)
        if problem:
            raise ConfigurationError(f"{where}: {problem}")


def _one_of(setting: Setting) -> str:
    return f"It is one of {setting.bounds}."


def _setting(section: str) -> Callable[..., Setting]:
    return lambda *args, **rest: Setting(section, *args, **rest)


_top, _review, _organisation = (_setting(name) for name in ("", "review", "organisation"))
_packs, _runs = _setting("packs"), _setting("runs")
_KEPT = Policy()
_holidays, _override = _setting("organisation.holidays"), _setting("override")
_fit = _setting("fit")

SETTINGS: tuple[Setting, ...] = (
    _top(
        "plugins",
        TEXTS,
        (),
        "Files and folders with checks of your own; paths count from the folder of this file.",
    ),
    _top("blocked_packs", TEXTS, (), "Installed packs that are not even imported."),
    _top(
        "required_packs",
        TEXTS,
        (),
        "Packs that must be loaded, with versions as in `acme>=1.2`; without one a review is incomplete.",
        problem=_is_requirement,
    ),
    _top("autoload", FLAG, True, "Whether installed packs are loaded without being named."),
    _packs(
        "isolate",
        TEXT,
        "no",
        "Whether the pack runs in a process of its own: `process`, else `no`.",
        choices=("no", "process"),
    ),
    _packs(
        "seconds",
        NUMBER,
        10,
        "How long it may take for one subject, in a process of its own.",
        ge=0.1,
        le=3600,
    ),
    _packs(
        "seconds_for_all",
        NUMBER,
        120,
        "How long it may take to be imported, and for the facts of all subjects, likewise.",
        ge=1,
        le=86_400,
    ),
    _packs(
        "memory_mib",
        WHOLE,
        1024,
        "Memory that it may use beyond the interpreter's own, likewise, in MiB; POSIX only.",
        ge=64,
        le=1_048_576,
    ),
    _review("select", TEXTS, (), "Checks or packs to review; empty means all."),
    _review("ignore", TEXTS, (), "Checks or packs to leave out."),
    _review(
        "preview",
        FLAG,
        False,
        "Whether checks that are still being tried are reviewed without being named in `select`.",
    ),
    _review(
        "required_checks",
        TEXTS,
        (),
        "Checks that say insufficient data, not 'not reviewed', where nothing is recorded.",
    ),
    _review("as_of", DATE, None, "The day at whose end things are judged; left out it is today."),
    _review(
        "seconds_per_check",
        NUMBER,
        300,
        "How long a check written as a function may take for all subjects; the rest are errors.",
        ge=0.1,
        le=86_400,
    ),
    _review(
        "coverage_floor",
        NUMBER,
        0.5,
        "Below this share of decided weight a scorecard is unrated.",
        ge=0,
        le=1,
    ),
    _review(
        "snapshot",
        TEXT,
        "auto",
        "Whether a review reads large databases from the columnar copy beside them, and keeps it up to "
        "date.",
        choices=("auto", "off"),
    ),
    _runs(
        "prune",
        TEXT,
        _KEPT.prune,
        "Whether storing a review takes out old ones: `auto`, or `off` for `dealreview runs prune` only.",
        choices=(AUTO, OFF),
    ),
    _runs(
        "keep_last", WHOLE, _KEPT.keep_last, "How many of the last reviews stay.", ge=2, le=100_000
    ),
    _runs(
        "keep_weeks",
        WHOLE,
        _KEPT.keep_weeks,
        "Of how many weeks the last review stays; 53 keep the year that `check_precision` looks back on.",
        ge=0,
        le=5_200,
    ),
    _runs(
        "keep_months",
        WHOLE,
        _KEPT.keep_months,
        "Of how many months the last review stays.",
        ge=0,
        le=1_200,
    ),
    _review(
        "dask",
        TEXT,
        "",
        "Scheduler of `review --executor dask`, as in `tcp://10.0.0.5:8786`; empty takes processes of "
        "this machine.",
        problem=_is_scheduler,
    ),
    _organisation("time_zone", TEXT, "UTC", "The zone in which a day ends.", problem=_is_zone),
    _organisation(
        "reporting_currency",
        TEXT,
        "",
        "The currency in which deals and accounts are added up; empty takes that of most deals; "
        "without any, amounts are printed without a currency.",
        problem=_is_currency,
    ),
    _organisation(
        "fiscal_year_start", WHOLE, 1, "First month of the fiscal year; January is 1.", ge=1, le=12
    ),
    _organisation(
        "working_days", TEXTS, WEEKDAYS[:5], "Weekdays that are worked.", choices=WEEKDAYS
    ),
    _organisation(
        "holiday_calendar",
        TEXT,
        "",
        "Name of a calendar in the table `holidays`, whose days are not worked.",
    ),
    _organisation("extra_holidays", DATES, (), "Further days that are not worked."),
    _organisation(
        "max_feed_lag_days",
        WHOLE,
        3,
        "A table may end this many days too early without a word; up to 14, clocks are read at its end.",
        ge=0,
        le=30,
    ),
    _organisation(
        "max_rate_age_days",
        WHOLE,
        7,
        "An exchange rate may be this many days older than the amount that it converts.",
        ge=0,
        le=31,
    ),
    _holidays("country", TEXT, "", "ISO 3166 code of the country whose public holidays count."),
    _holidays("subdivision", TEXT, "", "Code of its state or region, such as BY for Bavaria."),
    _override(
        "when",
        TEXT,
        None,
        "An SQL condition on facts; the settings hold for subjects for which it is true, and not where "
        "that is unknown.",
        required=True,
    ),
    _override("on", TEXT, "deal", "Kind of subject that is meant.", choices=tuple(map(str, Kind))),
    _override(
        "checks",
        TABLE,
        None,
        'Severity and parameters by check, as in { "pack/slug" = { floor = 0.2 } }.',
        required=True,
    ),
    _fit(
        "name",
        TEXT,
        None,
        "What the criterion is called.",
        required=True,
        problem=_is_filled,
    ),
    _fit(
        "when",
        TEXT,
        None,
        "An SQL condition on facts of deals; a deal for which it is true meets the criterion.",
        required=True,
        problem=_is_filled,
    ),
)


@frozen
class Section:
    """One table of the file.

    Attributes:
        name: As it is written, with dots.
        header: The line that opens it.
        meaning: What it is for.
        is_free: Whether packs name the keys, so that they are checked when those are loaded.
        keys: The keys, where all of them are alike.
        each: What the value of each of them is.
    """

    name: str
    header: str
    meaning: str
    is_free: bool = False
    keys: tuple[str, ...] = ()
    each: Setting | None = None


def _values_of(name: str, column: str) -> tuple[str, ...]:
    return TABLES[name].by_name[column].values


def _words(name: str, table: str, column: str, said: str, example: str) -> Section:
    about = (
        f"Words of {said}, beside those that are built in; they are read where `{table}.{column}` is "
        "recorded nowhere."
    )
    meaning = f"Words that mean it, as in `{example}`; `*` stands for any letters before or after."
    each = Setting(name, "KEY", TEXTS, None, meaning, problem=_is_word)
    return Section(name, f"[{name}]", about, keys=_values_of(table, column), each=each)


SECTIONS: tuple[Section, ...] = (
    Section("", "Top of the file", "What is loaded."),
    Section("review", "[review]", "What is reviewed, and when."),
    Section(
        "runs",
        "[runs]",
        "Which stored reviews stay, so that the database does not grow without bound; "
        "`dealreview runs keep` keeps one for ever.",
    ),
    Section("organisation", "[organisation]", "The company's calendar and currency."),
    Section(
        "organisation.holidays",
        "[organisation.holidays]",
        "Public holidays; may stand beside `holiday_calendar` and `extra_holidays`.",
    ),
    Section(
        "packs",
        "[packs.NAME]",
        "How one pack runs; by its name.",
    ),
    Section(
        "facts",
        "[facts]",
        "Parameters of facts, such as a window in days: one value a review, by name.",
        is_free=True,
    ),
    Section(
        "notify",
        "[notify.NAME]",
        "Settings of a notifier, by its name; the pack that brings it says which.",
        is_free=True,
    ),
    Section(
        "checks",
        '[checks."pack/slug"]',
        "Severity (`blocker`, `major`, `minor`, `info`) and parameters of one check.",
        is_free=True,
    ),
    Section(
        "override",
        "[[override]]",
        "Severity and parameters for some subjects only; later ones win key by key.",
    ),
    Section(
        "discount_ladder",
        "[discount_ladder]",
        "The largest discount that people may give alone, by role; it stands in where "
        "`people.max_discount_ratio` is recorded nowhere. A role that is not named has no known limit.",
        keys=_values_of("people", "role"),
        each=Setting(
            "discount_ladder",
            "KEY",
            NUMBER,
            None,
            "The share, such as 0.1; 0 for nothing, 1 for any discount.",
            ge=0,
            le=1,
        ),
    ),
    Section(
        "hourly_cost",
        "[hourly_cost]",
        "What an hour of people costs, by role; it stands in where `people.hourly_cost_minor` is "
        "recorded nowhere. A role that is not named has no known cost.",
        keys=_values_of("people", "role"),
        each=Setting(
            "hourly_cost",
            "KEY",
            AMOUNT,
            None,
            "The cost with everything that an employer pays, such as `60 EUR`.",
            problem=_is_amount,
        ),
    ),
    Section(
        "fit",
        "[[fit]]",
        "Criteria of a good fit, asked of every deal; they stand in where `fit_answers` is recorded "
        "nowhere. Where a fact is unknown, the answer is.",
    ),
    Section(
        "words",
        "[words]",
        "Words by which titles are read, beside those that are built in (English, "
        "German, French, Spanish); one table for each of the following.",
    ),
    _words("words.function", "contacts", "function", "job titles", 'finance = ["treasur*"]'),
    _words(
        "words.meeting_kind",
        "activities",
        "meeting_kind",
        "the titles of meetings",
        'pricing = ["quote*"]',
    ),
    _words(
        "words.side_task",
        "activities",
        "side_task",
        "the titles of tasks",
        'invoice = ["dunning"]',
    ),
)

SEVERITY = Setting(
    "checks",
    "severity",
    TEXT,
    None,
    "How much the check matters.",
    choices=tuple(map(str, SEVERITIES)),
)


def settings_of(section: str) -> dict[str, Setting]:
    """Return the settings of a section by name."""
    return {setting.name: setting for setting in SETTINGS if setting.section == section}


def default_of(key: str) -> Any:
    """Return the default of a setting by its full key, as in ``review.coverage_floor``."""
    section, _dot, name = key.rpartition(".")
    return settings_of(section)[name].default


def read_section(section: str, given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the values of a section's settings, defaults filled in; tables inside are left out.

    Args:
        section: Name of the section.
        given: What the file says.
        source: Name of the file, for messages.

    Raises:
        ConfigurationError: An unknown key, a missing one or a value that is not allowed.
    """
    known = settings_of(section)
    _demand_known(given, {*known, *_tables_in(section)}, section, source)
    missing = [name for name, setting in known.items() if setting.required and name not in given]
    if missing:
        raise ConfigurationError(
            f"{source}: [{section}] needs '{missing[0]}'.", mend=known[missing[0]].meaning
        )
    return {
        name: setting.accept(given[name], f"{source}: {written(section, name)}")
        if name in given
        else setting.default
        for name, setting in known.items()
    }


def read_alike(section: str, given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the values of a section whose keys are all alike; see :func:`read_section`.

    Raises:
        ConfigurationError: An unknown key or a value that is not allowed.
    """
    found = next(one for one in SECTIONS if one.name == section)
    if found.each is None:
        raise ValueError(f"the keys of [{section}] are not alike")
    _demand_known(given, set(found.keys), section, source)
    return {
        name: found.each.named(name).accept(value, f"{source}: {written(section, name)}")
        for name, value in given.items()
    }


def _tables_in(section: str) -> Iterator[str]:
    for other in SECTIONS:
        parent, _dot, name = other.name.rpartition(".")
        if name and parent == section:
            yield name


def written(section: str, name: str) -> str:
    """Return a full key as messages show it."""
    return f"'{section}.{name}'" if section else f"'{name}'"


def _demand_known(given: Mapping[str, Any], known: set[str], section: str, source: str) -> None:
    for name in given:
        if name in known:
            continue
        hint = did_you_mean(name, known) or _elsewhere(name)
        raise ConfigurationError(
            f"{source}: {written(section, name)} is not a setting.{hint}",
            mend=f"Here can be {', '.join(sorted(known))}.",
        )


def _elsewhere(name: str) -> str:
    homes = [setting.section for setting in SETTINGS if setting.name == name]
    place = f"[{homes[0]}]" if homes and homes[0] else "the top of the file"
    return f" It belongs to {place}." if homes else ""


# --- the reference page --------------------------------------------------------------------------


def config_reference() -> str:
    """Return the reference of ``dealreview.toml`` as Markdown."""
    parts = ["# Configuration", _INTRODUCTION, *(_section_page(section) for section in SECTIONS)]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = (
    "`dealreview.toml` is read from the folder in which the command runs, or from `--config`. "
    "Every key may be left out unless it says required; a key that is not listed here is an error."
)


def _section_page(section: Section) -> str:
    title = f"`{section.header}`" if section.name else section.header
    rows = [_row(setting) for setting in settings_of(section.name).values()]
    parts = [f"## {title}", section.meaning]
    if section.is_free:
        parts.append("The names are those of the packs that are loaded, and are checked then.")
    if section.each is not None:
        keys = ", ".join(f"`{key}`" for key in section.keys)
        parts.append(f"The keys are {keys}.")
        rows.append(_row(section.each.named("each key")))
    if rows:
        head = "| key | value | default | allowed | meaning |\n| --- | --- | --- | --- | --- |"
        parts.append("\n".join([head, *rows]))
    return "\n\n".join(parts)


def _row(setting: Setting) -> str:
    default = "required" if setting.required else _shown(setting.default)
    cells = (f"`{setting.name}`", setting.shape.says, default, setting.bounds, setting.meaning)
    return f"| {' | '.join(cells)} |"


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(_quoted(item) for item in value)}]`"
    return f"`{_quoted(value)}`" if value != "" else "none"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)

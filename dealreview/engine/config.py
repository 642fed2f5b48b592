"""The configuration: what ``dealreview.toml`` says, checked as far as the file alone allows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from attrs import asdict, field, frozen

from dealreview.engine.limits import Limits
from dealreview.engine.settings_reference import (
    SECTIONS,
    SEVERITY,
    default_of,
    is_plain,
    read_section,
    settings_of,
    written,
)
from dealreview.engine.standins import read_stand_ins
from dealreview.model.calendar import WEEKDAYS, Calendar
from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import Kind
from dealreview.model.toml import decoded, parsed
from dealreview.store.pruning import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CONFIG_NAME = "dealreview.toml"


CheckSettings = dict[str, Any]
"""``severity`` and parameters of a check by name, not yet held against the check."""


@frozen
class Override:
    """Settings of checks for the subjects for which a condition is true.

    Attributes:
        when: An SQL condition on facts, not yet parsed.
        on: Kind of subject.
        checks: Settings by check id.
        source: File and number, for messages.
    """

    when: str
    on: Kind
    checks: dict[str, CheckSettings]
    source: str = field(default="", eq=False)


@frozen
class Organisation:
    """The company's calendar and currency; see the settings of ``[organisation]``."""

    time_zone: str = default_of("organisation.time_zone")
    reporting_currency: str = default_of("organisation.reporting_currency")
    fiscal_year_start: int = default_of("organisation.fiscal_year_start")
    working_days: tuple[str, ...] = default_of("organisation.working_days")
    holiday_calendar: str = default_of("organisation.holiday_calendar")
    extra_holidays: tuple[dt.date, ...] = default_of("organisation.extra_holidays")
    max_feed_lag_days: int = default_of("organisation.max_feed_lag_days")
    max_rate_age_days: int = default_of("organisation.max_rate_age_days")
    country: str = default_of("organisation.holidays.country")
    subdivision: str = default_of("organisation.holidays.subdivision")


@frozen
class Config:
    """What ``dealreview.toml`` says.

    Ids and parameters of checks and facts are kept as they stand: only the engine, which knows what
    is loaded, can hold them against it.

    Attributes:
        path: The file; None when there is none.
        plugins: Files and folders with checks.
        blocked_packs: Packs that are not imported.
        required_packs: Packs that must be there, with versions.
        autoload: Whether installed packs are loaded.
        isolated: Packs that run in processes of their own, and what each may use.
        select: Checks or packs to review; empty means all.
        ignore: Checks or packs to leave out.
        preview: Whether checks in preview are reviewed without being named.
        required_checks: Checks that say insufficient data where nothing is recorded.
        as_of: The day at whose end things are judged; None is today.
        seconds_per_check: How long a function may take for all subjects.
        coverage_floor: Below this share of decided weight a scorecard is unrated.
        snapshot: Whether tables are read from the snapshot: ``auto`` or ``off``.
        runs: Which stored reviews stay.
        organisation: Calendar and currency.
        notify: Settings of notifiers by name.
        facts: Values of fact parameters by name.
        checks: Settings by check id.
        overrides: Settings for some subjects, in order.
        stand_ins: What stands in for what is recorded nowhere, by fact parameter.
    """

    path: Path | None = None
    plugins: tuple[Path, ...] = ()
    blocked_packs: tuple[str, ...] = default_of("blocked_packs")
    required_packs: tuple[str, ...] = default_of("required_packs")
    autoload: bool = default_of("autoload")
    isolated: Mapping[str, Limits] = field(factory=dict)
    select: tuple[str, ...] = default_of("review.select")
    ignore: tuple[str, ...] = default_of("review.ignore")
    preview: bool = default_of("review.preview")
    required_checks: tuple[str, ...] = default_of("review.required_checks")
    as_of: dt.date | None = default_of("review.as_of")  # noqa: RUF009 - it can be None
    seconds_per_check: float = default_of("review.seconds_per_check")
    coverage_floor: float = default_of("review.coverage_floor")
    snapshot: str = default_of("review.snapshot")
    runs: Policy = field(factory=Policy)
    organisation: Organisation = field(factory=Organisation)
    notify: dict[str, dict[str, Any]] = field(factory=dict)
    facts: dict[str, Any] = field(factory=dict)
    checks: dict[str, CheckSettings] = field(factory=dict)
    overrides: tuple[Override, ...] = ()
    stand_ins: dict[str, Any] = field(factory=dict)

    @property
    def source(self) -> str:
        """The file's name for messages."""
        return str(self.path) if self.path else "the configuration"

    @property
    def hash(self) -> str:
        """16 hex digits over all that can change a verdict or a score, the same on every machine.

        The as-of date and the packs are not in it: a run records them beside it.
        """
        canonical = json.dumps(_meaning(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def calendar(self, holidays_from_table: Iterable[dt.date], years: Iterable[int]) -> Calendar:
        """Return the company's calendar.

        Args:
            holidays_from_table: Days of ``holiday_calendar`` in the table ``holidays``.
            years: Years for which the country's public holidays are needed.

        Raises:
            ConfigurationError: A country or subdivision that is not known.
        """
        given = self.organisation
        public = _public_holidays(given.country, given.subdivision, years, self.source)
        return Calendar(
            time_zone=given.time_zone,
            working_days=frozenset(WEEKDAYS.index(day) for day in given.working_days),
            holidays=(*holidays_from_table, *given.extra_holidays, *public),
            fiscal_start=given.fiscal_year_start,
        )


def _meaning(config: Config) -> Any:
    organisation = config.organisation
    return _canonical(
        {
            "select": sorted(set(config.select)),
            "ignore": sorted(set(config.ignore)),
            # Settings that came later are left out at their default: the same file keeps its hash.
            **({"preview": True} if config.preview else {}),
            "required_checks": sorted(set(config.required_checks)),
            "coverage_floor": config.coverage_floor,
            "organisation": {
                **asdict(organisation),
                "working_days": sorted(set(organisation.working_days)),
                "extra_holidays": sorted(set(organisation.extra_holidays)),
            },
            "facts": config.facts,
            "checks": config.checks,
            "overrides": [[rule.when, rule.on, rule.checks] for rule in config.overrides],
            **({"stand_ins": config.stand_ins} if config.stand_ins else {}),
        }
    )


def _canonical(value: Any) -> Any:
    """Return a value in which equal meanings are equal: 1.0 is 1, a date is its text."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _public_holidays(
    country: str, subdivision: str, years: Iterable[int], source: str
) -> list[dt.date]:
    if not country:
        return []
    import holidays

    known = holidays.list_supported_countries(include_aliases=True)
    place = f"{source}: 'organisation.holidays"
    if country not in known:
        hint = did_you_mean(country.upper(), known)
        raise ConfigurationError(
            f"{place}.country' = '{country}' is not a known country.{hint}",
            mend="Use an ISO 3166 code such as DE, or fill the table holidays.",
        )
    if subdivision and subdivision not in known[country]:
        hint = did_you_mean(subdivision, known[country])
        raise ConfigurationError(
            f"{place}.subdivision' = '{subdivision}' is not known in {country}.{hint}",
            mend=f"There are {', '.join(known[country]) or 'none'}.",
        )
    return sorted(holidays.country_holidays(country, subdiv=subdivision or None, years=set(years)))


# --- reading the file ----------------------------------------------------------------------------


def load_config(path: Path | None) -> Config:
    """Return what a configuration file says; without a file, the defaults.

    Raises:
        ConfigurationError: The file can't be read, or says something that is not a setting or not
            allowed; the message names file and key.
    """
    return Config() if path is None else _config(_read(path), path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return parsed(decoded(path.read_bytes(), str(path)), str(path))
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read: {error.strerror or error}.", mend="Check the path."
        ) from error


def _config(given: dict[str, Any], path: Path) -> Config:
    source = str(path)
    top = read_section("", given, source)
    sections = ("review", "runs", "facts", "checks", "packs", "notify")
    tables = {name: _table(given, name, source) for name in sections}
    return Config(
        path=path,
        plugins=tuple(path.parent / plugin for plugin in top["plugins"]),
        blocked_packs=tuple(top["blocked_packs"]),
        required_packs=tuple(top["required_packs"]),
        autoload=top["autoload"],
        runs=Policy(**read_section("runs", tables["runs"], source)),
        organisation=_organisation(_table(given, "organisation", source), source),
        notify={
            name: _named_table(tables["notify"], "notify", name, source)
            for name in tables["notify"]
        },
        isolated=_isolated(tables["packs"], source),
        facts=_plain_values(tables["facts"], f"{source}: facts"),
        checks=_checks(tables["checks"], source, "checks"),
        overrides=_overrides(given.get("override", []), source),
        stand_ins=read_stand_ins(given, source),
        **_frozen(read_section("review", tables["review"], source)),
    )


def _isolated(given: Mapping[str, Any], source: str) -> dict[str, Limits]:
    """Return what packs in processes of their own may use, by name."""
    found = {}
    for name in given:
        values = read_section("packs", _named_table(given, "packs", name, source), source)
        if values.pop("isolate") == "process":
            found[name] = Limits(**values)
    return found


def _named_table(given: Mapping[str, Any], section: str, name: str, source: str) -> dict[str, Any]:
    if not isinstance(given[name], dict):
        raise ConfigurationError(
            f"{source}: '{section}.{name}' is a table, not {given[name]!r}.",
            mend=f"Write it as [{section}.{name}], a setting a line below.",
        )
    table: dict[str, Any] = given[name]
    return table


def _table(given: Mapping[str, Any], name: str, source: str) -> dict[str, Any]:
    table = given.get(name, {})
    if not isinstance(table, dict):
        header = next(section.header for section in SECTIONS if section.name.endswith(name))
        raise ConfigurationError(
            f"{source}: '{name}' is a table, not {table!r}.", mend=f"Write it as {header}."
        )
    return table


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


def _organisation(given: dict[str, Any], source: str) -> Organisation:
    holidays = read_section("organisation.holidays", _table(given, "holidays", source), source)
    if holidays["subdivision"] and not holidays["country"]:
        raise ConfigurationError(
            f"{source}: 'organisation.holidays.subdivision' needs a country.",
            mend='Add country = "DE" or another code.',
        )
    return Organisation(**_frozen(read_section("organisation", given, source)), **holidays)


def _plain_values(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name, value in given.items():
        if not is_plain(value):
            raise ConfigurationError(
                f"{where}: '{name}' takes a number, a text, true or false, not {value!r}.",
                mend='A check\'s id is quoted, as in [checks."pack/slug"].'
                if isinstance(value, dict)
                else "",
            )
    return dict(given)


def _checks(given: Mapping[str, Any], source: str, section: str) -> dict[str, CheckSettings]:
    return {name: _check(name, value, f"{source}: {section}") for name, value in given.items()}


def _check(name: str, given: Any, where: str) -> CheckSettings:
    if not isinstance(given, dict):
        raise ConfigurationError(
            f"{where}: '{name}' takes a table of settings, not {given!r}.",
            mend='Write it as "pack/slug" = { severity = "minor" }.',
        )
    settings = _plain_values(given, f'{where}."{name}"')
    if "severity" in settings:
        SEVERITY.accept(settings["severity"], f'{where}."{name}".severity')
    return settings


def _overrides(given: Any, source: str) -> tuple[Override, ...]:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise ConfigurationError(
            f"{source}: 'override' is a list of tables.", mend="Write each as [[override]]."
        )
    return tuple(
        _override(item, f"{source}: override {number}") for number, item in enumerate(given, 1)
    )


def _override(given: dict[str, Any], source: str) -> Override:
    values = read_section("override", given, source)
    if not values["when"].strip() or not values["checks"]:
        empty = "checks" if values["when"].strip() else "when"
        raise ConfigurationError(
            f"{source}: {written('override', empty)} is empty.",
            mend=settings_of("override")[empty].meaning,
        )
    checks = _checks(values["checks"], source, "checks")
    return Override(values["when"], Kind(values["on"]), checks, source)

"""The configuration: what the file says, and what is said about a file that is wrong."""

import datetime as dt
import subprocess
import sys

import pytest

from dealreview.engine.config import CONFIG_NAME, Config, load_config
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind

FULL = """
plugins = ["./checks", "more.toml"]
blocked_packs = ["noisy"]
autoload = false

[review]
select = ["pricing", "acme/x"]
ignore = ["hygiene"]
required_checks = ["pricing/value-share"]
as_of = 2025-05-16
coverage_floor = 0.6

[organisation]
time_zone = "Europe/Berlin"
reporting_currency = "CHF"
fiscal_year_start = 4
working_days = ["mon", "tue"]
holidays = { country = "DE", subdivision = "BY" }
holiday_calendar = "works"
extra_holidays = [2025-12-24]
max_feed_lag_days = 5
max_rate_age_days = 0

[facts]
engaged_days = 30

[checks."acme/x"]
severity = "minor"
floor = 0.2

[[override]]
when = "segment = 'small'"
checks = { "acme/x" = { severity = "info", floor = 0.1 } }

[[override]]
when = "is_key"
on = "account"
checks = { "acme/y" = { limit = 3 } }
"""


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a text as a configuration file."""

    def load_text(text):
        path = tmp_path / CONFIG_NAME
        path.write_text(text, encoding="utf-8")
        return load_config(path)

    return load_text


def test_without_a_file_everything_has_its_default():
    """An empty configuration is a usable one."""
    config = load_config(None)
    assert config == Config()
    assert (config.plugins, config.autoload, config.coverage_floor) == ((), True, 0.5)
    assert (config.as_of, config.overrides, config.checks, config.facts) == (None, (), {}, {})
    organisation = config.organisation
    assert (organisation.time_zone, organisation.reporting_currency) == ("UTC", "")
    assert organisation.working_days == ("mon", "tue", "wed", "thu", "fri")
    assert (organisation.max_feed_lag_days, organisation.max_rate_age_days) == (3, 7)
    assert organisation.fiscal_year_start == 1


def test_every_key_is_read(load, tmp_path):
    """Paths count from the file's folder, lists become tuples."""
    config = load(FULL)
    assert config.plugins == (tmp_path / "checks", tmp_path / "more.toml")
    assert (config.blocked_packs, config.autoload) == (("noisy",), False)
    assert (config.select, config.ignore) == (("pricing", "acme/x"), ("hygiene",))
    assert config.required_checks == ("pricing/value-share",)
    assert (config.as_of, config.coverage_floor) == (dt.date(2025, 5, 16), 0.6)
    organisation = config.organisation
    assert (organisation.time_zone, organisation.reporting_currency) == ("Europe/Berlin", "CHF")
    assert (organisation.fiscal_year_start, organisation.working_days) == (4, ("mon", "tue"))
    assert (organisation.country, organisation.subdivision) == ("DE", "BY")
    assert organisation.holiday_calendar == "works"
    assert organisation.extra_holidays == (dt.date(2025, 12, 24),)
    assert (organisation.max_feed_lag_days, organisation.max_rate_age_days) == (5, 0)
    assert config.facts == {"engaged_days": 30}
    assert config.checks == {"acme/x": {"severity": "minor", "floor": 0.2}}


def test_overrides_keep_their_order_and_are_for_deals_unless_they_say_so(load):
    """Later ones win, so the order is part of the meaning."""
    first, second = load(FULL).overrides
    assert (first.when, first.on) == ("segment = 'small'", Kind.DEAL)
    assert first.checks == {"acme/x": {"severity": "info", "floor": 0.1}}
    assert (second.on, second.checks) == (Kind.ACCOUNT, {"acme/y": {"limit": 3}})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a b", "not valid TOML"),
        ("plugin = []", "'plugin' is not a setting. Did you mean 'plugins'"),
        ("[revue]", "'revue' is not a setting. Did you mean 'review'"),
        ("coverage_floor = 1", "It belongs to \\[review\\]"),
        ("[review]\nautoload = true", "It belongs to the top of the file"),
        ("review = 1", "Write it as \\[review\\]"),
        ("override = 1", "Write each as \\[\\[override\\]\\]"),
        ("plugins = 'x'", "'plugins' takes a list of texts"),
        ("plugins = [1]", "'plugins' takes a list of texts"),
        ("autoload = 1", "'autoload' takes true or false"),
        ("[review]\ncoverage_flor = 1", "Did you mean 'coverage_floor'"),
        ("[review]\ncoverage_floor = 2", "out of bounds \\(0 to 1\\)"),
        ("[review]\ncoverage_floor = nan", "takes a number"),
        ("[review]\nas_of = '2025-01-01'", "a date without quotes"),
        ("[review]\nas_of = 2025-01-01T00:00:00", "a date without quotes"),
        ("[organisation]\ntime_zone = 'Europe/Berln'", "Did you mean 'Europe/Berlin'"),
        ("[organisation]\ntime_zone = '../etc/passwd'", "not an IANA time zone"),
        ("[organisation]\ntime_zone = ''", "not an IANA time zone"),
        ("[organisation]\nreporting_currency = 'EURO'", "ISO 4217"),
        ("[organisation]\nworking_days = ['mo']", "Did you mean 'mon'"),
        ("[organisation]\nfiscal_year_start = 13", "out of bounds \\(1 to 12\\)"),
        ("[organisation]\nmax_feed_lag_days = 3.0", "a whole number"),
        ("[organisation]\nmax_feed_lag_days = true", "a whole number"),
        ("[organisation]\nholidays = ['DE']", "Write it as \\[organisation.holidays\\]"),
        ("[organisation.holidays]\nsubdivison = 'BY'", "Did you mean 'subdivision'"),
        ("[organisation.holidays]\nsubdivision = 'BY'", "needs a country"),
        ("[facts]\ndays = [1]", "'days' takes a number, a text, true or false"),
        ("[facts]\ndays = nan", "'days' takes a number, a text, true or false"),
        ("[checks.acme.x]\nfloor = 1", 'quoted, as in \\[checks."pack/slug"\\]'),
        ("[checks]\nfloor = 1", "takes a table of settings"),
        ("[checks.'acme/x']\nseverity = 'majr'", "Did you mean 'major'"),
        ("[checks.'acme/x']\nseverity = 1", "severity takes a text"),
        ("[[override]]\nwhen = 'a'", "override 1: \\[override\\] needs 'checks'"),
        ("[[override]]\nchecks = {}", "needs 'when'"),
        ("[[override]]\nwhen = ' '\nchecks = { x = {} }", "'override.when' is empty"),
        ("[[override]]\nwhen = 'a'\nchecks = {}", "'override.checks' is empty"),
        ("[[override]]\nwhen = 'a'\non = 'deel'\nchecks = { x = {} }", "Did you mean 'deal'"),
        ("[[override]]\nwhen = 'a'\nif = 'b'\nchecks = { x = {} }", "'override.if'"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_hint(load, text, reason):
    """Nothing is ignored: every sentence names the file and the key."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        load(text)
    assert CONFIG_NAME in caught.value.message
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_there_or_not_text_is_an_error(tmp_path):
    """A path that was given must be readable."""
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_config(tmp_path / "none.toml")
    path = tmp_path / CONFIG_NAME
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_config(path)


# --- the hash ------------------------------------------------------------------------------------


def test_the_hash_is_sixteen_hex_digits_and_pinned():
    """Runs of different versions can be compared."""
    assert Config().hash == "b77cd60b099e356a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", "[review]\ncoverage_floor = 0.5"),
        ("[checks.'a/b']\nx = 1", "[checks.'a/b']\nx = 1.0"),
        ("[facts]\na = 1\nb = 2", "[facts]\nb = 2\na = 1"),
        ("[review]\nselect = ['a', 'b']", "[review]\nselect = ['b', 'a', 'a']"),
        ("[review]\nas_of = 2025-01-01", ""),
        ("plugins = ['x']", "blocked_packs = ['y']"),
    ],
)
def test_what_means_the_same_has_the_same_hash(load, one, other):
    """Order, spelling of numbers, the day and the packs are not in it."""
    assert load(one).hash == load(other).hash


@pytest.mark.parametrize(
    "text",
    [
        "[review]\nselect = ['a']",
        "[review]\nignore = ['a']",
        "[review]\nrequired_checks = ['a']",
        "[review]\ncoverage_floor = 0.6",
        "[organisation]\ntime_zone = 'Europe/Berlin'",
        "[organisation]\nextra_holidays = [2025-12-24]",
        "[facts]\na = 1",
        "[checks.'a/b']\nseverity = 'minor'",
        "[[override]]\nwhen = 'a'\nchecks = { 'a/b' = { x = 1 } }",
    ],
)
def test_what_can_change_a_verdict_changes_the_hash(load, text):
    """A run tells that it was made under other settings."""
    assert load(text).hash != Config().hash


def test_the_order_of_overrides_changes_the_hash(load):
    """Later ones win."""
    rules = [f"[[override]]\nwhen = '{name}'\nchecks = {{ x = {{ y = 1 }} }}\n" for name in "ab"]
    assert load("".join(rules)).hash != load("".join(reversed(rules))).hash


# --- the calendar --------------------------------------------------------------------------------


def test_the_calendar_joins_all_sources_of_holidays(load):
    """A country's days, those of the table and further ones are all not worked."""
    calendar = load(FULL).calendar([dt.date(2025, 7, 1)], [2025])
    assert (calendar.time_zone, calendar.fiscal_start) == ("Europe/Berlin", 4)
    assert calendar.working_days == {0, 1}
    expected = {dt.date(2025, 7, 1), dt.date(2025, 12, 24), dt.date(2025, 1, 6)}
    assert expected <= set(calendar.holidays)


def test_without_a_country_only_the_given_days_are_holidays():
    """The default knows no public holidays."""
    assert Config().calendar([dt.date(2025, 7, 1)], [2025]).holidays == (dt.date(2025, 7, 1),)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("country = 'de'", "'de' is not a known country. Did you mean 'DE'"),
        ("country = 'Germany'", "Use an ISO 3166 code"),
        ("country = 'DE'\nsubdivision = 'Augsburgg'", "Did you mean 'Augsburg'"),
        ("country = 'DE'\nsubdivision = 'ZZ'", "There are BB, BE"),
    ],
)
def test_an_unknown_country_or_region_is_refused(load, place, reason):
    """Its holidays can't be guessed."""
    config = load(f"[organisation.holidays]\n{place}")
    with pytest.raises(ConfigurationError, match=reason):
        config.calendar([], [2025])


@pytest.mark.parametrize("module", ["config", "run"])
def test_what_nobody_asks_for_is_not_imported(module: str) -> None:
    """Stored runs, TOML and conditions in SQL are there when they are asked for."""
    others = ("dealreview.store.runs", "dealreview.checks.sql", "tomllib", "polars")
    script = (
        f"import sys, dealreview.engine.{module}; print([m for m in {others} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

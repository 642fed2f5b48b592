"""Providers run in order, get what they declared and give what they promised; else they are named."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from dealreview import Fact, Param, facts
from dealreview.engine.factplan import Setting, needed_providers
from dealreview.engine.facts import Sights, View, compute_facts
from dealreview.engine.feeds import RecordedFeeds
from dealreview.engine.rates import Rates
from dealreview.model.calendar import Calendar
from dealreview.model.outcome import Kind
from tests.plugins.tinyfacts import WORKDAYS, Memory
from tests.support.packs import accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dealreview.engine.facts import FactTables
    from dealreview.engine.registry import Registry

AS_OF = dt.date(2025, 5, 16)
ROWS = {
    "accounts": [{"account_id": f"a{n}"} for n in range(3)],
    "deals": [
        {"deal_id": f"d{n}", "account_id": f"a{n}", "amount_minor": n * 100} for n in range(3)
    ],
    "people": [{"person_id": "p", "role": "rep"}],
}


def computed(
    registry: Registry,
    *names: str,
    kind: str = "deal",
    buckets: int = 1,
    calendar: Calendar = WORKDAYS,
    **params: Any,
) -> FactTables:
    """Return the named facts of a small company; all of the kind when none is named."""
    on = Kind(kind)
    wanted = frozenset((on, name) for name in names or registry.facts[on])
    rates = Memory({}).frame("fx_rates", ["currency", "on_date", "rate"])
    feeds = RecordedFeeds((), frozenset(), AS_OF)
    setting = Setting(AS_OF, calendar, "EUR", feeds, Rates(rates, "EUR"), params)
    sights = Sights.of(Memory(ROWS), setting)  # type: ignore[arg-type]
    (found,) = compute_facts(registry, [View(wanted)], sights, setting, buckets=buckets)
    return found


def provider(give: Callable[[Any], Any], *kinds: str, **options: Any) -> Any:
    """Return a provider of facts ``acme_0``, ``acme_1``… of the kinds, that gives what ``give`` does."""
    columns = [Fact(f"acme_{n}", kind, "A fact.") for n, kind in enumerate(kinds or ("int",))]
    names = options.pop("names", None)
    if names:
        columns = [Fact(name, "int", "A fact.") for name in names]

    def function(inputs: Any) -> Any:
        """Compute."""
        return give(inputs)

    function.__name__ = options.pop("called", "mine")
    return facts(options.pop("on", "deal"), *columns, **options)(function)


@facts("deal", Fact("acme_fine", "int", "Fine."))
def fine(inputs: Any) -> pl.DataFrame:
    """Give a fact that is all right."""
    return inputs.subjects().select("id", acme_fine=7)


def values(found: FactTables, name: str = "acme_0", kind: str = "deal") -> list[Any]:
    """Return a fact of all subjects in order of id."""
    return found.tables[Kind(kind)].column(name).to_list()


def frame(**cells: Any) -> pl.DataFrame:
    """Return a frame with the ids of the deals and the given columns."""
    return pl.DataFrame({"id": ["d0", "d1", "d2"], **cells})


# --- what is given -------------------------------------------------------------------------------


def test_facts_are_joined_to_every_subject() -> None:
    """A subject that a provider leaves out is unknown, an id that is no subject is dropped."""
    give = pl.DataFrame({"id": ["d2", "zz", "d0"], "acme_0": [2, 9, 0]})
    found = computed(accepted(provider(lambda _i: give)))
    assert found.tables[Kind.DEAL].column("id").to_list() == ["d0", "d1", "d2"]
    assert values(found) == [0, None, 2]


def test_a_lazy_frame() -> None:
    """A provider may return a lazy frame."""
    found = computed(accepted(provider(lambda _i: frame(acme_0=[1, 2, 3]).lazy())))
    assert values(found) == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "cells", "wanted"),
    [
        ("real", [math.nan, math.inf, -math.inf], [None, None, None]),
        ("real", [0.1 + 0.2, 1 / 3, 1e15 + 3], [0.3, 0.333333333, 1e15]),
        ("real", [1, 2, 3], [1.0, 2.0, 3.0]),
        ("int", [None, None, None], [None, None, None]),
        ("money", pl.Series([1, 2, 3], dtype=pl.Int8), [1, 2, 3]),
        ("real", pl.Series([0.5, 1.5, 2.5], dtype=pl.Float32), [0.5, 1.5, 2.5]),
        ("set", [["b", "a", "b"], [], None], [["a", "b"], [], None]),
        ("set", [["b", None], [None], ["a"]], [["b"], [], ["a"]]),
    ],
)
def test_values_are_made_alike(kind: str, cells: Any, wanted: list[Any]) -> None:
    """NaN and infinity are unknown, reals keep nine digits, sets are sorted, narrow numbers widen."""
    found = computed(accepted(provider(lambda _i: frame(acme_0=cells), kind)))
    assert found.broken == {}
    assert values(found) == wanted


@pytest.mark.parametrize("working", [(), (0,), (0, 1, 2, 3, 4), (5, 6), (0, 1, 2, 3, 4, 5, 6)])
def test_business_days_over_columns_are_those_of_the_calendar(working: tuple[int, ...]) -> None:
    """The configured weekend and the holidays count; a later first day gives 0, an unknown one nothing."""
    calendar = Calendar(working_days=frozenset(working), holidays=[dt.date(2025, 5, 1)])
    first = [dt.date(2025, 4, 20) + dt.timedelta(days=n) for n in range(30)]
    pairs = pl.DataFrame({"after": [*first, None], "to": dt.date(2025, 5, 9)})
    seen = {}

    def give(inputs: Any) -> pl.DataFrame:
        found = pairs.select(n=inputs.business_days(pl.col("after"), pl.col("to")))
        seen["counts"] = found["n"].to_list()
        return frame(acme_0=[0, 0, 0])

    assert values(computed(accepted(provider(give)), calendar=calendar)) == [0, 0, 0]
    counted = [calendar.business_days(day, dt.date(2025, 5, 9)) for day in first]
    assert seen["counts"] == [*counted, None]


def test_inputs() -> None:
    """A provider gets the date, its parameters, its columns and the facts that it declared."""
    got: dict[str, Any] = {}

    def give(inputs: Any) -> pl.DataFrame:
        got.update(
            as_of=inputs.as_of,
            params=dict(inputs.params),
            table=inputs.table("deals").columns,
            facts=inputs.facts().columns,
            subjects=inputs.subjects().columns,
            currency=inputs.currency,
        )
        return inputs.facts().select("id", acme_0="acme_fine")

    days = {"days": (3, Param("Days"))}
    mine = provider(give, reads={"deals": ["amount_minor"]}, uses=["acme_fine"], params=days)
    found = computed(accepted(mine, fine), "acme_0", days=5, others=9)
    assert values(found) == [7, 7, 7]
    assert got == {
        "as_of": AS_OF,
        "params": {"days": 5},
        "table": ["amount_minor"],
        "facts": ["id", "acme_fine"],
        "subjects": ["id", "day"],
        "currency": "EUR",
    }


# --- what goes wrong -----------------------------------------------------------------------------


def raising(error: BaseException) -> Callable[[Any], Any]:
    """Return a function that raises."""

    def give(_inputs: Any) -> Any:
        raise error

    return give


BROKEN: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "an exception": (raising(ValueError("no luck")), "int", "ValueError: no luck"),
    "an exit": (raising(SystemExit(3)), "int", "SystemExit: 3"),
    "a panic": (raising(pl.exceptions.PanicException("ouch")), "int", "PanicException: ouch"),
    "nothing": (lambda _i: None, "int", "returned NoneType, not a data frame"),
    "a list": (lambda _i: [1, 2], "int", "returned list, not a data frame"),
    "a column too many": (
        lambda _i: frame(acme_0=1, b=2),
        "int",
        "other columns than it declared: b",
    ),
    "a column too few": (lambda _i: frame(), "int", "declared: acme_0"),
    "no id": (lambda _i: pl.DataFrame({"acme_0": [1]}), "int", "declared: id"),
    "a text for a number": (
        lambda _i: frame(acme_0="1"),
        "int",
        "'acme_0' as String, not Int64 (int)",
    ),
    "a real for money": (lambda _i: frame(acme_0=1.5), "money", "as Float64, not Int64 (money)"),
    "a number for a flag": (lambda _i: frame(acme_0=1), "bool", "as Int32, not Boolean"),
    "a flag for a number": (lambda _i: frame(acme_0=True), "int", "as Boolean, not Int64"),
    "a time for a day": (lambda _i: frame(acme_0=dt.datetime(2025, 1, 1)), "date", "not Date"),
    "a text for a set": (lambda _i: frame(acme_0="x"), "set", "as String, not List(String)"),
    "an id twice": (
        lambda _i: pl.DataFrame({"id": ["d0", "d0"], "acme_0": [1, 1]}),
        "int",
        "ids that are not texts, are empty or stand twice",
    ),
    "an empty id": (
        lambda _i: pl.DataFrame({"id": ["d0", None], "acme_0": [1, 1]}),
        "int",
        "ids that are not texts",
    ),
    "ids that are numbers": (
        lambda _i: pl.DataFrame({"id": [1], "acme_0": [1]}),
        "int",
        "not texts",
    ),
    "a number too large": (
        lambda _i: frame(acme_0=pl.Series([2**64 - 1] * 3, dtype=pl.UInt64)),
        "int",
        "InvalidOperationError",
    ),
    "a lazy frame that fails": (
        lambda _i: frame().lazy().select("id", acme_0=pl.col("nope")),
        "int",
        "ColumnNotFoundError",
    ),
    "a table that was not declared": (lambda i: i.table("deals"), "int", "Add it to reads."),
    "facts that were not declared": (lambda i: i.facts(), "int", "Add them to uses."),
    "facts of another kind": (lambda i: i.facts("account"), "int", "Add them to uses."),
    "facts of no kind": (lambda i: i.facts("dael"), "int", "ValueError"),
    "a parameter that was not declared": (lambda i: i.params["days"], "int", "KeyError"),
}


@pytest.mark.parametrize("buckets", [1, 2])
@pytest.mark.parametrize("case", BROKEN)
def test_a_provider_that_fails(case: str, buckets: int) -> None:
    """Its facts are unknown and named as broken with the cause; every other fact is there."""
    give, kind, cause = BROKEN[case]
    found = computed(accepted(fine, provider(give, kind)), buckets=buckets)
    assert set(found.broken) == {(Kind.DEAL, "acme_0")}
    problem = found.broken[Kind.DEAL, "acme_0"]
    assert problem.where == "facts of acme/mine"
    assert cause in problem.cause
    assert problem.kind == "fact"
    assert values(found) == [None] * 3
    assert values(found, "acme_fine") == [7] * 3


def test_an_interruption_ends_the_run() -> None:
    """Ctrl-C inside a provider is not a broken fact."""
    with pytest.raises(KeyboardInterrupt):
        computed(accepted(provider(raising(KeyboardInterrupt()))))


def test_what_uses_a_broken_fact() -> None:
    """A fact over a broken one is broken for the same reason, and its provider is not even called."""
    called: list[int] = []
    second = provider(
        lambda _i: called.append(1), names=["acme_next"], called="second", uses=["acme_0"]
    )
    found = computed(accepted(provider(raising(ValueError("no luck"))), second), "acme_next")
    assert found.broken[Kind.DEAL, "acme_next"] is found.broken[Kind.DEAL, "acme_0"]
    assert called == []


def test_a_provider_that_fails_in_one_bucket_only() -> None:
    """The fact is broken as a whole: some subjects would otherwise look as if they had no value."""

    def give(inputs: Any) -> pl.DataFrame:
        if "d1" in inputs.subjects()["id"]:
            raise ValueError("not this one")
        return inputs.subjects().select("id", acme_0=1)

    found = computed(accepted(provider(give)), buckets=3)
    assert set(found.broken) == {(Kind.DEAL, "acme_0")}


# --- what is computed ----------------------------------------------------------------------------


def test_only_what_is_needed_runs() -> None:
    """Providers of wanted facts and of those they use run, no other, each once."""
    ran: list[str] = []

    def noting(name: str, **options: Any) -> Any:
        def give(inputs: Any) -> pl.DataFrame:
            ran.append(name)
            return inputs.subjects().select("id", pl.lit(1).alias(f"acme_{name}"))

        return provider(give, names=[f"acme_{name}"], called=name, **options)

    registry = accepted(
        noting("top", uses=["acme_left", "acme_right"]),
        noting("left", uses=["acme_base"]),
        noting("right", uses=["acme_base"]),
        noting("base"),
        noting("other"),
    )
    computed(registry, "acme_top")
    assert ran == ["base", "left", "right", "top"]
    wanted = frozenset({(Kind.DEAL, "acme_left")})
    assert [p.name for p in needed_providers(registry, wanted)] == ["acme/base", "acme/left"]


def test_organisation_facts_see_everybody() -> None:
    """A local fact sees its bucket, an organisation fact all subjects and the facts of other kinds."""
    counting = provider(
        lambda i: i.subjects().select("id", acme_0=pl.len().cast(pl.Int64)),
    )
    everybody = provider(
        lambda i: i.subjects().select("id", acme_all=i.facts("deal").height),
        names=["acme_all"],
        called="everybody",
        on="rep",
        step="organisation",
        uses=["deal.acme_0"],
    )
    registry = accepted(counting, everybody)
    found = computed(registry, "acme_all", kind="rep", buckets=50)
    assert values(found, "acme_all", "rep") == [3]
    assert set(values(found)) == {1}


def test_facts_of_another_kind() -> None:
    """A deal's fact may use one of its account, which is computed before it."""
    own = provider(lambda i: i.subjects().select("id", acme_0=5), on="account", called="own")

    def give(inputs: Any) -> pl.DataFrame:
        deals = inputs.table("deals").rename({"deal_id": "id"})
        of_accounts = inputs.facts("account").rename({"id": "account_id"})
        joined = deals.join(of_accounts, on="account_id", how="left")
        return joined.select("id", acme_double=2 * pl.col("acme_0"))

    reads: Mapping[str, list[str]] = {"deals": ["deal_id", "account_id"]}
    mine = provider(give, names=["acme_double"], uses=["account.acme_0"], reads=reads)
    for buckets in (1, 2):
        found = computed(accepted(own, mine), "acme_double", buckets=buckets)
        assert values(found, "acme_double") == [10, 10, 10]


# --- what several providers share ----------------------------------------------------------------


def counted(times: list[int]) -> Callable[[Any], pl.DataFrame]:
    """Return a function to share, which notes how many deals it was given."""

    def amounts(inputs: Any) -> pl.DataFrame:
        found: pl.DataFrame = inputs.table("deals")
        times.append(found.height)
        return found.select(pl.col("deal_id").alias("id"), acme="amount_minor")

    return amounts


def sharing(make: Callable[[Any], pl.DataFrame], name: str, **options: Any) -> Any:
    """Return a provider of one fact that it takes from what is shared."""

    def give(inputs: Any) -> pl.DataFrame:
        found: pl.DataFrame = inputs.shared(make, reads={"deals": ("deal_id", "amount_minor")})
        return found.rename({"acme": name})

    reads = options.pop("reads", {"deals": ("deal_id", "amount_minor", "name")})
    return provider(give, names=[name], called=name, reads=reads, **options)


@pytest.mark.parametrize(("buckets", "made"), [(1, 1), (2, 2)])
def test_what_is_shared_is_made_once_for_the_same_rows(buckets: int, made: int) -> None:
    """Two providers get the same; each bucket makes its own."""
    times: list[int] = []
    make = counted(times)
    registry = accepted(sharing(make, "acme_one"), sharing(make, "acme_two"))
    found = computed(registry, buckets=buckets)
    assert values(found, "acme_one") == values(found, "acme_two") == [0, 100, 200]
    assert (len(times), sum(times)) == (made, 3)


def test_what_is_shared_reads_no_more_than_its_provider() -> None:
    """Whoever shares what needs a column must have declared the column, even if others did."""
    make = counted([])
    lazy = sharing(make, "acme_two", reads={"deals": ("deal_id",)})
    found = computed(accepted(sharing(make, "acme_one"), lazy))
    assert values(found, "acme_one") == [0, 100, 200]
    assert "shares 'amounts', which needs deals" in str(found.broken[Kind.DEAL, "acme_two"])


def test_what_is_shared_uses_no_more_than_its_provider() -> None:
    """The same holds for facts."""

    def give(inputs: Any) -> Any:
        return inputs.shared(lambda part: part.facts(), uses=("acme_fine",))

    found = computed(accepted(fine, provider(give)))
    assert "which needs acme_fine" in str(found.broken[Kind.DEAL, "acme_0"])


def test_what_is_shared_sees_what_it_declares() -> None:
    """Nothing else of what the provider may read is seen by what it shares."""

    def give(inputs: Any) -> Any:
        return inputs.shared(lambda part: part.table("deals"), reads={"people": ("person_id",)})

    reads = {"deals": ("deal_id",), "people": ("person_id",)}
    found = computed(accepted(provider(give, reads=reads)))
    assert "reads 'deals' without saying so" in str(found.broken[Kind.DEAL, "acme_0"])

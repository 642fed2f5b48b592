"""Which providers run, in which order, and the facts that each of them gives."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import evolve, field, frozen

from dealreview.engine.days import CountsDays
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.registry import Problem, Registry
from dealreview.engine.sets import as_sets
from dealreview.engine.validation import used_fact
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    import polars as pl

    from dealreview.checks.facts import Fact, Provider
    from dealreview.engine.buckets import Bucket
    from dealreview.engine.feeds import RecordedFeeds
    from dealreview.engine.rates import Rates
    from dealreview.model.calendar import Calendar

Wanted = frozenset[tuple[Kind, str]]
Made = TypeVar("Made")


@frozen
class Setting:
    """What every provider of a run shares.

    Attributes:
        as_of: The review's date.
        calendar: Working days, weeks, quarters.
        currency: Reporting currency.
        feeds: What is recorded.
        rates: Exchange rates.
        params: Effective fact parameters by name.
    """

    as_of: dt.date
    calendar: Calendar
    currency: str
    feeds: RecordedFeeds
    rates: Rates
    params: Mapping[str, Any] = field(factory=dict)


class UndeclaredError(LookupError):
    """A provider that reads what it did not declare, or returns what it did not promise."""


@frozen
class ProviderInputs(CountsDays):
    """What one provider gets; see :class:`dealreview.Inputs`."""

    provider: Provider
    source: Bucket
    frames: Mapping[Kind, pl.DataFrame]
    setting: Setting
    kept: dict[Any, Any] = field(factory=dict)

    @property
    def as_of(self) -> dt.date:
        """The review's date."""
        return self.setting.as_of

    @property
    def calendar(self) -> Calendar:
        """Working days, weeks and quarters."""
        return self.setting.calendar

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return self.setting.currency

    @property
    def feeds(self) -> RecordedFeeds:
        """What is recorded."""
        return self.setting.feeds

    @property
    def params(self) -> Mapping[str, Any]:
        """The effective fact parameters that the provider declared."""
        return {p.name: self.setting.params[p.name] for p in self.provider.parameters}

    def table(self, name: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return the declared columns of a table, of all rows or of some."""
        if name not in self.provider.reads:
            raise UndeclaredError(
                f"{self.provider.name} reads '{name}' without saying so. Add it to reads."
            )
        seen, columns = self.source.seen_by(self.provider), self.provider.reads[name]
        if where is None:
            return seen.frame(name, columns)
        if lacks := {*where.meta.root_names()} - {*columns}:
            raise UndeclaredError(
                f"{self.provider.name} reads {', '.join(sorted(lacks))} of '{name}' without saying so. "
                "Add it to reads."
            )
        return seen.rows(name, columns, where)

    def subjects(self) -> pl.DataFrame:
        """Return the subjects: ``id`` and ``day``."""
        return self.frames[self.provider.on][["id", "day"]]

    def facts(self, kind: str = "") -> pl.DataFrame:
        """Return ``id`` and the declared facts of a kind."""
        wanted = Kind(kind) if kind else self.provider.on
        used = [used_fact(name, self.provider.on) for name in self.provider.uses]
        names = [name for on, name in used if on is wanted]
        if not names:
            raise UndeclaredError(
                f"{self.provider.name} uses no facts of {wanted}. Add them to uses."
            )
        return self.frames[wanted][["id", *names]]

    def shared(
        self,
        make: Callable[[Any], Made],
        *,
        reads: Mapping[str, Iterable[str]] | None = None,
        uses: Iterable[str] = (),
    ) -> Made:
        """Return what ``make`` gives, made once for all providers of a kind over the same rows."""
        inputs = self._narrowed(make.__name__, reads or {}, tuple(uses))
        key = (make, self.provider.on, self.provider.after_close)
        if key not in self.kept:
            self.kept[key] = make(inputs)
        return cast("Made", self.kept[key])

    def _narrowed(
        self, name: str, reads: Mapping[str, Iterable[str]], uses: tuple[str, ...]
    ) -> ProviderInputs:
        """Return inputs that read no more than they declare, all of which the provider declared too."""
        own = self.provider
        part = evolve(
            own,
            reads={table: tuple(names) for table, names in reads.items()},
            uses=uses,
            parameters=(),
        )
        lacks = [t for t, names in part.reads.items() if not {*names} <= {*own.reads.get(t, ())}]
        declared = {used_fact(fact, own.on) for fact in own.uses}
        lacks += [fact for fact in uses if used_fact(fact, own.on) not in declared]
        if lacks:
            raise UndeclaredError(
                f"{own.name} shares '{name}', which needs {', '.join(lacks)}. Add it to reads or uses."
            )
        return evolve(self, provider=part)

    def to_reporting(
        self, frame: pl.DataFrame, amount: str, currency: str, on: str | pl.Expr
    ) -> pl.Series:
        """Return an amount column in reporting currency minor units; unknown without a rate near the day."""
        return self.setting.rates.convert(frame, amount, currency, on)


def needed_providers(registry: Registry, wanted: Wanted) -> list[Provider]:
    """Return the providers of the wanted facts and of those they use, each after those it uses."""
    needed: set[str] = set()
    queue = list(wanted)
    while queue:
        provider = registry.provider_of(*queue.pop())
        if provider.name not in needed:
            needed.add(provider.name)
            queue += [used_fact(name, provider.on) for name in provider.uses]
    return [provider for provider in registry.providers if provider.name in needed]


def local_providers(registry: Registry, wanted: Wanted) -> list[Provider]:
    """Return the providers of the wanted facts that need the rows of some accounts only."""
    return [p for p in needed_providers(registry, wanted) if p.step == "local"]


def add_facts(
    provider: Provider,
    source: Bucket,
    frames: dict[Kind, pl.DataFrame],
    setting: Setting,
    broken: dict[tuple[Kind, str], Problem],
    kept: dict[Any, Any],
) -> None:
    """Run a provider and join its facts; if it raises, its facts are unknown and named as broken."""
    import polars as pl

    base = frames[provider.on]
    cause = next(
        (broken[key] for name in provider.uses if (key := used_fact(name, provider.on)) in broken),
        None,
    )
    if cause is None:
        inputs = ProviderInputs(provider, source, frames, setting, kept)
        found = attempt(_provided, provider, inputs)
        if not isinstance(found, Raised):
            frames[provider.on] = _joined(base, found)
            return
        cause = Problem(f"facts of {provider.name}", str(found), kind="fact")
    empty = [pl.lit(None, dtype=dtype_of(fact)).alias(fact.name) for fact in provider.facts]
    frames[provider.on] = base.with_columns(empty)
    broken.update({(provider.on, fact.name): cause for fact in provider.facts})


def _provided(provider: Provider, inputs: ProviderInputs) -> pl.DataFrame:
    """Return what a provider computes if it is what the provider promised.

    Raises:
        UndeclaredError: Other columns, wrong types or an id twice.
    """
    import polars as pl

    given: object = provider.function(inputs)
    if isinstance(given, pl.LazyFrame):
        given = given.collect()
    if not isinstance(given, pl.DataFrame):
        raise UndeclaredError(f"returned {type(given).__name__}, not a data frame.")
    names = {"id", *(fact.name for fact in provider.facts)}
    if set(given.columns) != names:
        wrong = sorted(set(given.columns) ^ names)
        raise UndeclaredError(f"returned other columns than it declared: {', '.join(wrong)}.")
    ids = given["id"]
    # Whoever starts from the subjects returns their ids, each once; only others need a closer look.
    asked = inputs.frames[provider.on]["id"]
    if not _same(ids, asked) and (
        ids.dtype != pl.String or ids.has_nulls() or ids.is_duplicated().any()
    ):
        raise UndeclaredError("returned ids that are not texts, are empty or stand twice.")
    schema = given.schema
    if all(_is_fit(fact, schema[fact.name]) for fact in provider.facts):
        return given[["id", *(fact.name for fact in provider.facts)]]
    return given.select("id", *(_column(fact, schema[fact.name]) for fact in provider.facts))


def _is_fit(fact: Fact, found: pl.DataType) -> bool:
    """Whether a column can be taken as it is: reals are rounded, and sets looked through."""
    return bool(found == dtype_of(fact)) and fact.type not in {"real", "set"}


def _column(fact: Fact, found: pl.DataType) -> pl.Expr:
    """Return a fact's column in its type; NaN and infinity are unknown, reals have 9 significant digits."""
    import polars as pl

    wanted = dtype_of(fact)
    column = pl.col(fact.name)
    if found == pl.Null or (found.is_integer() and wanted in (pl.Int64, pl.Float64)):
        column = column.cast(wanted)
    elif found.is_float() and wanted == pl.Float64:
        column = column.cast(pl.Float64)
    elif found != wanted:
        raise UndeclaredError(f"returned '{fact.name}' as {found}, not {wanted} ({fact.type}).")
    if wanted == pl.Float64:
        column = pl.when(column.is_finite()).then(column.round_sig_figs(9))
    if wanted == pl.List(pl.String):
        column = column.map_batches(as_sets, return_dtype=wanted)
    return column.alias(fact.name)


def dtype_of(fact: Fact) -> Any:
    """Return the column type of a fact."""
    return _dtypes()[fact.type]


@cache
def _dtypes() -> Mapping[str, Any]:
    import polars as pl

    return {
        "bool": pl.Boolean,
        "int": pl.Int64,
        "money": pl.Int64,
        "real": pl.Float64,
        "date": pl.Date,
        "enum": pl.String,
        "text": pl.String,
        "set": pl.List(pl.String),
    }


def _joined(base: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    if not _same(given["id"], base["id"]):
        # Joined by ids alone, so that the facts that are there are not copied for each provider.
        ids = base.select("id")
        given = ids.join(given, on="id", how="left", validate="m:1", maintain_order="left")
    return base.hstack(given.get_columns()[1:])


def _same(one: pl.Series, other: pl.Series) -> bool:
    return one.equals(other, check_dtypes=True, null_equal=False)

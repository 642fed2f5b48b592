"""Facts: typed, documented values of subjects, and the providers that compute them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from attrs import field, frozen

from dealreview.checks.parameters import Param, Parameter
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from dealreview.model.calendar import Calendar

Made = TypeVar("Made")
FACT_TYPES = ("bool", "int", "real", "money", "date", "enum", "text", "set")
STEPS = ("local", "organisation")


def _groups(given: Iterable[str | Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((group,) if isinstance(group, str) else tuple(group) for group in given)


@frozen
class Fact:
    """A typed, documented value of a kind of subject.

    Attributes:
        name: Lower case with underscores; a third-party fact starts with its pack's name and ``_``.
        type: One of :data:`FACT_TYPES`; ``money`` is an integer in minor units.
        description: One sentence; says what makes it unknown.
        unit: ``days``, ``share``, ``people``, ``hours``, ``deal currency``, ``reporting currency``…
        requires: What must be recorded for it, as groups of ``table`` or ``table.column``: every
            group is needed, of each group any one member. A check over a fact whose requirement
            has no feed at all is not reviewed. ``deal_changes.owner_id`` means the history of that
            attribute of deals, ``activities.planned`` activities that lie ahead.
        origin: What to record when the fact is unknown, ``table.column`` or ``table``, for
            ``missing``. A fact of the same type as that column of the subject's own table is the
            cell itself, and evidence cites it.
    """

    name: str
    type: str = field()
    description: str
    unit: str = ""
    requires: tuple[tuple[str, ...], ...] = field(default=(), converter=_groups)
    origin: str = ""

    @type.validator  # noqa: A003 - the attribute above, not the builtin
    def _known(self, _attribute: Any, kind: str) -> None:
        if kind not in FACT_TYPES:
            raise ValueError(
                f"fact '{self.name}': type is one of {', '.join(FACT_TYPES)}, not '{kind}'"
            )


class Feeds(Protocol):
    """Which tables are recorded, for which days."""

    def is_recorded(self, name: str) -> bool:
        """Whether ``table`` or ``table.column`` is recorded at all."""

    def covers(self, table: str, first: pl.Expr | dt.date, last: pl.Expr | dt.date) -> pl.Expr:
        """Return whether every day from ``first`` to ``last`` is recorded."""

    def reaches(self, table: str, first: pl.Expr | dt.date, day: pl.Expr | dt.date) -> pl.Expr:
        """Return whether it is recorded from ``first`` to ``day``, or to at most 14 days before it."""

    def clock(self, table: str, day: pl.Expr | dt.date) -> pl.Expr:
        """Return the day at which clocks are read: ``day``, or the end of a feed that ended earlier."""

    def last_day(self, table: str) -> dt.date | None:
        """The last recorded day, None when nothing is recorded."""


class Inputs(Protocol):
    """What a provider gets: tables and facts as frames, the date, the feeds, its parameters.

    Attributes:
        as_of: The review's date.
        calendar: Business days and holidays.
        currency: The reporting currency.
        feeds: Which tables are recorded, for which days.
        params: The declared fact parameters by name.
    """

    as_of: dt.date
    calendar: Calendar
    currency: str
    feeds: Feeds
    params: Mapping[str, Any]

    def table(self, name: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return the declared columns of a table, rows dated after the day that counts left out.

        Args:
            name: The table.
            where: Which rows are wanted, by declared columns of the row alone; None means all. Facts of the
                organisation have a snapshot in buckets looked through bucket by bucket.
        """

    def subjects(self) -> pl.DataFrame:
        """Return the subjects: ``id`` and ``day``, the day as of which each is judged."""

    def facts(self, kind: str = "") -> pl.DataFrame:
        """Return ``id`` and the facts of a kind that the provider declared under ``uses``.

        Those of the provider's own kind stand in the order of :meth:`subjects`.
        """

    def shared(
        self,
        make: Callable[[Inputs], Made],
        *,
        reads: Mapping[str, Iterable[str]] | None = None,
        uses: Iterable[str] = (),
    ) -> Made:
        """Return what ``make`` gives; several providers of a kind that ask for it have it made once.

        Args:
            make: A function of the module. It gets inputs that see what it reads and uses, no parameters.
            reads: Table columns that it needs, by table; those of the provider, or fewer.
            uses: Facts that it needs; those of the provider, or fewer.
        """

    def local_day(self, instant: pl.Expr) -> pl.Expr:
        """Return the day of an instant in the configured time zone."""

    def business_days(self, after: pl.Expr, to: pl.Expr) -> pl.Expr:
        """Return the number of business days x with ``after < x <= to``; 0 when ``to`` is not later."""

    def to_reporting(
        self, frame: pl.DataFrame, amount: str, currency: str, on: str | pl.Expr
    ) -> pl.Series:
        """Return amounts in minor units of the reporting currency; unknown without a near rate."""


Frame = TypeVar("Frame", bound="pl.DataFrame | pl.LazyFrame")
Provide = Callable[["Inputs"], Frame]


@frozen
class Provider:
    """A function that computes facts of one kind of subject.

    Attributes:
        name: ``pack/function``.
        on: Kind of subject.
        step: ``local`` (rows of one account only) or ``organisation``.
        facts: What it returns, beside ``id``.
        reads: Columns by table.
        uses: Facts it needs: ``name`` of its own kind or ``kind.name``.
        parameters: Fact parameters, one value a run.
        function: Takes :class:`Inputs`, returns a frame with ``id`` and the declared facts.
        after_close: Whether the tables of a local provider go on after a deal has closed.
    """

    name: str
    on: Kind
    step: str
    facts: tuple[Fact, ...]
    reads: Mapping[str, tuple[str, ...]]
    uses: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    function: Callable[[Any], pl.DataFrame | pl.LazyFrame]
    after_close: bool = False


def facts(
    on: Kind | Literal["deal", "account", "rep", "team", "pipeline"],
    *columns: Fact,
    step: Literal["local", "organisation"] = "local",
    reads: Mapping[str, Iterable[str]] | None = None,
    uses: Iterable[str] = (),
    params: Mapping[str, tuple[Any, Param]] | None = None,
    after_close: bool = False,
) -> Callable[[Provide[Frame]], Provide[Frame]]:
    """Declare the facts that the decorated function computes.

    Args:
        on: Kind of subject: ``deal``, ``account``, ``rep``, ``team`` or ``pipeline``.
        *columns: The facts.
        step: ``local`` facts (deals and accounts) see the rows of a bucket of accounts;
            ``organisation`` facts see people, time and settings, and local facts of everybody.
        reads: Table columns that it needs, by table.
        uses: Other facts that it needs.
        params: Fact parameters: name to default and :class:`Param`.
        after_close: Local facts of accounts whose tables hold what happened on a deal after it closed,
            up to the review's date; those of organisation facts always do.

    Raises:
        ValueError: An unknown kind or step, a local fact of reps, teams or the pipeline, or
            ``after_close`` of other facts than local ones of accounts.
    """
    kind = Kind(on)
    if step not in STEPS:
        raise ValueError(f"a fact's step is one of {', '.join(STEPS)}, not '{step}'")
    if step == "local" and kind not in (Kind.DEAL, Kind.ACCOUNT):
        raise ValueError(f"facts of a {kind} are organisation facts: add step='organisation'")
    if after_close and (step, kind) != ("local", Kind.ACCOUNT):
        raise ValueError("after_close is for local facts of accounts: leave it out")

    def decorate(function: Provide[Frame]) -> Provide[Frame]:
        given = params or {}
        function.__dealreview_provider__ = Provider(  # type: ignore[attr-defined]
            name=function.__name__,
            on=kind,
            step=step,
            facts=columns,
            reads={table: tuple(names) for table, names in (reads or {}).items()},
            uses=tuple(uses),
            parameters=tuple(
                Parameter(name, type(default), default, info)
                for name, (default, info) in given.items()
            ),
            function=function,
            after_close=after_close,
        )
        return function

    return decorate

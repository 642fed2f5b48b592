"""Tables as they stood: what a subject could know on the day as of which it is judged.

Rows dated later are not there (planned activities excepted), what happened later is empty, deal
attributes are taken back through ``deal_changes``, and a closed deal sees nothing after its closing
day. Providers read tables through this room only, so that none can forget it. Organisation facts read
them as of the review's date: the hours of a rep go on when a deal is closed.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from dealreview.store.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from dealreview.model.table import Table
    from dealreview.store.tables import Tables

HISTORY_FIELDS = (
    "stage_id",
    "amount_minor",
    "currency",
    "expected_close_on",
    "owner_id",
    "forecast_category",
)
"""Deal attributes whose history ``deal_changes`` keeps."""

SEALED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "accounts": {"key_since_on": ("is_key",), "key_reviewed_on": ("key_review_kept",)},
    "contacts": {"left_on": ()},
    "people": {"left_on": ()},
    "deals": {
        "closed_on": ("loss_reason", "loss_contact_id"),
        "signed_on": (),
        "first_quote_on": ("first_quote_minor",),
    },
    "value_items": {"confirmed_on": ("confirmed_by_contact_id",), "rejected_on": ()},
    "stakeholders": {"stance_on": ("stance",), "recommends_on": ("recommends",)},
    "commitments": {"done_on": ("status",)},
    "delivery_dates": {"actual_on": ()},
    "incidents": {"resolved_on": ()},
    "approvals": {
        "decided_on": (
            "decision",
            "valid_until",
            "discount_ratio",
            "contribution_ratio",
            "payment_terms_days",
        )
    },
}
"""Cells that became true on a day of their own: column of the day, and the columns that go with it."""

_PLANNED = "planned"

_OF_EVERY_DEAL = ("deal_id", "name", "account_id", "created_on", "closed_on", *HISTORY_FIELDS)
"""Columns of deals that every review asks for sooner or later."""


@frozen(slots=False)
class VisibleTables:
    """The tables of a database as of a date.

    Attributes:
        tables: The tables as they are stored.
        as_of: The day at whose end the review stands.
        time_zone: IANA zone in which a day ends.
        frozen_closed: Whether closed deals are seen as of their closing day.
    """

    tables: Tables
    as_of: dt.date
    time_zone: str
    frozen_closed: bool = True
    _visible: dict[str, pl.DataFrame] = field(factory=dict, init=False)
    _expected: dict[str, set[str]] = field(factory=dict, init=False)

    def schema(self, name: str) -> Table:
        """Return a table of dealreview or of a pack."""
        return TABLES[name] if name in TABLES else self.tables.schema(name)

    def expect(self, reads: Iterable[Mapping[str, Iterable[str]]]) -> None:
        """Take note of the columns that will be asked for, so that each table is looked through once."""
        for columns_by_table in reads:
            for name, columns in columns_by_table.items():
                self._expected.setdefault(name, set()).update(columns)

    def look_ahead(self) -> None:
        """Look through those tables of which everything that is expected lies apart."""
        for name, columns in self._expected.items():
            if self.tables.lies_apart(name, columns):
                self.frame(name, sorted(columns))

    def frame(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns of a table, as the day of each row's deal (or the review's day) sees them."""
        seen = self._visible.get(name)
        if seen is None or not set(columns) <= set(seen.columns):
            wanted = {
                *columns,
                *self._expected.get(name, ()),
                *self.tables.marks(name),
                *(seen.columns if seen is not None else ()),
            }
            seen = self._visible[name] = self._make(name, sorted(wanted))
        return seen[list(columns)]

    def _make(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns of a table that has not been looked through yet."""
        return self._deals(name, columns) if name == "deals" else self._frame(name, columns)

    def _frame(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        table = self.schema(name)
        owner = {"deal": "deal_id", "activity": "activity_id"}.get(table.owner)
        # Where no deal is frozen the day is the same for all rows.
        if owner is None or not self.frozen_closed:
            return self._shared(name, columns)
        frame = self._read(name, [*columns, owner])
        if self._all_is_seen(name, frame):
            return frame[list(columns)]
        days = self._days_of_activities if owner == "activity_id" else self._days_of_deals
        return self._seen(name, frame.with_columns(days(frame[owner]))).select(*columns)

    def _all_is_seen(self, name: str, frame: pl.DataFrame) -> bool:
        """Whether no row or cell of a table has a day before which it is not seen."""
        days = {"gone_on", self.schema(name).dated_by, *SEALED.get(name, ())}
        return not any(frame[day].count() for day in days & set(frame.columns))

    def _shared(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        import polars as pl

        frame = self._read(name, columns)
        if self._all_has_happened(name, frame):
            return frame[list(columns)]
        frame = frame.with_columns(pl.lit(self.as_of, dtype=pl.Date).alias("_day"))
        return self._seen(name, frame).select(*columns)

    def _all_has_happened(self, name: str, frame: pl.DataFrame) -> bool:
        """Whether nothing in a table has a later day than the review's, and no row is gone."""
        if "gone_on" in frame.columns and frame["gone_on"].count():
            return False
        days = {self.schema(name).dated_by, *SEALED.get(name, ())}
        return all(self._is_past(frame[day]) for day in days & set(frame.columns))

    def _is_past(self, days: pl.Series) -> bool:
        """Whether no date is later than the review's, and no instant is in any time zone."""
        latest: Any = days.max()
        if isinstance(latest, dt.datetime):
            return latest.date() < self.as_of
        return latest is None or latest <= self.as_of

    def _read(self, name: str, columns: Iterable[str]) -> pl.DataFrame:
        """Read the columns with those that decide what is seen of them."""
        table = self.schema(name)
        known = set(table.names)
        sealed = SEALED.get(name, {})
        extra = {table.dated_by, "gone_on", "status" if name == "activities" else ""}
        extra |= {day for day, others in sealed.items() if {day, *others} & set(columns)}
        wanted = list(dict.fromkeys([*columns, *sorted(extra & known)]))
        return self.tables.frame(name, wanted)

    def _seen(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """Leave out rows and empty cells that ``_day`` does not see yet."""
        import polars as pl

        day = pl.col("_day")
        dated_by = self.schema(name).dated_by
        # A deal that closed before it was created is a mistake to show, not one to hide.
        if dated_by and name != "deals":
            seen = self.local_day(frame, dated_by).le(day) | pl.col(dated_by).is_null()
            seen = seen | (
                pl.col("status").eq_missing(_PLANNED)
                if name == "activities"
                else pl.lit(value=False)
            )
            frame = frame.filter(seen)
        if "gone_on" in frame.columns and frame["gone_on"].count():
            frame = frame.filter(pl.col("gone_on").is_null() | (pl.col("gone_on") > day))
        for happened, others in SEALED.get(name, {}).items():
            if happened in frame.columns and frame[happened].count():
                known = pl.col(happened).is_null() | (pl.col(happened) <= day)
                cells = [c for c in (*others, happened) if c in frame.columns]
                frame = frame.with_columns(pl.when(known).then(pl.col(c)).alias(c) for c in cells)
        return frame

    def local_day(self, frame: pl.DataFrame, column: str) -> pl.Expr:
        """Return the day of a date or instant column in the configured time zone."""
        import polars as pl

        value = pl.col(column)
        if isinstance(frame.schema[column], pl.Datetime):
            return value.dt.convert_time_zone(self.time_zone).dt.date()
        return value

    @property
    def deals(self) -> pl.DataFrame:
        """Every deal that existed, with ``day``: attributes as they were on that day."""
        return self.frame("deals", (*_OF_EVERY_DEAL, "day", "closed"))

    def _deals(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return columns of deals, those that every review asks for, ``day`` and ``closed``."""
        import polars as pl

        stored = set(columns) - {"day", "closed"}
        frame = self._read(name, sorted({*_OF_EVERY_DEAL, *stored}))
        as_of = pl.lit(self.as_of, dtype=pl.Date)
        frame = frame.filter(
            (pl.col("created_on").is_null() | (pl.col("created_on") <= as_of))
            & (pl.col("gone_on").is_null() | (pl.col("gone_on") > as_of))
        )
        closed = pl.col("closed_on").is_not_null() & (pl.col("closed_on") <= as_of)
        frame = frame.with_columns(
            pl.when(closed & self.frozen_closed).then("closed_on").otherwise(as_of).alias("_day"),
            (pl.col("closed_on") > as_of).fill_null(value=False).alias("_closes_later"),
            closed.alias("_closed"),
        )
        frame = self._taken_back(frame)
        frame = self._seen("deals", frame)
        return frame.rename({"_day": "day", "_closed": "closed"}).drop("_closes_later")

    def _taken_back(self, deals: pl.DataFrame) -> pl.DataFrame:
        """Give history fields the value that they had on the day; a closed deal keeps its last stage."""
        import polars as pl

        first = self._first_later_changes(deals)
        for name in HISTORY_FIELDS:
            now = pl.col(name)
            if name == "stage_id":
                now = pl.when(~pl.col("_closes_later")).then(now)
            old = first if first.is_empty() else first.filter(pl.col("field") == name)
            if old.is_empty():
                deals = deals.with_columns(now.alias(name)) if name == "stage_id" else deals
                continue
            old = old.select("deal_id", pl.col("old_value").alias("_old"))
            old = old.with_columns(_read_back(deals.schema[name]), pl.lit(1).alias("_known"))
            deals = deals.join(old, on="deal_id", how="left", maintain_order="left")
            use = pl.col("_known").is_not_null()
            if name == "stage_id":
                use = use & ~pl.col("_closed")
            deals = deals.with_columns(pl.when(use).then("_old").otherwise(now).alias(name)).drop(
                "_old", "_known"
            )
        return deals

    def _first_later_changes(self, deals: pl.DataFrame) -> pl.DataFrame:
        """Return the first change of each attribute after the day of the deal; undated ones come first."""
        import polars as pl

        changes = self.tables.frame("deal_changes", ["deal_id", "field", "old_value", "changed_at"])
        if changes.is_empty():
            return changes
        changes = changes.join(deals.select("deal_id", "_day"), on="deal_id", how="inner")
        # A change of unknown day was before or after: what stood there on the day is not known.
        undated = pl.col("changed_at").is_null()
        changes = changes.filter(
            undated | (self.local_day(changes, "changed_at") > pl.col("_day"))
        ).with_columns(pl.when(~undated).then("old_value").alias("old_value"))
        return changes.sort("changed_at", nulls_last=False, maintain_order=True).unique(
            ["deal_id", "field"], keep="first"
        )

    def _days_of_deals(self, ids: pl.Series) -> pl.Series:
        """Return the day of the deal of each row, as ``_day``; of what is no deal's the review's."""
        import polars as pl

        # The others are seen as of the review's date anyway: there are few to look up.
        deals = self.frame("deals", ["deal_id", "day"])
        frozen = deals.filter(pl.col("day") != self.as_of).rename({"day": "_day"})
        found = ids.to_frame().join(frozen, on="deal_id", how="left", maintain_order="left")
        return found["_day"].fill_null(self.as_of)

    def _days_of_activities(self, ids: pl.Series) -> pl.Series:
        """Return the day of the deal of each row's activity, as ``_day``."""
        import polars as pl

        found = self.tables.frame("activities", ["activity_id", "deal_id"])
        days = found.select("activity_id", self._days_of_deals(found["deal_id"]))
        days = days.filter(pl.col("_day") != self.as_of)
        found = ids.to_frame().join(days, on="activity_id", how="left", maintain_order="left")
        return found["_day"].fill_null(self.as_of)


def _read_back(dtype: pl.DataType) -> pl.Expr:
    """Return the text of an old value in the type of its column."""
    import polars as pl

    old = pl.col("_old")
    return (
        old.str.to_date("%Y-%m-%d", strict=False)
        if dtype == pl.Date
        else old.cast(dtype, strict=False)
    )

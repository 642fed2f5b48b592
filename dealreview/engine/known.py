"""What is known of a family that was looked at before: only what an edit touches is computed again.

A provider depends on the columns that it reads as a day sees them, on who is judged and on the facts
that it uses, and on nothing else. Each of these has the number of the look at which it was last found
different; what was made since then still holds.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.engine.factplan import add_facts
from dealreview.engine.validation import used_fact
from dealreview.engine.visible import VisibleTables
from dealreview.store.family import FamilyTables
from dealreview.store.slices import NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from dealreview.checks.facts import Provider
    from dealreview.engine.buckets import Bucket
    from dealreview.engine.factplan import Setting
    from dealreview.engine.recalled import Facts
    from dealreview.engine.registry import Problem
    from dealreview.model.outcome import Kind
    from dealreview.store.family import Family, FamilyRows

WHO = (("deals", "deal_id"), ("deals", "day"), ("accounts", "account_id"))
"""Columns that decide who is judged, and as of which day."""

MEMBERS = (
    ("deals", "account_id"),
    ("activities", "activity_id"),
    ("activities", "account_id"),
    ("activities", "deal_id"),
    ("activity_attendees", "activity_id"),
    ("activity_attendees", "attendee_id"),
    ("contacts", "contact_id"),
    ("contacts", "account_id"),
    *((name, "deal_id") for name in NAMED),
    *NAMED.items(),
)
"""Columns that decide which rows are a family's, where rows of others lie among them."""

KEYS = ("account_id", "deal_id", "activity_id", "contact_id")
"""Columns by which a table's rows are a family's."""

Column = tuple[str, str, str]
"""A column as a view has it: the view, the table or kind, the name."""


@frozen
class Made:
    """What was made, and when.

    Attributes:
        look: Number of the look.
        frame: What was made.
        rows: Columns of the database that it was made of.
        seen: Columns of other tables, as the view sees them, that it was made of.
    """

    look: int
    frame: pl.DataFrame
    rows: frozenset[tuple[str, str]] = frozenset()
    seen: frozenset[tuple[str, str]] = frozenset()


@define
class Known:
    """What is known of one family under one setting.

    Attributes:
        rows: Its rows.
    """

    rows: FamilyRows
    _tables: dict[tuple[str, str], Made] = field(factory=dict, init=False)
    _facts: dict[tuple[str, str], Made] = field(factory=dict, init=False)
    _since: dict[Column, int] = field(factory=dict, init=False)
    _members: tuple[frozenset[str], ...] = field(default=(), init=False)
    _members_since: int = field(default=0, init=False)
    _recalled: Facts = field(factory=dict, init=False)

    def look_at(self, tables: FamilyTables, family: Family) -> None:
        """Begin another look at the family, whose accounts, deals and guests may be others by now."""
        tables.look_at(family, self.rows)
        members = tuple(map(frozenset, (family.accounts, family.deals, family.guests)))
        if members != self._members:
            self._members, self._members_since = members, self.rows.look
        self._recalled = {}

    def recall(self, facts: Facts) -> None:
        """Take facts that need not be computed at this look, if it is the first one."""
        self._recalled = facts

    def table(
        self,
        sight: FamilySight,
        name: str,
        columns: Sequence[str],
        make: Callable[..., pl.DataFrame],
    ) -> pl.DataFrame:
        """Return a table as a view sees it, made anew only where what it is made of has changed."""
        made = self._tables.get((sight.view, name))
        if made is not None and made.look >= self._changed(sight, made, columns):
            return made.frame
        with sight.noting() as (rows, seen):
            frame = make(name, columns)
        self._note(sight.view, name, frame, made)
        self._tables[sight.view, name] = Made(
            self.rows.look, frame, frozenset(rows), frozenset(seen)
        )
        return frame

    def _changed(self, sight: FamilySight, made: Made, columns: Sequence[str]) -> int:
        """Return the look at which anything was found different that a table was made of."""
        if not set(columns) <= set(made.frame.columns):
            return self.rows.look + 1
        read = (sight.family.since(cell) for cell in made.rows)
        seen = (self.since(sight, *cell) for cell in made.seen)
        return max((*read, *seen), default=0)

    def since(self, sight: FamilySight, name: str, column: str) -> int:
        """Return the look at which a column was found different, as a view sees it."""
        sight.look_at(name, column)
        return self._since[sight.view, name, column]

    def _note(self, view: str, of: str, frame: pl.DataFrame, made: Made | None) -> None:
        """Take note of the columns that are not as they were."""
        before = set() if made is None else set(made.frame.columns)
        for column in frame.get_columns():
            name = column.name
            if made is None or name not in before or not _alike(column, made.frame[name]):
                self._since[view, of, name] = self.rows.look

    def add(
        self,
        provider: Provider,
        source: Bucket,
        frames: dict[Kind, pl.DataFrame],
        setting: Setting,
        broken: dict[tuple[Kind, str], Problem],
        kept: dict[Any, Any],
    ) -> None:
        """Add the facts of a provider as :func:`add_facts` does, known ones where they still hold."""
        sight, names = _sight_of(source), [fact.name for fact in provider.facts]
        place = (sight.view, provider.name)
        made = self._facts.pop(place, None)
        # Also at the first look: what the provider leaves unread then would be found different later.
        changed = max(self._needs(provider, source, sight))
        if made is None or made.look < changed:
            if not self._is_recalled(provider, sight, frames):
                add_facts(provider, source, frames, setting, broken, kept)
            found = frames[provider.on][names]
            self._note(sight.view, provider.on, found, made)
            if any((provider.on, name) in broken for name in names):
                return
            made = Made(self.rows.look, found)
        else:
            frames[provider.on] = frames[provider.on].hstack(made.frame.get_columns())
        # What declares nothing may read what nobody sees.
        if provider.reads or provider.uses:
            self._facts[place] = made

    def _is_recalled(
        self, provider: Provider, sight: FamilySight, frames: dict[Kind, pl.DataFrame]
    ) -> bool:
        """Add the facts of a provider that were recalled, if those of each subject were."""
        facts = self._recalled.get((sight.frozen_closed, provider.on))
        names = [fact.name for fact in provider.facts]
        base = frames[provider.on]
        if facts is None or not facts["id"].equals(base["id"]) or not {*names} <= {*facts.columns}:
            return False
        frames[provider.on] = base.hstack(facts[names].get_columns())
        return True

    def _needs(self, provider: Provider, source: Bucket, sight: FamilySight) -> Iterator[int]:
        """Yield the look at which each thing was found different that a provider depends on."""
        yield self._members_since
        for name in provider.uses:
            kind, fact = used_fact(name, provider.on)
            yield self._since[sight.view, kind, fact]
        cells = [*WHO, *((name, one) for name, some in provider.reads.items() for one in some)]
        if source.accounts is not None:
            keys = ((name, key) for name in provider.reads for key in KEYS)
            cells += [*MEMBERS, *(cell for cell in keys if cell[1] in sight.schema(cell[0]).names)]
        looks = {sight.view: sight}
        if provider.after_close:
            later = _sight_of(source.seen_by(provider))
            looks[later.view] = later
        for name, column in cells:
            if sight.schema(name).owner:
                yield from (self.since(look, name, column) for look in looks.values())


def _sight_of(source: Bucket) -> FamilySight:
    sight = source.visible
    assert isinstance(sight, FamilySight)  # noqa: S101 - what all this is made for
    return sight


def _alike(one: pl.Series, other: pl.Series) -> bool:
    """Whether columns hold the same, zeros with and without a sign told apart."""
    if one.dtype.is_float():
        return repr(one.to_list()) == repr(other.to_list())
    return one.equals(other, check_dtypes=True, null_equal=True)


@frozen(slots=False)
class FamilySight(VisibleTables):
    """The tables of a family as of a date; small shared ones are looked through once for all.

    Attributes:
        whole: The tables of everybody.
        known: What is known of the family.
    """

    whole: VisibleTables = field(kw_only=True)
    known: Known = field(kw_only=True)
    _asked: list[set[tuple[str, str]]] = field(factory=list, init=False)

    @property
    def family(self) -> FamilyTables:
        """The tables as they are stored."""
        assert isinstance(self.tables, FamilyTables)  # noqa: S101 - what this looks at
        return self.tables

    @property
    def view(self) -> str:
        """The name of the way to look."""
        return "frozen" if self.frozen_closed else "today"

    def frame(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        """Return the columns of a table, as the day of each row's deal (or the review's day) sees them."""
        if not self.schema(name).owner:
            return self.whole.frame(name, columns)
        found = super().frame(name, columns)
        if self._asked:
            self._asked[-1].update((name, column) for column in columns)
        return found

    def look_at(self, name: str, column: str) -> None:
        """See to it that a column has been looked at."""
        seen = self._visible.get(name)
        if seen is None or column not in seen.columns:
            super().frame(name, [column])

    @contextmanager
    def noting(self) -> Iterator[tuple[set[tuple[str, str]], set[tuple[str, str]]]]:
        """Give what is read of the database, and what is asked of this, while something is made."""
        read, seen = set[tuple[str, str]](), set[tuple[str, str]]()
        outer, self.family.asked = self.family.asked, read
        self._asked.append(seen)
        try:
            yield read, seen
        finally:
            self._asked.pop()
            self.family.asked = outer

    def _make(self, name: str, columns: Sequence[str]) -> pl.DataFrame:
        return self.known.table(self, name, columns, super()._make)

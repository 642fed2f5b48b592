"""What an author sees of a subject's facts: a name for each, as a term or as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.checks.terms import Column, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class UnknownFact(AttributeError):  # noqa: N818 - reads as what it is in an except clause
    """A check that names a fact that no pack provides."""

    def __init__(self, name: str, kind: str, known: Iterable[str] = ()) -> None:
        super().__init__(name, kind)
        self.name = name
        self.kind = kind
        self.known = known

    def __str__(self) -> str:
        """Return what is not there, and what is meant perhaps."""
        # Whoever asks whether a fact is there is told no, and need not wait for a search.
        from dealreview.model.errors import did_you_mean

        return f"no fact '{self.name}' on {self.kind}.{did_you_mean(str(self.name), self.known)}"


class Columns:
    """The facts of a kind of subject as terms: ``d.pocket_margin``.

    Args:
        kind: The kind of subject, for messages.
        facts: Kinds of facts by name.
    """

    __slots__ = ("_facts", "_kind")

    def __init__(self, kind: str, facts: Mapping[str, str]) -> None:
        self._kind = kind
        self._facts = facts

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__") or name not in self._facts:
            raise UnknownFact(name, self._kind, self._facts)
        return Column(name)

    def interval(self, name: str) -> Interval:
        """Return the pair ``<name>_lo`` and ``<name>_hi`` as one partly known value."""
        return Interval(getattr(self, f"{name}_lo"), getattr(self, f"{name}_hi"))


def fact_types(columns: Columns) -> Mapping[str, str]:
    """Return the types of the facts by name; a function, so that no fact's name can hide it."""
    return columns._facts  # noqa: SLF001 - every public attribute of Columns is a fact


class Subject:
    """One subject's facts as attributes, for checks written as functions; it can't be changed.

    ``subject.related["stakeholders"]`` are the related records that the check asked for, each a
    mapping from column to value, in the order of their keys.

    Attributes:
        id: Its id.
        name: What people call it.
        related: The related records by table.
    """

    __slots__ = ("__dict__", "id", "name", "related")

    id: str
    name: str
    related: Mapping[str, tuple[Mapping[str, Any], ...]]

    def __init__(
        self,
        subject_id: str,
        name: str,
        facts: Mapping[str, Any],
        related: Mapping[str, tuple[Mapping[str, Any], ...]],
    ) -> None:
        _fill(self, subject_id, name, dict(facts), related)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the check did not ask for '{name}': add it to needs or reads.")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a subject can't be changed: a check only judges.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id!r}>"


_PUT_ID, _PUT_NAME, _PUT_RELATED, _PUT_FACTS = (
    Subject.__dict__[name].__set__ for name in ("id", "name", "related", "__dict__")
)


def subject_of(
    kind: type[Subject],
    subject_id: str,
    name: str,
    facts: dict[str, Any],
    related: Mapping[str, tuple[Mapping[str, Any], ...]],
) -> Subject:
    """Return a subject that keeps ``facts``; quicker than its class, for whoever makes one for each deal."""
    subject = object.__new__(kind)
    _fill(subject, subject_id, name, facts, related)
    return subject


def _fill(
    subject: Subject,
    subject_id: str,
    name: str,
    facts: dict[str, Any],
    related: Mapping[str, tuple[Mapping[str, Any], ...]],
) -> None:
    _PUT_ID(subject, subject_id)
    _PUT_NAME(subject, name)
    _PUT_RELATED(subject, related)
    # What is found there costs no call; the three above come first, whatever facts are called.
    _PUT_FACTS(subject, facts)


class Deal(Subject):
    """A deal's facts as attributes."""


class Account(Subject):
    """An account's facts as attributes."""


class Rep(Subject):
    """A rep's facts as attributes."""


class Team(Subject):
    """A team's facts as attributes."""


class Pipeline(Subject):
    """The pipeline's facts as attributes."""

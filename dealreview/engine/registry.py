"""What was loaded: packs, checks, fact providers, and everything that went wrong on the way."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from attrs import field, frozen

from dealreview.model.errors import ConfigurationError, did_you_mean
from dealreview.model.outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dealreview.checks.check import Check
    from dealreview.checks.extensions import Extension
    from dealreview.checks.facts import Fact, Provider
    from dealreview.checks.owntables import OwnTables
    from dealreview.model.table import Table


Kindred = TypeVar("Kindred", bound="Extension")


NOTICE = "notice"
"""The kind of a problem that tells of checks in preview, deprecated or renamed, and of rows of no deal."""


@frozen
class Problem:
    """Something that makes a run incomplete, named so that it can be mended.

    Attributes:
        where: The pack, distribution, file or fact provider that it is about.
        cause: What happened.
        mend: What to do.
        kind: ``pack``, ``check``, ``fact`` or ``data``; ``feed`` and ``notice`` are remarks, which
            leave a run complete.
    """

    where: str
    cause: str
    mend: str = ""
    kind: str = "pack"

    @property
    def is_remark(self) -> bool:
        """Whether the run is complete all the same."""
        return self.kind in ("feed", NOTICE)

    def __str__(self) -> str:
        return f"{self.where}: {self.cause} {self.mend}".strip()


@frozen
class PackInfo:
    """A loaded pack.

    Attributes:
        name: Its namespace.
        version: Version of its distribution; that of the file's content for a local file.
        source: Distribution, folder or ``built in``.
        description: One sentence.
        checks: Number of checks that it delivers.
        facts: Number of facts that it delivers.
    """

    name: str
    version: str
    source: str
    description: str = ""
    checks: int = 0
    facts: int = 0


@frozen(slots=False)
class Registry:
    """Everything that packs deliver, checked, in a fixed order."""

    packs: tuple[PackInfo, ...]
    checks: tuple[Check, ...]
    providers: tuple[Provider, ...]
    problems: tuple[Problem, ...] = field(default=())
    extensions: tuple[Extension, ...] = field(default=())
    own: tuple[OwnTables, ...] = field(default=())

    def extension(self, kind: type[Kindred], name: str) -> Kindred:
        """Return the extension of a kind by its name.

        Raises:
            ConfigurationError: No pack brings one of that name.
        """
        known = {one.name: one for one in self.extensions if isinstance(one, kind)}
        if name not in known:
            what = kind.__name__.lower()
            there = f"There are: {', '.join(sorted(known))}." if known else "No pack brings one."
            there += f" If a pack brings '{name}', name its module with -p, or install it."
            raise ConfigurationError(
                f"There is no {what} '{name}'.{did_you_mean(name, known)}", mend=there
            )
        return known[name]

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Tables of packs by name."""
        return {table.name: table for own in self.own for table in own.tables}

    @cached_property
    def by_id(self) -> Mapping[str, Check]:
        """Checks by id; former ids find their check too."""
        found = {check.id: check for check in self.checks}
        return {**{old: found[name] for old, name in self.renamed.items()}, **found}

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """Ids of checks by former id."""
        return {old: check.id for check in self.checks for old in check.renamed_from}

    @cached_property
    def facts(self) -> Mapping[Kind, Mapping[str, Fact]]:
        """Facts by kind and name."""
        return {
            kind: {f.name: f for p in self.providers if p.on is kind for f in p.facts}
            for kind in Kind
        }

    @cached_property
    def fact_types(self) -> Mapping[Kind, Mapping[str, str]]:
        """Types of facts by kind and name."""
        return {
            kind: {name: fact.type for name, fact in facts.items()}
            for kind, facts in self.facts.items()
        }

    def provider_of(self, kind: Kind, fact: str) -> Provider:
        """Return the provider of a fact."""
        return self._providers[kind, fact]

    @cached_property
    def _providers(self) -> Mapping[tuple[Kind, str], Provider]:
        return {(p.on, f.name): p for p in self.providers for f in p.facts}

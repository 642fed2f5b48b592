"""Stages: the names met in deals, with what the mapping says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from dealreview.ingest.fields import Scope, row_tests, value_of
from dealreview.ingest.readers import Row
from dealreview.ingest.summary import Problem

if TYPE_CHECKING:
    import sqlite3

    from dealreview.ingest.mapping import Mapping, StageRule
    from dealreview.ingest.problems import ProblemLog

CLOSED = "closed"
"""The kind of a deal or stage that is closed, while nobody knows whether it was won."""

FINAL = ("won", "lost", CLOSED)
"""The kinds of the stages in which nobody works on a deal any more."""

FLAGS = ("stage_id", "pipeline", "is_closed", "is_won")


@frozen
class MetStage:
    """A stage that a row names.

    Attributes:
        stage_id: Its id.
        name: Its name.
        pipeline: Its pipeline, empty for none.
        kind: What the flags of the row say: ``open``, ``won``, ``lost``, or :data:`CLOSED`.
        file: The file of the row.
        line: Its line.
        column: The column with the name.
        is_derived: Whether the deals of a stage that the flags set apart are in it.
    """

    stage_id: str
    name: str
    pipeline: str
    kind: str | None
    file: str
    line: int
    column: str
    is_derived: bool = False


@define
class StageBook:
    """The stages of one source.

    Attributes:
        mapping: What is said of stages.
        met: The stages that rows named, by id, each from its first row.
        said: What the flags of deals say of a stage, by id.
        kinds: The kind of a stage itself, by id, once somebody asked.
        placed: The stage into which the flags of a deal put it, by deal and the stage that it names.
        rules: What the mapping says of a stage, by pipeline and name.
    """

    mapping: Mapping
    met: dict[str, MetStage] = field(factory=dict)
    said: dict[str, set[str]] = field(factory=dict)
    kinds: dict[str, str | None] = field(factory=dict)
    placed: dict[tuple[str, str], MetStage] = field(factory=dict)
    rules: dict[tuple[str, str], StageRule | None] = field(factory=dict)

    def rule(self, pipeline: str, name: str) -> StageRule | None:
        """Return what the mapping says of a stage: of this pipeline, else of any."""
        if (pipeline, name) not in self.rules:
            self.rules[pipeline, name] = self.find_rule(pipeline, name)
        return self.rules[pipeline, name]

    def find_rule(self, pipeline: str, name: str) -> StageRule | None:
        """Look for what the mapping says of a stage."""
        stages, folded = self.mapping.stages, name.casefold()
        same = [stage for stage in stages if name in (stage.name, stage.stage_id)]
        same = same or [stage for stage in stages if stage.name.casefold() == folded]
        fitting = [stage for stage in same if stage.pipeline in (pipeline, "")]
        return next(iter(sorted(fitting, key=lambda stage: stage.pipeline, reverse=True)), None)

    def stage_id(self, pipeline: str, name: str) -> str:
        """Return the id of a stage by its name."""
        rule = self.rule(pipeline, name)
        external = rule.stage_id if rule and rule.stage_id else name
        return (
            f"{self.mapping.source}:{pipeline}/{external}"
            if pipeline
            else f"{self.mapping.source}:{external}"
        )

    def listen(self, scope: Scope) -> None:
        """Read what the flags of a file of deals say of its stages."""
        fields = scope.target.fields
        if not {"is_closed", "is_won"} & fields.keys():
            return
        readers = {
            name: value_of(fields[name], column, scope, lambda _cells, _findings: None)
            for name in FLAGS
            if name in fields and (column := scope.mapping.column_of("deals", name))
        }
        wanted = row_tests(scope)
        for row in scope.source.read():
            if isinstance(row, Row) and all(test(row.cells) for test in wanted):
                self.hear({name: read(row.cells, []) for name, read in readers.items()})

    def hear(self, flags: dict[str, Any]) -> None:
        """Take in what one deal says."""
        kind, name = kind_of(flags), self.bare(flags.get("stage_id"))
        if kind:
            stage_id = self.stage_id(flags.get("pipeline") or "", name)
            self.said.setdefault(stage_id, set()).add(kind)

    def bare(self, said: str | None) -> str:
        """Return the name of a stage without the source in front."""
        return (said or "").removeprefix(f"{self.mapping.source}:")

    def place(
        self, connection: sqlite3.Connection, stage: MetStage, deal: str
    ) -> tuple[MetStage, str]:
        """Return the stage that a deal belongs in by its flags, and what they contradict, if anything."""
        if stage.kind is None:
            return self.placed.get((deal, stage.stage_id), stage), ""
        own = self.kind(connection, stage)
        if stage.name and (own == stage.kind or (stage.kind == CLOSED and own != "open")):
            return stage, ""
        found = self.placed[deal, stage.stage_id] = derived(stage)
        rule = self.known_rule(connection, stage) if stage.name else None
        return found, contradiction(rule, stage.kind)

    def kind(self, connection: sqlite3.Connection, stage: MetStage) -> str | None:
        """Return the kind of a stage itself: as it is known, else open if any of its deals is."""
        if stage.stage_id not in self.kinds:
            rule = self.known_rule(connection, stage)
            sql = "SELECT kind FROM stages WHERE stage_id = ?"
            (known,) = connection.execute(sql, (stage.stage_id,)).fetchone() or (None,)
            said = self.said.get(stage.stage_id, set())
            only = next(iter(said)) if len(said) == 1 and said != {CLOSED} else None
            self.kinds[stage.stage_id] = (
                (rule and rule.kind) or known or ("open" if "open" in said else only)
            )
        return self.kinds[stage.stage_id]

    def meet(self, stage: MetStage) -> None:
        """Keep a stage that a row names; a later row can tell its kind."""
        known = self.met.get(stage.stage_id)
        if known is None or (known.kind is None and stage.kind):
            self.met[stage.stage_id] = stage

    def store(self, connection: sqlite3.Connection, log: ProblemLog) -> list[str]:
        """Write the stages met, and return the names of those without a milestone."""
        unmapped = []
        for stage in sorted(self.met.values(), key=lambda stage: stage.stage_id):
            write_stage(connection, self.wanted(connection, stage))
            kind, milestone = connection.execute(
                "SELECT kind, milestone FROM stages WHERE stage_id = ?", (stage.stage_id,)
            ).fetchone()
            if milestone is None and kind not in FINAL and not stage.is_derived:
                unmapped.append(stage.name)
                log.add(unmapped_problem(stage))
        return unmapped

    def wanted(self, connection: sqlite3.Connection, stage: MetStage) -> dict[str, Any]:
        """Return the columns of a stage that anything is known about."""
        rule = self.known_rule(connection, stage)
        columns = {
            "stage_id": stage.stage_id,
            "name": rule.name if rule else stage.name,
            "pipeline_id": stage.pipeline or None,
            "kind": (rule and rule.kind) or self.told_kind(connection, stage),
            "milestone": rule and rule.milestone,
            "position": rule and rule.position,
        }
        return {name: value for name, value in columns.items() if value is not None}

    def told_kind(self, connection: sqlite3.Connection, stage: MetStage) -> str | None:
        """Return the kind that flags tell of a stage; one that is known beats "closed, somehow"."""
        if stage.kind != CLOSED:
            return stage.kind
        return self.kind(connection, stage) or CLOSED

    def known_rule(self, connection: sqlite3.Connection, stage: MetStage) -> StageRule | None:
        """Return what the mapping says of a stage, also of one that deals know by its id."""
        rule = self.rule(stage.pipeline, stage.name)
        if rule is None:
            # Another file may have told the name of a stage that deals know by its id.
            sql = "SELECT name FROM stages WHERE stage_id = ?"
            found = connection.execute(sql, (stage.stage_id,)).fetchone()
            rule = self.rule(stage.pipeline, found[0]) if found else None
        return rule


def write_stage(connection: sqlite3.Connection, columns: dict[str, Any]) -> None:
    """Insert a stage, or fill in what is known about it; a row that says it already is not touched."""
    names = list(columns)
    changes = [name for name in names if name not in ("stage_id", "name")] or ["name"]
    sql = (
        f"INSERT INTO stages ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
        f"ON CONFLICT (stage_id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in changes)} "
        f"WHERE {' OR '.join(f'{n} IS NOT excluded.{n}' for n in changes)}"
    )
    connection.execute(sql, list(columns.values()))


def derived(stage: MetStage) -> MetStage:
    """Return the stage of the deals that flags set apart; it has the kind of the flags."""
    ending = f" ({stage.kind})" if stage.name else f"({stage.kind})"
    return evolve(
        stage,
        stage_id=f"{stage.stage_id}{ending}",
        name=f"{stage.name}{ending}",
        is_derived=stage.kind != "open",
    )


def contradiction(rule: StageRule | None, kind: str) -> str:
    """Return what the flags of a deal contradict; empty when nothing."""
    if kind == CLOSED:
        return "is closed by the flags of the deal, and nothing says whether it was won"
    if not rule or not rule.kind:
        return ""
    return f"is {rule.kind} by [stages]; the flags of the deal say {kind}, and they count"


def unmapped_problem(stage: MetStage) -> Problem:
    """Return the note that a stage has no milestone."""
    reason = "is a stage without a milestone; say it in [stages] of the mapping"
    return Problem(stage.file, stage.line, stage.column, stage.name, reason, "noted")


def kind_of(extra: dict[str, Any]) -> str | None:
    """Return what a deal's flags tell; :data:`CLOSED` where they don't say whether it was won."""
    if extra.get("is_won"):
        return "won"
    if extra.get("is_closed"):
        return "lost" if extra.get("is_won") == 0 else CLOSED
    return "open" if extra.get("is_closed") == 0 else None

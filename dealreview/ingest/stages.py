"""Stages: the names met in deals, with what the mapping says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from dealreview.ingest.summary import Problem

if TYPE_CHECKING:
    import sqlite3

    from dealreview.ingest.mapping import Mapping, StageRule
    from dealreview.ingest.problems import ProblemLog


@frozen
class MetStage:
    """A stage that a row names."""

    stage_id: str
    name: str
    pipeline: str
    kind: str | None
    file: str
    line: int
    column: str


@define
class StageBook:
    """The stages of one source.

    Attributes:
        mapping: What is said of stages.
        met: The stages that rows named, by id, each from its first row.
    """

    mapping: Mapping
    met: dict[str, MetStage] = field(factory=dict)

    def rule(self, pipeline: str, name: str) -> StageRule | None:
        """Return what the mapping says of a stage: of this pipeline, else of any."""
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
            if milestone is None and kind not in ("won", "lost"):
                unmapped.append(stage.name)
                log.add(unmapped_problem(stage))
        return unmapped

    def wanted(self, connection: sqlite3.Connection, stage: MetStage) -> dict[str, Any]:
        """Return the columns of a stage that anything is known about."""
        rule = self.rule(stage.pipeline, stage.name)
        if rule is None:
            # Another file may have told the name of a stage that deals know by its id.
            sql = "SELECT name FROM stages WHERE stage_id = ?"
            found = connection.execute(sql, (stage.stage_id,)).fetchone()
            rule = self.rule(stage.pipeline, found[0]) if found else None
        columns = {
            "stage_id": stage.stage_id,
            "name": rule.name if rule else stage.name,
            "pipeline_id": stage.pipeline or None,
            "kind": (rule and rule.kind) or stage.kind,
            "milestone": rule and rule.milestone,
            "position": rule and rule.position,
        }
        return {name: value for name, value in columns.items() if value is not None}


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


def unmapped_problem(stage: MetStage) -> Problem:
    """Return the note that a stage has no milestone."""
    reason = "is a stage without a milestone; say it in [stages] of the mapping"
    return Problem(stage.file, stage.line, stage.column, stage.name, reason, "noted")


def kind_of(extra: dict[str, Any]) -> str | None:
    """Return the kind of a stage that a deal's flags tell."""
    if extra.get("is_won"):
        return "won"
    if extra.get("is_closed"):
        return "lost" if extra.get("is_won") == 0 else None
    return "open" if extra.get("is_closed") == 0 else None

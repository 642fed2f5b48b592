"""How a file of deals says that a deal is won, lost or open, and when it closed; for proposals only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.ingest.masks import is_word
from dealreview.ingest.recognise import column_for
from dealreview.ingest.toml_text import CONFIRM, Line, literal, toml
from dealreview.ingest.words import CLOSE_DATES, CLOSED, DEAL_STATES, YES_WORDS, stage_meaning

if TYPE_CHECKING:
    from dealreview.ingest.samples import Sample

MOST_STATES = 12
DECIDED = ("won", "lost")


@frozen
class State:
    """A column that says of each deal whether it is won, lost or open.

    Attributes:
        column: The column.
        won: Its values of won deals.
        lost: Its values of lost deals.
        open: Its values of deals that are still worked on.
    """

    column: str
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def decided(self) -> tuple[str, ...]:
        """The values of deals that are won or lost."""
        return (*self.won, *self.lost)

    def kind(self, value: str) -> str:
        """Return what a value says; empty for one that says nothing."""
        kinds = {"won": self.won, "lost": self.lost, "open": self.open}
        return next((kind for kind, values in kinds.items() if value in values), "")


def state_of(sample: Sample) -> State | None:
    """Return the column beside the stage that tells the state of deals, None where there is none."""
    column = column_for(sample, DEAL_STATES)
    if not column or column == sample.fields.get("stage_id"):
        return None
    return read_state(sample, column)


def read_state(sample: Sample, column: str) -> State | None:
    """Return what the values of a column say of deals; None where none is won or lost."""
    met = sorted(set(sample.values[column]))
    if not all(map(is_word, met)):
        return None
    meanings = {value: stage_meaning(value) for value in met}
    won, lost = (tuple(v for v, meaning in meanings.items() if meaning == k) for k in DECIDED)
    rest = tuple(v for v, meaning in meanings.items() if meaning not in (*DECIDED, CLOSED))
    return State(column, won, lost, rest) if won or lost else None


def state_lines(sample: Sample) -> list[Line]:
    """Return the stage with what a column beside it says of won and lost."""
    state, stage = state_of(sample), sample.fields.get("stage_id")
    if state is None or len({*state.decided, *state.open}) > MOST_STATES:
        return [Line("stage_id", toml(stage))] if stage else []
    if stage is None:
        return [Line("stage_id", toml(state.column))]
    if is_told_by_stage(sample, stage, state):
        return [Line("stage_id", toml(stage)), *flag_lines(sample, state)]
    while_open = [literal(value) for value in state.open]
    rule = {
        "column": stage,
        "when": {state.column: while_open or [""]},
        "otherwise": [{"column": state.column}],
    }
    why = f"{CONFIRM}: a deal that is won or lost has left its stage"
    return [Line("stage_id", toml(rule), why)]


def is_told_by_stage(sample: Sample, stage: str, state: State) -> bool:
    """Whether all deals in a stage are in the same state, so that the state is one of the stage."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in sample.pairs(stage, state.column):
        kinds[name].add(state.kind(value))
    return all(len(found) == 1 for found in kinds.values())


def flag_lines(sample: Sample, state: State) -> list[Line]:
    """Return the flags that a column of states comes to."""
    rules = {
        "is_closed": {"true": state.decided, "false": state.open},
        "is_won": {"true": state.won, "false": (*state.lost, *state.open)},
    }
    return [
        Line(name, toml({"column": state.column, **words}), CONFIRM)
        for name, words in rules.items()
        if name not in sample.fields
    ]


def stage_names(sample: Sample) -> list[str]:
    """Return the stages that the deals of a file are in, as the proposal reads them."""
    stage, state = sample.fields.get("stage_id"), state_of(sample)
    if stage is None:
        return list(sample.values[state.column]) if state else []
    names = sample.values[stage]
    if state is None or is_told_by_stage(sample, stage, state):
        return names
    return [*names, *(v for v in sample.values[state.column] if v not in state.open)]


def closed_when(sample: Sample) -> dict[str, list[str]]:
    """Return the rows whose deals have ended, as a filter; empty where the file does not say."""
    for name in ("is_closed", "is_won"):
        column = sample.fields.get(name, "")
        yes = {value for value in sample.values.get(column, ()) if value.casefold() in YES_WORDS}
        if yes:
            return {column: sorted(map(literal, yes))}
    stage = sample.fields.get("stage_id")
    state = state_of(sample) or (read_state(sample, stage) if stage else None)
    if state is None:
        return {}
    return {state.column: list(map(literal, state.decided))}


def is_ambiguous_close(sample: Sample, column: str) -> bool:
    """Whether a day may be the one that is expected or the one of closing."""
    return sample.guess == "deals" and column == column_for(sample, CLOSE_DATES)

"""What every built-in check owes its reader: evidence that is there, gaps that can be filled, words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dealreview.checks.reach import outcomes_of
from dealreview.engine.config import Config
from dealreview.model.outcome import Kind, Outcome
from dealreview.model.plain import plain
from dealreview.store.schema import TABLES
from dealreview.testing import review_tables
from tests.plugins.halden import AS_OF, halden
from tests.plugins.tinyfacts import built_in, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.model.scorecard import Scorecard
    from dealreview.model.verdict import Evidence

CHECKS = [(check.id, kind) for check in built_in().checks for kind in check.on]
each_check = pytest.mark.parametrize(("check_id", "kind"), CHECKS)


@each_check
def test_what_is_missing_is_a_cell_or_a_table(check_id: str, kind: Kind) -> None:
    """Every fact that decides says what to record when it is unknown."""
    inputs = rules_of(check_id)[kind].condition_inputs
    assert [name for name in inputs if not built_in().facts[kind][name].origin] == []


@each_check
def test_every_check_says_what_it_knows_when_it_can_not_decide(check_id: str, kind: Kind) -> None:
    """There is a message for each outcome, one without a verdict included."""
    rules = rules_of(check_id)[kind]
    reached = outcomes_of(rules, built_in().fact_types[kind]) - {Outcome.NOT_APPLICABLE}
    assert [outcome for outcome in reached if not rules.message.get(outcome.value)] == []


def halden_rows() -> dict[str, list[dict[str, Any]]]:
    """Return the worked example with gaps: a line without cost, a customer nobody knows the cost of."""
    rows = halden()
    whole = {"table_name": "price_steps", "scope": "all", "covers_from": "2023-01-01"}
    rows["feeds"] = [{**whole, "covers_to": "2025-05-16"}]
    rows["deal_lines"][1]["cost_minor"] = None
    rows["account_months"][30]["cost_of_goods_minor"] = None
    rows["contacts"].append({"contact_id": "guest", "account_id": "A3"})
    rows["activity_attendees"].append(
        {"activity_id": "talk-lang", "attendee_id": "guest", "side": "buyer", "attended": True}
    )
    return rows


def test_evidence_of_the_worked_example_is_there() -> None:
    """Each piece names a row and column that exist with that value, or a fact of the subject."""
    for rows in (halden(), halden_rows()):
        config = Config(checks={"accounts/whale-curve": {"min_accounts": 3}})
        review = review_tables(rows, AS_OF, config=config)
        cited = [(card, cell) for card in review.scorecards() for cell in evidence_of(card)]
        assert len(cited) > 50
        assert [cell for card, cell in cited if not resolves(cell, card, rows)] == []


def test_missing_cells_of_the_worked_example() -> None:
    """A gap names the lines, and the message says what is known."""
    review = review_tables(halden_rows(), AS_OF)
    [found] = [
        verdict
        for verdict in review.scorecard(Kind.DEAL, "D2").verdicts
        if verdict.check == "pricing/margin-floor"
    ]
    assert found.outcome is Outcome.INSUFFICIENT_DATA
    assert found.missing == ("deal_lines.cost_minor",)
    assert found.message == "contribution –; unknown: cost of goods"
    assert [cell.id for cell in found.evidence if cell.table == "deal_lines"] == ["D2-1"]


def evidence_of(card: Scorecard) -> Iterator[Evidence]:
    """Yield all evidence of a scorecard."""
    for verdict in card.verdicts:
        yield from verdict.evidence


def resolves(cell: Evidence, card: Scorecard, rows: dict[str, list[dict[str, Any]]]) -> bool:
    """Return whether a piece of evidence names what is there."""
    if cell.table == "facts":
        known = built_in().facts[card.kind]
        same = plain(card.facts[cell.field]) == plain(cell.value)
        return cell.id == card.id and cell.field in known and same
    table = TABLES[cell.table]
    found = [row for row in rows[cell.table] if row[table.key[0]] == cell.id]
    if len(found) != 1 or cell.field not in table.by_name:
        return False
    return cell.value is None or found[0][cell.field] == cell.value

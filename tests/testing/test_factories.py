"""Companies from few words."""

from __future__ import annotations

import pytest

from dealreview.model.outcome import Kind
from dealreview.testing import account, deal, rep, review_tables, together
from dealreview.testing.factories import AS_OF, MILESTONES


def facts(rows: object, *names: str) -> tuple[object, ...]:
    """Return facts of the only deal."""
    review = review_tables(rows, AS_OF)  # type: ignore[arg-type]
    assert review.errors == ()
    return review.kinds[Kind.DEAL].base.select(names).row(0)


def test_the_words_mean_what_they_say() -> None:
    """Discount, margin and engaged people come out as the facts of these names."""
    rows = deal(discount=0.4, margin=0.3, engaged=3)
    found = facts(rows, "discount_ratio", "pocket_margin", "amount", "engaged_contacts_lo")
    assert found == (pytest.approx(0.4), 3_000_000, 10_000_000, 3)


def test_without_a_margin_costs_are_unknown() -> None:
    """What is not said is unknown where a default would decide."""
    assert facts(deal(), "cost_of_goods") == (None,)


@pytest.mark.parametrize("stage", MILESTONES)
def test_an_open_deal(stage: str) -> None:
    """A deal in a stage of its milestone is open."""
    found = facts(deal(stage=stage), "is_open", "milestone")
    assert found == (True, MILESTONES.index(stage) + 1)


@pytest.mark.parametrize("stage", ["won", "lost"])
def test_a_closed_deal(stage: str) -> None:
    """A closed deal has a closing day."""
    assert facts(deal(stage=stage), "is_open", f"is_{stage}") == (False, True)


def test_several_as_one() -> None:
    """Rows of one key are one row, the later one; others stand beside each other."""
    rows = together(deal("D1"), deal("D2"), account("A1", employees=3), rep("P1", role="leader"))
    assert [row["deal_id"] for row in rows["deals"]] == ["D1", "D2"]
    assert [row["employees"] for row in rows["accounts"]] == [3]
    assert [row["role"] for row in rows["people"]] == ["leader"]


def test_columns_are_held_against_the_schema() -> None:
    """A misspelt column or stage is refused with the right one."""
    with pytest.raises(TypeError, match="Did you mean 'payment_terms_days'"):
        deal(payment_term_days=30)
    with pytest.raises(TypeError, match="Did you mean 'proposal'"):
        deal(stage="propsal")
    with pytest.raises(TypeError, match="under 1"):
        deal(discount=1)

"""What was found about whom a deal belongs to, as it stands on the deal's scorecard."""

from pathlib import Path
from typing import Any

import pytest

from dealreview.engine.review import Review
from dealreview.model.outcome import Kind, Outcome
from tests.reports.shop import PEOPLE, deal, reviewed, shop

AROUND = ("tests.reports.acme", "tests.reports.around")
ACCOUNTS = [
    {"account_id": "crm:a1", "name": "Harrow", "employees": 900, "parent_account_id": "crm:a2"},
    {"account_id": "crm:a2", "name": "Lindqvist", "employees": 4},
    {"account_id": "crm:a3", "name": "Orrin", "employees": 40},
]
DEALS = [
    deal(1, "Child's"),
    deal(2, "Parent's", account_id="crm:a2", owner_id="crm:p2"),
    deal(3, "Nobody's", account_id="crm:a3", owner_id=None),
    deal(4, "Closed", stage_id="crm:won", closed_on="2026-10-20"),
]


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """A review with findings on all kinds of subject."""
    database = shop(tmp_path, *DEALS, accounts=ACCOUNTS, people=PEOPLE)
    return reviewed(database, *AROUND)


def around(review: Review, subject: str, **options: Any) -> list[tuple[str, str, str]]:
    """Return relation, name and check of a deal's context."""
    row = review.kinds[Kind.DEAL].rows[subject]
    [card] = review.cards(Kind.DEAL, [row], **options)
    return [(one.relation, one.name, one.verdict.check) for one in card.context]


def test_account_parent_owner_and_team_come_in_this_order(review: Review) -> None:
    """The nearest first, with the name of each; strengths count as findings."""
    assert around(review, "crm:1") == [
        ("account", "Harrow", "around/staff"),
        ("parent account", "Lindqvist", "around/staff"),
        ("parent account", "Lindqvist", "acme/size"),
        ("owner", "Tomasz Wilk", "acme/week"),
        ("owner", "Tomasz Wilk", "around/week"),
        ("team", "North", "around/people"),
    ]


def test_the_pipeline_is_there_only_where_it_names_the_account(review: Review) -> None:
    """A finding about the pipeline stands on the deals of the accounts that it names, and on no other."""
    assert ("pipeline", "Pipeline", "around/small") in around(review, "crm:2")
    assert ("pipeline", "Pipeline", "around/small") not in around(review, "crm:1")


def test_a_deal_without_findings_around_it_has_none(review: Review) -> None:
    """No owner, no team and an account that passes leave nothing to say."""
    assert around(review, "crm:3") == []


def test_a_closed_deal_has_none(review: Review) -> None:
    """It is judged as of its closing day; what is found about its account today is later news."""
    assert around(review, "crm:4") == []


def test_the_score_does_not_count_it(tmp_path: Path) -> None:
    """A deal's figures and verdicts are the same whether anything is found around it or not."""
    folders = [tmp_path / name for name in ("bad", "good")]
    cards = []
    for folder, employees in zip(folders, (4, 400), strict=True):
        folder.mkdir()
        accounts = [{"account_id": "crm:a1", "name": "Harrow", "employees": employees}]
        database = shop(folder, deal(1, "One"), accounts=accounts)
        cards.append(reviewed(database, *AROUND).scorecard("deal", "crm:1"))
    bad, good = cards
    assert len(bad.context) > len(good.context)
    assert (bad.score, bad.lower, bad.upper) == (good.score, good.lower, good.upper)
    assert [v.check for v in bad.verdicts] == [v.check for v in good.verdicts]


def test_outcomes_that_are_not_wanted_are_left_out(review: Review) -> None:
    """What may stand on a card may stand in its context: no more."""
    assert around(review, "crm:1", only={Outcome.STRENGTH}) == [
        ("account", "Harrow", "around/staff")
    ]
    assert around(review, "crm:1", only=frozenset()) == []


def test_many_deals_have_the_context_of_each(tmp_path: Path, monkeypatch: Any) -> None:
    """Cards that are made in several parts have what single cards have."""
    monkeypatch.setattr("dealreview.engine.review.CARDS_AT_ONCE", 2)
    database = shop(tmp_path, *DEALS, accounts=ACCOUNTS, people=PEOPLE)
    review = reviewed(database, *AROUND)
    all_at_once = {card.id: card.context for card in review.cards(Kind.DEAL)}
    alone = {name: review.scorecard("deal", name).context for name in all_at_once}
    assert all_at_once == alone

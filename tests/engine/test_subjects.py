"""Who is judged, and as of which day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from dealreview.engine.buckets import Bucket, cuts
from dealreview.engine.subjects import BASE, local_subjects, organisation_subjects
from dealreview.engine.visible import VisibleTables
from dealreview.model.outcome import Kind
from tests.plugins.tinyfacts import Memory

AS_OF = dt.date(2025, 5, 16)


def visible(**rows: list[dict[str, Any]]) -> VisibleTables:
    """Return tables as of the review's date."""
    return VisibleTables(Memory(rows), AS_OF, "UTC")  # type: ignore[arg-type]


def ids(kind: Kind, **rows: list[dict[str, Any]]) -> list[str]:
    """Return the subjects of a kind."""
    return organisation_subjects(kind, visible(**rows))["id"].to_list()


def test_deals() -> None:
    """A deal is judged in its currency as of the date, a closed one as of its closing day."""
    deals = [
        {"deal_id": "open", "name": "Hall", "currency": "USD"},
        {"deal_id": "done", "closed_on": dt.date(2025, 4, 1), "stage_id": "won"},
    ]
    found = local_subjects(Kind.DEAL, Bucket(visible(deals=deals)))
    assert found.columns == list(BASE)
    assert found.rows() == [
        ("done", None, dt.date(2025, 4, 1), None, True),
        ("open", "Hall", AS_OF, "USD", False),
    ]


def test_accounts() -> None:
    """Every account is judged as of the date, in order of id; those that are gone are not."""
    gone = {"account_id": "a0", "gone_on": AS_OF}
    accounts = [{"account_id": "a2"}, {"account_id": "a1", "name": "Brandt"}, gone]
    found = local_subjects(Kind.ACCOUNT, Bucket(visible(accounts=accounts)))
    assert found.rows() == [
        ("a1", "Brandt", AS_OF, None, False),
        ("a2", None, AS_OF, None, False),
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_subject_is_in_one_bucket(count: int) -> None:
    """However accounts are cut, each subject is judged once; deals without account too."""
    rows: dict[str, Any] = {
        "accounts": [{"account_id": f"a{n}"} for n in range(9)],
        "deals": [
            {"deal_id": "none"},
            {"deal_id": "dangling", "account_id": "nobody"},
            *({"deal_id": f"d{n}", "account_id": f"a{n}"} for n in range(9)),
        ],
    }
    tables = visible(**rows)
    buckets = [cut.bucket(tables) for cut in cuts(tables, count)]
    assert len(buckets) == count
    for kind, total in ((Kind.DEAL, 11), (Kind.ACCOUNT, 9)):
        found = [i for bucket in buckets for i in local_subjects(kind, bucket)["id"]]
        assert (len(found), len(set(found))) == (total, total)


@pytest.mark.parametrize(
    ("person", "judged"),
    [
        ({"role": "rep"}, True),
        ({"role": "manager"}, False),
        ({"role": None}, False),
        ({"role": None, "person_id": "owner"}, True),
        ({"role": "manager", "person_id": "owner"}, False),
        ({"role": "rep", "left_on": AS_OF}, False),
        ({"role": "rep", "left_on": AS_OF + dt.timedelta(days=1)}, True),
        ({"role": "rep", "started_on": AS_OF}, True),
        ({"role": "rep", "started_on": AS_OF + dt.timedelta(days=1)}, False),
        ({"role": "rep", "gone_on": AS_OF}, False),
    ],
)
def test_reps(person: dict[str, Any], judged: bool) -> None:
    """A rep has the role, or no role and a deal, and is with us on the day."""
    given = {"person_id": "p", **person}
    found = ids(Kind.REP, people=[given], deals=[{"deal_id": "d", "owner_id": "owner"}])
    assert bool(found) == judged


def test_no_deal_has_an_owner() -> None:
    """Without any owner a person without role is nobody's rep, and it is no error."""
    assert ids(Kind.REP, people=[{"person_id": "p"}], deals=[{"deal_id": "d"}]) == []
    assert ids(Kind.REP, people=[{"person_id": "p"}]) == []


def test_teams_and_pipeline() -> None:
    """Every team is judged, and there is always one pipeline."""
    teams = [{"team_id": "t2"}, {"team_id": "t1"}]
    assert ids(Kind.TEAM, teams=teams) == ["t1", "t2"]
    assert ids(Kind.PIPELINE) == ["pipeline"]
    assert ids(Kind.TEAM) == []

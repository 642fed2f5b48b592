"""Who counts as engaged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.plugins.tinyfacts import AS_OF, SINCE, Span, facts_of, verdict

Rows = dict[str, list[dict[str, Any]]]
NAMES = ["engaged_contacts_lo", "engaged_contacts_hi"]


def company(*talks: dict[str, Any], **more: list[dict[str, Any]]) -> Rows:
    """Return deal D of account A with talks; ``who`` of a talk are its attendees, ``ago`` its days."""
    rows: Rows = {
        "accounts": [
            {"account_id": "A", "parent_account_id": "P"},
            {"account_id": "C", "parent_account_id": "A"},
            {"account_id": "P"},
            {"account_id": "X"},
        ],
        "contacts": [{"contact_id": key.lower(), "account_id": key} for key in "ACPX"],
        "stages": [{"stage_id": "prop", "kind": "open", "milestone": 4}],
        "deals": [{"deal_id": "D", "account_id": "A", "stage_id": "prop", "created_on": SINCE}],
        "activities": [],
        "activity_attendees": [],
        **more,
    }
    for number, talk in enumerate(talks):
        who, ago, cells = talk.get("who", ["a"]), talk.get("ago", 3), dict(talk)
        at = dt.datetime.combine(AS_OF, dt.time(9), dt.UTC) - dt.timedelta(days=ago)
        activity = {
            "activity_id": str(number),
            "deal_id": "D",
            "kind": "meeting",
            "status": "held",
            "at": at,
        }
        activity |= {k: v for k, v in cells.items() if k not in {"who", "ago", "attended"}}
        rows["activities"].append(activity)
        rows["activity_attendees"] += [
            {
                "activity_id": str(number),
                "attendee_id": w,
                "side": "buyer",
                "attended": talk.get("attended"),
            }
            for w in who
        ]
    return rows


def engaged(rows: Rows, **options: Any) -> list[int | None]:
    """Return the least and the most number of engaged people."""
    return list(facts_of(rows, "deal", *NAMES, **options)["D"].values())


ALL = ["status", "automated", "direction"]
RECORDED = [f"activities.{name}" for name in ALL] + ["activity_attendees.attended"]


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        ({}, [1, 1]),
        ({"ago": 45}, [1, 1]),
        ({"ago": 46}, [0, 0]),
        ({"who": ["a", "c", "p", "x"]}, [3, 3]),
        ({"status": "cancelled"}, [0, 0]),
        ({"status": "planned"}, [0, 0]),
        ({"direction": "internal"}, [0, 0]),
        ({"kind": "call", "status": "answered"}, [1, 1]),
        ({"kind": "call", "status": "unanswered"}, [0, 0]),
        ({"kind": "email", "status": None, "direction": "inbound", "automated": False}, [1, 1]),
        ({"kind": "email", "status": None, "direction": "inbound", "automated": True}, [0, 0]),
        ({"kind": "email", "status": None, "direction": "outbound", "automated": False}, [0, 0]),
        ({"attended": False}, [0, 0]),
        ({"status": None, "attended": True}, [1, 1]),
    ],
)
def test_two_way_events(talk: dict[str, Any], expected: list[int]) -> None:
    """A held talk or a message of theirs within 45 days engages people of the buying companies."""
    assert engaged(company({"attended": True, **talk}), also=RECORDED) == expected


@pytest.mark.parametrize(
    "talk",
    [
        {"status": None, "attended": None},
        {"kind": "call", "status": None},
        {"attended": None},
        {"kind": "email", "status": None, "direction": "inbound", "automated": None},
        {"kind": "email", "status": None, "direction": None, "automated": False},
        {"who": ["unlisted"], "attended": True},
    ],
)
def test_an_unknown_cell_counts_at_most(talk: dict[str, Any]) -> None:
    """Where such cells are recorded, an empty one is weighed at its worst and at its best."""
    assert engaged(company(talk), also=RECORDED) == [0, 1]


def test_columns_recorded_nowhere_do_not_block() -> None:
    """Without attendance or automation anywhere, those listed count."""
    mail = {"kind": "email", "status": None, "direction": "inbound", "who": ["c"]}
    assert engaged(company({}, mail)) == [2, 2]


def test_a_talk_without_attendees_leaves_the_number_open() -> None:
    """Somebody was there, and nobody knows who."""
    assert engaged(company({}, {"who": []})) == [1, None]


def test_a_window_that_is_not_recorded() -> None:
    """What was seen counts; that there is no more is not known."""
    assert engaged(company({}), feeds=[Span("activities", first=dt.date(2025, 5, 1))]) == [1, None]
    assert engaged(company({}), feeds=[Span("activities", last=dt.date(2025, 4, 30))]) == [1, None]


@pytest.mark.parametrize(
    ("ended", "expected"), [(13, [0, 0]), (12, [1, 1]), (10, [1, 1]), (2, [1, 1]), (1, [1, None])]
)
def test_a_feed_that_ended_a_little_early(ended: int, expected: list[int | None]) -> None:
    """The window ends with the feed, from three days of lag on; after 14 days there may be more."""
    feeds = [Span("activities", last=dt.date(2025, 5, ended))]
    assert engaged(company({"ago": 49}), feeds=feeds) == ([0, None] if ended == 1 else expected)
    words = facts_of(company({}), "deal", "engaged_as_of", feeds=feeds)["D"]["engaged_as_of"]
    late = 2 <= ended < 13
    assert words == (f"; as of {ended} May 2025, the last day recorded" if late else "")


def test_how_many_are_expected() -> None:
    """Two before the proposal, three from it on, four in a large deal."""
    names = ["engaged_expected", "engaged_expected_basis"]
    rows = company({})
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [3, "at least 3 expected"]
    rows["stages"][0]["milestone"] = 3
    found = facts_of(rows, "deal", *names)["D"]
    assert list(found.values()) == [2, "at least 2 expected before the proposal"]
    set_so = {"engaged_early_min": 1, "engaged_min": 5}
    found = facts_of(rows, "deal", *names, **set_so)["D"]
    assert list(found.values()) == [1, "at least 1 expected before the proposal"]
    rows["stages"][0]["milestone"] = 4
    found = facts_of(rows, "deal", *names, "engaged_large_min", **set_so)["D"]
    assert list(found.values()) == [5, "at least 5 expected", 5]
    rows["stages"][0]["milestone"] = None
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [None, None]


def test_contacts() -> None:
    """Who has left does not count; of whom the company is unknown may; an adviser does."""
    rows = company({"who": ["a", "x", "n"]})
    rows["contacts"].append({"contact_id": "n"})
    assert engaged(rows) == [1, 2]
    assert facts_of(rows, "deal", "uncounted_contact_ids")["D"]["uncounted_contact_ids"] == ["x"]
    rows["stakeholders"] = [{"deal_id": "D", "contact_id": "x", "external_adviser": True}]
    assert engaged(rows) == [2, 3]
    rows["contacts"][0]["left_on"] = AS_OF
    assert engaged(rows) == [1, 2]


def test_accounts_that_are_named_only() -> None:
    """Who is of the deal's own account is a buyer, although the account itself was not imported."""
    rows = company({"who": ["a", "x"]})
    rows["accounts"].clear()
    assert engaged(rows) == [1, 1]
    rows["stakeholders"] = [{"deal_id": "D", "contact_id": key} for key in "ax"]
    assert facts_of(rows, "deal", "outsider_contact_ids")["D"]["outsider_contact_ids"] == ["x"]


def test_an_activity_that_names_no_deal() -> None:
    """It belongs to the account's deal where only one is open, and to none where two may be meant."""
    rows = company({"deal_id": None, "account_id": "A"})
    assert engaged(rows) == [1, 1]
    rows["deals"].append({"deal_id": "E", "account_id": "A", "stage_id": "prop"})
    assert engaged(rows) == [0, 0]


def test_buckets() -> None:
    """Parents and children share a bucket: the number does not depend on how accounts are spread."""
    rows = company({"who": ["a", "c", "p", "x"]})
    assert engaged(rows, buckets=3) == engaged(rows) == [3, 3]


def test_size_of_the_customer() -> None:
    """Employees recorded nowhere do not matter; an empty cell where they are is unknown."""
    check = "consensus/single-champion"
    rows = company({})
    assert verdict(check, rows, "deal", "D") == "risk"
    rows["accounts"][3]["employees"] = 50
    assert verdict(check, rows, "deal", "D") == "insufficient_data"
    rows["accounts"][0]["employees"] = 3
    assert verdict(check, rows, "deal", "D") == "not_applicable"


def test_large_deals() -> None:
    """Large is the top quarter of 20 won deals; under 20 no deal is large; without an amount nobody knows."""
    rows = company({})
    rows["stages"].append({"stage_id": "won", "kind": "won"})
    for n in range(20):
        won = {
            "account_id": "A",
            "stage_id": "won",
            "created_on": SINCE,
            "closed_on": dt.date(2025, 3, 1),
        }
        rows["deals"].append(
            {"deal_id": f"W{n}", "amount_minor": 100 * n, "currency": "EUR", **won}
        )
    rows["deals"][0] |= {"amount_minor": 1425, "currency": "EUR"}
    names = ["deal_size_p75", "deal_size_n", "is_large_deal"]
    assert list(facts_of(rows, "deal", *names)["D"].values()) == [1425, 20, True]
    rows["deals"][0]["amount_minor"] = 1424
    assert facts_of(rows, "deal", *names)["D"]["is_large_deal"] is False
    rows["deals"][0]["amount_minor"] = None
    assert facts_of(rows, "deal", *names)["D"]["is_large_deal"] is None
    assert list(facts_of(rows, "deal", *names, deal_size_min_n=21)["D"].values()) == [
        None,
        20,
        False,
    ]

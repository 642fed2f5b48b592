"""Settings that stand in for what is recorded nowhere: how they are read, and that they never help."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.config import CONFIG_NAME, Config, load_config
from dealreview.engine.criteria import with_criteria
from dealreview.engine.loader import load_packs
from dealreview.engine.plan import make_plan
from dealreview.engine.selection import make_selection
from dealreview.engine.standins import STAND_INS, read_stand_ins
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind
from dealreview.testing import review_tables
from tests.engine.test_blanking import no_better

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = dt.date(2025, 5, 16)
Rows = dict[str, list[dict[str, Any]]]


def loaded(folder: Path, text: str) -> Config:
    """Return what a configuration file of this text says."""
    path = folder / CONFIG_NAME
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def test_every_stand_in_is_read(tmp_path: Path) -> None:
    """Money is in minor units of its currency, shares are numbers, criteria keep their names."""
    config = loaded(
        tmp_path,
        """
        [discount_ladder]
        rep = 0.1
        leader = 1

        [hourly_cost]
        rep = "60 EUR"
        manager = "JPY 9000"

        [[fit]]
        name = "size"
        when = "amount > 1000000"

        [words.function]
        finance = ["treasur*"]

        [words.side_task]
        ticket = ["rma"]
        """,
    )
    assert config.stand_ins == {
        "discount_ladder": {"rep": 0.1, "leader": 1.0},
        "hourly_cost": {
            "rep": {"minor": 6000, "currency": "EUR"},
            "manager": {"minor": 9000, "currency": "JPY"},
        },
        "fit": {"size": "amount > 1000000"},
        "function_words": {"finance": ["treasur*"]},
        "side_task_words": {"ticket": ["rma"]},
    }
    assert config.stand_ins.keys() <= STAND_INS.keys()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("discount_ladder = 1", "'discount_ladder' is a table"),
        (
            "[discount_ladder]\nrap = 0.1",
            "'discount_ladder.rap' is not a setting. Did you mean 'rep'",
        ),
        ("[discount_ladder]\nrep = 10", "out of bounds \\(0 to 1\\)"),
        ("[discount_ladder]\nrep = '10 %'", "takes a number"),
        ("[hourly_cost]\nrep = 60", "takes an amount with its currency, not 60"),
        ("[hourly_cost]\nrep = '60'", "'60' is not an amount with its currency"),
        ("[hourly_cost]\nrep = '60 EURO'", "is not an amount with its currency"),
        ("[hourly_cost]\nrep = '60 XYZ'", "is not an amount with its currency"),
        ("[hourly_cost]\nrep = '60.123 EUR'", "is not an amount with its currency"),
        ("[hourly_cost]\nrep = '-60 EUR'", "is not an amount with its currency"),
        ("fit = 1", "Write each as \\[\\[fit\\]\\]"),
        ("[[fit]]\nname = 'a'", "fit 1: \\[fit\\] needs 'when'"),
        ("[[fit]]\nname = ' '\nwhen = 'a'", "'fit.name': it is empty"),
        (
            "[[fit]]\nname = 'a'\nwhen = 'x'\n[[fit]]\nname = 'a'\nwhen = 'y'",
            "'a' stands there twice",
        ),
        ("[words]\nfuncton = {}", "Did you mean 'function'"),
        ("[words]\nfunction = 1", "Write it as \\[words.function\\]"),
        ("[words.function]\nfinanc = ['x']", "Did you mean 'finance'"),
        ("[words.function]\nfinance = 'cfo'", "takes a list of texts"),
        ("[words.function]\nfinance = ['*']", "is not a word such as"),
        ("[words.function]\nfinance = ['tre*sury']", "is not a word such as"),
    ],
)
def test_a_wrong_stand_in_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Nothing is guessed: every sentence names the file, the key and the mend."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        loaded(tmp_path, text)
    assert CONFIG_NAME in caught.value.message


def test_the_hash_covers_stand_ins(tmp_path: Path) -> None:
    """Each changes the hash; a section that says nothing does not."""
    texts = [
        "[discount_ladder]\nrep = 0.1",
        "[discount_ladder]\nrep = 0.2",
        "[hourly_cost]\nrep = '60 EUR'",
        "[hourly_cost]\nrep = '60 USD'",
        "[[fit]]\nname = 'a'\nwhen = 'amount > 1'",
        "[[fit]]\nname = 'a'\nwhen = 'amount > 2'",
        "[words.function]\nfinance = ['x1']",
        "[words.side_task]\nreport = ['x1']",
    ]
    hashes = [loaded(tmp_path, text).hash for text in texts]
    assert len({Config().hash, *hashes}) == 1 + len(texts)
    assert loaded(tmp_path, "[discount_ladder]\n[words.function]").hash == Config().hash
    assert loaded(tmp_path, "[hourly_cost]\nrep = 'EUR 60.00'").hash == hashes[2]


@pytest.mark.parametrize(
    ("setting", "check"),
    [
        ({"discount_ladder": {"rep": 0.1}}, "pricing/discount-beyond-authority"),
        ({"hourly_cost": {"rep": "60 EUR"}}, "pricing/unprofitable-pursuit"),
        ({"fit": [{"name": "a", "when": "amount > 1"}]}, "accounts/deal-fit"),
    ],
)
def test_a_stand_in_is_named_where_a_check_is_not_reviewed(
    setting: dict[str, Any], check: str
) -> None:
    """What could be written in the configuration is an alternative to what could be recorded."""
    registry = load_packs(autoload=False)
    plain = make_plan(registry, make_selection(registry, Config()), frozenset())
    config = Config(stand_ins=read_stand_ins(setting, "test"))
    helped = make_plan(registry, make_selection(registry, config), frozenset())
    needs = {one.check: one.needs for one in plain.not_reviewed[Kind.DEAL]}[check]
    left = {one.check: one.needs for one in helped.not_reviewed[Kind.DEAL]}.get(check, ())
    [name] = config.stand_ins
    assert any(STAND_INS[name] in need for need in needs)
    assert not any(STAND_INS[name] in need for need in left)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("amout > 3", "\\[\\[fit\\]\\] 'a': .* no fact 'amout'.* Did you mean 'amount'"),
        ("amount", "not a condition"),
        ("amount IS NULL", "can't be used"),
        ("poor_fit", "asks for what is made of the criteria: needs itself through"),
        ("NOT contains(fit_missed, 'a')", "made of the criteria: needs itself through"),
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused(when: str, reason: str) -> None:
    """It is held against the facts that are loaded, as every condition of a configuration is."""
    with pytest.raises(ConfigurationError, match=reason):
        with_criteria(load_packs(autoload=False), {"a": when}, "test")


def test_criteria_may_ask_for_facts_of_the_organisation() -> None:
    """They are answered after all other facts of deals, bucket by bucket or not."""
    criteria = {"small": "amount < 100000", "key": "segment = 'key' AND amount > 1"}
    config = Config(stand_ins={"fit": criteria})
    rows = company()
    found = [
        review_tables(rows, AS_OF, config=config, select=["accounts/deal-fit"], buckets=buckets)
        .kinds[Kind.DEAL]
        .base.select("id")
        .height
        for buckets in (1, 3)
    ]
    assert found == [3, 3]


# --- a stand-in never helps ----------------------------------------------------------------------


def company() -> Rows:
    """Return three deals in negotiation that stand-ins have something to say about."""
    deal = {"account_id": "A", "stage_id": "s", "currency": "EUR", "created_on": "2025-02-03"}
    line = {"list_minor": 1000, "invoice_minor": 800, "cost_minor": 300, "period": "one_off"}
    held = {"kind": "meeting", "status": "held"}
    feeds = [
        {"table_name": name, "scope": "all", "covers_from": "2023-01-01", "covers_to": "2025-05-16"}
        for name in ("activities", "approvals", "deals")
    ]
    return {
        "feeds": feeds,
        "accounts": [{"account_id": "A", "segment": "key"}],
        "stages": [{"stage_id": "s", "kind": "open", "milestone": 5}],
        "people": [
            {"person_id": "ana", "role": "rep"},
            {"person_id": "max", "role": "manager"},
            {"person_id": "lea", "role": "leader"},
        ],
        "contacts": [
            {"contact_id": "1", "account_id": "A", "job_title": "CFO"},
            {"contact_id": "2", "account_id": "A", "job_title": "Leiter Einkauf"},
            {"contact_id": "3", "account_id": "A", "job_title": "Project Manager"},
        ],
        "deals": [
            {**deal, "deal_id": "D", "owner_id": "ana", "amount_minor": 800},
            {**deal, "deal_id": "E", "owner_id": "max", "amount_minor": 800},
            {**deal, "deal_id": "F", "owner_id": "max", "amount_minor": 800},
        ],
        "deal_lines": [{**line, "line_id": f"l{name}", "deal_id": name} for name in "DEF"],
        "approvals": [
            {
                "approval_id": "r",
                "deal_id": "E",
                "approver_id": "lea",
                "decision": "approved",
                "requested_on": "2025-05-01",
                "decided_on": "2025-05-02",
                "discount_ratio": 0.2,
            }
        ],
        "activities": [
            {
                **held,
                "activity_id": name,
                "deal_id": deal_id,
                "at": f"{day}T10:00:00Z",
                "title": title,
            }
            for name, deal_id, day, title in (
                ("m", "D", "2025-05-09", "Pricing"),
                ("n", "E", "2025-05-08", "Weekly"),
                ("o", "E", "2025-05-07", "With Anna"),
            )
        ],
        "stakeholder_roles": [
            {"deal_id": "D", "contact_id": "1", "role": "finance"},
            {"deal_id": "D", "contact_id": "2", "role": "user"},
        ],
        "activity_attendees": [
            {"activity_id": meeting, "attendee_id": contact, "side": "buyer"}
            for meeting, contact in ("m1", "m2", "n2", "n3", "o2")
        ],
    }


LADDERS = [
    {"rep": 0.1, "manager": 0.3, "leader": 0.5},
    {"rep": 0.3, "manager": 0.1, "leader": 0.1},
]


@pytest.mark.parametrize("ladder", LADDERS, ids=str)
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("people", "role"),
        ("contacts", "job_title"),
        ("activities", "title"),
        ("activities", "kind"),
        ("deals", "amount_minor"),
        ("deals", "owner_id"),
        ("accounts", "segment"),
        ("approvals", "approver_id"),
    ],
)
def test_a_blanked_cell_never_helps_while_stand_ins_hold(
    table: str, column: str, ladder: dict[str, float]
) -> None:
    """Without a role, a title or what a criterion asks for, no subject stands better than with it."""
    rows = company()
    fit = {"small": "amount < 100000", "old": "days_to_close < 900", "big": "amount > 100"}
    config = Config(stand_ins={"discount_ladder": ladder, "fit": fit})
    changed = []
    for number, row in enumerate(rows[table]):
        if row.get(column) is not None and len(rows[table]) > 1:
            blanked = [*rows[table]]
            blanked[number] = {**row, column: None}
            changed.append({**rows, table: blanked})
    no_better(rows, *changed, config=config)


@pytest.mark.parametrize("ladder", LADDERS, ids=str)
def test_the_last_role_to_go_never_helps(ladder: dict[str, float]) -> None:
    """Not even where no role is left at all, and whoever owns a deal counts as a seller."""
    rows = company()
    one = {**rows, "people": [{"person_id": "ana", "role": "rep"}, {"person_id": "max"}]}
    none = {**rows, "people": [{"person_id": "ana", "name": "Ana"}, {"person_id": "max"}]}
    config = Config(stand_ins={"discount_ladder": ladder})
    sellers = {k: [d for d in one[k] if d["deal_id"] == "D"] for k in ("deals", "deal_lines")}
    mine = [a for a in one["activities"] if a["deal_id"] == "D"]
    there = [a for a in one["activity_attendees"] if a["activity_id"] == "m"]
    rest = {**sellers, "activities": mine, "activity_attendees": there, "approvals": []}
    no_better({**one, **rest}, {**none, **rest}, config=config)

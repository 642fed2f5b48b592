"""Storing a review as a run."""

import json
from pathlib import Path
from typing import Any

import pytest

from dealreview.engine.config import Config
from dealreview.engine.records import run_key, save_review
from dealreview.engine.run import Request, review_database
from dealreview.engine.verdicts import Speaker, Voice
from dealreview.model.outcome import FINDINGS, OUTCOMES, Kind, Outcome
from dealreview.model.verdict import Verdict
from dealreview.store.runs import load_run
from dealreview.store.scorecards import load_scorecards
from tests.reports.shop import AS_OF, MODULE, reviewed, shop
from tests.support.stored import stored_and_told, written_out


def test_a_run_keeps_a_byte_a_check(tmp_path: Path) -> None:
    """Each scorecard has an outcome for each check of the run, in its order."""
    database = shop(tmp_path)
    review = reviewed(database)
    number = save_review(database, review)
    with database.read() as connection:
        run = load_run(connection, number)
        cards = {(card.kind, card.id): card for card in load_scorecards(connection, number)}
    assert run.checks == ("acme/diary", "acme/hours", "acme/size", "acme/terms", "acme/week")
    assert len(cards) == sum(kind.base.height for kind in review.kinds.values())
    outcomes = [OUTCOMES[code] for code in cards["deal", "crm:1"].outcomes]
    none = Outcome.NOT_REVIEWED
    assert outcomes == [none, Outcome.WATCH, none, Outcome.RISK, none]


def test_a_run_keeps_what_scores_are_made_of(tmp_path: Path) -> None:
    """E, W(D) and W(A) are doubled integers; reps have none and no band."""
    database = shop(tmp_path)
    number = save_review(database, reviewed(database))
    with database.read() as connection:
        cards = {(card.kind, card.id): card for card in load_scorecards(connection, number)}
    first, unrated, rep = (
        cards[key] for key in (("deal", "crm:1"), ("deal", "crm:4"), ("rep", "crm:p1"))
    )
    assert (first.e2, first.wd2, first.wa2, first.band) == (2, 14, 14, "risk")
    assert (unrated.e2, unrated.wd2, unrated.wa2, unrated.band) == (0, 0, 14, "unrated")
    assert (rep.e2, rep.wd2, rep.wa2, rep.band) == (None, None, None, None)


def test_only_findings_are_kept_in_full(tmp_path: Path) -> None:
    """Strengths, watches, risks and errors have their message and parameters; the rest is a byte."""
    database = shop(tmp_path)
    review = reviewed(database, "tests.reports.acme", "tests.reports.broken")
    stored = {(v.kind, v.id, v.check): v for v in stored_and_told(database, review)}
    assert {v.outcome for v in stored.values()} == {outcome.value for outcome in FINDINGS}
    detail = json.loads(stored["deal", "crm:1", "acme/terms"].detail_json)
    assert detail["message"] == "90 d net; 30 d is the limit"
    assert detail["points_lost"] == 71.4 or detail["points_lost"] > 0
    assert len(detail["parameters_hash"]) == 16
    assert "not this one" in stored["deal", "crm:1", "broken/one"].detail_json


def test_the_same_review_is_stored_once(tmp_path: Path) -> None:
    """A review of unchanged data gets the number that it has; another day is another run."""
    database = shop(tmp_path)
    review = reviewed(database)
    assert save_review(database, review) == save_review(database, reviewed(database)) == 1
    assert save_review(database, reviewed(database, coverage_floor=0.4)) == 2


def test_a_run_with_a_broken_pack_is_another_run(tmp_path: Path) -> None:
    """A pack that can't be loaded is kept in the header, and the run is not taken for a healthy one."""
    database = shop(tmp_path)
    request = Request(AS_OF, Config(autoload=False), ["acme"], modules=[MODULE, "tests.not_there"])
    healthy, broken = reviewed(database), review_database(database, request)
    assert [save_review(database, review) for review in (healthy, broken, healthy)] == [1, 2, 1]
    with database.read() as connection:
        (problem,) = load_run(connection, 2).header["problems"]
        assert load_run(connection, 1).header["problems"] == []
    assert "not_there" in problem["where"]


def test_a_run_keeps_which_checks_had_nothing_to_look_at(tmp_path: Path) -> None:
    """The stored header names the selected checks that were not reviewed."""
    database = shop(tmp_path)
    number = save_review(database, reviewed(database))
    with database.read() as connection:
        assert load_run(connection, number).header["not_reviewed"] == ["acme/diary"]


def test_the_database_is_not_locked_while_verdicts_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program can write until every row is ready."""
    database = shop(tmp_path)
    review = reviewed(database)
    found = type(review.kinds[Kind.DEAL])
    original, written = found.verdicts, []

    def writing(self: object, rows: list[int], **rest: object) -> object:
        for verdicts in original(self, rows, **rest):  # type: ignore[arg-type]
            with database.write() as connection:
                connection.execute("UPDATE deals SET name = name WHERE deal_id = 'crm:1'")
            written.append(verdicts)
            yield verdicts

    monkeypatch.setattr(found, "verdicts", writing)
    assert save_review(database, review) == 1
    assert written


def test_changed_data_is_another_run(tmp_path: Path) -> None:
    """The data revision is part of what went in."""
    database = shop(tmp_path)
    before = reviewed(database)
    with database.write() as connection:
        connection.execute("UPDATE deals SET payment_terms_days = 1 WHERE deal_id = 'crm:1'")
    after = reviewed(database)
    assert run_key(before.header) != run_key(after.header)


def test_scorecards_know_the_revision_of_their_account(tmp_path: Path) -> None:
    """Deals and accounts keep the last change of their account, unless data changed meanwhile."""
    database = shop(tmp_path)
    review = reviewed(database)
    with database.write() as connection:
        connection.execute("UPDATE deals SET payment_terms_days = 1 WHERE deal_id = 'crm:1'")
    numbers = save_review(database, review), save_review(database, reviewed(database))
    with database.read() as connection:
        old, new = (
            {(c.kind, c.id): c.account_revision for c in load_scorecards(connection, number)}
            for number in numbers
        )
    assert set(old.values()) == {None}
    assert new["deal", "crm:1"] == new["account", "crm:a1"]
    assert new["deal", "crm:3"] == new["account", "crm:a2"] != new["account", "crm:a1"]
    assert new["rep", "crm:p1"] is None


def test_only_what_functions_found_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing makes verdicts of functions only, and of those only what they found."""
    database = shop(tmp_path)
    review = reviewed(database, "tests.reports.acme", "tests.reports.broken")
    made: list[str] = []
    original = Speaker.speak

    def counted(self: Speaker, voice: Voice, *rest: Any) -> Verdict:
        made.append(voice.check)
        return original(self, voice, *rest)

    monkeypatch.setattr(Speaker, "speak", counted)
    save_review(database, review)
    stored = list(made)
    forms = {check.id: check.form for check in review.checks}
    found = [one.check for one in written_out(review) if forms[one.check] == "function"]
    assert sorted(stored) == sorted(found)
    assert len(set(found)) > 1

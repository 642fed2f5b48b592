"""Flags of deals: open, won and lost deals in one stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ingest.importing import DEALS, Imported, deals, import_files

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = 'stage_id = "s"\nis_closed = "c"\nis_won = "w"'
OFFER = '[stages]\nOffer = {milestone = "proposal", position = 4}'
MIXED = "id,s,c,w\n1,Offer,0,0\n2,Offer,1,1\n3,Offer,1,0\n"


def stages(found: Imported) -> list[tuple[object, ...]]:
    """Return each deal with the stage that it is in, its kind and milestone."""
    return found.ask(
        "SELECT deal_id, stage_id, s.name, kind, milestone FROM deals "
        "LEFT JOIN stages s USING (stage_id) ORDER BY deal_id"
    )


def test_deals_of_one_stage_keep_their_own_flags(tmp_path: Path) -> None:
    """Whatever row comes first, a won deal is won, and only the open stage has the milestone."""
    found = deals(tmp_path, MIXED, FLAGS, OFFER)
    assert stages(found) == [
        ("crm:1", "crm:Offer", "Offer", "open", 4),
        ("crm:2", "crm:Offer (won)", "Offer (won)", "won", None),
        ("crm:3", "crm:Offer (lost)", "Offer (lost)", "lost", None),
    ]
    assert found.summary.unmapped_stages == []


def test_flags_that_contradict_the_mapping_win_and_are_noted(tmp_path: Path) -> None:
    """A deal that is not closed is open, also in a stage that the mapping calls won."""
    found = deals(tmp_path, "id,s,c,w\n1,Done,0,0\n", FLAGS, '[stages]\nDone = {kind = "won"}')
    assert stages(found)[0][2:4] == ("Done (open)", "open")
    assert "is won by [stages]; the flags of the deal say open, and they count" in found.reasons()


def test_a_stage_without_a_word_in_the_mapping(tmp_path: Path) -> None:
    """Its open deals are in it; where all agree, it has their kind."""
    found = deals(tmp_path, f"{MIXED}4,Signed,1,1\n", FLAGS)
    assert [row[2:4] for row in stages(found)] == [
        ("Offer", "open"), ("Offer (won)", "won"), ("Offer (lost)", "lost"), ("Signed", "won"),
    ]  # fmt: skip
    assert found.summary.unmapped_stages == ["Offer"]


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    """A deal does not hop between a stage and what the flags make of it."""
    deals(tmp_path, MIXED, FLAGS, OFFER)
    again = deals(tmp_path, MIXED, FLAGS, OFFER)
    assert (again.summary.total("unchanged"), again.summary.changes) == (3, 0)


def test_flags_without_a_stage_make_stages(tmp_path: Path) -> None:
    """A system without stages still tells what is won."""
    fields = 'is_closed = {column = "x", true = ["Won", "Lost"], false = "Open"}\n'
    fields += 'is_won = {column = "x", true = "Won", false = ["Lost", "Open"]}'
    found = deals(tmp_path, "id,x\n1,Won\n2,Lost\n3,Open\n4,\n", fields)
    assert [row[2:4] for row in stages(found)] == [
        ("(won)", "won"), ("(lost)", "lost"), ("(open)", "open"), (None, None),
    ]  # fmt: skip


def test_a_closed_deal_that_nobody_calls_won_or_lost_is_not_open(tmp_path: Path) -> None:
    """Whether it was won stays unknown, and is said; that it is closed is kept."""
    found = deals(tmp_path, "id,s,c\n1,Offer,1\n", 'stage_id = "s"\nis_closed = "c"', OFFER)
    assert stages(found)[0][2:] == ("Offer (closed)", "closed", None)
    assert len(found.reasons()) == 1


def test_a_known_stage_is_not_made_one_of_unknown_result(tmp_path: Path) -> None:
    """A deal that is only called closed stays in a stage that the mapping calls won."""
    found = deals(tmp_path, "id,s,c,w\n1,Done,1,\n", FLAGS, '[stages]\nDone = {kind = "won"}')
    assert [row[2:4] for row in stages(found)] == [("Done", "won")]


def test_other_deals_do_not_say_how_one_ended(tmp_path: Path) -> None:
    """A closed deal of unknown result is not won because the others of its stage are."""
    found = deals(tmp_path, "id,s,c,w\n1,Signed,1,\n2,Signed,1,1\n", FLAGS)
    assert [row[2:4] for row in stages(found)] == [("Signed", "closed"), ("Signed (won)", "won")]


def test_rows_that_are_not_meant_say_nothing_of_a_stage(tmp_path: Path) -> None:
    """A deleted open deal does not make its stage an open one."""
    mapping = DEALS.replace("[file.fields]", 'where_not = {del = "1"}\n[file.fields]')
    text = "id,s,c,w,del\n1,Signed,1,1,0\n2,Signed,0,0,1\n"
    found = import_files(tmp_path, {"deals.csv": text}, f"{mapping}{FLAGS}")
    assert [row[2:4] for row in stages(found)] == [("Signed", "won")]

"""Checks that were renamed: what is stored under the old id is found under the new one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dealreview.reviews.renames import id_of_today, ids_of_today
from tests.cli.running import DAY, run
from tests.reports.shop import deal, shop
from tests.support.packs import rule, write

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]

ACCEPT = ("--reason", "r", "--author", "Ana", "--approver", "Ben", "--until", "2026-12-01")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """Return the folder of a company with one deal that is too large."""
    shop(tmp_path, deal(1, "large"), people=[])
    return tmp_path


def command(capsys: Capture, folder: Path, check: str, former: str, *words: str) -> tuple[int, str]:
    """Return code and output of a command while the check has an id and former ones."""
    write(folder / "packs", acme_toml=rule(check, renamed_from=former))
    config = folder / "dealreview.toml"
    config.write_text(f"plugins = ['packs']\n[review]\nas_of = {DAY[1]}\n", encoding="utf-8")
    done = run(capsys, *words, "--db", folder / "shop.db", *_config(words, config))
    return done.code, done.out + done.err


def _config(words: tuple[str, ...], config: Path) -> tuple[str, ...]:
    return () if words[0] == "diff" else ("--config", str(config))


REVIEW = ("review", "--select", "acme", "--fail-on", "watch")
OLD, NEW = ("acme/big", "[]"), ("acme/large", '["acme/big"]')


def test_an_accepted_finding_stays_accepted(company: Path, capsys: Capture) -> None:
    """The gate leaves it alone, the list says that it holds, and it can be accepted anew, once."""
    assert command(capsys, company, *OLD, *REVIEW)[0] == 1
    add = ("waivers", "add", "deal:crm:1", "acme/big", *ACCEPT)
    assert _waivers(capsys, company, OLD, *add[1:])[0] == 0
    assert command(capsys, company, *OLD, *REVIEW)[0] == 0
    assert command(capsys, company, *NEW, *REVIEW)[0] == 0
    [one] = json.loads(_waivers(capsys, company, NEW, "--format", "json")[1])
    assert (one["check"], one["state"]) == ("acme/large", "holds")
    assert "acme/large on deal:crm:1" in _waivers(capsys, company, NEW, *add[1:])[1]
    [one] = json.loads(_waivers(capsys, company, NEW, "--format", "json")[1])
    assert (one["check"], one["number"]) == ("acme/large", 2)


def _waivers(capsys: Capture, folder: Path, check: tuple[str, str], *words: str) -> tuple[int, str]:
    """Run a command on the waivers; the options of the group come before its commands."""
    command(capsys, folder, *check, "checks")
    options = ("--db", folder / "shop.db", "--config", folder / "dealreview.toml")
    done = run(capsys, "waivers", *options, *words)
    return done.code, done.out + done.err


def test_a_rename_is_no_change(company: Path, capsys: Capture) -> None:
    """Two runs that differ in the id only do not differ, and what was known is not new."""
    command(capsys, company, *OLD, *REVIEW)
    code, out = command(capsys, company, *NEW, *REVIEW, "--new-only", "1")
    assert code == 0, out
    for words in (("diff", "1", "2"), ("diff", "2", "1")):
        _, out = command(capsys, company, *NEW, *words, "--format", "json")
        assert json.loads(out)["changes"] == []


def test_another_check_is_not_the_same(company: Path, capsys: Capture) -> None:
    """Without a word about a former id the old finding has gone and the new one is new."""
    command(capsys, company, *OLD, *REVIEW)
    code, _ = command(capsys, company, "acme/large", "[]", *REVIEW, "--new-only", "1")
    assert code == 1
    _, out = command(capsys, company, "acme/large", "[]", "diff", "1", "2", "--format", "json")
    assert [change["check"] for change in json.loads(out)["changes"]] == ["acme/big", "acme/large"]


def test_names_are_followed_to_the_end() -> None:
    """A check renamed twice is found; a circle ends; a check merged into one beside it stays."""
    assert id_of_today("a/1", {"a/1": "a/2", "a/2": "a/3"}) == "a/3"
    assert id_of_today("a/1", {"a/1": "a/2", "a/2": "a/1"}) == "a/2"
    merged = ids_of_today(["a/1", "a/2", "a/4"], {"a/1": "a/2", "a/4": "a/5"})
    assert merged == {"a/1": "a/1", "a/2": "a/2", "a/4": "a/5"}

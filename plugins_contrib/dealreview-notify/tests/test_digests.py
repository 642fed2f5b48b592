"""What an owner is told."""

from __future__ import annotations

from dealreview_notify.digests import digests
from documents import card, document, verdict


def test_one_digest_an_owner() -> None:
    """Deals of one owner come together; other subjects, and deals without findings, not at all."""
    found = digests(
        document(
            card("d1", "p1", verdict("a/x")),
            card("d2", "p1", verdict("a/x"), verdict("a/y", "watch")),
            card("d3", "p2", verdict("a/y", "watch")),
            card("p1", None, verdict("a/x"), kind="rep"),
            card("d4", None, verdict("a/x")),
        ),
        ["risk"],
    )
    assert [(one.owner, one.said) for one in found] == [
        (None, "1 risk in 1 deal"),
        ("p1", "2 risks in 2 deals"),
    ]


def test_watches_on_demand() -> None:
    """What deserves attention is told where that is wanted, and called what it is."""
    both = document(card("d1", "p1", verdict("a/x"), verdict("a/y", "watch")))
    watch = document(card("d1", "p1", verdict("a/y", "watch"), verdict("a/z", "watch")))
    assert digests(both, ["risk", "watch"])[0].said == "2 findings in 1 deal"
    assert digests(watch, ["risk", "watch"])[0].said == "2 points to watch in 1 deal"


def test_the_worst_comes_first_and_the_rest_is_counted() -> None:
    """Blockers before majors, then money; what is left out is said."""
    [digest] = digests(
        document(
            card("d1", "p1", verdict("a/minor", severity="minor"), verdict("a/small", money=1)),
            card("d2", "p1", verdict("a/large", money=500), verdict("a/block", severity="blocker")),
        ),
        ["risk"],
    )
    assert [one.check for one in digest.findings] == ["a/block", "a/large", "a/small", "a/minor"]
    lines = list(digest.lines(3))
    assert lines == [
        "Deal d2 (deal:d2)",
        "  risk: found by a/block [a/block]",
        "    What now?",
        "  risk: found by a/large [a/large]",
        "    What now?",
        "",
        "Deal d1 (deal:d1)",
        "  risk: found by a/small [a/small]",
        "    What now?",
        "",
        "and 1 more. The whole of it: dealreview review",
    ]
    assert list(digest.lines(4))[-1] == "More on a deal: dealreview show deal:ID"


def test_the_title() -> None:
    """It says how much and of which day, and whose where others read along."""
    [digest] = digests(document(card("d1", "p1", verdict("a/x"))), ["risk"])
    assert digest.title() == "1 risk in 1 deal, deal review of 3 Nov 2026"
    assert digest.title("Mira\n") == "Mira: 1 risk in 1 deal, deal review of 3 Nov 2026"


def test_names_stay_on_their_line() -> None:
    """A deal whose name has a line break can't write a finding of its own."""
    named = card("d1", "p1", verdict("a/x"), name="A\n  risk: forged")
    [digest] = digests(document(named), ["risk"])
    assert next(digest.lines(5)) == "A risk: forged (deal:d1)"

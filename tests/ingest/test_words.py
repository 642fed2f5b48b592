"""What names of stages may mean."""

from __future__ import annotations

import pytest

from dealreview.ingest.words import CLOSED, stage_meaning


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Won", "won"), ("Closed Won", "won"), ("Gewonnen", "won"), ("Gagné", "won"),
        ("Closed-Lost", "lost"), ("Lost to competitor", "lost"), ("Perdu", "lost"),
        ("Refused", "lost"), ("Cancelled", "lost"), ("Closed - no decision", "lost"),
        ("Closed", CLOSED), ("Abgeschlossen", CLOSED), ("Won/Lost", CLOSED), ("Closed (not won)", CLOSED),
        ("Not won yet", ""), ("un-won", ""), ("Won\u2019t fix", ""), ("Nicht gewonnen", ""),
        ("wontfix", "lost"), ("Newsletter", ""), ("Cost estimate", ""), ("Unqualified", ""),
        ("Open", "open"), ("In Progress", "open"),
        ("Angebotsphase", "proposal"), ("Vertragsverhandlung", "negotiation"),
        ("Verbal yes", "closing"), ("Needs analysis", "discovery"), ("New lead", "qualifying"),
    ],
)  # fmt: skip
def test_whole_words_tell_what_a_stage_means(name: str, meaning: str) -> None:
    """A word inside another says nothing, and a negation leaves the question open."""
    assert stage_meaning(name) == meaning

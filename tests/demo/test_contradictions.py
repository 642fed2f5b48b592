"""Verdicts of the demo company against their own evidence: there, nearly every check decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.contradictions import contradictions

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review


@pytest.mark.slow
def test_no_verdict_of_the_demo_contradicts_its_own_evidence(
    demo_company: tuple[Path, Review, str],
) -> None:
    """A finding misses what it expected, what is fine meets it; no money below nothing is at risk."""
    found = {
        (verdict.check, verdict.subject_id, said)
        for card in demo_company[1].scorecards()
        for verdict in card.verdicts
        for said in contradictions(verdict)
    }
    assert found == set()

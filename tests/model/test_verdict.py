"""Verdicts: what an author makes, and their identity."""

import hashlib

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealreview.model.outcome import Kind, Outcome
from dealreview.model.verdict import Quantity, Verdict, fingerprint

texts = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=3)


def test_a_fingerprint_is_pinned():
    """Stored dispositions find their verdicts again in every version."""
    joined = b"acme/x\x1fdeal\x1fcrm:1"
    assert fingerprint("acme/x", Kind.DEAL, "crm:1") == hashlib.sha256(joined).hexdigest()[:16]
    assert fingerprint("acme/x", "deal", "crm:1") == "66fccfa424b8732d"


@given(texts, texts, texts, texts)
def test_the_parts_of_a_fingerprint_do_not_run_together(a, b, c, d):
    """Moving a character from one part to the next gives another identity."""
    assert (fingerprint(a, b, "1") == fingerprint(c, d, "1")) is ((a, b) == (c, d))


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (Verdict.strength, Outcome.STRENGTH),
        (Verdict.passed, Outcome.PASS),
        (Verdict.watch, Outcome.WATCH),
        (Verdict.risk, Outcome.RISK),
        (Verdict.not_applicable, Outcome.NOT_APPLICABLE),
    ],
)
def test_an_author_names_the_outcome(make, outcome):
    """Each outcome that an author may give has its own maker, with message and evidence."""
    made = make("said", actual=Quantity(3, "days"))
    assert (made.outcome, made.message, made.actual) == (outcome, "said", Quantity(3, "days"))


def test_insufficient_data_names_what_is_missing():
    """The author says for want of what."""
    made = Verdict.insufficient("discount", "deals.amount_minor")
    assert made.outcome is Outcome.INSUFFICIENT_DATA
    assert made.missing == ("discount", "deals.amount_minor")


def test_a_verdict_is_filled_by_copy():
    """What an author returned is never changed."""
    made = Verdict.risk("said")
    filled = made.filled(check="acme/x", subject_id="crm:1")
    assert (filled.check, filled.message, made.check) == ("acme/x", "said", "")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.check = "acme/y"

"""What the messages of the built-in checks have in common."""

from __future__ import annotations

import pytest

from dealreview.checks.messages import fields_of
from dealreview.checks.reach import outcomes_of
from dealreview.checks.terms import inputs_of
from tests.plugins.tinyfacts import built_in, rules_of

NOTES = frozenset({"snooze_note", "silence_notes", "meeting_notes"})
"""Facts that say what is wrong with a snooze that does not count."""


@pytest.mark.parametrize("check_id", [check.id for check in built_in().checks])
def test_no_words_for_what_never_comes_out(check_id: str) -> None:
    """A message stands beside an outcome that the rule can give."""
    for kind, rules in rules_of(check_id).items():
        reached = {outcome.value for outcome in outcomes_of(rules, built_in().fact_types[kind])}
        assert {name for name, text in rules.message.items() if text} <= reached


@pytest.mark.parametrize("check_id", [check.id for check in built_in().checks])
def test_a_snooze_that_does_not_count_is_shown(check_id: str) -> None:
    """Whatever a snooze would have silenced says what is wrong with one that is ignored."""
    for rules in rules_of(check_id).values():
        if "is_snoozed" in inputs_of(rules.applies):
            fields = [{name for name, _ in fields_of(text)} for text in rules.message.values()]
            assert all(NOTES & named for named in fields)

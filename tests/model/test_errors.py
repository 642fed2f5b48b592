"""Errors: what happened, the mend and the exit code."""

import pytest

from dealreview.model.errors import (
    ConfigurationError,
    DealreviewError,
    NothingSelected,
    StoreError,
    did_you_mean,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [(DealreviewError, 2), (ConfigurationError, 2), (NothingSelected, 5), (StoreError, 2)],
)
def test_an_error_says_the_mend_and_knows_its_exit_code(error, code):
    """One sentence for what happened, one for what to do."""
    raised = error("It broke.", mend="Mend it.")
    assert str(raised) == "It broke. Mend it."
    assert (raised.message, raised.mend, raised.exit_code) == ("It broke.", "Mend it.", code)


def test_an_error_may_have_no_mend():
    """Then the message stands alone."""
    assert str(DealreviewError("It broke.")) == "It broke."


@pytest.mark.parametrize(
    ("name", "hint"), [("plugin", " Did you mean 'plugins'?"), ("xyz", ""), ("", "")]
)
def test_the_nearest_known_name_is_offered(name, hint):
    """A name that is like none gets no hint."""
    assert did_you_mean(name, ["review", "plugins"]) == hint

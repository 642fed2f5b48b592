"""Declaring checks."""

from __future__ import annotations

import pytest

from dealreview import check


@pytest.mark.parametrize("form", [check, check.columns])
def test_an_option_that_does_not_exist(form):
    """A misspelt option is refused with the nearest one, not swallowed."""
    with pytest.raises(TypeError, match=r"no option 'severty'\. Did you mean 'severity'\?"):
        form("acme/x", severty="major")

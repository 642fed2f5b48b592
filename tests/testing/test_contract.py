"""What must hold for every check, held against checks that do and do not keep it."""

from __future__ import annotations

import pytest

from dealreview.model.errors import ConfigurationError
from dealreview.testing import contract_tests

TestSound = contract_tests("tests.testing.sound", examples=20, whole=2)
"""Nothing is found where nothing is wrong."""


@pytest.mark.parametrize(
    ("test", "check", "said"),
    [
        ("test_a_gap_never_changes_the_judgement", "gap", "put 'days_past_close' under needs"),
        ("test_the_same_again", "memory", "says something else the second time"),
        ("test_the_same_again", "raises", "TypeError"),
    ],
)
def test_what_is_broken_is_found(test: str, check: str, said: str) -> None:
    """The check is named, and what to change."""
    breaking = contract_tests("tests.testing.breaking", examples=30, whole=2)
    with pytest.raises(AssertionError, match=said) as found:
        getattr(breaking(), test)(name=f"breaking/{check} on deal")
    assert f"breaking/{check}" in str(found.value)


def test_a_module_without_checks() -> None:
    """Tests of nothing would pass, so they are refused."""
    with pytest.raises(ConfigurationError, match="delivers no check"):
        contract_tests("tests.testing.test_factories")


TestTwins = contract_tests(
    "tests.testing.twins", examples=20, whole=2, same=[("twins/function", "twins/columns")]
)
"""Forms of one check agree, gaps included."""

# The third is there to be caught; what is wrong with it is held against the others below.
del TestTwins.test_a_gap_never_changes_the_judgement


def test_forms_that_differ_are_found() -> None:
    """The facts on which they differ are printed, and what to change."""
    pair = ("twins/columns", "twins/hasty")
    twins = contract_tests("tests.testing.twins", examples=40, whole=2, same=[pair])
    with pytest.raises(AssertionError, match="Make the conditions of one") as found:
        twins().test_forms_agree(pair=" and ".join(pair))
    assert "twins/hasty says pass" in str(found.value)


def test_a_form_that_is_not_there() -> None:
    """A pair names checks of the packs."""
    with pytest.raises(ConfigurationError, match=r"'twins/colums'.*Did you mean 'twins/columns'"):
        contract_tests("tests.testing.twins", same=[("twins/function", "twins/colums")])

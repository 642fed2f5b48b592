"""Why a check is in a run or not."""

import pytest

from dealreview.engine.choice import choice_of
from dealreview.engine.config import Config
from tests.reports.acme import terms

CHECK = terms.__dealreview_check__  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("config", "select", "ignore", "selected", "sentence"),
    [
        ({}, (), (), True, "Selected: neither an option nor the configuration narrows the checks."),
        ({"select": ("*/terms", "x")}, (), (), True, "Selected by review.select '*/terms'."),
        ({"select": ("x",)}, ("acme",), (), True, "Selected by --select 'acme'."),
        (
            {"select": ("acme",)},
            ("x", "y"),
            (),
            False,
            "Not selected: --select takes 'x', 'y' only.",
        ),
        ({"select": ("x",)}, (), (), False, "Not selected: review.select takes 'x' only."),
        ({"ignore": ("acme/*",)}, ("acme",), (), False, "Left out by review.ignore 'acme/*'."),
        ({"ignore": ("acme",)}, (), ("acme/terms",), False, "Left out by --ignore 'acme/terms'."),
    ],
)
def test_the_pattern_that_decides_is_named(
    config: dict[str, tuple[str, ...]],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    selected: bool,
    sentence: str,
) -> None:
    """Options take the place of the configuration's choice, and are added to what it leaves out."""
    choice = choice_of(CHECK, Config(**config), select, ignore)  # type: ignore[arg-type]
    assert (choice.selected, str(choice)) == (selected, sentence)


def test_a_check_can_be_required() -> None:
    """It is then reviewed even where nothing is recorded."""
    assert choice_of(CHECK, Config(required_checks=("acme/terms",))).required
    assert not choice_of(CHECK, Config(required_checks=("acme/size",))).required

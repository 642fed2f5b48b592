"""Names of what a finding rests on."""

import pytest

from dealreview.reports.html.evidence import label_of


@pytest.mark.parametrize(
    ("name", "description", "label"),
    [
        ("deal_age_days", "Days since the deal was created.", "days since the deal was created"),
        ("pocket_price", "What we keep: invoice price less steps off it.", "what we keep"),
        ("arr_minor", "ARR of the contract; unknown without one.", "ARR of the contract"),
        ("discount_ratio", "1 − invoice ÷ list price.", "discount"),
        ("longest_diversion_bd_lo", "At least so many.", "longest diversion"),
        ("stage_age_days", "", "stage age"),
        (
            "hours_4w",
            "Hours of the person that were recorded in four complete weeks.",
            "hours (4 weeks)",
        ),
        ("ratio_lo", "The least share.", "ratio"),
        ("ratio_hi", "The same if all were.", "ratio"),
        ("longest_diversion_bd_lo", "The least of it.", "longest diversion"),
        ("plain_name", "", "plain name"),
    ],
)
def test_a_short_description_is_the_name(name: str, description: str, label: str) -> None:
    """A description that is short names the fact; both ends of an interval have one name."""
    assert label_of(name, description) == label

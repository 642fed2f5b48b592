"""Examples that give nobody away."""

from __future__ import annotations

import pytest

from dealreview.ingest.masks import example, is_private, shape


@pytest.mark.parametrize(
    "text",
    [
        "anna@acme.example",
        "+49 170 1234567",
        "001-864-475-1539",
        "(373)270-7007x934",
        "01701234567",
    ],
)
def test_mails_and_telephone_numbers_are_private(text: str) -> None:
    """Their shape is shown instead."""
    assert is_private(text)
    assert example(text) == shape(text)


@pytest.mark.parametrize(
    "text", ["2025-01-01 10:00", "31.12.2024", "1.234.567,50", "12500000", "Offer", "-1,000,000.5"]
)
def test_days_numbers_and_words_are_shown(text: str) -> None:
    """They prove a format."""
    assert example(text) == text


def test_a_shape_says_nothing_but_the_form() -> None:
    """Letters are x, digits are 9, and it is not long."""
    assert shape("Anna-7 b") == "Xxxx-9 x"
    assert len(example("x" * 500)) <= 30

"""Message templates: named formats, plain names, and "unknown"."""

import datetime as dt

import pytest

from dealreview.checks.messages import FORMATS, TemplateError, fields_of, render

PEOPLE = {"p:1": "Ada Byron", "p:2": "Jo Roe"}


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("{x}", 3, "3"),
        ("{x}", 3.0, "3"),
        ("{x}", 12_000.5, "12,000.5"),
        ("{x}", True, "yes"),
        ("{x}", False, "no"),
        ("{x}", "won", "won"),
        ("{x}", dt.date(2025, 5, 9), "9 May 2025"),
        ("{x}", ["a", "b"], "a, b"),
        ("{x}", [], "none"),
        ("{x:count}", 2.6, "3"),
        ("{x:number}", 2.66, "2.7"),
        ("{x:number}", -0.01, "0.0"),
        ("{x:date}", dt.date(2025, 12, 24), "24 Dec 2025"),
        ("{x:days}", 31, "31 d"),
        ("{x:hours}", 2.5, "2.5 h"),
        ("{x:money}", 945_000, "EUR 9,450"),
        ("{x:money}", 945_050.4, "EUR 9,450"),
        ("{x:share}", 0.256, "26%"),
        ("{x:share}", -0.001, "0%"),
        ("{x:share}", 12.5, "1,250%"),
        ("{x:margin}", 0.1234, "12.3%"),
        ("{x:points}", 0.05, "5.0 points"),
        ("{x:person}", "p:1", "Ada Byron"),
        ("{x:people}", ["p:1", "p:2"], "Ada Byron, Jo Roe"),
        ("{x:people}", [], "nobody"),
        ("{x:list}", ["price"], "price"),
        ("{x:list}", [], "none"),
    ],
)
def test_each_format_prints_as_people_write(template, value, expected):
    """Numbers carry their unit, people their names."""
    assert (
        render(template, {"x": value}, currencies={"x": "EUR"}, names=PEOPLE.__getitem__)
        == expected
    )


@pytest.mark.parametrize("spec", FORMATS)
def test_an_unknown_value_prints_unknown_in_every_format(spec):
    """None is neither zero nor an empty text."""
    assert render(f"a {{x:{spec}}} b", {"x": None}) == "a unknown b"


def test_without_names_and_currency_ids_and_numbers_stay():
    """A stored message names people by id."""
    assert render("{x:people} {y:money}", {"x": ["p:1"], "y": 100}) == "p:1 1"


def test_each_amount_has_its_own_currency():
    """An amount of several deals stands beside one of the deal, each in its currency."""
    said = render(
        "{x:money} of {y:money}", {"x": 100, "y": 200}, currencies={"x": "USD", "y": "EUR"}
    )
    assert said == "USD 1 of EUR 2"


def test_doubled_braces_are_braces():
    """A template can print a brace."""
    assert render("{{{x}}}", {"x": 1}) == "{1}"


def test_a_value_is_never_a_template():
    """Braces in data are printed, not read."""
    assert render("{x}", {"x": "{y.z}"}) == "{y.z}"


def test_fields_are_listed_in_order_with_their_formats():
    """Who checks a template learns what it prints."""
    assert fields_of("{b:share} of {a}, {b}") == (("b", "share"), ("a", ""), ("b", ""))


@pytest.mark.parametrize(
    "template",
    ["{x.y}", "{x[0]}", "{x!r}", "{}", "{0}", "{x", "x}", "{x:furlongs}", "{x:{y}}", "{x()}"],
)
def test_a_template_prints_plain_names_only(template):
    """Attributes, indexes, conversions, nested fields and unknown formats are refused."""
    with pytest.raises(TemplateError):
        fields_of(template)

"""Parameters: plain values with type and bounds."""

from typing import Annotated

import pytest

from dealreview.checks.parameters import Param, Parameter, effective, parameters_of
from dealreview.model.errors import ConfigurationError

SHARE = Parameter("floor", float, 0.5, Param("Risk below", ge=0, le=1))


def declared(
    deal,
    *,
    soft: Annotated[int, Param("Watch above", ge=0, at_most="hard")] = 10,
    hard: Annotated[int, Param("Risk above", ge=0)] = 20,
    share: Annotated[float, Param("A share")] = 1,
):
    """Take a subject and three parameters."""


def test_keyword_only_arguments_are_the_parameters():
    """The subject is none, and a whole default of a number becomes a number."""
    found = {parameter.name: parameter for parameter in parameters_of(declared)}
    assert list(found) == ["soft", "hard", "share"]
    assert found["soft"].info.at_most == "hard"
    assert found["share"].default == 1.0
    assert isinstance(found["share"].default, float)


def without_info(deal, *, floor: float = 0.5):
    """Lack a Param."""


def without_default(deal, *, floor: Annotated[float, Param("x")]):
    """Lack a default."""


def with_a_list(deal, *, floor: Annotated[list, Param("x")] = ()):
    """Take a list."""


def with_another_type(deal, *, floor: Annotated[int, Param("x")] = 2.5):
    """Give a default of another type."""


@pytest.mark.parametrize("check", [without_info, without_default, with_a_list, with_another_type])
def test_a_parameter_without_type_bounds_or_default_is_refused(check):
    """The author is told how to write it."""
    with pytest.raises(TypeError, match="'floor'"):
        parameters_of(check)


@pytest.mark.parametrize(("given", "accepted"), [(0, 0.0), (0.25, 0.25), (1, 1.0)])
def test_a_number_takes_whole_numbers_and_its_bounds(given, accepted):
    """Bounds belong to the range."""
    found = SHARE.accept(given, of="acme/x")
    assert found == accepted
    assert isinstance(found, float)


@pytest.mark.parametrize("given", [-0.1, 1.1, True, "0.5", None, float("nan"), [0.5]])
def test_a_value_that_does_not_fit_is_refused_by_name(given):
    """The sentence names check and parameter."""
    with pytest.raises(ConfigurationError, match="acme/x: 'floor'"):
        SHARE.accept(given, of="acme/x")


@pytest.mark.parametrize(
    ("kind", "given"), [(int, 2.0), (int, True), (bool, 1), (str, 1), (float, "x")]
)
def test_types_are_exact(kind, given):
    """True is no number and 2.0 no count."""
    with pytest.raises(ConfigurationError, match="takes"):
        Parameter("p", kind, kind(), Param("x")).accept(given, of="acme/x")


def test_bounds_are_shown_with_open_ends():
    """What is not bounded is shown as such."""
    assert SHARE.bounds == "0 to 1"
    assert Parameter("p", float, 0.5, Param("x", ge=-1, le=1)).bounds == "−1 to 1"
    assert Parameter("p", int, 1, Param("x", ge=2)).bounds == "2 to …"


def test_effective_values_are_the_given_ones_else_defaults():
    """Every parameter has a value."""
    parameters = parameters_of(declared)
    assert effective(parameters, {"soft": 5}, of="acme/x") == {"soft": 5, "hard": 20, "share": 1.0}


def test_an_unknown_parameter_is_refused_with_a_hint():
    """A typing error in a configuration is never ignored."""
    with pytest.raises(ConfigurationError, match="Did you mean 'hard'"):
        effective(parameters_of(declared), {"hrad": 5}, of="acme/x")


def test_a_soft_limit_may_not_lie_beyond_its_hard_one():
    """A watch that comes after the risk would never show."""
    with pytest.raises(ConfigurationError, match="'soft' must be at most 'hard'"):
        effective(parameters_of(declared), {"soft": 21}, of="acme/x")
    assert effective(parameters_of(declared), {"soft": 20}, of="acme/x")["soft"] == 20


def test_a_limit_by_a_parameter_that_is_not_there_is_refused():
    """The sentence names both."""
    alone = (Parameter("soft", int, 1, Param("x", at_most="hard")),)
    with pytest.raises(ConfigurationError, match="'soft' is at most 'hard'"):
        effective(alone, {}, of="acme/x")

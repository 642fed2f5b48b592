"""An override works on every built-in check, on every kind of subject that the check judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dealreview.checks.parameters import effective
from dealreview.engine.config import Config, Override
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import Kind, Severity
from dealreview.testing import factories, review_tables
from tests.plugins.tinyfacts import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dealreview.checks.check import Check
    from dealreview.checks.parameters import Parameter
    from dealreview.engine.review import Review
    from dealreview.engine.selection import Effective

WHEN = {
    Kind.DEAL: "is_open",
    Kind.ACCOUNT: "is_key",
    Kind.REP: "sales_role",
    Kind.TEAM: "sales_role",
    Kind.PIPELINE: "fit_open_deals_lo >= 0",
}
"""Of each kind a condition that is true of the subject of the small company."""
SUBJECTS = {Kind.DEAL: "D1", Kind.ACCOUNT: "A1", Kind.REP: "P1", Kind.TEAM: "T1"}
JUDGED = [(check, kind) for check in built_in().checks for kind in check.on]


def settings_of(check: Check) -> dict[str, Any]:
    """Return another severity and another value of every parameter, as far as one is allowed."""
    severity = Severity.MINOR if check.severity is Severity.MAJOR else Severity.MAJOR
    values: dict[str, Any] = {}
    for parameter in check.parameters:
        values |= next(
            {parameter.name: value}
            for value in (*others_of(parameter), parameter.default)
            if is_allowed(check, values | {parameter.name: value})
        )
    return {"severity": str(severity), **values}


def others_of(parameter: Parameter) -> Iterator[float]:
    """Yield values beside the default."""
    default = parameter.default
    yield from (default + 1, default - 1) if parameter.type is int else ()
    yield from (default * 0.99, default * 1.01, default + 0.01) if parameter.type is float else ()


def is_allowed(check: Check, values: dict[str, Any]) -> bool:
    """Whether a check takes these values."""
    try:
        effective(check.parameters, values, of=check.id)
    except ConfigurationError:
        return False
    return True


@pytest.fixture(scope="module")
def review() -> Review:
    """One review of a small company with an override of each check on each of its kinds."""
    rows = factories.together(
        factories.deal(stage="proposal", engaged=2),
        factories.account("A1", is_key=1),
        factories.rep("P1"),
    )
    overrides = tuple(
        Override(WHEN[kind], kind, {check.id: settings_of(check)}) for check, kind in JUDGED
    )
    every = tuple(check.id for check in built_in().checks)
    config = Config(overrides=overrides, required_checks=every)
    return review_tables(rows, factories.AS_OF, config=config)


def effective_on(review: Review, kind: Kind, check: str) -> Effective:
    """Return what a check worked with on the subject of a kind."""
    found = review.kinds[kind]
    [result] = [result for result in found.results if result.check.id == check]
    row = found.rows.get(SUBJECTS.get(kind, ""), 0)
    return result.groups[result.group[row]].effective


def test_nothing_goes_wrong(review: Review) -> None:
    """Every check gives its verdicts with all overrides in force."""
    assert review.errors == ()
    assert len({check.id for check, _kind in JUDGED}) == len(built_in().checks)


@pytest.mark.parametrize(
    ("check", "kind"), JUDGED, ids=[f"{check.id} on {kind}" for check, kind in JUDGED]
)
def test_an_override_sets_severity_and_every_parameter(
    review: Review, check: Check, kind: Kind
) -> None:
    """The check works with the severity and the values of the override, and names it as their origin."""
    found, wanted = effective_on(review, kind, check.id), settings_of(check)
    assert {"severity": str(found.severity), **found.values} == wanted
    assert set(found.origins) == set(wanted)
    assert all(origin.startswith("override ") for origin in found.origins.values())
    assert any(wanted[one.name] != one.default for one in check.parameters) or not check.parameters

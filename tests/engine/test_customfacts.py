"""Custom source columns as facts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine.config import Config, Organisation
from dealreview.engine.run import Request, review_database
from dealreview.model.errors import ConfigurationError
from dealreview.testing import database_of
from tests.support.packs import columns_check, write

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review

AS_OF = dt.date(2025, 5, 16)
ROWS = {
    "deals": [{"deal_id": "d"}, {"deal_id": "e"}],
    "accounts": [{"account_id": "d"}],
    "people": [{"person_id": "d", "role": "rep"}],
}
TABLES = {"deal": "deals", "account": "accounts", "rep": "people"}


def reviewed(
    tmp_path: Path, kind: str, value: Any, condition: str, *, on: str = "deal", zone: str = "UTC"
) -> Review:
    """Return a review by one check over the custom field ``x.mine`` of the subject ``d``."""
    database = database_of(ROWS, tmp_path / "x.db")
    table = TABLES[on]
    with database.write() as connection:
        connection.execute(
            "INSERT INTO custom_fields (table_name, name, type) VALUES (?, 'mine', ?)",
            (table, kind),
        )
        connection.execute(
            "INSERT INTO custom_values (table_name, name, row_id, value) VALUES (?, 'mine', 'd', ?)",
            (table, value),
        )
    options = f'severity="major", ask=["What changed?"], on="{on}"'
    body = f'import datetime as dt\nreturn Rules(watch={condition}, message="{{x_mine}}")'
    folder = write(tmp_path / "packs", mine=columns_check(options=options, body=body))
    organisation = Organisation(time_zone=zone)
    config = Config(plugins=(folder,), autoload=False, organisation=organisation)
    return review_database(database, Request(AS_OF, config, select=["acme"]))


def said(review: Review, subject: str, kind: str = "deal") -> tuple[str, str]:
    """Return outcome and message of the check."""
    [verdict] = review.scorecard(kind, subject).verdicts
    return str(verdict.outcome), verdict.message


@pytest.mark.parametrize(
    ("kind", "value", "condition", "message"),
    [
        ("int", 4, "d.x_mine < 5", "4"),
        ("money", 400, "d.x_mine < 500", "400"),
        ("real", 0.5, "d.x_mine < 1", "0.5"),
        ("bool", 1, "d.x_mine", "yes"),
        ("text", "B", "d.x_mine == 'B'", "B"),
        ("date", "2025-05-01", "d.x_mine < dt.date(2025, 5, 2)", "1 May 2025"),
        ("instant", "2025-05-01T12:00:00Z", "d.x_mine < dt.date(2025, 5, 2)", "1 May 2025"),
    ],
)
def test_every_type(tmp_path: Path, kind: str, value: Any, condition: str, message: str) -> None:
    """A custom field of any type is a fact; a subject without a value is unknown."""
    review = reviewed(tmp_path, kind, value, condition)
    assert review.errors == ()
    assert said(review, "d") == ("watch", message)
    assert said(review, "e")[0] == "insufficient_data"


@pytest.mark.parametrize("on", ["account", "rep"])
def test_fields_of_accounts_and_people(tmp_path: Path, on: str) -> None:
    """Accounts and reps have custom facts as deals have."""
    assert said(reviewed(tmp_path, "int", 4, "d.x_mine < 5", on=on), "d", on)[0] == "watch"


def test_an_instant_is_a_day_where_the_company_is(tmp_path: Path) -> None:
    """Late in the evening in UTC is the next day in Berlin."""
    condition = "d.x_mine < dt.date(2025, 6, 1)"
    late = "2025-05-01T22:30:00Z"
    review = reviewed(tmp_path, "instant", late, condition, zone="Europe/Berlin")
    assert said(review, "d") == ("watch", "2 May 2025")


def test_a_value_of_another_type(tmp_path: Path) -> None:
    """A cell that can't be read is unknown, and the run names it."""
    review = reviewed(tmp_path, "int", "many", "d.x_mine < 5")
    assert said(review, "d")[0] == "insufficient_data"
    (problem,) = review.header.problems
    assert str(problem).startswith(
        "deals.x_mine: 1 cell can't be read as what the column holds; it"
    )


def test_a_field_that_is_not_there(tmp_path: Path) -> None:
    """A check over a custom field that the database has not is refused, and can't be selected."""
    with pytest.raises(ConfigurationError, match="'acme' selects no check"):
        reviewed(tmp_path, "int", 4, "d.x_mien < 5")

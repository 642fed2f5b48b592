"""What can stand under [notify.apprise]."""

from __future__ import annotations

from typing import Any

import pytest
from dealreview_notify.settings import SettingsError, read_settings

OWNERS = {"p1": "json://localhost"}


def test_what_is_left_out() -> None:
    """Five findings, risks only, each owner called by their id and alone at their address."""
    found = read_settings({"owners": OWNERS})
    assert (found.most, found.outcomes, found.missing) == (5, ("risk",), {})
    assert (found.addresses["p1"].name, found.addresses["p1"].shared) == ("p1", False)


def test_an_address_from_the_environment() -> None:
    """A secret need not stand in a file; a variable that is not set is told by its name."""
    owners = {"p1": {"env": "ONE", "name": "Mira", "shared": True}, "p2": {"env": "TWO"}}
    found = read_settings({"owners": owners}, {"ONE": " json://localhost "})
    assert found.addresses["p1"].url == "json://localhost"
    assert found.missing == {"p2": "TWO"}


def test_an_address_is_never_printed() -> None:
    """Not even by an error that shows the settings."""
    assert "localhost" not in repr(read_settings({"owners": OWNERS}))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "names nobody"),
        ({"owners": {}}, "names nobody"),
        ({"owners": OWNERS, "channel": "x"}, "no key 'channel'; there are most, outcomes, owners"),
        ({"owners": OWNERS, "most": 0}, "from 1 to 50"),
        ({"owners": OWNERS, "most": True}, "from 1 to 50"),
        ({"owners": OWNERS, "outcomes": ["strength"]}, "a list of risk, watch"),
        ({"owners": {"p1": 3}}, "'p1' takes a URL"),
        ({"owners": {"p1": {"url": "a://b", "env": "A"}}}, "either url or env"),
        ({"owners": {"p1": {"url": ""}}}, "either url or env"),
        ({"owners": {"p1": {"url": "a://b", "shared": "yes"}}}, "shared is true or false"),
        ({"owners": {"p1": {"url": "a://b", "public": True}}}, "no key 'public'"),
    ],
)
def test_what_can_not_be_meant(given: dict[str, Any], said: str) -> None:
    """The error names the setting and what to write; nothing is guessed."""
    with pytest.raises(SettingsError) as error:
        read_settings(given)
    assert said in str(error.value)

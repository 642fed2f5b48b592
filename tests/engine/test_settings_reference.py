"""The description of the settings: one source of validation and reference."""

import attrs
import pytest

from dealreview.engine.config import Config, Organisation
from dealreview.engine.limits import Limits
from dealreview.engine.settings_reference import (
    SECTIONS,
    SETTINGS,
    config_reference,
    read_section,
    settings_of,
)
from dealreview.store.pruning import Policy

GIVEN = [setting for setting in SETTINGS if setting.section not in ("override", "fit")]


def test_every_setting_is_on_the_reference_page():
    """A setting can't be added without being documented."""
    page = config_reference()
    for setting in SETTINGS:
        assert f"| `{setting.name}` | {setting.shape.says} |" in page
        assert setting.meaning in page
    for section in SECTIONS:
        assert section.header in page
        assert section.meaning in page


def test_every_setting_stands_in_a_section():
    """No setting is described where nothing reads it."""
    assert {setting.section for setting in SETTINGS} <= {section.name for section in SECTIONS}


@pytest.mark.parametrize("setting", GIVEN, ids=lambda setting: f"{setting.section}.{setting.name}")
def test_every_setting_is_an_attribute_of_the_configuration(setting):
    """What can be written can be read, with the default that the page says."""
    if setting.name == "isolate":
        return  # it says whether the pack has limits at all
    homes = {"organisation": Organisation, "packs": Limits, "runs": Policy}
    fields = attrs.fields_dict(homes.get(setting.section.partition(".")[0], Config))
    assert fields[setting.name].default == setting.default


@pytest.mark.parametrize("setting", GIVEN, ids=lambda setting: f"{setting.section}.{setting.name}")
def test_every_default_is_allowed(setting):
    """A default would pass the validation of its own setting."""
    if setting.default not in (None, ""):
        default = setting.default
        value = list(default) if isinstance(default, tuple) else default
        assert setting.accept(value, "x") == value


def test_every_meaning_is_a_sentence():
    """The page reads as text."""
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)


def test_a_section_is_filled_with_its_defaults():
    """Whoever reads a section finds every setting of it."""
    assert set(read_section("review", {}, "x.toml")) == set(settings_of("review"))

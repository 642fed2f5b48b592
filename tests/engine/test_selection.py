"""Which checks run, with which parameters, and what a configuration gets wrong."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from attrs import evolve

from dealreview import Columns, Fact, Param, Rules, check, facts
from dealreview.engine.config import Config, Override
from dealreview.engine.loader import load_packs
from dealreview.engine.registry import Problem
from dealreview.engine.selection import make_selection, override_inputs, select_checks
from dealreview.model.errors import ConfigurationError, NothingSelected
from dealreview.model.outcome import Kind
from tests.support.packs import accepted

ASK = ["What changed?"]
WINDOW = {"acme_window": (30, Param("Days that count", ge=1, le=90, unit="days"))}


@facts(
    "deal", Fact("acme_share", "real", "Share."), Fact("acme_big", "bool", "Big."), params=WINDOW
)
def given(inputs: Any) -> Any:
    """Facts."""


def share_check(check_id: str, **options: Any) -> Any:
    """Return a check with a soft and a hard limit."""

    def function(
        d: Columns,
        *,
        soft: Annotated[float, Param("Watch above", ge=0, le=1, at_most="hard")] = 0.15,
        hard: Annotated[float, Param("Risk above", ge=0, le=1)] = 0.25,
    ) -> Rules:
        """A share is small."""
        return Rules(risk=d.acme_share > hard, watch=d.acme_share > soft, message="x")

    return check.columns(check_id, **{"ask": ASK, "severity": "major", **options})(function)


REGISTRY = accepted(
    given,
    share_check("acme/share", renamed_from=["acme/part"]),
    share_check("acme/second"),
    share_check("acme/margin-low"),
)
ALL = ("acme/margin-low", "acme/second", "acme/share")


def override(when: str = "acme_big", on: str = "deal", **settings: Any) -> Override:
    """Return settings of ``acme/share`` for some subjects."""
    return Override(when, Kind(on), {"acme/share": settings})


# --- patterns ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "left"),
    [
        ([], [], ALL),
        (["acme"], [], ALL),
        (["acme/share"], [], ("acme/share",)),
        (["acme/part"], [], ("acme/share",)),
        (["*/margin-*", "acme/second"], [], ("acme/margin-low", "acme/second")),
        ([], ["acme/s*"], ("acme/margin-low",)),
        (["acme"], ["acme/part"], ("acme/margin-low", "acme/second")),
    ],
)
def test_patterns(select: list[str], ignore: list[str], left: tuple[str, ...]) -> None:
    """A pattern is a pack, an id, a former id or a glob; what is ignored is left out of what is selected."""
    assert tuple(c.id for c in select_checks(REGISTRY.checks, select, ignore)) == left


@pytest.mark.parametrize(
    ("select", "ignore"),
    [(["acme/shaer"], []), ([], ["acme/shaer"]), (["acme", "acme/shaer"], [])],
)
def test_a_pattern_that_matches_nothing(select: list[str], ignore: list[str]) -> None:
    """A misspelt pattern is refused, and the nearest id is named."""
    with pytest.raises(ConfigurationError, match="Did you mean 'acme/share'"):
        select_checks(REGISTRY.checks, select, ignore)


def test_nothing_left() -> None:
    """To ignore all that is selected selects nothing."""
    with pytest.raises(NothingSelected):
        select_checks(REGISTRY.checks, ["acme/share"], ["acme"])


def test_the_command_line_wins_over_the_file() -> None:
    """``--select`` replaces what the file selects; ``--ignore`` adds to what it ignores."""
    config = Config(select=("acme/second",), ignore=("acme/margin-low",))
    assert [c.id for c in make_selection(REGISTRY, config).checks] == ["acme/second"]
    chosen = make_selection(REGISTRY, config, select=["acme"], ignore=["acme/share"])
    assert [c.id for c in chosen.checks] == ["acme/second"]


# --- parameters ----------------------------------------------------------------------------------


def test_configured_parameters() -> None:
    """A configured value wins over the default, and says where it came from."""
    config = Config(checks={"acme/part": {"hard": 0.5, "severity": "info"}})
    base = make_selection(REGISTRY, config).base["acme/share"]
    assert (base.values, base.severity) == ({"soft": 0.15, "hard": 0.5}, "info")
    assert base.origins == {
        "severity": "configuration",
        "soft": "default",
        "hard": "configuration",
    }


def test_the_digest_names_parameters_and_severity() -> None:
    """Two sets that judge alike have the same digest, whatever their origin; others have not."""

    def digest(**settings: Any) -> str:
        return (
            make_selection(REGISTRY, Config(checks={"acme/share": settings}))
            .base["acme/share"]
            .digest
        )

    assert digest() == digest(soft=0.15)
    assert len({digest(), digest(soft=0.1), digest(severity="minor")}) == 3


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown check": (
        {"checks": {"acme/shaer": {}}},
        "[checks]: there is no check 'acme/shaer'. Did you",
    ),
    "an unknown parameter": ({"checks": {"acme/share": {"sfot": 0.1}}}, "Did you mean 'soft'"),
    "out of bounds": ({"checks": {"acme/share": {"soft": 2}}}, "out of bounds (0 to 1)"),
    "another type": ({"checks": {"acme/share": {"soft": "much"}}}, "takes a number, not 'much'"),
    "beyond the hard limit": (
        {"checks": {"acme/share": {"soft": 0.5}}},
        "lies beyond 'hard' = 0.25",
    ),
    "an unknown severity": (
        {"checks": {"acme/share": {"severity": "majr"}}},
        "not 'majr'. Did you mean 'major'",
    ),
    "a fact parameter of a check": (
        {"checks": {"acme/share": {"acme_window": 20}}},
        "it belongs to facts and holds for the whole run. Write acme_window = … under [facts].",
    ),
    "a fact parameter in an override": (
        {"overrides": (override(acme_window=20),)},
        "Write acme_window = … under [facts].",
    ),
    "an unknown fact parameter": ({"facts": {"acme_widnow": 20}}, "Did you mean 'acme_window'"),
    "a fact parameter out of bounds": ({"facts": {"acme_window": 0}}, "out of bounds (1 to 90)"),
    "an unknown required check": (
        {"required_checks": ("acme/shaer",)},
        "required_checks: there is no check 'acme/shaer'. Did you mean 'acme/share'",
    ),
    "an unknown check in an override": (
        {"overrides": (Override("acme_big", Kind.DEAL, {"acme/shaer": {}}),)},
        "[[override]] 1: checks: there is no check 'acme/shaer'. Did you mean 'acme/share'",
    ),
    "an unknown fact in an override": (
        {"overrides": (override("acme_bgi"),)},
        "there is no fact 'acme_bgi' (character 1). Did you mean 'acme_big'?",
    ),
    "a number as the condition of an override": (
        {"overrides": (override("acme_share"),)},
        "[[override]] 1: ",
    ),
    "a hidden unknown in an override": (
        {"overrides": (override("acme_big IS NULL"),)},
        "[[override]] 1: ",
    ),
    "an override for everybody": ({"overrides": (override("TRUE"),)}, "[[override]] 1: In"),
    "an override on another kind": (
        {"overrides": (Override("x", Kind.ACCOUNT, {"acme/share": {}}),)},
        "[[override]] 1: acme/share judges deal, not account.",
    ),
    "an override out of bounds": (
        {"overrides": (override(), override(soft=7))},
        "[[override]] 2: acme/share: 'soft' = 7.0 is out of bounds",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_configuration_gets_wrong(case: str) -> None:
    """An unknown name or a value that is not allowed is refused with its place and what is near."""
    settings, sentence = WRONG[case]
    with pytest.raises(ConfigurationError) as caught:
        make_selection(REGISTRY, Config(**settings))
    assert sentence in str(caught.value)


def test_an_override_stands_on_the_configuration() -> None:
    """A limit of an override is held against the configured other limit, not against its default."""
    config = Config(checks={"acme/share": {"hard": 0.6}}, overrides=(override(soft=0.5),))
    selection = make_selection(REGISTRY, config)
    [one] = selection.overrides
    effective = selection.under(REGISTRY.by_id["acme/share"], [one])
    assert effective.values == {"soft": 0.5, "hard": 0.6}


def test_fact_parameters() -> None:
    """A fact parameter has its default, or the one value of the run."""
    assert make_selection(REGISTRY, Config()).fact_params == {"acme_window": 30}
    assert make_selection(REGISTRY, Config(facts={"acme_window": 7})).fact_params == {
        "acme_window": 7
    }


def test_facts_of_overrides() -> None:
    """The facts of conditions count when an override changes a selected check, and only then."""
    config = Config(overrides=(override(severity="info"),))
    assert override_inputs(make_selection(REGISTRY, config), Kind.DEAL) == ("acme_big",)
    other = make_selection(REGISTRY, config, select=["acme/second"])
    assert override_inputs(other, Kind.DEAL) == ()


def test_a_refused_pack_is_named_when_it_is_selected() -> None:
    """Selecting what the loader refused says why it was refused, not only that nothing is there."""
    problem = Problem(
        "check 'acme/size' (acme.py:3)", "asks no question.", "Add ask=['What …?'].", "check"
    )
    registry = evolve(load_packs(autoload=False), problems=(problem,))
    with pytest.raises(ConfigurationError) as raised:
        make_selection(registry, Config(), select=["acme"])
    assert "asks no question" in raised.value.mend


# --- lifecycle -----------------------------------------------------------------------------------

GROWING = accepted(
    given,
    share_check("acme/old", status="deprecated", replacement="acme/share"),
    share_check("acme/share", renamed_from=["acme/part"]),
    share_check("acme/tried", status="preview", renamed_from=["acme/sketch"]),
)


@pytest.mark.parametrize(
    ("select", "preview", "expected"),
    [
        ([], False, ["acme/share"]),
        ([], True, ["acme/share", "acme/tried"]),
        (["acme"], False, ["acme/share"]),
        (["acme/tried"], False, ["acme/tried"]),
        (["acme/sketch"], False, ["acme/tried"]),
        (["acme/old"], False, ["acme/old"]),
        (["acme/*"], True, ["acme/share", "acme/tried"]),
    ],
)
def test_what_is_tried_or_deprecated_is_reviewed_when_it_is_named(
    select: list[str], preview: bool, expected: list[str]
) -> None:
    """A pattern does not bring them in; their id, a former id, or the setting for previews does."""
    selection = make_selection(GROWING, Config(preview=preview), select=select)
    assert [check.id for check in selection.checks] == expected


def test_a_setting_of_a_check_in_preview_is_no_error() -> None:
    """A configuration may be ready for a check before it is reviewed."""
    selection = make_selection(GROWING, Config(checks={"acme/tried": {"soft": 0.1}}))
    assert selection.base["acme/tried"].values["soft"] == 0.1

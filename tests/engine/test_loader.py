"""Packs are found, blocked, imported and classified; a broken one takes nothing else with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dealreview.engine.loader import find, load_packs
from dealreview.model.errors import ConfigurationError
from dealreview.plugins import BUILT_IN
from dealreview.testing import review_tables
from tests.support.hostile import AS_OF
from tests.support.packs import IMPORTS, columns_check, install, loaded, rule, told, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = columns_check("acme/late")
HOOK = "\n@hookimpl\ndef dealreview_pack({args}):\n    return {value}\n"
ITSELF = 'Pack.of("{name}", sys.modules[__name__])'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the path in which distributions can be put."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def ours(registry: object) -> list[str]:
    """Return ids of checks that are not built in."""
    return [c.id for c in registry.checks if c.pack not in BUILT_IN]  # type: ignore[attr-defined]


# --- what is found -------------------------------------------------------------------------------


def test_the_built_in_packs_come_through_the_same_door() -> None:
    """Every built-in pack is loaded, and none of it is refused."""
    registry = load_packs(autoload=False)
    assert [pack.name for pack in registry.packs] == list(BUILT_IN)
    assert registry.problems == ()


def test_a_folder_of_python_and_toml(tmp_path: Path) -> None:
    """Python and TOML files of a folder are packs; hidden ones and those with an underscore are not."""
    boom = "raise RuntimeError('not to be imported')"
    registry = loaded(tmp_path / "packs", good=GOOD, _helper=boom, more_toml=rule("acme/rule"))
    (tmp_path / "packs" / ".hidden.py").write_text(boom)
    (tmp_path / "packs" / "note.txt").write_text(boom)
    (tmp_path / "packs" / "folder.py").mkdir()
    registry = load_packs(folders=[tmp_path / "packs"], autoload=False)
    assert ours(registry) == ["acme/late", "acme/rule"]
    assert told(registry) == ""


def test_a_single_file(tmp_path: Path) -> None:
    """``plugins`` may name a file, and nothing else in its folder is loaded."""
    folder = write(tmp_path, good=GOOD, bad="raise RuntimeError")
    registry = load_packs(folders=[folder / "good.py"], autoload=False)
    assert (ours(registry), registry.problems) == (["acme/late"], ())


@pytest.mark.parametrize("name", ["nowhere", "nowhere.py", "notes.txt"])
def test_a_folder_that_is_not_there(tmp_path: Path, name: str) -> None:
    """A name under ``plugins`` that is no folder and no pack is refused at once."""
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ConfigurationError, match=name):
        load_packs(folders=[tmp_path / name], autoload=False)


def test_a_module(site: Path) -> None:
    """An importable module is a pack, and the last part of its name that of its facts."""
    fact = """
    @facts("deal", Fact("rules_one", "int", "One."))
    def one(inputs):
        return inputs.subjects().select("id", rules_one=1)
    """
    write(site / "loader_parts", __init__="", rules=fact)
    registry = load_packs(modules=["loader_parts.rules"], autoload=False)
    assert registry.problems == ()
    assert "rules_one" in registry.facts["deal"]  # type: ignore[index]


def test_an_installed_distribution(site: Path) -> None:
    """A distribution with an entry point is found by itself, with its name and version."""
    install(site, "acme", GOOD)
    registry = load_packs()
    [pack] = [p for p in registry.packs if p.name == "acme"]
    assert (pack.source, pack.version, pack.checks) == ("dealreview-acme", "1.5", 1)
    assert ours(load_packs(autoload=False)) == []


def test_finding_imports_nothing(site: Path) -> None:
    """Packs are found before any is imported, in a fixed order."""
    install(site, "zeta", "raise RuntimeError")
    install(site, "alpha", "raise RuntimeError")
    found = [c.name for c in find([], ["not.there"], autoload=True)]
    assert [name for name in found if name in {"zeta", "alpha", "not.there"}] == [
        "alpha",
        "zeta",
        "not.there",
    ]


def test_a_blocked_pack_is_not_imported(site: Path) -> None:
    """Whatever importing a blocked pack would do does not happen."""
    marker = site / "imported"
    install(site, "acme", f"open({str(marker)!r}, 'w').close()" + GOOD)
    folder = write(site / "packs", local=f"open({str(marker)!r}, 'w').close()" + GOOD)
    registry = load_packs(folders=[folder], blocked=["acme", "local"])
    assert ours(registry) == []
    assert not marker.exists()
    load_packs()
    assert marker.exists()


def test_a_blocked_name_that_nothing_has() -> None:
    """A misspelt name under ``blocked_packs`` is refused: it would block nothing."""
    with pytest.raises(ConfigurationError, match="Did you mean 'pricing'"):
        load_packs(blocked=["pricng"], autoload=False)


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ("acme", ""),
        ("acme>=1.5", ""),
        ("acme>=2", "required pack 'acme>=2': is loaded in version 1.5"),
        ("core", ""),
        ("meddpicc", "required pack 'meddpicc': is not loaded"),
        ("other", "required pack 'other': is blocked"),
    ],
)
def test_a_required_pack(site: Path, required: str, said: str) -> None:
    """What must be there and is not makes the review incomplete, by name and version."""
    install(site, "acme", GOOD)
    install(site, "other", columns_check("other/late"))
    registry = load_packs(blocked=["other"], required=[required])
    assert [str(p).startswith(said) for p in registry.problems] == [True] * bool(said)


def test_a_file_has_no_version_to_require(tmp_path: Path) -> None:
    """A local file can be required by name only."""
    path = write(tmp_path, acme=GOOD)
    assert told(load_packs(folders=[path], autoload=False, required=["acme"])) == ""
    assert "without a version" in told(
        load_packs(folders=[path], autoload=False, required=["acme>=1"])
    )


def test_a_blocked_built_in_pack() -> None:
    """A built-in pack can be blocked; what needs its facts is named, the rest goes on."""
    registry = load_packs(blocked=["accounts"], autoload=False)
    assert not [check for check in registry.checks if check.pack == "accounts"]
    assert "hygiene/close-date-passed" in registry.by_id


# --- what goes wrong -----------------------------------------------------------------------------

BROKEN = {
    "a syntax error": ("def broken(:", "SyntaxError"),
    "an import that fails": ("import nothing_of_that_name", "nothing_of_that_name"),
    "an exit": ("sys.exit(4)", "sys.exit(4)"),
    "an exit without a code": ("raise SystemExit", "sys.exit(None)"),
    "an exception": ("raise ValueError('no luck')", "ValueError: no luck"),
    "an exception that can't be printed": (
        "class Mute(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Mute",
        "Mute",
    ),
    "something that is no Exception": ("raise BaseException('low')", "BaseException: low"),
    "a panic in Polars": ("raise pl.exceptions.PanicException('ouch')", "PanicException"),
    "a hook with arguments": (HOOK.format(args="wrong", value="None"), "wrong"),
    "a hook that raises": (HOOK.format(args="", value="1 / 0"), "ZeroDivisionError"),
    "a hook that exits": (HOOK.format(args="", value="sys.exit(3)"), "sys.exit(3)"),
    "a hook that returns nothing": (HOOK.format(args="", value="None"), "not NoneType"),
    "a hook that returns garbage": (HOOK.format(args="", value="42"), "not int"),
    "a hook that returns two packs": (
        HOOK.format(args="", value='[Pack("acme"), Pack("acme")]'),
        "not list",
    ),
    "a hook that is not marked": ("def dealreview_pack():\n    return None", "@hookimpl"),
    "a hook of an unknown name": (
        "@hookimpl\ndef dealreview_packs():\n    pass",
        "dealreview_packs",
    ),
    "a pack of plain functions": (
        HOOK.format(args="", value='Pack("acme", checks=[print])'),
        "'print' is no Check",
    ),
    "a pack of texts": (HOOK.format(args="", value='Pack("acme", providers=["x"])'), "no Provider"),
    "a pack without a name": (HOOK.format(args="", value="Pack(7, rules=['x.toml'])"), "name"),
    "a version that is no number": (f'DEALREVIEW_API = "2"\n{GOOD}', "api"),
    "a pack that delivers nothing": ("value = 1", "delivers nothing"),
    "an option that does not exist": (
        columns_check(options='severty="major", ask=["What changed?"]'),
        "severty",
    ),
    "a severity that does not exist": (
        columns_check(options='severity="huge", ask=["What changed?"]'),
        "huge",
    ),
    "a parameter without bounds": (columns_check(params="days: int = 3"), "days"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_pack_is_named_and_takes_nothing_with_it(tmp_path: Path, case: str) -> None:
    """Whatever a pack does while it is loaded, it is named with the cause, and the others are loaded."""
    text, cause = BROKEN[case]
    registry = loaded(tmp_path, aaa=text, good=GOOD)
    assert ours(registry) == ["acme/late"]
    [problem] = registry.problems
    assert "'aaa'" in problem.where
    assert cause in problem.cause
    assert problem.mend


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_distribution_is_named(site: Path, case: str) -> None:
    """The same holds for what is installed; its distribution and version are named."""
    install(site, "aaa", BROKEN[case][0])
    registry = load_packs()
    assert "'aaa' of dealreview-aaa 1.5" in told(registry)
    assert "hygiene/close-date-passed" in registry.by_id


def test_an_interruption_is_not_a_broken_pack(tmp_path: Path) -> None:
    """Ctrl-C while a pack is imported ends the run."""
    with pytest.raises(KeyboardInterrupt):
        loaded(tmp_path, slow="raise KeyboardInterrupt")


def test_an_entry_point_to_nothing(site: Path) -> None:
    """An entry point whose module or attribute is not there is named."""
    install(site, "acme", GOOD, module="there")
    (site / "dealreview_acme-1.5.dist-info" / "entry_points.txt").write_text(
        "[dealreview.packs]\nacme = there:gone\nother = not_there_either\n"
    )
    problems = told(load_packs())
    assert "'acme'" in problems
    assert "not_there_either" in problems


def test_two_distributions_of_one_name(site: Path) -> None:
    """Of two packs of the same name the first by distribution is loaded, the other named."""
    install(site, "first", GOOD, point="acme")
    install(site, "second", columns_check("acme/other"), point="acme")
    registry = load_packs()
    assert ours(registry) == ["acme/late"]
    assert "dealreview-second" in told(registry)
    assert "dealreview-first" in told(registry)


@pytest.mark.parametrize("name", ["pricing", "first"])
def test_a_hook_can_not_take_the_name_of_another_pack(site: Path, name: str) -> None:
    """The name that a hook gives counts, so nobody gets into the namespace of another pack."""
    install(site, "first", columns_check("first/late"))
    hook = HOOK.format(args="", value=ITSELF.format(name=name))
    install(site, "second", columns_check(f"{name}/mine") + hook)
    registry = load_packs()
    assert f"{name}/mine" not in registry.by_id
    assert "'second' of dealreview-second 1.5: has the same name" in told(registry)


def test_a_name_that_can_not_be_a_namespace(site: Path) -> None:
    """A distribution whose pack is called so that no check could be named after it hears of it once."""
    install(site, "acme_pack", columns_check("acme-pack/late"))
    assert "has a name that can't stand before the slash" in told(load_packs())


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        (f"DEALREVIEW_API = 99\n{GOOD}", "Upgrade dealreview."),
        (f"DEALREVIEW_API = 0\n{GOOD}", "Ask its authors"),
        (
            GOOD + HOOK.format(args="", value='Pack.of("acme", sys.modules[__name__], api=99)'),
            "Upgrade dealreview.",
        ),
        (
            GOOD + HOOK.format(args="", value='Pack.of("acme", sys.modules[__name__], api=0)'),
            "Ask its authors",
        ),
    ],
)
def test_another_version_of_the_contract(tmp_path: Path, text: str, mend: str) -> None:
    """A pack for another version is not used; the mend depends on which of the two is older."""
    registry = loaded(tmp_path, aaa=text)
    assert ours(registry) == []
    assert mend in told(registry)


def test_a_failed_import_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file that could not be imported is not half there afterwards."""
    loaded(tmp_path, halfway="raise ValueError")
    assert not [name for name in sys.modules if name.endswith("_halfway")]


def test_the_order_of_the_directory_does_not_matter(tmp_path: Path) -> None:
    """Of two files with the same check the first by name is taken."""
    registry = loaded(tmp_path, b=GOOD, a=GOOD)
    [problem] = registry.problems
    assert "b.py" in problem.where
    assert "a.py" in problem.cause


# --- TOML ----------------------------------------------------------------------------------------

BAD_RULES = {
    "no TOML": ("[[check", "not valid TOML"),
    "no check": ("", "has no check"),
    "an unknown key": (rule(severty='"major"'), "Did you mean 'severity'"),
    "an unknown fact": (rule(watch='"is_opne"'), "is_open"),
    "an unknown kind": (rule(on='"deel"'), "Did you mean 'deal'"),
    "a condition of another type": (rule(watch='"amount"'), "watch"),
    "an example that fails": (
        rule(example='[{ facts = { is_open = true }, expect = "risk" }]'),
        "expects risk, but it is watch",
    ),
    "no example": (rule(example=""), "has no example"),
    "no question": (rule(ask=""), "asks no question"),
    "a hidden unknown": (rule(watch='"amount IS NULL"'), "amount IS NULL"),
    "a clock": (rule(watch='"closed_on < CURRENT_DATE"'), "CURRENT_DATE"),
    "bounds that can't be compared": (
        rule(parameters='{ a = { default = "x", description = "x", ge = 2 } }'),
        "the bounds of 'parameters.a' can't be compared with its default",
    ),
    "limits that can't be compared": (
        rule(
            parameters='{ a = { default = "x", description = "x", at_most = "b" }, '
            'b = { default = 1, description = "x" } }'
        ),
        "can't be checked: TypeError",
    ),
    "an id of a built-in pack": (rule("pricing/rule"), "pricing"),
}


@pytest.mark.parametrize("case", BAD_RULES)
def test_a_rule_that_is_refused(tmp_path: Path, case: str) -> None:
    """A rule that the contract does not allow is refused with file and cause; others are loaded."""
    text, cause = BAD_RULES[case]
    registry = loaded(tmp_path, bad_toml=text, good_toml=rule("acme/fine"))
    assert ours(registry) == ["acme/fine"]
    [problem] = registry.problems
    assert "bad.toml" in problem.where
    assert cause in f"{problem.cause} {problem.mend}"


@pytest.mark.parametrize("case", BAD_RULES)
def test_a_refused_rule_costs_no_other_of_its_file(tmp_path: Path, case: str) -> None:
    """The others of the same file are loaded, before it and after it."""
    text, cause = BAD_RULES[case]
    if "[[check]]" in text:
        both = "\n".join([rule("acme/before"), text, rule("acme/after")])
        registry = loaded(tmp_path, bad_toml=both)
        assert set(ours(registry)) >= {"acme/before", "acme/after"}
        assert cause in told(registry)


def test_rules_that_are_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named, not raised."""
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in told(load_packs(folders=[tmp_path], autoload=False))


def test_rules_of_a_pack_that_are_not_there(tmp_path: Path) -> None:
    """A pack that names a file that is not there keeps its other checks."""
    hook = 'Pack.of("acme", sys.modules[__name__], rules=["/nowhere/rules.toml"])'
    registry = loaded(tmp_path, aaa=GOOD + HOOK.format(args="", value=hook))
    assert ours(registry) == ["acme/late"]
    assert "rules.toml" in told(registry)


# --- the run goes on -----------------------------------------------------------------------------


def test_a_review_with_every_kind_of_broken_pack(tmp_path: Path) -> None:
    """A review goes on beside all of them, names each, and is incomplete."""
    from dealreview.engine.config import Config
    from dealreview.engine.gate import INCOMPLETE, Gate, exit_code

    for number, (text, _cause) in enumerate(BROKEN.values()):
        (tmp_path / f"broken{number}.py").write_text(IMPORTS + text)
    config = Config(plugins=(write(tmp_path, good=GOOD),), autoload=False)
    rows = {
        "stages": [{"stage_id": "s", "kind": "open", "milestone": 4}],
        "deals": [{"deal_id": "d", "stage_id": "s"}],
    }
    review = review_tables(rows, AS_OF, config=config)
    card = review.scorecard("deal", "d")
    assert {v.check: v.outcome for v in card.verdicts}["acme/late"] == "watch"
    assert len(review.errors) == len(BROKEN)
    assert exit_code(review, Gate()) == INCOMPLETE


def test_two_versions_of_a_distribution_on_the_path(tmp_path, monkeypatch):
    """The first on the path is loaded, the other is named: Python itself would not mention it."""
    for folder, version in (("later", "1.0"), ("first", "2.0")):
        (tmp_path / folder).mkdir()
        install(tmp_path / folder, "acme", columns_check(), module="twice_on_the_path")
        info = tmp_path / folder / "dealreview_acme-1.5.dist-info"
        info.rename(info.with_name(f"dealreview_acme-{version}.dist-info"))
        metadata = f"Metadata-Version: 2.1\nName: dealreview-acme\nVersion: {version}\n"
        info.with_name(f"dealreview_acme-{version}.dist-info").joinpath("METADATA").write_text(
            metadata
        )
        monkeypatch.syspath_prepend(tmp_path / folder)
    registry = load_packs()
    assert [(p.name, p.version) for p in registry.packs if p.name == "acme"] == [("acme", "2.0")]
    assert told(registry) == (
        "pack 'acme' of dealreview-acme 1.0: has the same name as a pack of dealreview-acme 2.0, which "
        "was loaded. Uninstall one of the two, or block it under blocked_packs."
    )


def test_hooks_of_the_other_modules_of_a_pack_count(tmp_path, monkeypatch):
    """A pack in several modules brings what the hooks of each bring."""
    reporter = (
        "from dealreview import Reporter, hookimpl\n@hookimpl\ndef dealreview_reporters():\n"
        "    return [Reporter('slips', lambda review: [])]\n"
    )
    (tmp_path / "second_module.py").write_text(reporter)
    described = (
        "import second_module\nfrom second_module import dealreview_reporters\n"
        "@hookimpl\ndef dealreview_pack():\n"
        "    return Pack.of('acme', sys.modules[__name__], second_module)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "acme", columns_check() + described)
    registry = load_packs()
    assert registry.problems == ()
    assert [extension.name for extension in registry.extensions] == ["slips"]

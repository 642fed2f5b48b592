"""Packs in processes of their own: what one does costs only what it was asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine import processes
from dealreview.engine.config import Config, load_config
from dealreview.engine.limits import Limits
from dealreview.engine.loader import load_packs
from dealreview.model.errors import ConfigurationError
from dealreview.model.outcome import OUTCOMES, Kind
from dealreview.testing import review_tables
from tests.support.hostile import AS_OF, company
from tests.support.packs import told, write

if TYPE_CHECKING:
    from pathlib import Path

    from dealreview.engine.review import Review

LIMITS = Limits(seconds=2, seconds_for_all=20, memory_mib=512)
FUNCTION = '''
@check("acme/{slug}", severity="minor", ask=["What now?"], reads=["milestone"])
def {slug}(deal):
    """It is good."""
    if deal.id == "d2":
        {deed}
    return Verdict.passed("fine")
'''
FACT = '''
@facts("deal", Fact("acme_n", "int", "A number."), reads={{"deals": ("deal_id", "name")}})
def numbers(inputs):
    """Numbers."""
    {deed}
    return inputs.subjects().select("id", acme_n=pl.lit(3, dtype=pl.Int64))


@check.columns("acme/n", severity="minor", ask=["What now?"])
def n(d):
    """It is small."""
    return Rules(watch=d.acme_n > 2, message="{{acme_n:count}}")
'''
DEEDS = {
    "raises": ("raise ValueError('no luck')", "ValueError: no luck"),
    "exits": ("import os; os._exit(7)", "its process ended with exit code 7"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "its process was ended by SIGSEGV"),
    "hangs": ("while True: pass", "it did not answer within 2 s and was ended"),
    "eats": ("bytearray(4 << 30)", "MemoryError"),
    "quits": ("raise SystemExit(3)", "SystemExit: 3"),
}
ROWS = {
    "stages": [{"stage_id": "s", "kind": "open", "milestone": 4}],
    "deals": [{"deal_id": f"d{n}", "stage_id": "s"} for n in range(1, 4)],
}


def reviewed(folder: Path, **files: str) -> Review:
    """Return a review by a pack called acme in a process of its own."""
    config = Config(
        plugins=(write(folder / "packs", **files),), autoload=False, isolated={"acme": LIMITS}
    )
    return review_tables(ROWS, AS_OF, config=config, select=["acme"])


def outcomes(review: Review, kind: Kind = Kind.DEAL) -> dict[str, list[str]]:
    """Return the outcomes of each check, by subject in order."""
    return {
        result.check.id: [OUTCOMES[code].value for code in result.codes]
        for result in review.kinds[kind].results
    }


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_what_happens_on_one_subject_costs_that_subject(tmp_path: Path, deed: str) -> None:
    """The deal on which it happened is an error with its cause; the others are judged."""
    code, said = DEEDS[deed]
    review = reviewed(tmp_path, acme=FUNCTION.format(slug=deed, deed=code))
    assert outcomes(review) == {f"acme/{deed}": ["pass", "error", "pass"]}
    [problem] = review.errors
    assert f"check 'acme/{deed}'" in str(problem)
    assert said in str(problem)


@pytest.mark.parametrize("deed", ["crashes", "exits", "raises"])
def test_what_happens_in_a_fact_costs_its_checks(tmp_path: Path, deed: str) -> None:
    """A provider computes the facts of all subjects at once, so all are unknown, and it is named."""
    code, said = DEEDS[deed]
    good = FUNCTION.format(slug="good", deed="pass")
    review = reviewed(tmp_path, acme=FACT.format(deed=code) + good)
    assert outcomes(review)["acme/n"] == ["error"] * 3
    assert outcomes(review)["acme/good"] == ["pass"] * 3
    assert any(said in str(problem) for problem in review.errors)


@pytest.mark.parametrize("deed", ["crashes", "exits", "raises", "quits"])
def test_what_happens_while_it_is_imported_costs_the_pack(tmp_path: Path, deed: str) -> None:
    """A pack that takes its process down when it is imported is a problem with its cause."""
    code, said = DEEDS[deed]
    folder = write(tmp_path, acme=code, other=FUNCTION.format(slug="good", deed="pass"))
    registry = load_packs(folders=[folder], autoload=False, isolated={"acme": LIMITS})
    assert [check.id for check in registry.checks if check.pack == "acme"] == ["acme/good"]
    [problem] = registry.problems
    assert "pack 'acme'" in str(problem)
    assert said in str(problem) or "sys.exit" in str(problem)


def test_everything_works_from_another_process(tmp_path: Path) -> None:
    """Facts, columns, functions with records, and messages are as without isolation."""
    code = FACT.format(deed="assert inputs.table('deals').height == 3") + FUNCTION.format(
        slug="good", deed="pass"
    )
    review = reviewed(tmp_path, acme=code)
    assert review.errors == ()
    assert outcomes(review) == {"acme/good": ["pass"] * 3, "acme/n": ["watch"] * 3}
    [verdict] = [v for v in review.scorecard(Kind.DEAL, "d1").verdicts if v.check == "acme/n"]
    assert verdict.message == "3"


@pytest.mark.parametrize("seed", range(3))
def test_a_built_in_pack_says_the_same_in_a_process(seed: int) -> None:
    """Every outcome of a pack with facts of accounts and of the organisation is the same."""
    rows = company(seed, "mixed")
    here = review_tables(rows, AS_OF, config=Config(autoload=False))
    limits = Limits(seconds=20)
    there = review_tables(
        rows, AS_OF, config=Config(autoload=False, isolated={"operations": limits, "core": limits})
    )
    assert there.errors == ()
    for kind in Kind:
        assert outcomes(here, kind) == outcomes(there, kind)


def test_what_a_pack_prints_disturbs_nothing(tmp_path: Path) -> None:
    """Standard output of the process is not the exchange."""
    deed = "import os; print('hello'); os.write(1, b'hello'); os.read(0, 1)"
    review = reviewed(tmp_path, acme=FUNCTION.format(slug="loud", deed=deed))
    assert outcomes(review) == {"acme/loud": ["pass"] * 3}


def test_an_answer_of_the_authors_own_making_is_refused(tmp_path: Path) -> None:
    """A class of the pack is not imported here: the answer is an error."""
    code = "class Mine(Verdict):\n    pass\n" + FUNCTION.format(
        slug="mine", deed='import fractions; return type("X", (), {})'
    )
    review = reviewed(tmp_path, acme=code)
    assert outcomes(review)["acme/mine"] == ["pass", "error", "pass"]


def test_a_process_ends_with_its_host(tmp_path: Path) -> None:
    """Nothing is left running when a registry is gone."""
    folder = write(tmp_path, acme=FUNCTION.format(slug="good", deed="pass"))
    started: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        original = processes.Process.start
        patch.setattr(
            processes.Process,
            "start",
            classmethod(lambda _cls, mib: started.append(original(mib)) or started[-1]),
        )
        registry = load_packs(folders=[folder], autoload=False, isolated={"acme": LIMITS})
    assert told(registry) == ""
    assert started[0].popen.poll() is None
    del registry
    assert started[0].popen.poll() is not None


KEPT = """
import sys
from pathlib import Path
from dealreview.engine.limits import Limits
from dealreview.engine.loader import load_packs

kept = [load_packs(folders=[Path(sys.argv[1])], autoload=False, isolated={"acme": Limits()})]
kept.append(kept)
sys.modules["kept"] = kept
"""


def test_an_interpreter_that_ends_before_its_processes(tmp_path: Path) -> None:
    """What nobody gave back in time costs no exit code."""
    folder = write(tmp_path, acme=FUNCTION.format(slug="good", deed="pass"))
    done = subprocess.run(
        [sys.executable, "-c", KEPT, folder],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- configuration -------------------------------------------------------------------------------


def configured(path: Path, text: str) -> Config:
    """Return the configuration of a text."""
    (path / "dealreview.toml").write_text(text)
    return load_config(path / "dealreview.toml")


def test_a_pack_is_isolated_by_name(tmp_path: Path) -> None:
    """The limits have defaults; a pack that is not isolated needs none."""
    text = '[packs.acme]\nisolate = "process"\nseconds = 3\n[packs.other]\nisolate = "no"\n'
    assert configured(tmp_path, text).isolated == {"acme": Limits(3)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[packs]\nacme = "process"', "'packs.acme' is a table"),
        ('[packs.acme]\nisolate = "thread"', "can't be 'thread'"),
        ("[packs.acme]\nmemory_mib = 1", "out of bounds"),
        ("[packs.acme]\nmemory = 100", "memory_mib"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    """What can't be meant is refused with the mend."""
    with pytest.raises(ConfigurationError, match=said):
        configured(tmp_path, text)


def test_an_isolated_pack_that_is_not_there() -> None:
    """A misspelt name would isolate nothing."""
    with pytest.raises(ConfigurationError, match="Did you mean 'pricing'"):
        load_packs(autoload=False, isolated={"pricng": LIMITS})

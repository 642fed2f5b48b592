"""The tool that breaks the code on purpose."""

from __future__ import annotations

import ast
from pathlib import Path

from dealreview.plugins.hygiene import dates
from tools.mutants import mutants_of, sample

MODULE = Path(dates.__file__)
SOURCE = '''
def late(d: int | None, *, limit: Annotated[int, Param("From here", ge=1)] = 7) -> Rules:
    """Not later than 7 days."""
    return Rules(applies=~d.closed & d.open, risk=d.days >= limit, message="{days} > 7")
'''


def changed(path: Path) -> list[str]:
    """Return a module's text under each of its mutants."""
    source = path.read_bytes()
    return [
        (source[: m.start] + m.new.encode() + source[m.end :]).decode() for m in mutants_of(path)
    ]


def test_each_mutant_changes_one_thing_that_runs(tmp_path: Path) -> None:
    """Operators, negations and defaults change; annotations, bounds and words stay."""
    path = tmp_path / "rules.py"
    path.write_text(SOURCE)
    differing = [
        [line.strip() for line in text.splitlines() if line not in SOURCE.splitlines()]
        for text in changed(path)
    ]
    assert len(differing) == 4
    assert all(len(lines) == 1 for lines in differing)
    assert "= 8)" in differing[0][0]
    assert "applies=d.closed & d.open" in differing[1][0]
    assert "~d.closed | d.open" in differing[2][0]
    assert "d.days > limit" in differing[3][0]


def test_mutants_of_a_pack_are_python() -> None:
    """Whatever is changed in a real module, it can still be compiled."""
    for text in changed(MODULE):
        ast.parse(text)


def test_a_sample_is_always_the_same() -> None:
    """It depends on the seed, not on chance, and is as large as asked for."""
    found = mutants_of(MODULE)
    assert sample(found, 10, "1") == sample(found, 10, "1")
    assert len(sample(found, 10, "1")) == 10
    assert sample(found, 10, "1") != sample(found, 10, "2")
    assert set(sample(found, 10_000, "1")) == set(found)

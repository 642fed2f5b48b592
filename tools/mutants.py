"""Break the code on purpose, one small change at a time, and see whether a test notices.

    python tools/mutants.py dealreview/plugins/pricing/margin.py
    python tools/mutants.py dealreview/engine/scoring.py --all --tests tests/engine/test_scoring.py

A mutant is a module with one operator, number, negation or frame method exchanged. Each runs in a
process forked from one that has imported libraries and nothing of ours, so it costs what its tests
cost. Of a module of the built-in packs the cases of the checks that it serves are run first, those
that it defines before the rest, then the tests of its pack; elsewhere the files after ``--tests``.
The sample depends on the seed and the module's name only.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import io
import json
import os
import random
import signal
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = "dealreview/plugins/"
SHARES = (12, 8, 5)
"""Mutants of each rank in a sample of 25; what one rank lacks the others fill."""
LONGEST_SECONDS = 300
QUIET = "ignore::pytest.PytestAssertRewriteWarning"
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-W", QUIET)
LIBRARIES = ("attrs", "babel", "click", "pluggy", "pytest", "rich")
"""What is imported before forking. Not polars: it starts threads, and these do not survive a fork."""

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
JOINED = {ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&")}
COUNTED = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
}
METHODS = {
    one: other
    for pair in (
        ("min", "max"),
        ("first", "last"),
        ("any", "all"),
        ("ceil", "floor"),
        ("is_null", "is_not_null"),
        ("min_horizontal", "max_horizontal"),
        ("any_horizontal", "all_horizontal"),
    )
    for one, other in (pair, pair[::-1])
}
WORDS = {"semi": "anti", "anti": "semi", "left": "inner"}
DECLARATIONS = {"Fact", "Param", "Cite", "cited"}
"""Calls that declare or print; what they hold is pinned by the reference pages."""


@frozen
class Mutant:
    """One change: bytes ``start`` to ``end`` of a file become ``new``."""

    start: int
    end: int
    new: str
    rank: int
    line: int
    told: str


class Finder:
    """Finds what can be changed in a module."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[Mutant] = []

    def at(self, line: int, column: int) -> int:
        """Return a place as a number of bytes."""
        return self.starts[line - 1] + column

    def span(self, node: Any) -> tuple[int, int]:
        """Return where a node begins and ends."""
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def exchange(self, start: int, end: int, old: str, new: str, rank: int) -> None:
        """Note that the first ``old`` in a stretch may become ``new``."""
        place = self.source.index(old.encode(), start, end)
        line = self.source.count(b"\n", 0, place) + 1
        text = self.source.splitlines()[line - 1].decode().strip()
        told = f"{old.strip() or old!r} -> {new.strip() or 'nothing'} in: {text}"
        self.found.append(Mutant(place, place + len(old.encode()), new, rank, line, told))

    def between(self, left: Any, right: Any, old: str, new: str, rank: int) -> None:
        """Note an operator between two nodes."""
        self.exchange(self.span(left)[1], self.span(right)[0], old, new, rank)

    def visit(self, node: ast.AST) -> None:
        """Look at a node and what lies below, declarations and annotations left out."""
        if _is_declaration(node):
            return
        look: Callable[[Any], None] | None = getattr(self, f"see_{type(node).__name__}", None)
        if look is not None:
            look(node)
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child)

    def see_Compare(self, node: ast.Compare) -> None:  # noqa: N802 - named after the node
        """Move a limit, or turn a comparison round."""
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            self.between(left, right, *COMPARED[type(op)], rank=0)
            left = right

    def see_BinOp(self, node: ast.BinOp) -> None:  # noqa: N802
        """Exchange and with or, plus with minus, times with divided by."""
        for table, rank in ((JOINED, 0), (COUNTED, 1)):
            if type(node.op) in table:
                self.between(node.left, node.right, *table[type(node.op)], rank=rank)

    def see_BoolOp(self, node: ast.BoolOp) -> None:  # noqa: N802
        """Exchange and with or."""
        names = (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
        for left, right in zip(node.values, node.values[1:], strict=False):
            stretch = self.source[self.span(left)[1] : self.span(right)[0]].decode()
            old, new = names if names[0] in stretch else (n.strip() for n in names)
            self.between(left, right, old, new, rank=0)

    def see_UnaryOp(self, node: ast.UnaryOp) -> None:  # noqa: N802
        """Drop a negation or a sign."""
        old = {ast.Invert: "~", ast.Not: "not ", ast.USub: "-"}.get(type(node.op))
        if old is not None:
            self.exchange(*self.span(node), old, "", rank=1 if old == "-" else 0)

    def see_Call(self, node: ast.Call) -> None:  # noqa: N802
        """Exchange a method with its opposite, drop a filter, turn a condition round."""
        if not isinstance(node.func, ast.Attribute):
            return
        end = self.span(node.func)[1]
        name = node.func.attr
        if name in METHODS:
            self.exchange(end - len(name), end, name, METHODS[name], rank=1)
        if name == "filter" and node.args:
            receiver, whole = self.span(node.func.value)[1], self.span(node)[1]
            text = self.source[receiver:whole].decode()
            self.exchange(receiver, whole, text, "", rank=1)
        if name == "when" and node.args:
            start, stop = self.span(node.args[0])
            text = self.source[start:stop].decode()
            if text[:1] not in "\"'":
                self.exchange(start, stop, text, f"~({text})", rank=1)

    def see_Constant(self, node: ast.Constant) -> None:  # noqa: N802
        """Exchange true with false, count one more, join otherwise."""
        value = node.value
        start, end = self.span(node)
        if isinstance(value, bool):
            self.exchange(start, end, str(value), str(not value), rank=2)
        elif isinstance(value, int | float):
            self.exchange(start, end, self.source[start:end].decode(), repr(value + 1), rank=2)
        elif value in WORDS:
            self.exchange(start + 1, end - 1, value, WORDS[value], rank=1)


def _is_declaration(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", getattr(node.func, "attr", "")) in DECLARATIONS
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def mutants_of(path: Path) -> list[Mutant]:
    """Return every change of a module, in order of place."""
    source = path.read_bytes()
    finder = Finder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.found, key=lambda m: (m.start, m.end, m.new))


def sample(found: Sequence[Mutant], size: int, seed: str) -> list[Mutant]:
    """Return some of the mutants: first so many of each rank, then what is left by rank."""
    chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
    piles = [[m for m in found if m.rank == rank] for rank in range(len(SHARES))]
    for pile in piles:
        chance.shuffle(pile)
    wanted = [size * share // sum(SHARES) for share in SHARES]
    taken = [m for pile, n in zip(piles, wanted, strict=True) for m in pile[:n]]
    rest = [m for pile, n in zip(piles, wanted, strict=True) for m in pile[n:]]
    return sorted((taken + rest)[:size], key=lambda m: m.start)


# --- running -------------------------------------------------------------------------------------


def forked(work: Callable[[], Any], seconds: int = LONGEST_SECONDS) -> Any:
    """Return what ``work`` returns in a process of its own; ``timeout`` or ``died`` if nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        signal.alarm(seconds)
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the mutant did not live
            answer = f"{type(error).__name__}: {error}"
        with contextlib.suppress(OSError):
            os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if answer:
        return json.loads(answer)
    return "timeout" if os.WTERMSIG(status) == signal.SIGALRM else "died"


def install(path: Path, source: bytes) -> None:
    """Let a module be imported from changed source."""
    sys.dont_write_bytecode = True
    original = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, fullname: str) -> Any:
        if loader.path == str(path):
            return compile(source, str(path), "exec")
        return original(loader, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


def served() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return, by module of the packs, the checks that it serves, and what it defines by name.

    Of the checks those that it defines come first, then the nearest.
    """
    from dealreview.engine.config import Config
    from dealreview.engine.factplan import needed_providers
    from dealreview.engine.loader import load_packs
    from dealreview.engine.plan import make_plan
    from dealreview.engine.selection import make_selection
    from dealreview.model.outcome import Kind

    registry = load_packs(autoload=False)
    nearness: dict[str, dict[str, int]] = {}
    names: dict[str, list[str]] = {}
    for provider in registry.providers:
        path = _path_of(provider.function.__module__)
        names.setdefault(path, []).extend(fact.name for fact in provider.facts)
    for check in registry.checks:
        selection = make_selection(registry, Config(required_checks=(check.id,)), select=[check.id])
        plan = make_plan(registry, selection, frozenset())
        facts = plan.wanted | plan.live | {(Kind.DEAL, "is_open")}
        modules = {p.function.__module__: 1 for p in needed_providers(registry, facts)}
        modules[check.function.__module__] = 0
        names.setdefault(_path_of(check.function.__module__), []).append(check.id)
        for module in _with_imports(modules):
            far = modules.get(module, 2)
            nearness.setdefault(_path_of(module), {})[check.id] = far
    checks = {path: sorted(ids, key=lambda i: (ids[i], i)) for path, ids in nearness.items()}
    return checks, names


def _path_of(module: str) -> str:
    return str(Path(str(sys.modules[module].__file__)).relative_to(ROOT))


def _with_imports(modules: Iterable[str]) -> set[str]:
    """Return modules and all of the packs' that they import, and these in turn."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            held = vars(sys.modules[module]).values()
            near = {getattr(one, "__module__", None) or "" for one in held}
            waiting += [n for n in near if n.startswith("dealreview.plugins.")]
    return found


def cases_notice(checks: Iterable[str], seconds: float = 30) -> str:
    """Return the first case that fails, if there is one; stop looking after some time."""
    from dealreview.engine.loader import load_packs
    from dealreview.testing import load_cases, run_case

    registry = load_packs(autoload=False)
    if registry.problems:
        return f"loading: {registry.problems[0]}"
    end = time.monotonic() + seconds
    files = {check: sorted((ROOT / PLUGINS / "cases").glob(f"{check}*.toml")) for check in checks}
    for held in (load_cases(path) for paths in files.values() for path in paths):
        if time.monotonic() > end:
            return ""
        for case in held.cases:
            if run_case(held, case, registry):
                return f"{held.path.stem}: {case.name}"
    return ""


def tests_notice(files: Sequence[str]) -> str:
    """Return what pytest says of the first test that fails, if there is one."""
    import pytest

    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = pytest.main([*PYTEST, *files])
    if code == pytest.ExitCode.OK:
        return ""
    told = [
        line for line in printed.getvalue().splitlines() if line.startswith(("FAILED", "ERROR"))
    ]
    return told[0][:200] if told else f"pytest ends with {code}"


def tests_of(path: str, defined: Iterable[str]) -> list[str]:
    """Return the test files of a module's pack that name something that it defines."""
    inner = Path(path).relative_to(PLUGINS)
    names = [f"test_{inner.parts[0]}*.py", f"test_worked_{inner.parts[0]}.py"]
    if len(inner.parts) == 1:
        names = [f"test_{inner.stem}*.py"]
    files = sorted({p for name in names for p in (ROOT / "tests/plugins").glob(name)})
    words = tuple(defined)
    return [str(p) for p in files if not words or any(word in p.read_text() for word in words)]


def noticed(path: Path, mutant: Mutant, checks: Sequence[str], tests: Sequence[str]) -> str:
    """Return what notices a mutant; nothing if it lives."""
    source = path.read_bytes()
    install(path, source[: mutant.start] + mutant.new.encode() + source[mutant.end :])
    # Before pytest does: it reads the modules of a distribution with a plugin for pytest by itself.
    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return (cases_notice(checks) if checks else "") or (tests_notice(tests) if tests else "")


def try_all(
    path: str, mutants: Sequence[Mutant], checks: Sequence[str], tests: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Try mutants of a module one by one."""
    for mutant in mutants:
        began = time.monotonic()
        told = forked(partial(noticed, ROOT / path, mutant, checks, tests))
        seconds = round(time.monotonic() - began, 1)
        yield {"module": path, **asdict(mutant), "noticed": told, "seconds": seconds}


def main() -> None:
    """Try mutants of some modules; print a line for each survivor and a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("modules", nargs="+", help="files below the repository")
    parser.add_argument("--sample", type=int, default=25, help="mutants a module (25)")
    parser.add_argument("--all", action="store_true", help="every mutant instead of a sample")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--line", type=int, help="only mutants of this line")
    parser.add_argument("--tests", nargs="*", default=[], help="test files, for other modules")
    parser.add_argument(
        "--log", type=Path, help="append each result to this file, a JSON line each"
    )
    given = parser.parse_args()
    for library in LIBRARIES:
        importlib.import_module(library)
    packs = any(path.startswith(PLUGINS) for path in given.modules)
    serving, names = forked(served) if packs else ({}, {})
    for path in given.modules:
        found = mutants_of(ROOT / path)
        if given.line:
            found = [m for m in found if m.line == given.line]
        elif not given.all:
            found = sample(found, given.sample, f"{given.seed} {path}")
        tests = given.tests or tests_of(path, names.get(path, ()))
        told = forked(partial(tests_notice, tests)) if tests else ""
        if told:
            print(f"{path}: left out, its tests fail without any mutant: {told}", flush=True)
            continue
        results = []
        for result in try_all(path, found, serving.get(path, ()), tests):
            results.append(result)
            if given.log:
                with given.log.open("a") as log:
                    log.write(json.dumps(result) + "\n")
            if not result["noticed"]:
                print(f"{path}:{result['line']}: {result['told']}", flush=True)
        killed = sum(bool(r["noticed"]) for r in results)
        print(f"{path}: {len(results)} mutants, {killed} noticed", flush=True)


if __name__ == "__main__":
    main()

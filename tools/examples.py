"""The examples in the documentation as tests: Python, TOML, files to write, and commands with output.

A fenced block is run by its language. ``python`` is executed; the blocks of a page share their
names. ``toml`` must be valid. ``console`` holds commands after ``$`` and what they print, where
``…`` stands for any text and a line of ``…`` for any lines; a command must end with 0 unless
``$ echo $?`` follows it. A comment before a block changes that: ``<!--- write: path -->`` writes it
to a file, ``<!--- change: path -->`` before a ``diff`` changes one, ``<!--- skip -->`` leaves it alone.
Each page runs in an empty folder of its own; ``cd demo`` brings the demo company along. ``pip install
-e`` installs a pack for the page, without a network; ``pytest`` and what stands behind ``timeout N``
run in processes of their own.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from sybil import Document, Example, Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK = re.compile(
    r"^(?:<!--- *(?P<how>skip|(?:write|change): *(?P<path>\S+)) *-->\n+)?"
    r"(?P<fence>`{3,})(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
NOT_RUN = (".", "git", "make", "pip", "python", "python3.11", "export", "twine")
"""Commands that a page may show and that are not run here."""

PLUGINS = ("dealreview.testing.pytest_plugin", "_hypothesis_pytestplugin", "no:cacheprovider")
"""What pytest loads on a page; whatever else is installed here stays out."""

TIMED_OUT = 124
"""What the command timeout ends with when it had to end another one."""

ENVIRONMENT = {"COLUMNS": "80", "NO_COLOR": "1", "DEALREVIEW_TRACEBACK": "1"}


def parse_examples(document: Document) -> Iterator[Region]:
    """Yield every fenced block that can be run."""
    for match in BLOCK.finditer(document.text):
        how, language = match["how"] or "", match["language"]
        if match["path"]:
            put = write_file if how.startswith("write") else change_file
            yield Region(match.start(), match.end(), (match["path"], match["body"]), put)
        elif not how and language in EVALUATORS:
            line = document.text.count("\n", 0, match.start("body"))
            yield Region(match.start(), match.end(), (line, match["body"]), EVALUATORS[language])


def write_file(example: Example) -> None:
    """Write a block to the file that its comment names."""
    path, body = example.parsed
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(body, encoding="utf-8")


def change_file(example: Example) -> None:
    """Change the one place of a file that the lines of a diff describe.

    Raises:
        ValueError: The lines before the change are not there, or not once.
    """
    path, body = example.parsed
    lines: list[tuple[str, str]] = [(line[:1], f"{line[1:]}\n") for line in body.splitlines()]
    before = "".join(text for sign, text in lines if sign != "+")
    after = "".join(text for sign, text in lines if sign != "-")
    text = Path(path).read_text("utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{path} has {text.count(before)} places like this:\n{before}")
    Path(path).write_text(text.replace(before, after), encoding="utf-8")


def run_python(example: Example) -> None:
    """Execute a block among the names of its page."""
    line, body = example.parsed
    code = compile("\n" * line + body, example.path, "exec", dont_inherit=True)
    exec(code, example.namespace)  # noqa: S102 - it is our own documentation


def read_toml(example: Example) -> None:
    """Read a block as TOML."""
    tomllib.loads(example.parsed[1])


def run_console(example: Example) -> str | None:
    """Run the commands of a block; return what is wrong with their output or exit code."""
    commands = list(split_commands(example.parsed[1]))
    for number, (command, wanted) in enumerate(commands):
        asked = number + 1 < len(commands) and commands[number + 1][0] == "echo $?"
        fault = run_command(command, wanted, example.namespace, checked=not asked)
        if fault:
            return f"$ {command}\n{fault}"
    return None


EVALUATORS: dict[str, Any] = {"python": run_python, "toml": read_toml, "console": run_console}


# --- commands ------------------------------------------------------------------------------------


def split_commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command with the lines that it should print."""
    command, lines = "", []
    for line in block.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, lines
            command, lines = line[2:].strip(), []
        else:
            lines.append(line)
    if command:
        yield command, lines


def run_command(command: str, wanted: list[str], names: dict[str, Any], *, checked: bool) -> str:
    """Run one command; return what is wrong, an empty text when nothing is."""
    output = console_output(command, names)
    code = names.get("exit_code", 0)
    if output is not None and checked and code and command != "echo $?":
        return f"ended with {code}:\n" + "\n".join(output)
    return differences(output or [], wanted) if any(wanted) and output is not None else ""


def console_output(command: str, names: dict[str, Any]) -> list[str] | None:
    """Run one command and return the lines that it prints; None for one that is not run here.

    Raises:
        ValueError: A command that examples don't know.
    """
    words, file = redirected(shlex.split(command))
    if command == "echo $?":
        return [str(names["exit_code"])]
    if words[0] == "cd":
        enter(Path(words[1]))
    elif words[0] == "cat":
        return Path(words[1]).read_text("utf-8").splitlines()
    elif words[:3] == ["pip", "install", "-e"]:
        install(Path(words[3].partition("[")[0]), Path(names["folder"]) / ".site")
    elif words[0] == "pytest":
        names["exit_code"], output = run_pytest(words[1:])
        return output.splitlines()
    elif words[0] == "timeout" and words[2] == "dealreview":
        names["exit_code"], output = run_apart(float(words[1]), words[3:])
        return output.splitlines()
    elif words[0] == "dealreview":
        forget(names["folder"])
        names["exit_code"], output = run_dealreview(words[1:])
        if file:
            Path(file).write_text(output, encoding="utf-8")
        return [] if file else output.splitlines()
    elif words[0] not in NOT_RUN:
        raise ValueError(f"examples can't run '{command}'")
    return None


def redirected(words: list[str]) -> tuple[list[str], str]:
    """Return a command without ``> file`` at its end, and the file."""
    return (words[:-2], words[-1]) if words[-2:-1] == [">"] else (words, "")


def run_dealreview(arguments: list[str]) -> tuple[int, str]:
    """Run the command line in this process; return exit code and everything that it printed."""
    from dealreview.cli import main

    printed = io.StringIO()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        mock.patch.dict(os.environ, ENVIRONMENT),
    ):
        code = main(arguments)
    return code, printed.getvalue()


def install(project: Path, site: Path) -> None:
    """Put what pip would write for an editable installation into a folder of the path."""
    described = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = described["name"], described["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(head, encoding="utf-8")
    points = (
        f"[{group}]\n" + "".join(f"{point} = {value}\n" for point, value in members.items())
        for group, members in described.get("entry-points", {}).items()
    )
    (info / "entry_points.txt").write_text("".join(points), encoding="utf-8")
    sys.path[:0] = [str(project.resolve()), str(site)]


def run_apart(seconds: float, arguments: list[str]) -> tuple[int, str]:
    """Run the command line in a process of its own; return the exit code that a shell would give."""
    try:
        done = subprocess.run(  # noqa: S603 - our own documentation
            [sys.executable, "-m", "dealreview", *arguments],
            env=os.environ
            | ENVIRONMENT
            | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return TIMED_OUT, ""
    return done.returncode if done.returncode >= 0 else 128 - done.returncode, done.stdout


def run_pytest(arguments: list[str]) -> tuple[int, str]:
    """Run pytest in this folder; return exit code and what it printed, but for how long it took."""
    plugins = [f"-p{name}" for name in PLUGINS]
    environment = ENVIRONMENT | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(  # noqa: S603 - our own documentation
        [sys.executable, "-m", "pytest", *plugins, *arguments],
        # On a build server pytest prints whole lines, whatever the width.
        env={name: value for name, value in os.environ.items() if name != "CI"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"(?m) in [\d.]+s(?: \([\d:]+\))?$", "", done.stdout)


def enter(folder: Path) -> None:
    """Change the folder; the demo company's is made when a page needs it first."""
    if folder.name == "demo" and not folder.exists():
        shutil.copytree(demo_company(), folder)
    os.chdir(folder)


@cache
def demo_company() -> Path:
    """Return a folder with the demo company, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="dealreview-examples-")) / "demo"
    code, output = run_dealreview(["demo", str(folder)])
    if code:
        raise AssertionError(output)
    return folder


def differences(lines: Iterable[str], wanted: Iterable[str]) -> str:
    """Return both texts when one does not fit the other, an empty text when it does."""
    got = "\n".join(line.rstrip() for line in lines).strip("\n")
    expected = "\n".join(line.rstrip() for line in wanted).strip("\n")
    if pattern_of(expected).fullmatch(f"{got}\n"):
        return ""
    return f"printed:\n{got}\n\nand not:\n{expected}"


def pattern_of(expected: str) -> re.Pattern[str]:
    """Return a pattern in which ``…`` stands for any text of a line, alone on a line for any lines."""
    parts = (
        r"(?:[^\n]*\n)*?"
        if line.strip() == "…"
        else "[^\n]*?".join(map(re.escape, line.split("…"))) + "\n"
        for line in expected.split("\n")
    )
    return re.compile("".join(parts))


# --- a page --------------------------------------------------------------------------------------


def begin_page(names: dict[str, Any]) -> None:
    """Give a page an empty folder."""
    names["__name__"] = "example"
    names["came_from"], names["folder"] = Path.cwd(), tempfile.mkdtemp()
    names["path"] = list(sys.path)
    # A file that is changed within a second must not be read as it was.
    names["no_bytecode"], sys.dont_write_bytecode = sys.dont_write_bytecode, True
    os.chdir(names["folder"])


def end_page(names: dict[str, Any]) -> None:
    """Remove a page's folder, and forget the modules that were imported from it."""
    os.chdir(names["came_from"])
    sys.path[:] = names["path"]
    sys.dont_write_bytecode = names["no_bytecode"]
    forget(names["folder"])
    shutil.rmtree(names["folder"])


def forget(folder: str) -> None:
    """Forget the modules that were imported from a folder, as the next command would not know them."""
    importlib.invalidate_caches()
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]

"""Writes what commands print now into the examples of the documentation.

An output that is cut off by a last line of ``…`` keeps its number of lines; one with such a line
elsewhere is left alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sybil import Document, Example

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools.examples import (  # noqa: E402 - the folder is not installed
    BLOCK,
    EVALUATORS,
    begin_page,
    change_file,
    console_output,
    end_page,
    parse_examples,
    split_commands,
    write_file,
)

CUT = "…"


def refreshed(path: Path) -> str:
    """Return a page with the output of its commands as it is now."""
    document = Document(path.read_text("utf-8"), str(path))
    names: dict[str, Any] = {}
    pieces, end = [], 0
    begin_page(names)
    try:
        for region in parse_examples(document):
            if region.evaluator is EVALUATORS["console"]:
                match = BLOCK.match(document.text, region.start)
                if match is None:
                    raise AssertionError(document.text[region.start : region.end])
                pieces += [document.text[end : match.start("body")], block(match["body"], names)]
                end = match.end("body")
            elif region.evaluator in {write_file, change_file, EVALUATORS["python"]}:
                region.evaluator(Example(document, 0, 0, region, names))
    finally:
        end_page(names)
    return "".join(pieces) + document.text[end:]


def block(body: str, names: dict[str, Any]) -> str:
    """Return the body of a console block with new output."""
    lines = []
    for command, wanted in split_commands(body):
        output = console_output(command, names)
        lines += [f"$ {command}", *shown(wanted, output)]
    return "\n".join(lines) + "\n"


def shown(wanted: list[str], output: list[str] | None) -> list[str]:
    """Return the lines to print under a command."""
    filled = [line for line in wanted if line.strip()]
    if output is None or not filled or any(line.strip() == CUT for line in filled[:-1]):
        return wanted
    fresh = [line.rstrip() for line in output]
    while fresh and not fresh[-1]:
        fresh.pop()
    if filled[-1].strip() == CUT:
        fresh = [*fresh[: wanted.index(filled[-1])], CUT]
    return fresh + [""] * (len(wanted) - 1 - max(i for i, line in enumerate(wanted) if line))


def written_pages() -> list[Path]:
    """Return the pages of the documentation that people write."""
    docs = ROOT / "docs"
    return sorted(page for page in docs.rglob("*.md") if docs / "reference" not in page.parents)


def main() -> int:
    """Refresh the pages that are named, else all that are written by hand."""
    pages = [Path(name) for name in sys.argv[1:]]
    for path in pages or [ROOT / "README.md", *written_pages()]:
        path.write_text(refreshed(path.resolve()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

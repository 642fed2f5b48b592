"""How the pages become a site: plain Markdown in, no directive in it that a code host would not show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Generic, Text

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "dealreview"
copyright = "the authors of dealreview"  # noqa: A001 - Sphinx's name
html_title = "dealreview"
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
extensions = ["myst_parser"]
exclude_patterns = ["schema", "pictures", "_build"]
myst_heading_anchors = 4  # as a code host makes them, so that one link works in both places

LISTS = re.compile(r"index|reference/checks(/\w+)?")
"""Names of the pages whose lists of links are the tree of contents."""

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
PAGE = re.compile(r"\]\((?!\.\.)([\w.-]+(?:/[\w.-]+)?)\.md[)#]")
"""A link at most one folder down: what lies deeper is in the tree of a page between."""


class Console(RegexLexer):
    """Commands after a dollar sign, and what they print, be it a comment or half of a sentence."""

    tokens = {  # noqa: RUF012 - the form that Pygments asks for
        "root": [
            (r"(\$ )(.*\n)", bygroups(Generic.Prompt, Text)),
            (r".*\n", Generic.Output),
        ]
    }


def contents(text: str, *, captions: bool) -> str:
    """Return hidden trees of contents: one for each heading of a page, of the pages linked under it."""
    _, *parts = HEADING.split(text)
    trees = []
    for caption, part in zip(parts[::2], parts[1::2], strict=True):
        pages = "\n".join(dict.fromkeys(PAGE.findall(part)))
        heading = f":caption: {caption}\n" if captions else ""
        trees.append(f"```{{toctree}}\n:hidden:\n{heading}\n{pages}\n```")
    return "\n\n".join(trees)


def add_contents(_app: Sphinx, name: str, source: list[str]) -> None:
    """Add the trees to the pages that have them, while they are read."""
    if LISTS.fullmatch(name):
        source[0] += "\n\n" + contents(source[0], captions=name == "index")


def copy_pictures(app: Sphinx, problem: Exception | None) -> None:
    """Put pictures where pages look for them: what stands in plain HTML, Sphinx does not see."""
    if problem is None:
        pictures = Path(app.srcdir) / "pictures"
        shutil.copytree(pictures, Path(app.outdir) / "pictures", dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """Listen to what Sphinx reads, and show consoles our way: Pygments takes # for root's prompt."""
    app.add_lexer("console", Console)
    app.connect("source-read", add_contents)
    app.connect("build-finished", copy_pictures)

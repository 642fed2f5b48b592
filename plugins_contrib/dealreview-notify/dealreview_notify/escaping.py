"""Text from other people's systems, made so that no service takes it for markup, a link or a call."""

from __future__ import annotations

import html
import re
import unicodedata

NARROW = "\u200b"
"""A space without width: it breaks what a service would act on, and is not seen."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~])")
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})


def one_line(text: str) -> str:
    """Return a text on one line, without characters that are not seen or turn the writing around."""
    spaced = re.sub(r"\s+", " ", text)
    return "".join(
        c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}
    ).strip()


def harmless(text: str) -> str:
    """Return a text in which nobody is called, nothing is linked and no command begins."""
    calm = text.translate(_BRACKETS).replace("@", f"@{NARROW}").replace("://", f":{NARROW}//")
    return re.sub(r"(?i)\bwww\.", f"www{NARROW}.", calm)


def as_format(lines: list[str], form: str) -> str:
    """Return lines as the text, Markdown or HTML that a service expects.

    Args:
        lines: What is said, a line each; spaces at the beginning indent it.
        form: ``text``, ``markdown`` or ``html``.
    """
    calm = [harmless(line) for line in lines]
    if form == "html":
        return "<br>\n".join(html.escape(_indented(line, "\u2003")) for line in calm)
    if form == "markdown":
        return "  \n".join(_MARKDOWN.sub(r"\\\1", _indented(line, "\u2003")) for line in calm)
    return "\n".join(calm)


def _indented(line: str, space: str) -> str:
    """Return a line whose indent is not lost where spaces are joined to one."""
    bare = line.lstrip(" ")
    return space * ((len(line) - len(bare)) // 2) + bare

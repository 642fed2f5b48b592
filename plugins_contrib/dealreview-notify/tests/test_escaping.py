"""Text of other people's systems in a message of ours."""

from __future__ import annotations

import pytest
from dealreview_notify.escaping import as_format, harmless, one_line


def test_one_line() -> None:
    """A name can't begin a line of its own, turn the writing around or hide a character."""
    assert one_line(" a\r\n b\t\x1b[31mc\u202ed\u200b ") == "a b [31mcd"


@pytest.mark.parametrize(
    "text", ["@everyone", "<!channel>", "<@U1>", "http://evil.example", "www.e.x"]
)
def test_nobody_is_called_and_nothing_linked(text: str) -> None:
    """What services act on is broken, and still reads the same."""
    calm = harmless(text)
    assert text not in calm
    assert calm.replace("\u200b", "").replace("‹", "<").replace("›", ">") == text


def test_markdown_is_text() -> None:
    """Stars, brackets and backticks are shown."""
    written = as_format(["*a* [b](c) `d` # e"], "markdown")
    assert written == r"\*a\* \[b\]\(c\) \`d\` \# e"


def test_html_is_text() -> None:
    """Tags and quotes are shown; lines stay lines and keep their indent."""
    assert as_format(["a & <b>", '  "c"'], "html") == "a &amp; ‹b›<br>\n\u2003&quot;c&quot;"

"""Takes the pictures of the documentation: the demo company's review, in a browser and in a terminal."""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import tempfile
from contextlib import chdir, redirect_stdout
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tools.browser import CHROMIUM, started  # noqa: E402 - the folder is not installed
from tools.examples import run_dealreview  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.text import Text

PICTURES = ROOT / "docs" / "pictures"
SCHEMES = ("light", "dark")

# --- a browser -----------------------------------------------------------------------------------

WIDTH, HEIGHT, SCALE = 1080, 760, 1.5
QUALITY = 82
"""Of WebP: text is sharp, and a picture has some 50 kB."""


def take_pages(page: Path) -> None:
    """Write what a browser shows of a review: its beginning, and the card of its first deal."""
    with started() as browser:
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                device_scale_factor=SCALE,
                color_scheme=scheme,
            )
            tab = context.new_page()
            tab.goto(page.as_uri())
            write(f"review-{scheme}.webp", shot(tab))
            tab.locator("main a[href^='#deal-']").first.click()
            write(f"deal-{scheme}.webp", shot(tab))
            context.close()


def shot(tab: Any) -> bytes:
    """Return what a tab shows as WebP, which playwright itself does not offer."""
    session = tab.context.new_cdp_session(tab)
    wanted = {"format": "webp", "quality": QUALITY}
    return base64.b64decode(session.send("Page.captureScreenshot", wanted)["data"])


# --- a terminal ----------------------------------------------------------------------------------

COLUMNS, ROWS = 80, 36
COLOURS = ("ink", "red", "green", "yellow", "blue", "magenta")
"""By their numbers in a terminal."""

CELL, LINE, SIZE, MARGIN = 8.4, 19, 14, 16
"""Width of a character, height of a line, size of the font and margin, in pixels."""

PALETTES = {
    "light": {
        "paper": "#faf9f6", "rim": "#c9c5b9", "ink": "#1c2228", "dim": "#56606b", "blue": "#1f4e79",
        "green": "#0a655f", "yellow": "#85500a", "red": "#a3261b", "magenta": "#5b6570",
    },
    "dark": {
        "paper": "#13171b", "rim": "#46515b", "ink": "#e7eaed", "dim": "#a6b0ba", "blue": "#92bde7",
        "green": "#66cbc1", "yellow": "#e8b465", "red": "#f29485", "magenta": "#a6b0ba",
    },
}  # fmt: skip
"""What the colours of a terminal look like: those of the HTML report."""


class Screen(io.StringIO):
    """What a command takes for a terminal with colours."""

    def isatty(self) -> bool:
        """Say that somebody looks on."""
        return True


def on_screen(arguments: list[str]) -> list[Text]:
    """Run a command of dealreview; return it and the lines that it shows in a terminal."""
    from rich.text import Text

    from dealreview.cli import main

    settings = {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "NO_COLOR": ""}
    with redirect_stdout(Screen()) as screen, mock.patch.dict(os.environ, settings):
        main(arguments)
    command = Text.assemble((f"$ dealreview {' '.join(arguments)}", "dim"))
    return [command, *Text.from_ansi(screen.getvalue()).split("\n")]


def terminal_picture(lines: Iterable[Text], palette: dict[str, str]) -> str:
    """Return lines as they look in a terminal, as SVG that loads nothing."""
    from rich.console import Console

    console = Console(width=COLUMNS, color_system="standard", force_terminal=True)
    rows = ["".join(spans(text, console, number)) for number, text in enumerate(lines)]
    width, height = round(COLUMNS * CELL) + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    fills = "".join(f".{name}{{fill:{colour}}}" for name, colour in palette.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">\n'
        f"<style>text{{font:{SIZE}px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}}"
        f".bold{{font-weight:bold}}{fills}</style>\n"
        f'<rect class="paper" stroke="{palette["rim"]}" x=".5" y=".5" rx="6"'
        f' width="{width - 1}" height="{height - 1}"/>\n'
        + "\n".join(filter(None, rows))
        + "\n</svg>\n"
    )


def spans(text: Text, console: Console, row: int) -> Iterator[str]:
    """Yield the pieces of a line, each as wide as its characters in whatever font there is."""
    column, y = 0, MARGIN + row * LINE + SIZE
    for segment in text.render(console, end=""):
        shown = segment.text.strip()
        if shown:
            x = MARGIN + (column + segment.text.index(shown[0])) * CELL
            words = escape(shown).replace("  ", "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}")
            yield (
                f'<text class="{look(segment.style)}" x="{x:g}" y="{y}"'
                f' textLength="{len(shown) * CELL:g}">{words}</text>'
            )
        column += len(segment.text)


def look(style: Any) -> str:
    """Return the classes of a style."""
    colour = COLOURS[style.color.number] if style and style.color else ""
    dim = "dim" if style and style.dim else ""
    return " ".join(filter(None, [colour or dim or "ink", "bold" if style and style.bold else ""]))


# --- the command line of this tool ---------------------------------------------------------------


def write(name: str, content: bytes) -> None:
    """Write a picture and say how large it is."""
    (PICTURES / name).write_bytes(content)
    print(f"docs/pictures/{name}  {len(content) / 1000:.0f} kB")


def first_deal() -> str:
    """Return what a review says to look at next."""
    _code, text = run_dealreview(["review"])
    found = re.search(r"dealreview show (deal:\S+)", text)
    if found is None:
        raise RuntimeError(f"the review names no deal to look at:\n{text}")
    return found[1]


def main() -> int:
    """Take all pictures; without a browser only those of a terminal."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        run_dealreview(["demo", "demo"])
        os.chdir("demo")
        lines = on_screen(["show", first_deal()])[:ROWS]
        for scheme in SCHEMES:
            write(f"terminal-{scheme}.svg", terminal_picture(lines, PALETTES[scheme]).encode())
        if CHROMIUM is None:
            print(
                "There is no chromium here: other pictures are left as they were.", file=sys.stderr
            )
            return 1
        run_dealreview(["review", "--format", "html", "-o", "review.html"])
        take_pages(Path("review.html").absolute())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where reports go: standard output or a file that appears whole."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, TextIO

from dealreview.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.text import Text

NARROWEST, WIDEST, FILE_WIDTH = 40, 120, 100


def terminal_width() -> int:
    """Return the columns to write for: COLUMNS, else the terminal's, else 80; from 40 to 120."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def width_of(path: Path | None) -> int:
    """Return the columns of a text report that goes to a file or to standard output."""
    return terminal_width() if path is None else FILE_WIDTH


def write_pieces(pieces: Iterable[str], path: Path | None = None) -> None:
    """Write pieces one by one to a file or to standard output."""
    with _target(path) as stream:
        for piece in pieces:
            stream.write(piece)


def write_utf8(pieces: Iterable[str], path: Path | None = None) -> None:
    """Write pieces as they are: for another program, whatever this terminal's encoding and line ends."""
    if path is None and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    write_pieces(pieces, path)


def write_bytes(pieces: Iterable[bytes], path: Path | None = None) -> None:
    """Write pieces as they are to a file or to standard output."""
    with _target(path) as stream:
        binary = getattr(stream, "buffer", None)
        for piece in pieces:
            if binary is None:
                stream.write(piece.decode("utf-8", "replace"))
            else:
                binary.write(piece)


def write_lines(lines: Iterable[Text], path: Path | None = None) -> None:
    """Write lines to a file, or to standard output with colours where that is a terminal."""
    if path is not None or not has_colours(sys.stdout):
        write_pieces((_plain(text, path) for text in lines), path)
        return
    write_pieces([_painted(lines)])


def _plain(text: Text, path: Path | None) -> str:
    shown = f"{text.plain.rstrip()}\n"
    return shown if path is not None else encodable(shown, sys.stdout)


def has_colours(stream: IO[str]) -> bool:
    """Whether a stream is a terminal that is to be coloured."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(lines: Iterable[Text]) -> str:
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        for text in lines:
            text.rstrip()
            console.print(text, soft_wrap=True, end="\n")
    return encodable(captured.get(), sys.stdout)


def encodable(text: str, stream: TextIO) -> str:
    """Return a text that a stream can write; shapes have stand-ins where it has no UTF-8."""
    encoding = stream.encoding or "utf-8"
    if encoding.lower().replace("-", "") == "utf8":
        return text
    from dealreview.reports.marks import PLAIN_SHAPES

    return text.translate(PLAIN_SHAPES).encode(encoding, "replace").decode(encoding)


@contextmanager
def _target(path: Path | None) -> Iterator[IO[str]]:
    """Give standard output, or a file that takes its place only when everything is written."""
    if path is None:
        yield sys.stdout
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
        partial.replace(path)
    except OSError as error:
        raise StoreError(
            f"{path} can't be written: {error.strerror}.", mend="Choose another path for -o."
        ) from error
    finally:
        partial.unlink(missing_ok=True)

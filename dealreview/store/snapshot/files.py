"""Files of a snapshot: written once under a name of their own, never changed."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

SUFFIX = ".snapshot"
MANIFEST = "manifest.json"
FACTS = "facts"
"""Begins the names of files with the local facts of the last review."""


FILES_AT_ONCE = 8
"""Files that are read at once: a column of one of them is read by one thread."""


@frozen
class File:
    """A file of a snapshot.

    Attributes:
        name: Its name in the folder.
        size: Its size in bytes.
        modified: When it was written, in nanoseconds; another time means a look at the digest.
        digest: SHA-256 of its bytes, hexadecimal.
    """

    name: str
    size: int
    modified: int
    digest: str


def folder_of(database: Path) -> Path:
    """Return the folder of the snapshot of a database."""
    return database.with_name(database.name + SUFFIX)


def write_frame(folder: Path, name: str, frame: pl.DataFrame) -> File:
    """Write a frame to a new file that survives a power cut."""
    put_down(folder / name, frame)
    synced(folder / name)
    return described(folder / name)


def put_down(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame to a file.

    Raises:
        OSError: It can't be written.
    """
    import polars as pl

    # A process that was ended may not be quite done with a file of that name.
    path.unlink(missing_ok=True)
    try:
        with writable(path) as target:
            # Statistics would only help to skip rows, and all of them are read.
            frame.write_parquet(target, compression="lz4", statistics=False)
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error


@contextmanager
def writable(path: Path) -> Iterator[Path | IO[bytes]]:
    """Give what Polars writes to: a path, or an open file where the path is no text of Unicode."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        with path.open("wb") as stream:
            yield stream
    else:
        yield path


def read_frame(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return columns of a file, all of them where none are named.

    Raises:
        OSError, polars.exceptions.PolarsError: It can't be read.
    """
    import polars as pl

    # A folder may have a bracket in its name, which would be taken for a pattern, or be no text at all.
    with path.open("rb") as stream, without_panic():
        return pl.read_parquet(stream, columns=None if columns is None else list(columns))


def read_frames(
    paths: Sequence[Path], columns: Sequence[str], *some: pl.Expr
) -> Iterator[pl.DataFrame]:
    """Yield columns of files, one after the other; some are read at once.

    Args:
        paths: The files.
        columns: The columns.
        some: Which rows; all where nothing is said.

    Raises:
        OSError, polars.exceptions.PolarsError: One can't be read.
    """
    import polars as pl

    for start in range(0, len(paths), FILES_AT_ONCE):
        with ExitStack() as stack, without_panic():
            streams = [
                stack.enter_context(path.open("rb")) for path in paths[start:][:FILES_AT_ONCE]
            ]
            scans = [pl.scan_parquet(stream).filter(*some).select(columns) for stream in streams]
            found = pl.collect_all(scans)
        yield from found


@contextmanager
def without_panic() -> Iterator[None]:
    """Raise an error where Polars gives up; it is not written in Python, and raises no Exception then.

    Raises:
        OSError: It gave up.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise OSError(str(error)) from error


def described(path: Path) -> File:
    """Return what is known of a file."""
    status = path.stat()
    return File(path.name, status.st_size, status.st_mtime_ns, digest_of(path))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_intact(folder: Path, file: File, *, thorough: bool = False) -> bool:
    """Whether a file is what was written.

    Args:
        folder: Where it lies.
        file: What it should be.
        thorough: Read it, even if size and time are those of the file that was written.
    """
    path = folder / file.name
    try:
        status = path.stat()
        if status.st_size != file.size:
            return False
        if status.st_mtime_ns == file.modified and not thorough:
            return True
        return digest_of(path) == file.digest
    except OSError:
        return False


def synced(path: Path) -> None:
    """Wait until a file or the names in a folder are on the disk."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replaced(path: Path, text: str) -> None:
    """Put a text in the place of a file; whoever reads it sees the old or the new one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8")
    synced(partial)
    partial.replace(path)
    synced(path.parent)

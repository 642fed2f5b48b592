"""What a plugin can bring beside checks and facts: other forms of files, of reports and of messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from pathlib import Path

OWN_FORMS = ("text", "json", "jsonl", "markdown", "csv", "html")
"""Forms of reports that need no pack."""

OWN_EXECUTORS = ("serial", "processes", "dask")
"""Executors that need no pack: one bucket after the other, processes of this machine, dask's workers."""

OWN_SUFFIXES = (
    ".csv",
    ".tsv",
    ".txt",
    ".db",
    ".sqlite",
    ".sqlite3",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
)
"""Endings of files that need no pack."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")
Rows = tuple[Sequence[str], Iterable[Sequence[object]]]
"""Names of columns, and rows of as many cells."""


def _named(_instance: object, _attribute: Any, name: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"'{name}' is no name for an extension: use lower case letters, digits and hyphens"
        )


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@frozen
class Reporter:
    """A form of ``dealreview review --format NAME``.

    Attributes:
        name: The name of the form.
        write: Takes a review as plain values, in the form that ``dealreview schema --review``
            describes, and gives the pieces of the report, texts or bytes.
        description: One sentence.
    """

    name: str = field(validator=_named)
    write: Callable[[Mapping[str, Any]], Iterable[str | bytes]]
    description: str = ""


@frozen
class Importer:
    """A form of file that ``dealreview import`` can read.

    Attributes:
        name: Its name.
        suffixes: Endings of file names, lower case with the dot: ``.acme``.
        read: Takes a path and gives tables by name, each with its columns and rows. A mapping sees
            each as a file called ``NAME.csv``; cells become text, None an empty cell.
        description: One sentence.
    """

    name: str = field(validator=_named)
    suffixes: tuple[str, ...] = field(converter=_texts)
    read: Callable[[Path], Mapping[str, Rows]]
    description: str = ""


@frozen
class Notifier:
    """A way to send what a review found, for ``dealreview notify NAME``.

    Attributes:
        name: Its name.
        send: Takes the review as for :class:`Reporter`, the settings under ``[notify.NAME]`` and
            whether nothing may be sent; gives a sentence for each message that was, or would be, sent.
        description: One sentence.
    """

    name: str = field(validator=_named)
    send: Callable[[Mapping[str, Any], Mapping[str, Any], bool], Iterable[str]]
    description: str = ""


@frozen
class Executor:
    """A way to compute the facts of many buckets of accounts, for ``review --executor NAME``.

    Attributes:
        name: Its name.
        map: Takes a function and its arguments, one a bucket, and gives the results in their order;
            function, arguments and results can be pickled.
        description: One sentence.
        buckets: Into how many buckets the accounts are cut; 0 means one a processor of this machine.
    """

    name: str = field(validator=_named)
    map: Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
    description: str = ""
    buckets: int = 0


Extension = Reporter | Importer | Notifier | Executor
EXTENSIONS: tuple[type[Extension], ...] = (Reporter, Importer, Notifier, Executor)

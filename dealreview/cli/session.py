"""What commands open: the configuration, the database, the day."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dealreview.cli.options import DATABASE_VARIABLE, DEFAULT_DATABASE
from dealreview.model.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dealreview.engine.config import Config
    from dealreview.engine.registry import Registry
    from dealreview.store.database import Database
    from dealreview.store.tables import Tables


def open_config(path: Path | None) -> Config:
    """Return the configuration of a file, else of ``dealreview.toml`` in this folder, else defaults."""
    from dealreview.engine.config import CONFIG_NAME, load_config

    here = Path(CONFIG_NAME)
    return load_config(path or (here if here.is_file() else None))


def database_path(path: Path | None) -> Path:
    """Return the database that is meant.

    Raises:
        StoreError: None was named and there is none in this folder.
    """
    if path is not None:
        return path
    here = Path(DEFAULT_DATABASE)
    if not here.is_file():
        raise StoreError(
            "No database was named.",
            mend=f"Give --db FILE or set {DATABASE_VARIABLE}; "
            f"without both, {DEFAULT_DATABASE} of this folder is taken.\n"
            "`dealreview import` makes one, `dealreview demo` one to try.",
        )
    return here


def open_database(path: Path | None) -> Database:
    """Return the database that is meant, brought up to the current format."""
    from dealreview.store.database import Database

    return Database.open(database_path(path))


def review_day(given: dt.date | None, config: Config) -> dt.date:
    """Return the day to review: the given one, that of the configuration, else today.

    This is the only place of a review that looks at the clock.
    """
    if given is not None or config.as_of is not None:
        return given or config.as_of or dt.date.min
    return today(config)


def today(config: Config) -> dt.date:
    """Return the day that it is where the company is."""
    from zoneinfo import ZoneInfo

    return dt.datetime.now(ZoneInfo(config.organisation.time_zone)).date()


def check_modules(modules: Sequence[str]) -> tuple[str, ...]:
    """Return the modules; this folder is searched for them last.

    Raises:
        ConfigurationError: A name that can't be a module.
    """
    for name in modules:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ConfigurationError(
                f"-p takes the name of a module, not '{name}'.",
                mend="For a file or folder, use plugins in dealreview.toml.",
            )
    if modules and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    return tuple(modules)


def load_registry(
    config: Config, modules: Sequence[str] = (), tables: Tables | None = None
) -> Registry:
    """Return everything that the configuration and the options load."""
    from dealreview.engine.run import registry_for

    return registry_for(config, tables, check_modules(modules))

"""Facts computed elsewhere: the review is the same, and what goes wrong is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given

from dealreview.engine import executors
from dealreview.engine.config import Config
from dealreview.engine.executors import ExecutorError
from dealreview.engine.loader import load_packs
from dealreview.engine.run import Request, review_database
from dealreview.model.errors import ConfigurationError
from dealreview.reports.document import Options, json_document
from dealreview.testing import database_of, deal
from tests.engine.test_owntables import config as owning
from tests.engine.test_owntables import source
from tests.support.hostile import AS_OF, companies, company, many
from tests.support.packs import write

if TYPE_CHECKING:
    from dealreview import Executor
    from dealreview.store.database import Database

MODULES = ("tests.engine.remote",)


def reviewed(database: Database, executor: str, config: Config | None = None, **more: Any) -> str:
    """Return a review through an executor, with every verdict, as text."""
    config = config or Config(autoload=False)
    request = Request(AS_OF, config, modules=MODULES, executor=executor, **more)
    return "".join(json_document(review_database(database, request), Options(everything=True)))


@many(4)
@given(rows=companies())
def test_every_verdict_is_the_same_over_buckets_that_were_sent(rows: Any) -> None:
    """Whatever a company looks like, three buckets computed elsewhere give the same review."""
    with TemporaryDirectory() as folder:
        database = database_of(rows, Path(folder) / "x.db")
        assert reviewed(database, "sent") == reviewed(database, "serial")


@pytest.mark.parametrize("mood", ["sane", "hostile"])
def test_every_verdict_is_the_same_on_processes(tmp_path: Path, mood: str) -> None:
    """Processes of this machine give the same review, header and all."""
    database = database_of(company(11, mood), tmp_path / "x.db")
    assert reviewed(database, "processes", buckets=3) == reviewed(database, "serial")


def test_cells_that_cant_be_read_are_counted_wherever_they_were(tmp_path: Path) -> None:
    """A note on the data is the same if only others have read the table."""
    database = database_of(deal("D1"), tmp_path / "x.db")
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE deals SET created_on = 'soon', expected_close_on = 'later'")
        connection.commit()
    told = reviewed(database, "serial")
    assert "can't be read as what the column holds" in told
    assert reviewed(database, "sent") == told


def test_a_fact_of_a_packs_own_table_is_computed_elsewhere_too(tmp_path: Path) -> None:
    """Whoever computes a bucket loads the same packs and reads their tables."""
    rows = {"deals": [{"deal_id": f"D{n}", "account_id": f"A{n}"} for n in range(9)]}
    database, config = database_of(rows, tmp_path / "x.db"), owning(tmp_path, source())
    reviewed(database, "serial", config)
    with database.write() as connection:
        connection.execute("INSERT INTO acme__visits (visit_id, deal_id) VALUES ('v', 'D3')")
    told = reviewed(database, "serial", config, select=["acme"])
    assert '"acme/seen"' in told
    assert reviewed(database, "sent", config, select=["acme"]) == told


FRAGILE = """
@facts("account", Fact("acme_x", "int", "One."), reads={"accounts": ("account_id",)})
def one(inputs):
    ids = inputs.table("accounts")["account_id"].to_list()
    if "A3" in ids:
        raise ValueError("not A3")
    return inputs.subjects().select("id", acme_x=pl.lit(1, dtype=pl.Int64))


@facts("account", Fact("acme_y", "int", "Two."), uses=["acme_x"])
def two(inputs):
    return inputs.facts().rename({"acme_x": "acme_y"})


@check.columns("acme/two", on="account", severity="minor", ask=["What now?"])
def check_two(d):
    '''It is two.'''
    return Rules(watch=d.acme_y < 2, message="{acme_y}")
"""


def test_a_fact_that_fails_on_one_bucket_is_named_once(tmp_path: Path) -> None:
    """Its checks are an error for all, as they are where everything is computed here."""
    rows = {"accounts": [{"account_id": f"A{n}"} for n in range(9)]}
    database = database_of(rows, tmp_path / "x.db")
    config = Config(plugins=(write(tmp_path / "packs", acme=FRAGILE),), autoload=False)
    told = reviewed(database, "serial", config, select=["acme"], buckets=3)
    assert "not A3" in told
    assert reviewed(database, "sent", config, select=["acme"]) == told


def test_a_bucket_whose_data_has_changed_is_computed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others see a later state of the database than the review's transaction does; theirs is not taken."""
    database = database_of(deal("D1"), tmp_path / "x.db")
    told = reviewed(database, "serial")

    def after_a_change(executor: Executor, *rest: Any) -> Any:
        with database.write() as connection:
            connection.execute("UPDATE deals SET amount_minor = 1")
        return spread(executor, *rest)

    spread = executors.spread
    monkeypatch.setattr("dealreview.engine.run.spread", after_a_change)
    assert reviewed(database, "sent") == told


def test_whoever_computes_a_bucket_has_the_same_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack that is another version elsewhere is named, before it gives other facts."""
    database = database_of(deal("D1"), tmp_path / "x.db")
    monkeypatch.setattr(
        executors, "_portable", lambda shared, _: evolve(shared, packs={("remote", "0.9")})
    )
    with pytest.raises(ExecutorError, match=r"has pack remote 0\.9; .* has remote ") as raised:
        reviewed(database, "sent")
    assert "same packs" in raised.value.mend


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("torn", "The executor 'torn' failed: OSError: the line is dead."),
        ("short", "gave 0 results for 2 buckets"),
        ("odd", "or others than the function gave it"),
    ],
)
def test_an_executor_that_fails_is_named(tmp_path: Path, name: str, said: str) -> None:
    """Nothing is reviewed then, and the sentence says by whom."""
    database = database_of(deal("D1"), tmp_path / "x.db")
    with pytest.raises(ExecutorError, match=said):
        reviewed(database, name)


@pytest.mark.parametrize(("name", "near"), [("sen", "sent"), ("dusk", "dask")])
def test_an_executor_that_nobody_has(tmp_path: Path, name: str, near: str) -> None:
    """The error names those that are there."""
    database = database_of(deal("D1"), tmp_path / "x.db")
    with pytest.raises(ConfigurationError) as raised:
        reviewed(database, name)
    assert f"Did you mean '{near}'?" in raised.value.message
    assert "dealreview itself has serial, processes and dask." in raised.value.mend


TAKING = """
@hookimpl
def dealreview_executors():
    return [Executor("processes", lambda function, works: [])]

@hookimpl
def dealreview_reporters():
    return [Reporter("json", lambda review: [])]

@hookimpl
def dealreview_importers():
    return [Importer("mine", [".csv"], lambda path: {})]
"""


def test_what_dealreview_has_itself_cant_be_taken(tmp_path: Path) -> None:
    """A pack that brings an executor, form or ending of dealreview's own is told so."""
    registry = load_packs(folders=[write(tmp_path / "packs", acme=TAKING)], autoload=False)
    assert registry.extensions == ()
    told = "\n".join(map(str, registry.problems))
    assert "executor 'processes' of pack 'acme'" in told
    assert "reporter 'json' of pack 'acme'" in told
    assert "reads .csv files, which dealreview reads itself." in told

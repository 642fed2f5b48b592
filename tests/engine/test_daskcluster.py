"""Dask's workers: what they must have, what happens when they die, and what is left behind."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

import pytest

from dealreview.engine import daskcluster
from dealreview.engine.config import load_config
from dealreview.engine.daskcluster import on_dask
from dealreview.engine.executors import ExecutorError
from dealreview.model.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def computed(scheduler: str, function: Callable[[Any], Any], *works: Any) -> list[Any]:
    """Return what a function gives for works, on the workers of a scheduler."""
    return list(on_dask(scheduler)(function, works))


def doubled(work: int) -> int:
    """Return twice a number."""
    return work * 2


def dies_once(marker: Path) -> str:
    """End the process without a word, the first time."""
    if not marker.exists():
        marker.touch()
        os._exit(1)
    return "done"


def dies(_work: object) -> None:
    """End the process without a word."""
    os._exit(1)


def late(_work: object) -> None:
    """Raise what waiting for a result raises too."""
    raise TimeoutError("the disk is slow")


def unreadable(_work: object) -> None:
    """Fail as a worker does that does not see the path of the database."""
    raise StoreError("There is no /data/deals.db.")


def test_results_come_in_order(scheduler: str) -> None:
    """However many workers there are."""
    assert computed(scheduler, doubled, *range(7)) == [0, 2, 4, 6, 8, 10, 12]


def test_a_worker_that_dies_costs_time_only(scheduler: str, tmp_path: Path) -> None:
    """Its bucket is computed by another one."""
    assert computed(scheduler, dies_once, tmp_path / "died") == ["done"]


def test_a_bucket_that_every_worker_dies_of(scheduler: str) -> None:
    """The error says so, and what is mostly the reason."""
    with pytest.raises(ExecutorError, match="died one after the other") as raised:
        computed(scheduler, dies, 1)
    assert "memory" in raised.value.mend


def test_what_a_worker_raises_is_not_taken_for_a_lost_scheduler(scheduler: str) -> None:
    """Its own exception comes back, even one that looks like a lost connection."""
    with pytest.raises(TimeoutError, match="the disk is slow"):
        computed(scheduler, late, 1)


def test_a_worker_that_does_not_see_the_database(scheduler: str) -> None:
    """The error says which machine, and what it must see; message and mend survive the journey."""
    with pytest.raises(ExecutorError, match="can't read the database: There is no /data") as raised:
        computed(scheduler, unreadable, 1)
    assert "one path that all workers see" in raised.value.mend


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address ends with a sentence that names it and the setting."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(daskcluster, "CONNECT_S", 1)
    with pytest.raises(ExecutorError, match=r"No dask scheduler answers at tcp://127\.0\.0\.1:9"):
        computed("tcp://127.0.0.1:9", doubled, 1)


def test_a_cluster_of_this_machine_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No file, no process, and no line on standard output or error."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = set(multiprocessing.active_children())
    assert computed("", doubled, 1, 2) == [2, 4]
    patience = time.monotonic() + 30
    while set(multiprocessing.active_children()) - before and time.monotonic() < patience:
        time.sleep(0.05)  # a worker that was told to end takes as long as the machine lets it
    assert set(multiprocessing.active_children()) <= before
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that installs it is named."""
    monkeypatch.setattr(daskcluster, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match="not installed") as raised:
        on_dask("")
    assert raised.value.mend == "pip install 'dealreview[dask]'"


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ({"dealreview": "1", "polars": "1.9"}, "has polars 1.9; this review runs with 2.1"),
        ({"dealreview": None, "polars": "2.1"}, "has no dealreview; this review runs with 1"),
    ],
)
@pytest.mark.parametrize("where", ["scheduler", "worker"])
def test_other_versions_are_not_sent_any_work(
    where: str, theirs: dict[str, Any], said: str
) -> None:
    """A scheduler or worker with another version of what decides results is named."""
    ours = {"packages": {"dealreview": "1", "polars": "2.1"}}
    given = {"scheduler": ours, "workers": {"tcp://w:1": ours}, "client": ours}
    daskcluster._demand_same(given)
    other = {"packages": theirs}
    given |= {"scheduler": other} if where == "scheduler" else {"workers": {"tcp://w:1": other}}
    with pytest.raises(ExecutorError, match=said) as raised:
        daskcluster._demand_same(given)
    assert where in raised.value.message


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tpc://10.0.0.5:8786", "does not begin like tcp:// or tls://. Did you mean 'tcp'?"),
        ("10.0.0.5", "is not the address of a dask scheduler such as tcp://10.0.0.5:8786."),
        ("tcp://10.0.0.5", "is not the address of"),
        ("tcp://10.0.0.5:port", "is not the address of"),
        ("tcp://10.0.0.5:8786/status", "is not the address of"),
    ],
)
def test_an_address_that_is_none(tmp_path: Path, address: str, said: str) -> None:
    """It is refused when the configuration is read, not when somebody waits for an answer."""
    path = tmp_path / "dealreview.toml"
    path.write_text(f'[review]\ndask = "{address}"\n', "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_config(path)
    assert said in raised.value.message
    path.write_text('[review]\ndask = "tls://scheduler.acme.example:8786"\n', "utf-8")
    assert load_config(path).dask == "tls://scheduler.acme.example:8786"

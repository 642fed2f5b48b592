"""What several tests of the engine share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Give the address of a dask scheduler with two workers, which the tests of a module share."""
    pytest.importorskip("distributed")
    from dealreview.engine.daskcluster import cluster

    with cluster(2) as made:
        yield made.scheduler_address

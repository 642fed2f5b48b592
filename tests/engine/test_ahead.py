"""What is got ready while something else is worked on: in order, one ahead, and no thread that stays."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from dealreview.engine.ahead import one_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


def threads() -> set[str]:
    """Return the names of threads that are there."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("trial")}


@pytest.mark.parametrize("count", range(4))
def test_each_item_comes_in_its_turn(count: int) -> None:
    """Also where there is none."""
    assert list(one_ahead(lambda n: n * n, range(count), "trial")) == [n * n for n in range(count)]
    assert not threads()


def test_the_next_one_is_got_ready_meanwhile_and_no_other() -> None:
    """It is asked for by whoever looks, and got ready on a thread of that name."""
    begun = {n: threading.Event() for n in range(5)}
    asked: list[tuple[int, str]] = []
    worked: list[str] = []

    def ready(item: int) -> int:
        worked.append(threading.current_thread().name)
        begun[item].set()
        return item

    def items() -> Iterator[int]:
        for item in begun:
            asked.append((item, threading.current_thread().name))
            yield item

    found = one_ahead(ready, items(), "trial")
    for item in range(3):
        assert next(found) == item
        assert begun[item + 1].wait(10)
        assert [one for one, _ in asked] == list(range(item + 2))
        assert not begun[item + 2].is_set()
    assert {name for _, name in asked} == {threading.current_thread().name}
    assert {name.split("_")[0] for name in worked} == {"trial"}
    assert threads()
    found.close()
    assert not threads()


def test_what_is_raised_is_raised_in_the_turn_of_its_item() -> None:
    """Those before it are not lost, and the thread ends."""

    def ready(item: int) -> int:
        if item == 2:
            raise KeyError(item)
        return item

    found = one_ahead(ready, range(4), "trial")
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(KeyError, match="2"):
        next(found)
    assert not threads()

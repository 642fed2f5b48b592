"""One thing is got ready while another one is worked on."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_Item = TypeVar("_Item")
_Ready = TypeVar("_Ready")


def one_ahead(
    ready: Callable[[_Item], _Ready], items: Iterable[_Item], name: str
) -> Generator[_Ready, None, None]:
    """Yield what is got ready of each item; that of the next one is meanwhile got ready on a thread.

    Args:
        ready: Gets an item ready; what it raises is raised where the item would be yielded.
        items: The items; they are asked for by whoever looks through what is yielded. What they raise is
            raised before the last one that they gave is yielded.
        name: What the thread is called.
    """
    from concurrent.futures import ThreadPoolExecutor

    left = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix=name) as thread:
        coming = deque(thread.submit(ready, item) for item in islice(left, 1))
        while coming:
            here = coming.popleft().result()
            coming.extend(thread.submit(ready, item) for item in islice(left, 1))
            yield here

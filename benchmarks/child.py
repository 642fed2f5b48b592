"""One candidate on one database, in a process of its own; prints its laps as JSON.

python -m benchmarks.child sql big.db
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from attrs import Factory, define

from benchmarks.candidates import ALL


@define
class Laps:
    """Seconds between the steps that a candidate tells.

    Attributes:
        seconds: Seconds by name of the step.
    """

    seconds: dict[str, float] = Factory(dict)
    _last: float = Factory(time.perf_counter)

    def __call__(self, name: str) -> None:
        """Note that a step is done."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now


def main() -> None:
    """Run what is named."""
    name, database = sys.argv[1:]
    laps = Laps()
    function = ALL[name].load()
    laps("import")
    function(Path(database), laps)
    print(json.dumps(laps.seconds))


if __name__ == "__main__":
    main()

"""What the parts of a review cost: each table, each provider of facts, each check alone."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import add_facts
from dealreview.engine.isolation import Raised, attempt
from dealreview.engine.run import review_database
from dealreview.engine.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from dealreview.checks.check import Check
    from dealreview.checks.facts import Provider
    from dealreview.engine.buckets import Bucket
    from dealreview.engine.evaluation import CheckResult
    from dealreview.engine.facttable import FactTable
    from dealreview.engine.review import Review
    from dealreview.engine.run import Request
    from dealreview.engine.selection import Selection
    from dealreview.model.outcome import Kind
    from dealreview.store.database import Database

REVIEW, TABLE, FACTS, CHECK = "review", "table", "facts", "check"
"""What a cost is of."""


@define
class Cost:
    """What a part of a review has cost so far.

    Attributes:
        what: :data:`REVIEW`, :data:`TABLE`, :data:`FACTS` or :data:`CHECK`.
        name: The table, provider or check.
        step: Step of the provider, ``local`` or ``organisation``.
        facts: Facts of the provider.
        calls: How often it was called: a provider once a bucket and view, a check once a kind.
        rows: Rows that were read, computed or judged.
        seconds: Time that passed.
        cpu_seconds: Time that processors worked, all threads together.
        kept_bytes: Size of the columns that it added.
        peak_bytes: How far memory rose in a call, at most; None where the system does not say.
    """

    what: str
    name: str
    step: str = ""
    facts: tuple[str, ...] = ()
    calls: int = 0
    rows: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    kept_bytes: int = 0
    peak_bytes: int | None = None


@define
class Profile:
    """The costs of a review, added up while it runs."""

    _costs: dict[tuple[str, str], Cost] = field(factory=dict, init=False)

    def of(self, what: str) -> list[Cost]:
        """Return the costs of one sort, the largest first."""
        found = [cost for cost in self._costs.values() if cost.what == what]
        return sorted(found, key=lambda cost: (-cost.seconds, cost.name))

    @contextmanager
    def measured(self, what: str, name: str, **about: Any) -> Iterator[Cost]:
        """Add what happens inside to the cost of something."""
        cost = self._costs.setdefault((what, name), Cost(what, name, **about))
        before = _memory_from_here()
        wall, cpu = time.perf_counter(), time.process_time()
        yield cost
        cost.seconds += time.perf_counter() - wall
        cost.cpu_seconds += time.process_time() - cpu
        cost.calls += 1
        peak = _memory("VmHWM")
        if before is not None and peak is not None:
            cost.peak_bytes = max(cost.peak_bytes or 0, peak - before)


def profile_review(
    database: Database, request: Request, tell: Callable[[str], None], note: Callable[[str], None]
) -> tuple[Review, Profile]:
    """Return a review and what its parts cost; checks are asked one by one, which gives the same.

    Args:
        database: The database.
        request: What to review; facts are computed by this process, so it names none.
        tell: Told the name of each step.
        note: Told in a sentence why a snapshot is not used.
    """
    profile = Profile()
    steps = Steps(partial(_add, profile), partial(_evaluate, profile))
    # Its parts reset the peak of memory: that of the whole would be the last part's.
    with profile.measured(REVIEW, str(request.as_of)) as whole:
        review = review_database(database, request, tell, note, steps=steps)
    whole.peak_bytes = None
    return review, profile


def _add(
    profile: Profile,
    provider: Provider,
    source: Bucket,
    frames: dict[Kind, pl.DataFrame],
    *rest: Any,
) -> None:
    """Add the facts of a provider; the tables that it reads are read before, at their own cost."""
    for name, columns in provider.reads.items():
        with profile.measured(TABLE, name) as table:
            # What can't be read is the provider's problem, and told as such.
            found = attempt(source.seen_by(provider).visible.frame, name, columns)
        table.rows = table.rows if isinstance(found, Raised) else max(table.rows, found.height)
    facts = tuple(fact.name for fact in provider.facts)
    with profile.measured(FACTS, provider.name, step=provider.step, facts=facts) as cost:
        add_facts(provider, source, frames, *rest)
    added = frames[provider.on].select(facts)
    cost.rows += added.height
    cost.kept_bytes += int(added.estimated_size())


def _evaluate(
    profile: Profile,
    selection: Selection,
    checks: Sequence[Check],
    kind: Kind,
    facts: FactTable,
    *rest: Any,
) -> list[CheckResult]:
    found: list[CheckResult] = []
    for check in checks:
        with profile.measured(CHECK, check.id) as cost:
            found += evaluate_kind(selection, [check], kind, facts, *rest)
        cost.rows += facts.height
    return found


# --- memory --------------------------------------------------------------------------------------


def _memory_from_here() -> int | None:
    """Return the memory of this process, and let Linux measure its peak from here on."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return None
    return _memory("VmRSS")


def _memory(what: str) -> int | None:
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
    except OSError:
        return None
    found = [line.split()[1] for line in status.splitlines() if line.startswith(f"{what}:")]
    return int(found[0]) * 1024 if found else None

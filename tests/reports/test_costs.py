"""The costs of a review as people and programs read them."""

from __future__ import annotations

from attrs import evolve

from dealreview.engine.profiling import CHECK, FACTS, REVIEW, TABLE, Cost, Profile
from dealreview.reports.costs import cost_lines, cost_objects
from dealreview.reports.layout import text_of

COSTS = (
    Cost(REVIEW, "2026-11-13", calls=1, seconds=4.0, cpu_seconds=5.0),
    Cost(FACTS, "acme/quick", "local", ("acme_x",), 1, 10, 0.25, 0.5, 80, 0),
    Cost(
        FACTS, "acme/slow", "organisation", ("acme_y", "acme_z"), 1, 5, 2.0, 3.0, 2_500_000, 10**7
    ),
    Cost(CHECK, "acme/one", calls=1, rows=10, seconds=0.5, cpu_seconds=0.5, peak_bytes=0),
    Cost(TABLE, "deals", calls=2, rows=1_000, seconds=0.125, cpu_seconds=0.125, peak_bytes=10**6),
)


def profile(*costs: Cost) -> Profile:
    """Return a profile with costs."""
    made = Profile()
    for cost in costs:
        made._costs[cost.what, cost.name] = cost
    return made


def test_the_slowest_stands_first() -> None:
    """Sums are said before; the rest is what no pack can do anything about."""
    assert text_of(cost_lines(profile(*COSTS), 80)) == (
        """\
Review as of 2026-11-13: 4.000 s
2.250 s for the facts of 2 providers, 0.500 s for 1 check, 0.125 s for reading 1
table, 1.125 s for everything else

FACTS                                   in order of time; tables are read before
      s  CPU s  rows  kept MB  peak MB  provider
  2.000  3.000     5      2.5     10.0  acme/slow, 2 facts, organisation
  0.250  0.500    10      0.0      0.0  acme/quick, 1 fact

CHECKS                                                          each asked alone
      s  CPU s  rows  peak MB  check
  0.500  0.500    10      0.0  acme/one

TABLES                                                    read when first needed
      s  CPU s   rows  peak MB  table
  0.125  0.125  1,000      1.0  deals
"""
    )


def test_calls_are_shown_where_there_are_several() -> None:
    """They say how many buckets there were; a peak that nobody knows has no column."""
    costs = [evolve(cost, calls=cost.calls * 3, peak_bytes=None) for cost in COSTS[1:]]
    lines = text_of(cost_lines(profile(COSTS[0], *costs), 80)).splitlines()
    assert "      s  CPU s  rows  calls  kept MB  provider" in lines
    assert "  2.000  3.000     5      3      2.5  acme/slow, 2 facts, organisation" in lines


def test_programs_get_everything() -> None:
    """The review comes first, then facts, checks and tables, each the slowest first."""
    objects = cost_objects(profile(*COSTS))
    names = [one["name"] for one in objects]
    assert names == ["2026-11-13", "acme/slow", "acme/quick", "acme/one", "deals"]
    assert [one["what"] for one in objects] == [REVIEW, FACTS, FACTS, CHECK, TABLE]
    assert objects[1]["facts"] == ("acme_y", "acme_z")

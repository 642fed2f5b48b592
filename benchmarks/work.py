"""The reference work: eight checks that every candidate does to the same database, to the last status.

A deal is judged as of its *day*: ``closed_on``, or the date of the review (:data:`AS_OF`) while that
is empty. What is dated later does not count. All amounts are in one currency and whole cents, and
shares are compared by multiplication of whole numbers, so that every candidate can be exact.

A check asks its conditions in order: does it apply (else 0, not applicable), is it a risk (4), a watch
(3), a strength (1); else it passes (2). A condition up to and including the watch whose values are
unknown gives 5, insufficient data; one of a strength that is unknown does not hold.

1. ``margin``: price and cost are the sums of ``invoice_minor`` and ``cost_minor`` over the lines,
   unknown without lines or where a line has none. Risk under 15 %, watch under 30 %, strength from
   50 % of the price on. The company records nothing between invoice and pocket.
2. ``value``: the same price against ``reference_minor``, the price of the customer's alternative.
   Risk over 120 % of it, watch over 100 %, strength up to 50 %.
3. ``key-account``: applies where ``is_key`` of the account is true. Revenue less ``off_invoice_minor``
   and ``cost_of_goods_minor`` of the months from :data:`MONTHS_FROM` to :data:`MONTHS_TO`, less the
   service costs of these months (none are zero): unknown without any such month. Risk under 20 %, watch
   under 30 % of the revenue.
4. ``coverage``: the sum of :data:`ROLE_POINTS` of the different roles that are held by a stakeholder
   who is not against us: ``stance`` empty or from 0 on; one dated (``stance_on``) after the day is
   empty. Unknown without stakeholders. Risk under 4, watch under 6, strength from 7 on.
5. ``silence``: days from the last activity that was ``held`` or ``answered`` up to the day; unknown
   without one. Risk over 90, watch over 30.
6. ``date``: applies where the stage is of the kind ``open``. Days from ``expected_close_on`` to the
   day. Risk over 14, watch over 0.
7. ``operations``: tenths of hours of the category ``operations`` against all tenths of hours of the
   owner after :data:`HOURS_AFTER`; unknown without any. Risk over 35 %, watch over 25 %.
8. ``discount``: list price (the sum of ``list_minor``, as the price) less price, against
   ``max_discount_ratio`` of the owner times the list price. Where it is more: a pass with an approval
   requested up to the day whose decision is ``approved``, a watch with one that is ``pending``, else
   a risk.

The score is 100 times the weights (:data:`WEIGHTS`) of passes and strengths, and half of those of
watches, over the weights of what is decided (1 to 4); unknown where nothing is.

Every candidate writes :data:`SCORECARDS` and :data:`FINDINGS` (1, 3 and 4) into the database; the
project's own stores a run, with its messages, evidence and digests.
"""

from __future__ import annotations

import datetime as dt

from benchmarks.company import AS_OF

CHECKS = (
    "margin",
    "value",
    "key-account",
    "coverage",
    "silence",
    "date",
    "operations",
    "discount",
)
WEIGHTS = (5, 5, 2, 5, 5, 2, 2, 5)
ROLE_POINTS = {"decision_maker": 4, "approver": 3, "champion": 3, "evaluator": 1, "user": 1}
MONTHS_FROM, MONTHS_TO = dt.date(2025, 11, 1), dt.date(2026, 10, 1)
HOURS_AFTER = AS_OF - dt.timedelta(weeks=8)
HEARD = ("held", "answered")

NOT_APPLICABLE, STRENGTH, PASS, WATCH, RISK, UNKNOWN = range(6)
FOUND = (STRENGTH, WATCH, RISK)
EARNED = {STRENGTH: 2, PASS: 2, WATCH: 1, RISK: 0}
"""Halves of the weight of a check, by status."""

STATUSES = tuple(f"c{number}" for number in range(1, len(CHECKS) + 1))
"""Names of the columns of the statuses, in the order of the checks."""

SCORECARDS, FINDINGS = "peer_scorecards", "peer_findings"
_CELLS = ", ".join(f"{name} INTEGER NOT NULL" for name in STATUSES)
_FOUND = "deal_id TEXT, check_id TEXT, status INTEGER NOT NULL"
TABLES = (
    f"CREATE TABLE {SCORECARDS} (deal_id TEXT PRIMARY KEY, {_CELLS}, score REAL) WITHOUT ROWID",
    f"CREATE TABLE {FINDINGS} ({_FOUND}, PRIMARY KEY (deal_id, check_id)) WITHOUT ROWID",
)


def score(statuses: tuple[int, ...]) -> float | None:
    """Return the score of a deal."""
    decided = earned = 0
    for status, weight in zip(statuses, WEIGHTS, strict=True):
        if status in EARNED:
            decided += weight
            earned += weight * EARNED[status]
    return 50.0 * earned / decided if decided else None

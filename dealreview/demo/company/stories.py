"""What is special about single open deals, by theme and deal id. Days count back from the review."""

# One line a row reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

from attrs import frozen

# --- history -------------------------------------------------------------------------------------

PUSHES = {
    "605e2246": ((75, 30), (40, 28), (21, 21)),
    "07d972cc": ((60, 30), (25, 20)),
    "3ee48323": ((45, 14),),
    "bd5f2086": ((70, 20), (48, 21), (30, 14), (9, 17)),
    "d361b108": ((50, 28), (20, 14)),
    "294f7ad3": ((120, 60), (60, 45), (15, 31)),
    "ce70a136": ((33, 14),),
}
"""Days ago on which the close date was moved, and by how many days."""

PATHS = {
    "d7e1b046": (("Negotiation", 36), ("Evaluation", 29), ("Proposal", 17), ("Negotiation", 8)),
    "65e4d07f": (("Proposal", 50), ("Evaluation", 41), ("Proposal", 30), ("Evaluation", 22), ("Proposal", 12)),
    "5be9d713": (("Negotiation", 21), ("Proposal", 14), ("Negotiation", 13)),
}  # fmt: skip
"""Last entries into stages, where deals went back and forth."""

SHRUNK = {"65e4d07f": 0.34, "7a3b91e0": 0.18, "1c6e8d97": 0.12, "c14e7a55": 0.05}
"""Share by which the amount fell since the first quote, in the last fortnight."""

OWNERS = {"ce70a136": ((140, "b.jensen"), (45, "a.novak")), "f20a6b8c": ((70, "b.jensen"),)}
"""Days ago on which a deal changed hands, and whose it was before."""

SNOOZES = {
    "c7eee131": (25, "Board meets on 8 December"),
    "0be8c3d1": (20, "Plant holidays and stocktaking"),
    "cb63b914": (40, ""),
}
"""Days ahead until which a deal may be quiet, and why."""

# --- price and value -----------------------------------------------------------------------------


@frozen
class Value:
    """What the customer gets, as shares of the price that they pay.

    Attributes:
        reference: Price of the customer's alternative.
        kind: What that is.
        extra: Worth of what we do better.
        gain: Gain over doing nothing; 0 was not worked out.
        confirmed: How many of the three items the customer confirmed.
        by: How many people confirmed them.
        theirs: Whether a contact wrote one of the items.
    """

    reference: float
    kind: str
    extra: float
    gain: float
    confirmed: int
    by: int = 1
    theirs: bool = False


VALUES = {
    "0d79de52": Value(0.82, "current_supplier", 0.55, 5.6, 3, 2, theirs=True),
    "605e2246": Value(1.12, "competitor", 0.30, 1.7, 0),
    "07d972cc": Value(0.96, "competitor", 0.60, 2.4, 1),
    "3ee48323": Value(0.90, "competitor", -0.03, 0.92, 0),
    "fdb8ace6": Value(0.78, "in_house", 0.26, 2.6, 1),
    "765dbe75": Value(0.88, "competitor", 0.15, 1.4, 1),
    "b228e7ed": Value(0.80, "current_supplier", 0.60, 3.4, 2),
    "cc03f1d7": Value(0.85, "competitor", 0.45, 5.2, 3, 2, theirs=True),
    "dd2e2bd8": Value(0.70, "current_supplier", 0.52, 2.8, 1),
    "d361b108": Value(0.0, "do_nothing", 1.60, 0, 2),
    "1f8a22c4": Value(0.80, "competitor", 0.50, 4.1, 3, 2),
    "490fa2b3": Value(0.75, "competitor", 0.70, 5.1, 3, 2, theirs=True),
    "bd5f2086": Value(1.04, "competitor", 0.20, 1.9, 0),
    "a41c07d9": Value(0.95, "current_supplier", -0.10, 1.3, 1),
    "7a3b91e0": Value(0.88, "competitor", 0.60, 3.3, 2),
}
NO_VALUE = ("fabd7f90", "70d2f6e8", "1c6e8d97", "00b6f9e5")
"""Deals for which nobody has worked out what they are worth to the customer."""

PRICE_TALK = {
    "605e2246": "after", "07d972cc": "after", "a7720cf6": "after", "dd2e2bd8": "never", "3ee48323": "never",
    "1c6e8d97": "never", "52b7e90a": "after", "70d2f6e8": "never", "34cd061b": "never", "07b5c8d2": "never",
    "c7eee131": "never",
}  # fmt: skip
"""When money was spoken of, before or after the first quote; before where nothing stands here."""

NO_QUOTE_YET = ("70d2f6e8",)
"""In a late stage though no quote has gone out."""


@frozen
class Step:
    """A price step given in a negotiation.

    Attributes:
        kind: Kind of step.
        share: Share of the list price.
        given: Days ago.
        traded: What the customer gave for it; empty is nothing.
        worth: What that is worth, as a share of the step.
    """

    kind: str
    share: float
    given: int
    traded: str = ""
    worth: float = 0.0


NEGOTIATED = {
    "605e2246": (Step("negotiated", 0.09, 60), Step("negotiated", 0.12, 24)),
    "3ee48323": (Step("negotiated", 0.10, 33), Step("negotiated", 0.07, 12, "reference", 0.2)),
    "fdb8ace6": (Step("negotiated", 0.12, 16), Step("payment_terms", 0.02, 14)),
    "07d972cc": (Step("negotiated", 0.08, 30),),
    "765dbe75": (Step("negotiated", 0.08, 21), Step("free_service", 0.02, 18)),
    "a7720cf6": (Step("negotiated", 0.14, 19),),
    "0d79de52": (Step("negotiated", 0.03, 15, "term_length", 0.9),),
    "cc03f1d7": (Step("negotiated", 0.05, 20, "volume", 0.7),),
    "dd2e2bd8": (Step("negotiated", 0.07, 12, "decision_date", 0.3), Step("payment_terms", 0.015, 10, "prepayment", 0.5)),
    "d7e1b046": (Step("negotiated", 0.06, 9, "reference", 0.6),),
    "bd5f2086": (Step("negotiated", 0.06, 40), Step("negotiated", 0.04, 22), Step("free_service", 0.02, 20)),
    "c14e7a55": (Step("negotiated", 0.05, 11, "decision_date", 0.4),),
    "5be9d713": (Step("negotiated", 0.06, 15, "scope", 0.8),),
    "ce70a136": (Step("negotiated", 0.06, 26),),
    "2f97b1ac": (Step("negotiated", 0.04, 8, "access", 0.5),),
}  # fmt: skip

OUR_TERMS = {"bd5f2086": ("warranty", 0.01, 42), "2f97b1ac": ("delivery", 0.01, 35)}
"""Terms that we gave: kind, worth as a share of the list price, days ago."""


@frozen
class Approval:
    """A request to approve a price: days ago, and what was approved."""

    decision: str
    approver: str
    requested: int
    decided: int | None = None
    valid: int | None = None
    discount: float | None = None
    contribution: float | None = None
    terms: int | None = None


APPROVALS = {
    "3ee48323": Approval("approved", "p.conti", 46, 44, -46, 0.18, 0.02, 30),
    "fdb8ace6": Approval("pending", "p.conti", 2),
    "a7720cf6": Approval("rejected", "p.conti", 15, 12),
    "765dbe75": Approval("pending", "p.conti", 11),
    "bd5f2086": Approval("approved", "d.moreau", 86, 85, -5, 0.17, 0.22, 60),
    "1c6e8d97": Approval("approved", "d.moreau", 20, 19, -71, 0.17, 0.15, 60),
    "70d2f6e8": Approval("withdrawn", "d.moreau", 30, 28),
    "a41c07d9": Approval("approved", "d.moreau", 28, 26, -64, 0.16, -0.06, 45),
}

LATE_PROMISES = {"605e2246": 36, "3ee48323": 31, "7a3b91e0": 7, "fdb8ace6": 4}
"""Days by which a promised delivery lies before the earliest that the plan allows."""

WORTH = {
    "0d79de52": ("Largest hall in the port; visitors every month", 400),
    "cc03f1d7": ("", 180), "1f8a22c4": ("Shown at the cement fair", 0), "e6613f08": ("", 250),
    "a41c07d9": ("First plant in Hungary", 600), "490fa2b3": ("", 160), "34cd061b": ("", 300),
    "8c03de71": ("", 120), "d83c60e5": ("Utility that others ask", 0), "2a9c5d3e": ("", 240),
}  # fmt: skip
"""What a deal is worth beside its revenue: as a reference, and as later business in thousands."""

WORTHLESS = ("605e2246", "fabd7f90", "07b5c8d2", "314be9c0", "c7eee131", "294f7ad3", "70d2f6e8")
"""Deals of which nobody has said what winning would bring."""

"""What is special about the buying groups of single open deals, and the talks with them."""

# One line a row reads as the table it is.
# ruff: noqa: E501

from __future__ import annotations

from attrs import frozen

STANCES: dict[str, dict[str, int | None]] = {
    "605e2246": {"user": 1, "finance": -1, "approver": -1, "evaluator": 0},
    "3ee48323": {"user": 1, "approver": -2, "evaluator": -1},
    "07d972cc": {"evaluator": 1, "decision_maker": 0, "user": 0},
    "bd5f2086": {"evaluator": 1, "decision_maker": 0, "finance": -1, "approver": 0},
    "d361b108": {"evaluator": 1, "decision_maker": None, "user": None},
    "c7eee131": {"technical": 1, "decision_maker": -1, "evaluator": 0},
    "a7720cf6": {"technical": 2, "user": 1, "decision_maker": 0, "finance": 0},
    "5be9d713": {"evaluator": 1, "approver": 0, "finance": 0},
}
"""From −2 against us to 2 for us; None was never judged. Everybody else stands at 1 or 2."""

RECOMMENDS = {
    "605e2246": {"user": "no"}, "5be9d713": {"evaluator": "unclear"}, "dd2e2bd8": {"evaluator": "not_asked"},
    "07d972cc": {"evaluator": "not_asked"}, "d361b108": {"evaluator": ""}, "3ee48323": {"user": "unclear"},
    "a7720cf6": {"technical": "not_asked"}, "f20a6b8c": {"evaluator": "not_asked"},
}  # fmt: skip
"""Answers to whether they recommend us; everybody else says yes."""


@frozen
class Ask:
    """Something asked of the customer, and how often it was followed up."""

    deal_id: str
    what: str
    role: str
    asked: int
    due: int
    followed_up: tuple[int, ...] = ()
    done: int | None = None
    status: str = "asked"


ASKS = (
    Ask(
        "c14e7a55",
        "Take the proposal to the management board",
        "evaluator",
        33,
        19,
        (28, 23, 19, 13, 7),
    ),
    Ask("93c2f7ab", "Name the budget line", "evaluator", 30, 16, (20,), status="agreed"),
    Ask("07d972cc", "Send the list of drives in hall 4", "evaluator", 40, 26, (22, 18, 13, 8, 3)),
    Ask("8c03de71", "Open the drawings of the kiln", "evaluator", 9, -3, (4,), status="agreed"),
    Ask("0d79de52", "Date for the factory test", "evaluator", 20, 10, (14,), done=9, status="done"),
    Ask("cc03f1d7", "Energy bills of two years", "finance", 26, 14, (19,), done=15, status="done"),
    Ask(
        "2f97b1ac",
        "Introduce us to the managing director",
        "evaluator",
        30,
        20,
        (),
        status="agreed",
    ),
    Ask("d83c60e5", "Arrange a visit to pump house 1", "evaluator", 28, 12, (), status="agreed"),
    Ask("d7e1b046", "Clear the floor plan with safety", "user", 18, 6, (9, 5)),
    Ask("e6613f08", "Count of gates by type", "evaluator", 15, 4, (8,), done=5, status="done"),
    Ask("bd5f2086", "Confirm the acceptance criteria", "evaluator", 24, 10, (18, 9)),
    Ask("1f8a22c4", "Release the test report", "technical", 12, 2, (6,), done=4, status="done"),
)
PROMISES: tuple[tuple[str, str, int, int, int | None], ...] = (
    ("0d79de52", "Layout with the second sorter", 16, 12, 12), ("605e2246", "Drawing of the infeed", 50, 40, None),
    ("490fa2b3", "Visit to the reference in Leeds", 21, 10, 11), ("65e4d07f", "Offer without the third press", 14, 9, 9),
    ("cc03f1d7", "Proof of the energy saving", 25, 15, 14), ("ce70a136", "Revised schedule", 20, 12, None),
)  # fmt: skip
"""What we promised: deal, what, days ago asked, due and done."""


@frozen
class Relay:
    """A contact who says that they wait for somebody or something."""

    deal_id: str
    role: str
    reason: str
    said: tuple[int, ...]


RELAYS = (
    Relay("93c2f7ab", "evaluator", "superior", (40, 26, 12)),
    Relay("5be9d713", "evaluator", "legal", (64, 30, 9)),
    Relay("8c03de71", "user", "budget", (10,)),
    Relay("70d2f6e8", "user", "absent_colleague", (30, 16)),
    Relay("bd5f2086", "evaluator", "purchasing", (35, 21)),
)

DODGES = {
    "f20a6b8c": ("user", (18, 11), (14, 6)),
    "605e2246": ("user", (13,), (9, 3)),
    "dd2e2bd8": ("approver", (), (8,)),
    "d7e1b046": ("finance", (16,), (12,)),
}
"""Whose meetings they moved and calls they left unanswered: role, and days ago of both."""

WRONG_ROOM = {
    "7a3b91e0": ("pricing", "evaluator user", 8),
    "5be9d713": ("legal", "evaluator user", 12),
    "8c03de71": ("technical", "evaluator user", 10),
}
"""Meetings whose purpose needed somebody else: kind, roles there, days ago."""

RIGHT_ROOM = {
    "0d79de52": ("executive", "decision_maker finance evaluator", 14),
    "cc03f1d7": ("pricing", "finance evaluator", 16),
    "490fa2b3": ("technical", "technical evaluator user", 9),
    "1f8a22c4": ("pricing", "finance decision_maker", 15),
    "e6613f08": ("demo", "evaluator user", 18),
}

BYPASSES = {"2f97b1ac": (16, None), "d83c60e5": (13, 15)}
"""Days ago of the first call to the decision maker while the main contact was asked for something, and of
telling the main contact."""

DECISIONS = {
    "dd2e2bd8": 3,
    "ce70a136": 8,
    "cc03f1d7": 7,
    "1f8a22c4": 10,
    "0d79de52": -6,
    "6d40e1c9": 15,
}
"""Days ago on which they decided, or will."""

UNDECIDED = ("fabd7f90", "70d2f6e8")
"""Deals with a proposal of which nobody knows when they decide."""

ALONE = (
    "605e2246",
    "07d972cc",
    "765dbe75",
    "d361b108",
    "a7720cf6",
    "70d2f6e8",
    "dd2e2bd8",
    "1c6e8d97",
    "bd5f2086",
)
"""Deals in which nobody of theirs ever met us together with a colleague."""

TOGETHER = ("0d79de52", "cc03f1d7", "1f8a22c4", "490fa2b3", "e6613f08", "6d40e1c9", "52b7e90a")
"""Deals in which several of them met us twice in two months."""

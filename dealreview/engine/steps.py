"""What a review does with a provider and with checks; whoever looks on puts something around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen

from dealreview.engine.evaluation import evaluate_kind
from dealreview.engine.factplan import add_facts

if TYPE_CHECKING:
    from dealreview.engine.evaluation import CheckResult

AddFacts = Callable[..., None]
"""As :func:`add_facts`."""

Evaluate = Callable[..., "list[CheckResult]"]
"""As :func:`evaluate_kind`."""


@frozen
class Steps:
    """The two places where code of packs is run.

    Attributes:
        add: Adds the facts of a provider.
        evaluate: Asks checks about the subjects of a kind.
    """

    add: AddFacts = add_facts
    evaluate: Evaluate = evaluate_kind


PLAIN = Steps()

"""The kit for pack authors: companies from few words, cases as data, and what must hold for every check.

What draws by chance (:func:`contract_tests`, ``dealreview.testing.strategies``) needs the extra
``dealreview[testing]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dealreview.testing.asserting import assert_verdict
from dealreview.testing.cases import Case, CaseFile, load_cases, run_case, run_cases
from dealreview.testing.companies import database_of, review_tables
from dealreview.testing.factories import account, deal, rep, together

if TYPE_CHECKING:
    from dealreview.testing.contract import contract_tests

__all__ = [
    "Case",
    "CaseFile",
    "account",
    "assert_verdict",
    "contract_tests",
    "database_of",
    "deal",
    "load_cases",
    "rep",
    "review_tables",
    "run_case",
    "run_cases",
    "together",
]


def __getattr__(name: str) -> Any:
    """Import what needs pytest and hypothesis only when it is asked for."""
    if name != "contract_tests":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dealreview.testing.contract import contract_tests

    return contract_tests

"""dealreview reviews sales deals the way a linter reviews code.

What is listed in ``__all__`` is the public API for packs; built-in packs use nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dealreview.checks.check import Check, check
    from dealreview.checks.columns import Account, Columns, Deal, Pipeline, Rep, Subject, Team
    from dealreview.checks.extensions import Executor, Importer, Notifier, Reporter
    from dealreview.checks.facts import Fact, Feeds, Inputs, facts
    from dealreview.checks.owntables import OwnTables
    from dealreview.checks.pack import Pack, hookimpl
    from dealreview.checks.parameters import Param
    from dealreview.checks.rules import (
        Cite,
        Exposure,
        Limit,
        Rules,
        above,
        at_least,
        at_most,
        below,
    )
    from dealreview.checks.terms import Interval, Term
    from dealreview.model.outcome import Band, Kind, Outcome, Severity
    from dealreview.model.table import Column, Table
    from dealreview.model.verdict import Evidence, Expected, MoneyAtRisk, Quantity, Verdict
    from dealreview.version import API_VERSION, __version__

_HOMES = {
    "dealreview.checks.check": (
        "Check",
        "check",
    ),
    "dealreview.checks.columns": (
        "Account",
        "Columns",
        "Deal",
        "Pipeline",
        "Rep",
        "Subject",
        "Team",
    ),
    "dealreview.checks.extensions": (
        "Executor",
        "Importer",
        "Notifier",
        "Reporter",
    ),
    "dealreview.checks.facts": (
        "Fact",
        "Feeds",
        "Inputs",
        "facts",
    ),
    "dealreview.checks.owntables": ("OwnTables",),
    "dealreview.checks.pack": (
        "Pack",
        "hookimpl",
    ),
    "dealreview.checks.parameters": ("Param",),
    "dealreview.checks.rules": (
        "Cite",
        "Exposure",
        "Limit",
        "Rules",
        "above",
        "at_least",
        "at_most",
        "below",
    ),
    "dealreview.checks.terms": (
        "Interval",
        "Term",
    ),
    "dealreview.model.outcome": (
        "Band",
        "Kind",
        "Outcome",
        "Severity",
    ),
    "dealreview.model.table": (
        "Column",
        "Table",
    ),
    "dealreview.model.verdict": (
        "Evidence",
        "Expected",
        "MoneyAtRisk",
        "Quantity",
        "Verdict",
    ),
    "dealreview.version": (
        "API_VERSION",
        "__version__",
    ),
}
"""Public names by the module that they are imported from when somebody asks for them.

A command that only prints its help would wait for all of them.
"""

__all__ = [
    "API_VERSION",
    "Account",
    "Band",
    "Check",
    "Cite",
    "Column",
    "Columns",
    "Deal",
    "Evidence",
    "Executor",
    "Expected",
    "Exposure",
    "Fact",
    "Feeds",
    "Importer",
    "Inputs",
    "Interval",
    "Kind",
    "Limit",
    "MoneyAtRisk",
    "Notifier",
    "Outcome",
    "OwnTables",
    "Pack",
    "Param",
    "Pipeline",
    "Quantity",
    "Rep",
    "Reporter",
    "Rules",
    "Severity",
    "Subject",
    "Table",
    "Team",
    "Term",
    "Verdict",
    "__version__",
    "above",
    "at_least",
    "at_most",
    "below",
    "check",
    "facts",
    "hookimpl",
]

_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return a public name, imported now."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'dealreview' has no attribute '{name}'")
    found = globals()[name] = getattr(import_module(_MODULE_OF[name]), name)
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted({*globals(), *__all__})

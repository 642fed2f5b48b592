"""dealreview reviews sales deals the way a linter reviews code.

What is listed in ``__all__`` is the public API for packs; built-in packs use nothing else.
"""

from dealreview.checks.check import Check, check
from dealreview.checks.columns import Account, Columns, Deal, Pipeline, Rep, Subject, Team
from dealreview.checks.extensions import Executor, Importer, Notifier, Reporter
from dealreview.checks.facts import Fact, Feeds, Inputs, facts
from dealreview.checks.owntables import OwnTables
from dealreview.checks.pack import Pack, hookimpl
from dealreview.checks.parameters import Param
from dealreview.checks.rules import Cite, Exposure, Limit, Rules, above, at_least, at_most, below
from dealreview.checks.terms import Interval, Term
from dealreview.model.outcome import Band, Kind, Outcome, Severity
from dealreview.model.table import Column, Table
from dealreview.model.verdict import Evidence, Expected, MoneyAtRisk, Quantity, Verdict
from dealreview.version import API_VERSION, __version__

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

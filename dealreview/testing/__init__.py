"""The kit for pack authors: cases as data, run by one call."""

from dealreview.testing.cases import Case, CaseFile, load_cases, run_case, run_cases
from dealreview.testing.companies import database_of, review_tables

__all__ = [
    "Case",
    "CaseFile",
    "database_of",
    "load_cases",
    "review_tables",
    "run_case",
    "run_cases",
]

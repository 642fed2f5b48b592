"""Whole companies from a seed; they are part of the kit for pack authors."""

from dealreview.testing.strategies import AS_OF, Rows, companies, company, many, without_orphans

__all__ = ["AS_OF", "Rows", "companies", "company", "many", "without_orphans"]

"""Measurements of dealreview; run from the root of the repository."""

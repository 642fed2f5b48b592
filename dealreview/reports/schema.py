"""The published form of a review as JSON."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

NAME = "review.schema.json"


def review_schema_text() -> str:
    """Return the JSON Schema of a review, as it is published."""
    return (resources.files("dealreview.reports") / NAME).read_text("utf-8")


def review_schema() -> dict[str, Any]:
    """Return the JSON Schema of a review."""
    schema: dict[str, Any] = json.loads(review_schema_text())
    return schema

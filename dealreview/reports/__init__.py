"""A review as text, JSON and JSON lines."""

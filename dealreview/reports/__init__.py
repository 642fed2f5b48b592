"""A review as text, Markdown, CSV, HTML, JSON and JSON lines."""

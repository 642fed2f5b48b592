"""A review as one self-contained HTML file."""

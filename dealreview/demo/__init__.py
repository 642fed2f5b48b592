"""The demo: an invented company, its files, their import, and a review."""

from dealreview.demo.run import run_demo

__all__ = ["run_demo"]

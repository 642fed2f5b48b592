"""The demo: an invented company, its files, their import, and a review."""

from dealreview.demo.run import make_demo, run_demo

__all__ = ["make_demo", "run_demo"]

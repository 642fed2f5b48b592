"""A deal desk's policy: who approves which discount, when customers pay, what may be given away."""

from pathlib import Path

from dealreview import Pack, hookimpl

RULES = ("approvals.toml", "terms.toml", "exceptions.toml")


@hookimpl
def dealreview_pack() -> Pack:
    """Name the files of the policy."""
    folder = Path(__file__).with_name("rules")
    description = (__doc__ or "").rstrip(".")
    return Pack("deal-desk", rules=[folder / name for name in RULES], description=description)

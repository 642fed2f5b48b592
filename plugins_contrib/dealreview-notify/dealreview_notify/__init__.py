"""Digests of what a review found, to the owner of each deal, over apprise."""

from __future__ import annotations

from dealreview import Notifier, Pack, hookimpl
from dealreview_notify.sending import send


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack("notify", description=(__doc__ or "").rstrip("."))


@hookimpl
def dealreview_notifiers() -> list[Notifier]:
    """Bring the notifier."""
    return [Notifier("apprise", send, "A digest to the owner of each deal, over apprise.")]

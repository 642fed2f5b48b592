"""Who on the customer's side carries the decision, and who has been heard."""

from dealreview import Pack, hookimpl
from dealreview.plugins.consensus import (
    asks,
    bypass,
    closing,
    decider,
    engagement,
    maincontact,
    meetings,
    outsiders,
    relays,
    roles,
    room,
    stances,
)

THEMES = (
    engagement,
    outsiders,
    roles,
    stances,
    decider,
    maincontact,
    bypass,
    asks,
    relays,
    meetings,
    room,
    closing,
)


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("consensus", *THEMES, description=(__doc__ or "").rstrip("."))

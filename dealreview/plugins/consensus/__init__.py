"""Who on the customer's side carries the decision, and who has been heard."""

from dealreview import Pack, hookimpl
from dealreview.plugins.consensus import asks, decider, engagement, maincontact, roles, stances


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "consensus",
        asks,
        decider,
        engagement,
        maincontact,
        roles,
        stances,
        description=__doc__.rstrip("."),
    )

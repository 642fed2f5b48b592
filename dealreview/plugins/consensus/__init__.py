"""Who on the customer's side carries the decision, and who has been heard."""

from dealreview import Pack, hookimpl
from dealreview.plugins.consensus import decider, engagement, roles, stances


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of(
        "consensus", decider, engagement, roles, stances, description=__doc__.rstrip(".")
    )

"""Who on the customer's side carries the decision, and who has been heard."""

from dealreview import Pack, hookimpl
from dealreview.plugins.consensus import engagement


@hookimpl
def dealreview_pack() -> Pack:
    """Describe the pack."""
    return Pack.of("consensus", engagement, description=__doc__.rstrip("."))

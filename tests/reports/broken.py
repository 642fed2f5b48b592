"""A pack with a check that raises, and one that says nothing."""

from dealreview import Columns, Deal, Rules, Verdict, check


@check.columns("broken/raises", severity="major", ask=["What now?"])
def raises(d: Columns) -> Rules:
    """Raise on every deal."""
    raise RuntimeError("\x1b[31mno luck")


@check("broken/one", severity="minor", needs=["is_open"], ask=["What then?"])
def one(deal: Deal) -> Verdict:
    """Raise on one deal."""
    if deal.id.endswith("1"):
        raise ValueError("not this one")
    return Verdict.passed()

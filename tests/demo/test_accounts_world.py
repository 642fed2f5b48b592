"""What the demo's customers leave, month by month."""

from dealreview.demo.world.accounts import Month, make_months


def leaves(month: Month) -> int | None:
    """Return what an account leaves in a month; unknown where the cost of goods is not booked."""
    if month.goods is None:
        return None
    return month.revenue - month.off_invoice - month.goods - month.service


def lost_share(last: int) -> float:
    """Return what accounts at a loss take of what all leave in 12 months, up to one so far back."""
    left = []
    for months in make_months().values():
        known = [leaves(month) for month in months[len(months) - last - 12 : len(months) - last]]
        if None not in known:
            left.append(sum(filter(None, known)))
    return -sum(one for one in left if one < 0) / sum(left)


def test_the_last_month_turns_the_whale_curve() -> None:
    """A recall in October takes the losses over a fifth of the profit: its outcome changes."""
    assert lost_share(1) < 0.2 < lost_share(0)

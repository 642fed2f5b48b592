"""Charts: coordinates, labels and safety."""

from xml.etree.ElementTree import XML

import pytest

from dealreview.reports.charts import (
    CURVE_POINTS,
    Curve,
    Part,
    Scale,
    curve_chart,
    dot,
    element,
    number,
    score_range,
    segments,
    step,
)


def test_attributes_are_escaped_and_children_are_not() -> None:
    """A label may hold anything; markup is put together from elements."""
    made = element("g", element("circle", r=2.5), style_="a b", aria_label='"<&')
    assert made == '<g class="a b" aria-label="&quot;&lt;&amp;"><circle r="2.5"/></g>'


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.001, "0"), (12.5, "12.5"), (100 / 3, "33.33"), (3, "3")]
)
def test_coordinates_are_short(value: float, text: str) -> None:
    """Two digits at most, no needless zero and no minus zero."""
    assert number(value) == text


def test_a_scale_shows_every_value() -> None:
    """The ends lie at 0 and 100 percent, and a single value does not divide by zero."""
    scale = Scale.over([-50, 150])
    assert (scale(-50), scale(0), scale(150)) == (0, 25, 100)
    assert Scale.over([7])(7) == 0
    assert Scale.over([0])(0) == 0


@pytest.mark.parametrize(
    "made",
    [
        score_range(72.0, 58.0, 81.0, "watch", "Score 72"),
        score_range(None, 0.0, 100.0, "gap", "Score –"),
        segments([Part(3, "f-risk"), Part(0, "f-watch")], 4, "of four"),
        segments([], 0),
        step(100, -20, Scale.over([0, 100, -20]), "f-less"),
        dot(5, Scale.over([1, 9]), "f-accent", (2, 8)),
        curve_chart(Curve.of([5, 3, -2]), "whale", first=True),
        curve_chart(Curve.of([5, 3, -2]), "whale", own_rank=3),
    ],
)
def test_charts_are_well_formed_and_say_what_they_show(made: str) -> None:
    """A chart has words or repeats what stands beside it, and uses no style attribute."""
    root = XML(made)
    assert root.get("aria-label") or root.get("aria-hidden") == "true"
    assert all("style" not in node.attrib for node in root.iter())


def test_segments_fill_their_share() -> None:
    """Two equal parts of a whole meet in the middle."""
    root = XML(segments([Part(1, "a"), Part(1, "b")], 2))
    first, second = root
    assert (first.get("x"), second.get("x")) == ("0%", "50%")


def test_a_curve_adds_up_and_stays_short() -> None:
    """Values are cumulated, thousands of members give a few hundred points with the last among them."""
    curve = Curve.of([5, 3, -2])
    assert curve.values == (5, 8, 6)
    assert (curve.low, curve.high) == (0, 8)
    assert curve.path == "M0 100L33.33 37.5L66.67 0L100 25"
    long = Curve.of([1.0] * 5_000)
    assert long.path.count("L") == CURVE_POINTS
    assert long.path.endswith("L100 0")


def test_losses_alone_have_a_curve_too() -> None:
    """A company that only loses money is drawn under zero."""
    curve = Curve.of([-1, -2])
    assert (curve.low, curve.high) == (-3, 1.0)

"""Names at the ends of lines."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from glassnet.plots.labels import end_labels


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-10, 10).map(lambda n: n / 10), min_size=1, max_size=8))
def test_none_lies_over_another_and_the_order_is_that_of_the_lines(heights: list[float]) -> None:
    axes = Figure(figsize=(6, 3)).subplots()
    axes.plot([0, 1], [-1, 1])
    end_labels(axes, [(1, y, f"{i}", "k") for i, y in enumerate(heights)])
    places = {int(text.get_text()): text.get_position()[1] for text in axes.texts}
    order = sorted(places, key=lambda i: places[i])
    assert [heights[i] for i in order] == sorted(heights)
    gap = 11 / (axes.get_window_extent().height / 100 * 72)
    for low, high in pairwise(order):
        assert places[high] - places[low] >= gap - 1e-9
    assert max(places.values()) <= 1 + 1e-9


def test_a_name_stands_where_its_line_ends() -> None:
    axes = Figure().subplots()
    axes.plot([0, 1], [0, 4])
    axes.margins(y=0)
    end_labels(axes, [(1, 1.0, "a quarter", "k")])
    assert abs(axes.texts[0].get_position()[1] - 0.25) < 1e-9

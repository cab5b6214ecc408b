"""Names at the ends of lines."""

import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from glassnet.plots.bars import probability_bars
from glassnet.plots.classes import class_distribution
from glassnet.plots.confusion import confusion_matrix
from glassnet.plots.embedding import embedding
from glassnet.plots.images import predictions, sample_grid
from glassnet.plots.labels import end_labels, short_names
from glassnet.plots.style import rendered
from tests.plots.given import texts

LONG = (
    "hand-held computer, hand-held microcomputer, with the keyboard folded out " * 2,
    "b " * 60 + "b",
    "Pneumonoultramicroscopicsilicovolcanoconiosis",
)
Y = np.arange(30) % 3
X = np.random.default_rng(0).random((30, 8, 8))
P = np.full((30, 3), 1 / 3)
FIGURES = {
    "confusion": lambda names: confusion_matrix(Y, Y, names),
    "classes": lambda names: class_distribution({"training": Y, "test": Y}, names),
    "bars": lambda names: probability_bars(["one", "two"], Y[:2], P[:2], names, X[:2]),
    "embedding": lambda names: embedding(X[:, 0, :2], Y, names, "PCA"),
    "samples": lambda names: sample_grid(X, Y, names),
    "predictions": lambda names: predictions(X[:10], Y[:10], P[:10], names),
}


@pytest.mark.parametrize("kind", FIGURES)
def test_long_names_stay_inside_the_picture(kind: str) -> None:
    """Nothing touches the border, and plots keep the most of the room."""
    with Image.open(io.BytesIO(rendered(FIGURES[kind](LONG), "png"))) as image:
        pixels = np.asarray(image.convert("L"))
    edges = pixels[:, 0], pixels[:, -1], pixels[0], pixels[-1]
    assert not [int((edge < 200).sum()) for edge in edges if (edge < 200).any()]
    short = FIGURES[kind](("a", "b", "c"))
    assert short.get_size_inches().tolist() == FIGURES[kind](LONG).get_size_inches().tolist()


@pytest.mark.parametrize("kind", FIGURES)
def test_names_are_never_read_as_mathematics(kind: str) -> None:
    names = ("$x^2$", "a_b", r"\frac{1}{2} 5$")
    figure = FIGURES[kind](names)
    rendered(figure, "svg")
    shown = " ".join(texts(figure))
    assert any(name in shown for name in names)
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text())


def test_short_names() -> None:
    assert short_names(["Shirt", "T-shirt\u00a0rouge"]) == ["Shirt", "T-shirt rouge"]
    assert short_names(["a" * 24, "a" * 25]) == ["a" * 24, "a" * 23 + "…"]
    assert short_names(["長" * 12, "長" * 13]) == ["長" * 12, "長" * 11 + "…"]
    same = short_names(["x" * 40 + "1", "x" * 40 + "2", "y"])
    assert len(set(same)) == 3
    assert max(map(len, same)) <= 24


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

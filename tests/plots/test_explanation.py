"""Explanation plots show the evidence and the warnings."""

import numpy as np
import pytest

from glassnet.plots.explanation import explanation


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (6, 5, 2), (7,)])
def test_every_kind_of_example_is_drawn(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).random(shape)
    figure = explanation(
        x, x - 0.5, title="Why?", evidence=["measured 1"], warnings=[], counterfactual=x / 2,
        counterfactual_title="b after 3 numbers change",
        deletion=(np.linspace(0, 1, 3), np.array([3, 1, 0]), np.array([3, 2, 0])),
    )  # fmt: skip
    said = words(figure)
    assert {"the network's input", "evidence for the class", "the edit"} <= said
    assert {"Why?", "measured 1", "It passes all of its tests."} <= said


def test_a_warning_stands_in_the_place_of_the_verdict() -> None:
    x = np.eye(4)
    figure = explanation(x, x, title="Why?", evidence=[], warnings=["Don't believe it."])
    assert "Don't believe it." in words(figure)
    assert "It passes all of its tests." not in words(figure)


def test_the_scale_is_symmetric() -> None:
    values = np.array([[3.0, -1], [0, 0]])
    figure = explanation(np.eye(2), values, title="", evidence=[], warnings=[])
    limits = [i.get_clim() for axes in figure.axes for i in axes.images if i.cmap.name == "RdBu_r"]
    assert limits == [(-3, 3)]


def test_neighbors_have_their_labels() -> None:
    x = np.eye(4)
    near = [(x, f"row {i}: a") for i in range(8)]
    figure = explanation(x, None, title="", evidence=[], warnings=[], neighbors=near)
    assert {label for _, label in near} <= words(figure)


def words(figure: object) -> set[str]:
    """All texts of a figure."""
    import matplotlib.text

    texts = figure.findobj(matplotlib.text.Text)  # type: ignore[attr-defined]
    return {text.get_text() for text in texts}

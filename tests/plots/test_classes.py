"""Class distribution."""

import numpy as np

from glassnet.plots.classes import class_distribution
from tests.plots.given import texts


def test_every_count_is_written() -> None:
    labels = {"training": np.array([0] * 1500 + [1]), "test": np.array([1, 1])}
    said = texts(class_distribution(labels, ("cat", "dog", "emu")))
    assert {"cat", "dog", "emu", "1,500", "1", "2", "0", "training", "test"} <= set(said)


def test_of_many_classes_the_sizes_are_lines() -> None:
    rng = np.random.default_rng(0)
    labels = {"training": rng.integers(0, 1000, 5000), "test": rng.integers(0, 1000, 500)}
    figure = class_distribution(labels, [f"class {i}" for i in range(1000)])
    assert figure.get_size_inches()[1] < 4
    lines = figure.axes[0].get_lines()
    assert [int(sum(np.asarray(line.get_ydata()))) for line in lines] == [5000, 500]
    assert all((np.diff(np.asarray(line.get_ydata())) <= 0).all() for line in lines)

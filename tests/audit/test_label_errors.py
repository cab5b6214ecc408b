"""Label errors come first."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from glassnet.audit.label_errors import out_of_fold, suspects
from glassnet.data import Dataset
from tests.audit.planted import flips_found


@pytest.mark.parametrize(
    ("count", "least"), [(4000, 0.7), pytest.param(10_000, 0.7, marks=pytest.mark.slow)]
)
def test_flipped_labels_are_found(fashion: Dataset, count: int, least: float) -> None:
    seeds = range(1 if count == 4000 else 5)
    found = [flips_found(fashion.x_train[:count], fashion.y_train[:count], s) for s in seeds]
    assert min(found) >= least, found


def test_columns_of_a_table_differ_in_their_units() -> None:
    """Wine: one column has values up to 1,680, the others up to 162."""
    x, labels = load_wine(return_X_y=True)
    flipped, wrong = [10, 40, 70, 100, 140, 160], labels.copy()
    wrong[flipped] = (wrong[flipped] + 1) % 3
    rows, _ = suspects(wrong, out_of_fold(x, wrong, 3, 0))
    assert len(rows) < 12
    assert np.isin(flipped, rows).sum() >= 4


def test_confident_learning_by_hand() -> None:
    """t = (0.6, 0.75): row 2 is labeled 0 with p(1) ≥ t_1; row 3 is not confident enough of 1."""
    p = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.1, 0.9], [0.4, 0.6]])
    labels = np.array([0, 0, 0, 0, 1, 1])
    rows, suggested = suspects(labels, p)
    assert rows.tolist() == [2]
    assert suggested.tolist() == [1]


def test_the_number_is_confident_learning_s_and_the_order_is_that_of_the_labels() -> None:
    """t = (0.57, 0.58, 0.87): row 6 is confident of another class; p(label) is lowest in row 2."""
    p = np.array(
        [[0.8, 0.1, 0.1], [0.9, 0.1, 0.0], [0.02, 0.49, 0.49],
         [0.05, 0.9, 0.05], [0.1, 0.8, 0.1], [0.4, 0.3, 0.3], [0.6, 0.33, 0.07],
         [0.05, 0.05, 0.9], [0.08, 0.08, 0.84]]
    )  # fmt: skip
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    rows, suggested = suspects(labels, p)
    assert rows.tolist() == [2]
    assert suggested.tolist() == [1]


def test_the_least_likely_label_comes_first() -> None:
    p = np.array([[0.9, 0.1]] * 8 + [[0.2, 0.8], [0.01, 0.99]] + [[0.1, 0.9]] * 9 + [[0.85, 0.15]])
    labels = np.array([0] * 10 + [1] * 10)
    rows, suggested = suspects(labels, p)
    assert rows.tolist()[0] == 9
    assert 19 in rows
    assert (suggested != labels[rows]).all()

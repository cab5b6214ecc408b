"""scikit-learn's digits, with a fixed split."""

import numpy as np
from sklearn.datasets import load_digits

from glassnet.data.sources.digits import digits


def test_they_are_scikit_learns() -> None:
    ours = digits()
    images, labels = load_digits(return_X_y=True)
    assert ours.x_train.shape == (1438, 8, 8)
    assert ours.x_test.shape == (359, 8, 8)
    assert ours.x_train.dtype == np.uint8
    both = np.concatenate([ours.x_train, ours.x_test]).reshape(-1, 64)
    rows = np.column_stack([both, np.concatenate([ours.y_train, ours.y_test])])
    theirs = np.column_stack([images, labels])
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, theirs.astype(int).tolist()))
    assert ours.class_names == tuple("0123456789")


def test_the_split_never_changes() -> None:
    assert digits().sha256 == digits().sha256
    share = np.bincount(digits().y_test) / np.bincount(load_digits(return_X_y=True)[1])
    assert abs(share - 0.2).max() < 0.005

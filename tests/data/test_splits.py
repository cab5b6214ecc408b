"""Splits and orders: exact shares, determined by the seed alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.splits import epoch_order, stratified_split, tail_split

LABELS = st.lists(st.integers(-3, 5), min_size=2, max_size=60)
FRACTIONS = st.floats(0.01, 0.99)


@given(labels=LABELS, fraction=FRACTIONS, seed=st.integers(0, 2**64 - 1))
def test_every_class_keeps_its_share(labels: list[int], fraction: float, seed: int) -> None:
    y = np.array(labels)
    values, counts = np.unique(y, return_counts=True)
    if counts.max() == 1:
        with pytest.raises(GlassnetError, match="no class has two rows"):
            stratified_split(y, fraction, seed)
        return
    train, validation = stratified_split(y, fraction, seed)
    assert train.dtype == validation.dtype == np.int64
    assert (np.diff(train) > 0).all()
    assert (np.diff(validation) > 0).all()
    assert sorted([*train, *validation]) == list(range(len(y)))
    least, most = np.minimum(counts - 1, 1), counts - 1
    wanted = round(len(y) * fraction)
    assert len(validation) == np.clip(wanted, least.sum(), most.sum())
    taken = np.array([(y[validation] == value).sum() for value in values])
    assert (taken >= least).all()
    assert (taken <= most).all()
    if (counts * fraction >= 1).all() and (counts * (1 - fraction) >= 1).all():
        assert (abs(taken - counts * fraction) < 1).all()


def test_same_seed_same_rows() -> None:
    y = np.arange(1000) % 7
    for mine, again in zip(stratified_split(y, 0.1, 5), stratified_split(y, 0.1, 5), strict=True):
        np.testing.assert_array_equal(mine, again)
    assert (stratified_split(y, 0.1, 5)[1] != stratified_split(y, 0.1, 6)[1]).any()


def test_rows_are_drawn_evenly() -> None:
    y = np.repeat([0, 1], 10)
    often = sum(np.bincount(stratified_split(y, 0.3, s)[1], minlength=20) for s in range(2000))
    assert abs(np.asarray(often) - 600).max() < 100  # 5 standard deviations of a fair draw


def test_fashion_mnist(fashion: Dataset) -> None:
    train, validation = stratified_split(fashion.y_train, 0.1, 0)
    assert len(train) == 54000
    assert np.bincount(fashion.y_train[validation]).tolist() == [600] * 10


def test_labels_may_be_strings() -> None:
    labels = np.array(["a", "b", "c", "c"] * 5)
    train, validation = stratified_split(labels, 0.4, 0)
    assert sorted([*train, *validation]) == list(range(20))
    assert sorted(labels[validation]) == ["a"] * 2 + ["b"] * 2 + ["c"] * 4
    numbered = stratified_split(np.array([0, 1, 2, 2] * 5), 0.4, 0)
    np.testing.assert_array_equal(validation, numbered[1])


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1, 1.5, float("nan"), "0.1"])
def test_wrong_fractions(fraction: Any) -> None:
    with pytest.raises(GlassnetError, match="between 0 and 1"):
        stratified_split(np.zeros(9), fraction, 0)
    with pytest.raises(GlassnetError, match="between 0 and 1"):
        tail_split(9, fraction)


@pytest.mark.parametrize(
    ("n", "fraction", "start"), [(10, 0.2, 8), (10, 0.25, 7), (60000, 0.1, 54000)]
)
def test_tail_split_is_kerass(n: int, fraction: float, start: int) -> None:
    train, validation = tail_split(n, fraction)
    np.testing.assert_array_equal(train, np.arange(start))
    np.testing.assert_array_equal(validation, np.arange(start, n))


@pytest.mark.parametrize(("n", "fraction"), [(1, 0.5), (3, 0.9), (0, 0.5)])
def test_tail_split_leaves_rows_on_both_sides(n: int, fraction: float) -> None:
    with pytest.raises(GlassnetError, match="leaves none"):
        tail_split(n, fraction)


@given(n=st.integers(0, 300), seed=st.integers(0, 2**64 - 1), epoch=st.integers(0, 10**9))
def test_epoch_order(n: int, seed: int, epoch: int) -> None:
    order = epoch_order(n, seed, epoch)
    assert sorted(order) == list(range(n))
    np.testing.assert_array_equal(order, epoch_order(n, seed, epoch))


def test_epochs_differ() -> None:
    orders = {tuple(epoch_order(50, seed, epoch)) for seed in range(10) for epoch in range(10)}
    assert len(orders) == 100


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_wrong_seeds(seed: int) -> None:
    with pytest.raises(GlassnetError, match="seed: must be a whole number"):
        epoch_order(3, seed, 0)
    with pytest.raises(GlassnetError, match="seed: must be a whole number"):
        stratified_split(np.zeros(9), 0.5, seed)

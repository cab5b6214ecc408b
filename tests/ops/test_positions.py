"""Positional encodings."""

import numpy as np

from glassnet.ops.positions import add_positions, sinusoids


def test_every_example_gets_the_same_vectors() -> None:
    x, positions = np.zeros((2, 3, 1)), np.array([[1.0], [2], [3], [4]])
    y, pullback = add_positions(x, positions)
    assert y[..., 0].tolist() == [[1, 2, 3], [1, 2, 3]]
    dx, dpositions = pullback(np.array([[[1.0], [2], [3]], [[10], [20], [30]]]))
    assert dx.shape == x.shape
    assert dpositions.ravel().tolist() == [11, 22, 33, 0]


def test_the_waves_by_the_formula() -> None:
    waves = sinusoids(5, 4, 100.0)
    wanted = [[np.sin(t), np.cos(t), np.sin(t / 10), np.cos(t / 10)] for t in range(5)]
    np.testing.assert_allclose(waves, wanted)


def test_a_shift_turns_every_pair_by_an_angle_that_does_not_depend_on_the_place() -> None:
    waves = sinusoids(50, 6).reshape(50, 3, 2)
    products = (waves[7:] * waves[:-7]).sum(axis=2)  # cos of the angle between
    np.testing.assert_allclose(products, np.broadcast_to(products[0], products.shape))


def test_an_odd_depth_ends_with_a_sine() -> None:
    np.testing.assert_allclose(sinusoids(4, 3)[:, 2], np.sin(np.arange(4) / 10_000 ** (2 / 3)))

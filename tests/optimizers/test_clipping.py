"""Clipping: bounds hold, directions are preserved."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from glassnet.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value

bounds = st.floats(1e-6, 1e6)
gradients = arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e9, 1e9))
float32s = arrays(np.float32, (3, 2), elements=st.floats(-(2.0**20), 2.0**20, width=32))
trees = st.dictionaries(st.sampled_from(["a/kernel", "a/bias", "b/kernel"]), gradients, min_size=1)


def norm(*arrays: np.ndarray) -> float:
    return float(np.sqrt(sum((a.astype(float) ** 2).sum() for a in arrays)))


@given(gradients, bounds)
def test_no_value_exceeds_the_bound_and_small_ones_stay(gradient: np.ndarray, c: float) -> None:
    clipped = clip_by_value(gradient, c)
    assert np.abs(clipped).max() <= c
    small = np.abs(gradient) <= c
    np.testing.assert_array_equal(clipped[small], gradient[small])
    np.testing.assert_array_equal(np.sign(clipped), np.sign(gradient))


@given(gradients, bounds)
def test_no_norm_exceeds_the_bound_and_the_direction_stays(gradient: np.ndarray, c: float) -> None:
    clipped = clip_by_norm(gradient, c)
    assert norm(clipped) <= c * (1 + 1e-12)
    np.testing.assert_allclose(
        clipped * max(norm(gradient), c), gradient * c, rtol=1e-9, atol=1e-290
    )
    if norm(gradient) < c * (1 - 1e-12):
        np.testing.assert_array_equal(clipped, gradient)


@given(trees, bounds)
def test_the_norm_of_all_does_not_exceed_the_bound(tree: dict[str, np.ndarray], c: float) -> None:
    clipped = clip_by_global_norm(tree, c)
    assert norm(*clipped.values()) <= c * (1 + 1e-12)
    total = norm(*tree.values())
    for path, gradient in tree.items():
        expected = gradient * c / total if total > c else gradient
        np.testing.assert_allclose(clipped[path], expected, rtol=1e-9, atol=1e-290)


@given(float32s, bounds)
def test_float32_stays_float32(gradient: np.ndarray, c: float) -> None:
    for clipped in (
        clip_by_value(gradient, c),
        clip_by_norm(gradient, c),
        clip_by_global_norm({"a": gradient}, c)["a"],
    ):
        assert clipped.dtype == np.float32
        assert norm(clipped) <= max(c, np.sqrt(6) * c) * (1 + 1e-5)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_norm])
def test_zero_stays_zero(clip: Callable[[np.ndarray, float], np.ndarray]) -> None:
    assert not clip(np.zeros((2, 3)), 0.5).any()
    assert not clip_by_global_norm({"a": np.zeros(2)}, 0.5)["a"].any()


def test_a_single_weight_is_clipped_alone_or_with_all() -> None:
    tree = {"a": np.array([3.0, 4.0]), "b": np.array([12.0])}
    assert clip_by_norm(tree["a"], 5.0).tolist() == [3, 4]
    assert clip_by_norm(tree["b"], 5.0).tolist() == [5]
    clipped = clip_by_global_norm(tree, 6.5)  # of 13
    assert {path: array.tolist() for path, array in clipped.items()} == {"a": [1.5, 2], "b": [6]}


@pytest.mark.parametrize("size", [1e19, 1e20, 1e25, 3e38, 1e-30])
def test_gradients_whose_squares_overflow_or_underflow_are_clipped(size: float) -> None:
    gradient, bound = np.full((2, 3), size, np.float32), 0.5 * min(size, 1.0)
    with np.errstate(over="ignore"):  # as in the engine: the norm of the last one is infinite
        results = clip_by_norm(gradient, bound), clip_by_global_norm({"": gradient}, bound)[""]
    for clipped in results:
        np.testing.assert_allclose(clipped, bound / np.sqrt(6), rtol=1e-6)

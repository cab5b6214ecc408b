"""Connectionist temporal classification by hand, and against all paths."""

from itertools import groupby, product

import numpy as np
import pytest

from glassnet.ops.ctc import ctc


def test_two_steps_by_hand() -> None:
    logits = np.log([[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]])
    value, _ = ctc(logits, np.array([[1]]))
    np.testing.assert_allclose(np.exp(-value), [0.3 * 0.6 + 0.3 * 0.1 + 0.5 * 0.6])
    value, _ = ctc(logits, np.array([[1, 2]]))
    np.testing.assert_allclose(np.exp(-value), [0.3 * 0.3])
    value, _ = ctc(logits, np.array([[0, 0]]))
    np.testing.assert_allclose(np.exp(-value), [0.5 * 0.1])


@pytest.mark.parametrize("labels", [[1, 1], [1, 2], [2, 0], [0, 0]])
def test_it_is_the_sum_over_all_paths(labels: list[int]) -> None:
    logits = np.random.default_rng(0).standard_normal((1, 5, 3))
    p = np.exp(logits[0]) / np.exp(logits[0]).sum(axis=-1, keepdims=True)
    total = 0.0
    for path in product(range(3), repeat=5):
        if [c for c, _ in groupby(path) if c] == [label for label in labels if label]:
            total += float(np.prod(p[range(5), path]))
    value, _ = ctc(logits, np.array([labels]))
    np.testing.assert_allclose(value, [-np.log(total)])


def test_probabilities_below_the_least_number_are_exact() -> None:
    logits = np.zeros((1, 400, 50), np.float32)
    logits[:, :, 0] = -100
    value, back = ctc(logits, np.array([[1, 2]]))
    exact, back_exact = ctc(logits.astype(np.float64), np.array([[1, 2]]))
    np.testing.assert_allclose(value, exact, rtol=1e-5)
    np.testing.assert_allclose(back(np.ones(1)), back_exact(np.ones(1)), atol=1e-4)
    assert np.isfinite(back(np.ones(1, np.float32))).all()


def test_the_gradients_of_a_step_sum_to_zero() -> None:
    logits = np.random.default_rng(0).standard_normal((2, 6, 4)).astype(np.float32)
    _, back = ctc(logits, np.array([[3, 1, 1], [2, 0, 0]]))
    np.testing.assert_allclose(back(np.ones(2, np.float32)).sum(axis=-1), 0, atol=1e-5)

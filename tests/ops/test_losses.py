"""Loss ops: hand-computed values, and extreme inputs."""

import math

import numpy as np
import pytest

from glassnet.core.trees import Array
from glassnet.ops import losses

HALF = math.log(2)
SMALL = 1e-7 * math.log(1e-7 / 0.75)  # what a target of 0, clipped to 1e-7, adds

BY_HAND = [
    # −log ½ for the true one of two equal logits
    (losses.softmax_crossentropy, [0.0, 0.0], [1.0, 0.0], HALF, [-0.5, 0.5]),
    # log(1 + 3) − log 3 for odds of 3 to 1
    (losses.softmax_crossentropy, [math.log(3), 0], [1, 0], math.log(4 / 3), [-0.25, 0.25]),
    (losses.softmax_crossentropy, [0.0, 0.0], [0.5, 0.5], HALF, [0, 0]),
    (losses.sigmoid_crossentropy, [0.0, 0.0], [1.0, 0.0], HALF, [-0.25, 0.25]),
    (losses.sigmoid_crossentropy, [math.log(3)], [0.0], math.log(4), [0.75]),
    (losses.categorical_crossentropy, [0.25, 0.75], [0, 1], math.log(4 / 3), [1, -1 / 3]),
    # not normalized: 1 of 4
    (losses.categorical_crossentropy, [1.0, 3.0], [1.0, 0.0], math.log(4), [-0.75, 0.25]),
    # a sum below 1e-7 is clipped to it: ⅕, whose derivative does not depend on the sum
    (losses.categorical_crossentropy, [2e-8, 2e-8], [1.0, 0.0], math.log(5), [-5e7, 0]),
    (losses.binary_crossentropy, [0.5, 0.25], [1, 0], (HALF + math.log(4 / 3)) / 2, [-1, 2 / 3]),
    (losses.mean_squared_error, [1.0, 4.0], [0.0, 2.0], 2.5, [1, 2]),
    (losses.squared_error, [1.0, 4.0], [0.0, 2.0], 2.5, [1, 2]),
    (losses.squared_error, [1.0, 4.0, 0.0], [0.0, 2.0, 2.0], 4.5, [1, 2, -2]),
    (losses.mean_absolute_error, [1.0, 4.0, 5.0], [2.0, 2.0, 5.0], 1.0, [-1 / 3, 1 / 3, 0]),
    # ¼ · ½² · log 2; f = ¼ · ½² (1 + 2 · ½ · log 2 / ½), dz = p f − f
    (
        losses.softmax_focal_crossentropy, [0.0, 0.0], [1.0, 0.0], HALF / 16,
        [-(1 + 2 * HALF) / 32, (1 + 2 * HALF) / 32],
    ),
    (losses.categorical_focal_crossentropy, [0.5, 0.5], [1.0, 0.0], HALF / 16, None),
    # ½² · log 2, and ½² (½ + 2 · ½ · log 2) upwards
    (losses.sigmoid_focal_crossentropy, [0.0], [0.0], HALF / 4, [(0.5 + HALF) / 4]),
    (losses.binary_focal_crossentropy, [0.5], [1.0], HALF / 4, [-0.5 - HALF]),
    (losses.kl_divergence, [0.25, 0.75], [1.0, 0.0], math.log(4) + SMALL, [-4, -1e-7 / 0.75]),
    (losses.poisson, [1.0, 2.0], [0.0, 2.0], 1.5 - math.log(2), [0.5, 0]),
    (losses.huber, [0.5, 4.0], [0.0, 1.0], (0.125 + 2.5) / 2, [0.25, 0.5]),
    (losses.log_cosh, [0.0, -50.0], [0.0, 0.0], (50 - HALF) / 2, [0, -0.5]),
    (losses.cosine_similarity, [3.0, 4.0], [5.0, 0.0], -0.6, [-0.128, 0.096]),
    (losses.cosine_similarity, [2.0, 0.0], [1.0, 0.0], -1, [0, 0]),
    (losses.cosine_similarity, [1e-8, 0.0], [1.0, 0.0], -0.1, [-1e7, 0]),  # too short for angles
    (losses.hinge, [0.25, 2.0], [1.0, 1.0], 0.375, [-0.5, 0]),
    (losses.hinge, [0.25, 2.0], [1.0, -1.0], (0.75 + 3) / 2, [-0.5, 0.5]),
    (losses.hinge, [0.25, 2.0], [1.0, 0.0], (0.75 + 3) / 2, [-0.5, 0.5]),
    (losses.squared_hinge, [0.5, 2.0], [1.0, -1.0], (0.25 + 9) / 2, [-0.5, 3]),
    (losses.categorical_hinge, [1.0, 3.0, 0.5], [1.0, 0.0, 0.0], 3, [-1, 1, 0]),
    (losses.categorical_hinge, [3.0, 1.0, 0.5], [1.0, 0.0, 0.0], 0, [0, 0, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("op", "outputs", "targets", "value", "slope"), BY_HAND)
def test_by_hand(op, outputs: list, targets: list, value: float, slope: list) -> None:  # type: ignore[no-untyped-def]
    found, pullback = op(np.array([outputs]), np.array([targets]))
    assert found == pytest.approx([value], rel=1e-7 if op is losses.poisson else 1e-14)
    if slope is not None:
        small = 1e-7 if op is losses.poisson else 1e-15  # it adds 1e-7 before the logarithm
        np.testing.assert_allclose(pullback(np.ones(1)), [slope], rtol=1e-14, atol=small)


FAR = [
    # (op, logits, targets, value, slope)
    (losses.softmax_crossentropy, [1e4, -1e4, 0.0], [1, 0, 0], 0, [0, 0, 0]),
    (losses.softmax_crossentropy, [1e4, -1e4, 0.0], [0, 1, 0], 2e4, [1, -1, 0]),
    (losses.softmax_crossentropy, [1e4, 1e4, -1e4], [0, 1, 0], HALF, [0.5, -0.5, 0]),
    (losses.softmax_crossentropy, [-1e4, -1e4], [0.25, 0.75], HALF, [0.25, -0.25]),
    (losses.sigmoid_crossentropy, [1e4, -1e4], [1, 0], 0, [0, 0]),
    (losses.sigmoid_crossentropy, [1e4, -1e4], [0, 1], 1e4, [0.5, -0.5]),
    (losses.softmax_focal_crossentropy, [1e4, -1e4, 0.0], [1, 0, 0], 0, [0, 0, 0]),
    (losses.softmax_focal_crossentropy, [1e4, -1e4, 0.0], [0, 1, 0], 5e3, [0.25, -0.25, 0]),
    (losses.sigmoid_focal_crossentropy, [1e4, -1e4], [1, 0], 0, [0, 0]),
    (losses.sigmoid_focal_crossentropy, [1e4, -1e4], [0, 1], 1e4, [0.5, -0.5]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("op", "logits", "targets", "value", "slope"), FAR)
def test_far_out_the_joined_losses_are_exact(  # type: ignore[no-untyped-def]
    op, logits: list, targets: list, value: float, slope: list, dtype: str
) -> None:
    found, pullback = op(np.array([logits], dtype), np.array([targets], dtype))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, [value], rtol=1e-6, atol=0)
    np.testing.assert_allclose(pullback(np.ones(1, dtype)), [slope], rtol=1e-6, atol=0)


@pytest.mark.parametrize("op", [losses.categorical_crossentropy, losses.binary_crossentropy])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_probability_of_0_costs_much_but_not_infinity(op, dtype: str) -> None:  # type: ignore[no-untyped-def]
    value, pullback = op(np.array([[0.0, 1.0]], dtype), np.array([[1.0, 0.0]], dtype))
    assert value[0] == pytest.approx(-math.log(1e-7), rel=0.02)
    assert np.isfinite(pullback(np.ones(1, dtype))).all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_focal_losses_are_finite_wherever_the_logit_is(gamma: float, dtype: str) -> None:
    z = np.concatenate([-(10.0 ** np.arange(4, -40, -1)), [0], 10.0 ** np.arange(-40, 5)])
    z, ones = z.astype(dtype)[:, None], np.ones(len(z), dtype)
    for target in (0.0, 0.3, 1.0):
        t = np.full_like(z, target)
        value, pullback = losses.sigmoid_focal_crossentropy(z, t, 0.4, gamma)
        assert np.isfinite(value).all()
        assert np.isfinite(pullback(ones)).all()
        pair, targets = np.concatenate([z, 0 * z], -1), np.concatenate([t, 1 - t], -1)
        value, pullback = losses.softmax_focal_crossentropy(pair, targets, 0.4, gamma)
        assert np.isfinite(value).all()
        assert np.isfinite(pullback(ones)).all()


def test_smoothed_targets() -> None:
    targets = np.array([[1.0, 0.0]])
    assert losses.smoothed(targets, 0, 2) is targets
    np.testing.assert_allclose(losses.smoothed(targets, 0.2, 2), [[0.9, 0.1]])


def test_one_hot_takes_shape_and_dtype_from_the_outputs() -> None:
    found: Array = losses.one_hot(np.array([2, 0]), np.zeros((2, 3), np.float32))
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 1], [1, 0, 0]]

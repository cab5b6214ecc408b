"""Attention without projections, by hand."""

import numpy as np

from glassnet.layers import AdditiveAttention, Attention, CallContext

Q = np.array([[[1.0, 0.0], [0.0, 2.0]]])
V = np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])


def softmax(scores: np.ndarray) -> np.ndarray:
    e = np.exp(scores)
    return np.asarray(e / e.sum(-1, keepdims=True))


def test_dot_products_are_not_scaled_by_the_size() -> None:
    y, _ = Attention().forward({}, (Q, V))
    np.testing.assert_allclose(y, softmax(Q @ V.mT) @ V)
    y, _ = Attention(use_scale=True).forward({"scale": np.array(0.5)}, (Q, V))
    np.testing.assert_allclose(y, softmax(0.5 * Q @ V.mT) @ V)


def test_additive_scores() -> None:
    pairs = np.tanh(Q[:, :, None] + V[:, None])
    scale = np.array([2.0, -1.0])
    y, _ = AdditiveAttention().forward({"scale": scale}, (Q, V))
    np.testing.assert_allclose(y, softmax((pairs * scale).sum(-1)) @ V)
    params = {"concat_score_weight": np.array(0.5)}
    y, _ = Attention(score_mode="concat").forward(params, (Q, V))
    np.testing.assert_allclose(y, softmax(0.5 * pairs.sum(-1)) @ V)


def test_masks() -> None:
    masks = np.array([[True, False]]), np.array([[True, True, False]])
    y, _ = Attention().forward({}, (Q, V), CallContext(mask=masks))  # type: ignore[arg-type]
    np.testing.assert_allclose(y[0, 0], softmax(Q[0, :1] @ V[0, :2].T)[0] @ V[0, :2])
    np.testing.assert_array_equal(y[0, 1], 0)

"""A layer called on an array."""

import numpy as np
import pytest

from glassnet import Dense, Dropout, Embedding, GlassnetError

X = np.arange(6.0).reshape(2, 3)


def test_a_layer_on_an_array_is_built_and_keeps_its_weights() -> None:
    layer = Dense(2)
    y = layer(X)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(y, X @ kernel + bias, rtol=1e-6)
    np.testing.assert_array_equal(layer(X), y)
    np.testing.assert_array_equal(Dropout(0.5)(X), X)


def test_what_it_refuses() -> None:
    with pytest.raises(GlassnetError, match="table has rows 0 to 3"):
        Embedding(4, 2)(np.array([[4]]))
    with pytest.raises(GlassnetError, match="not on a node"):
        Dense(2)(X, training=True)
    with pytest.raises(GlassnetError, match="not on a node"):
        Dense(2)([[1.0]])


def test_a_layer_is_built_by_hand_once() -> None:
    layer, other = Dense(2), Dense(2)
    layer.build((None, 3))
    other.build((None, 3))
    kernel, _ = layer.get_weights()
    layer.build((None, 3))
    np.testing.assert_array_equal(layer.kernel, kernel)  # type: ignore[attr-defined]
    assert not np.array_equal(kernel, other.get_weights()[0])
    mask = Embedding(3, 2, mask_zero=True).compute_mask([[1, 0]])
    assert mask.tolist() == [[True, False]]

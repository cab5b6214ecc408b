"""Embeddings of tokens, and of positions in a sequence."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    GRU,
    Embedding,
    PositionEmbedding,
    Sequential,
    SinusoidalPositions,
)
from glassnet.layers.regularizers import L2

WORDS = np.array([[1, 4, 0], [2, 2, 1]])


def init(layer, shape: tuple[int, ...]):  # type: ignore[no-untyped-def]
    return layer.init(np.random.default_rng(0), shape)


def test_weights_are_as_in_keras() -> None:
    params, shape = init(Embedding(100, 8), (3,))
    assert shape == (3, 8)
    assert {name: leaf.shape for name, leaf in params.items()} == {"embeddings": (100, 8)}
    assert 0.045 < np.abs(params["embeddings"]).max() <= 0.05


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
def test_whole_numbers_of_any_dtype_look_up_the_same(dtype: str) -> None:
    params, _ = init(Embedding(5, 2), (3,))
    y, pullback = Embedding(5, 2).forward(params, WORDS.astype(dtype))
    np.testing.assert_array_equal(y, params["embeddings"][WORDS])
    dx, grads = pullback(np.ones_like(y))
    assert dx is None
    assert grads["embeddings"].tolist() == [[1, 1], [2, 2], [2, 2], [0, 0], [1, 1]]


def test_zero_is_padding_if_asked() -> None:
    assert Embedding(5, 2).output_mask(WORDS, None) is None
    mask = Embedding(5, 2, mask_zero=True).output_mask(WORDS.astype("float32"), None)
    assert mask.tolist() == [[True, True, False], [True, True, True]]  # type: ignore[union-attr]


def test_padding_after_the_words_changes_nothing() -> None:
    network = Sequential((Embedding(5, 4, mask_zero=True), GRU(3)))
    params, _ = init(network, (3,))
    padded, _ = network.forward(params, WORDS[:1])
    plain, _ = network.forward(params, WORDS[:1, :2])
    np.testing.assert_allclose(padded, plain, rtol=1e-6)


def test_only_learned_positions_have_weights() -> None:
    params, shape = init(PositionEmbedding(7), (3, 4))
    assert shape == (3, 4)
    assert {name: leaf.shape for name, leaf in params.items()} == {"embeddings": (7, 4)}
    assert init(SinusoidalPositions(), (3, 4)) == ({}, (3, 4))


def test_sinusoidal_positions_tell_the_first_step_by_cosines() -> None:
    y, _ = SinusoidalPositions().forward({}, np.zeros((2, 3, 4), np.float32))
    assert y[:, 0].tolist() == [[0, 1, 0, 1]] * 2
    assert y.dtype == np.float32


def test_the_table_may_be_penalised() -> None:
    layer = Embedding(5, 2, embeddings_regularizer="l2")
    assert layer.weights((3,))["embeddings"].regularizer == L2()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Embedding(0, 2), "Embedding: input_dim: must be a whole number ≥ 1, got 0"),
        (lambda: Embedding(5, 2.5), "Embedding: output_dim: must be"),  # type: ignore[arg-type]
        (lambda: Embedding(5, 2, "unifrom"), "Embedding: unknown initializer 'unifrom'"),
        (lambda: PositionEmbedding(0), "PositionEmbedding: sequence_length: must be"),
        (
            lambda: init(PositionEmbedding(2), (3, 4)),
            r"has 2 positions, but the sequences have 3 steps. Use PositionEmbedding\(3\)",
        ),
        (lambda: init(PositionEmbedding(2), (3,)), "PositionEmbedding: needs sequences"),
        (lambda: init(SinusoidalPositions(), (3,)), "need an Embedding first"),
        (lambda: SinusoidalPositions(0.5), "max_wavelength must be a number ≥ 1, got 0.5"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()

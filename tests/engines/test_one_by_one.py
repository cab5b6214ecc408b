"""An example's features have the same bits in any order and company."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.engines.one_by_one import CHUNK, can_compute, one_by_one
from glassnet.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
)
from glassnet.training import frozen_body
from glassnet.training.frozen_body import head_of

ROWS = CHUNK + 8

BODIES: list[tuple[list[Layer], tuple[int, ...]]] = [
    ([Conv2D(7, 3, strides=2, padding="same"), BatchNormalization(), Conv2D(33, 1)], (9, 9, 3)),
    ([DepthwiseConv2D(3), LayerNormalization(), GlobalAveragePooling2D(), Dense(19)], (8, 8, 5)),
    ([Dense(48, "gelu"), MultiHeadAttention(2, 12), Dense(31, "softmax")], (6, 20)),
    ([Dense(100, "tanh"), Dense(257, "sigmoid"), Dense(1)], (300,)),
]


@pytest.fixture(scope="module", autouse=True)
def _small_bodies_are_worth_it() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frozen_body, "PER_CALL", 1)
        patch.setattr(frozen_body, "PER_WEIGHT", 0)
        yield


def of_body(number: int, dtype: str) -> tuple[Any, Any, Any]:
    """Return (head, weights, x) of a model with this body."""
    templates, shape = BODIES[number]
    body = [layer.clone() for layer in templates]
    for layer in body:
        layer.trainable = False
    layers = [*body, Flatten(), Dense(3, "softmax")]
    model = Model(layers, input_shape=shape, dtype=dtype)
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(number).normal(size=(ROWS, *shape))
    head = head_of(model.objective(), model.params, x, "numpy")
    assert head is not None
    assert len(head.body.layers) == len(body) + 1
    return head, model.params, x


@settings(max_examples=20)
@given(
    st.integers(0, len(BODIES) - 1),
    st.sampled_from(["float32", "float64"]),
    st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=40),
)
def test_the_features_of_a_row_depend_on_no_other(number: int, dtype: str, rows: list[int]) -> None:
    head, params, x = of_body(number, dtype)
    every = one_by_one("numpy", head, params, x, np.arange(ROWS), dtype)
    some = one_by_one("numpy", head, params, x.copy(), np.array(rows), dtype)
    assert np.array_equal(some, every[rows])
    np.testing.assert_allclose(every, head.features(params, x.astype(dtype)), 1e-3, 1e-5)


@pytest.mark.skipif(not find_spec("jax"), reason="JAX is missing")
@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (0, "float64"),
        *(pytest.param(i, "float32", marks=pytest.mark.slow) for i in range(len(BODIES))),
    ],
)
def test_on_jax_too(number: int, dtype: str) -> None:
    head, params, x = of_body(number, dtype)
    every = one_by_one("jax", head, params, x, np.arange(ROWS), dtype)
    for rows in ([3], [39, 0, 3, 3], np.random.default_rng(0).permutation(ROWS)):
        some = one_by_one("jax", head, params, x, np.array(rows), dtype)
        assert np.array_equal(some, every[rows])
    assert every.dtype == dtype
    np.testing.assert_allclose(every, head.features(params, x.astype(dtype)), 1e-3, 1e-5)


@pytest.mark.parametrize(
    ("name", "message"), [("other", "unknown engine"), ("keras:jax", "trains with Keras")]
)
def test_an_unknown_engine_is_refused(name: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        can_compute(name)

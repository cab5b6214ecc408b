"""CallContext: the state of one call."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    LSTM,
    Add,
    Bidirectional,
    CallContext,
    Conv2D,
    Dense,
    Flatten,
    Graph,
    Input,
    Layer,
    MultiHeadAttention,
    Reshape,
    Residual,
    Sequential,
    TimeDistributed,
)


def test_keys_differ_by_seed_step_and_place() -> None:
    calls = [
        CallContext(seed=seed, step=step, path=path)
        for seed in (0, 1, 2**32, 2**64 - 1)
        for step in (0, 1)
        for path in ("", "a", "a/b")
    ]
    keys = [call.key(np) for call in calls]
    assert {key.shape for key in keys} == {(1,)}
    assert {key.dtype.name for key in keys} == {"uint32"}
    assert len({int(key[0]) for key in keys}) == len(calls)


def test_into_adds_to_the_path_and_keeps_the_rest() -> None:
    inner = CallContext(training=True, seed=3, step=4).child("a", False).child("b", True)
    assert (inner.training, inner.seed, inner.step) == (True, 3, 4)
    assert (inner.path, inner.wrt_x) == ("a/b", True)


def test_a_layer_must_say_what_it_does() -> None:
    with pytest.raises(GlassnetError, match=r"class Layer: defines no forward. Write def forward"):
        Layer().forward({}, np.ones(3))
    assert Layer().weights((3,)) == {}
    assert Layer().output_shape((3,)) == (3,)


def test_the_largest_product_is_found_wherever_it_is() -> None:
    network = Sequential(
        (
            Reshape((8, 8, 1)),
            Conv2D(4, 3),  # 6 · 6 places, 9 · 1 numbers, 4 filters
            Residual((Conv2D(4, 3, padding="same"),)),  # 36 places, 9 · 4 numbers, 4 filters
            Flatten(),
            Dense(10),  # 144 · 10
        )
    )
    assert network.largest_product((8, 8)) == 36 * 36 * 4
    assert Bidirectional(LSTM(5)).largest_product((7, 3)) == 7 * 3 * 4 * 5
    assert TimeDistributed(Dense(2)).largest_product((7, 3)) == 7 * 3 * 2
    assert MultiHeadAttention(2, 4).largest_product((7, 6)) == 7 * 6 * 2 * 4
    x = Input((6,))
    assert Graph.between(x, Add()(Dense(3)(x), Dense(3)(Dense(9)(x)))).largest_product((6,)) == 54

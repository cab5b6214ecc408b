"""Keras 2's hard_sigmoid, by weights that are multiplied by 1.2."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.interop.keras.reading.file import import_keras
from glassnet.interop.keras.reading.hard_sigmoid import scaled, scaled_gates
from glassnet.ops import activations

SEQUENCE = np.random.default_rng(0).normal(0, 2, (2, 5, 3)).astype("f4")


def hard(x: Any) -> Any:
    """Keras 2's function."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def test_the_parts_of_the_gates_are_scaled() -> None:
    weights = {"kernel": np.ones((2, 8), "f4"), "bias": np.ones((2, 8), "f4")}
    for values in scaled(weights, (True, True, False, True)).values():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values[0], np.float32([1.2, 1.2, 1.2, 1.2, 1, 1, 1.2, 1.2]))


@pytest.mark.parametrize(
    ("kind", "options", "gates"),
    [
        ("LSTM", {"recurrent_activation": "hard_sigmoid"}, (True, True, False, True)),
        ("GRU", {"recurrent_activation": "hard_sigmoid"}, (True, True, False)),
        ("GRU", {"recurrent_activation": "sigmoid"}, ()),
        ("Dense", {"activation": "hard_sigmoid"}, (True,)),
        ("Dense", {"activation": "relu"}, ()),
        ("Flatten", {}, ()),
    ],
)
def test_gates_are_those_with_the_activation(kind: str, options: Any, gates: Any) -> None:
    assert scaled_gates(kind, options, "layer") == gates
    both = {"layer": {"class_name": kind, "config": options}}
    assert scaled_gates("Bidirectional", both, "layer") == gates


@pytest.mark.parametrize("kind", ["Activation", "LSTM", "SeparableConv2D"])
def test_what_no_scaling_of_weights_helps_is_refused(kind: str) -> None:
    with pytest.raises(GlassnetError, match=r"clip\(0\.2x \+ 0\.5, 0, 1\) in Keras 2"):
        scaled_gates(kind, {"activation": "hard_sigmoid"}, "layer")


@pytest.mark.skipif(not hasattr(activations, "hard_sigmoid"), reason="an activation to come")
def test_an_lstm_of_keras_2_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from tests.interop.keras.reading.test_legacy_config import old
    from tests.interop.keras.reading.test_legacy_file import sequential, write

    rng = np.random.default_rng(1)
    kernel, recurrent = rng.normal(0, 1, (3, 8)), rng.normal(0, 1, (2, 8))
    weights = {"kernel": kernel, "recurrent_kernel": recurrent, "bias": rng.normal(0, 1, 8)}
    layer = old("LSTM", units=2, recurrent_activation="hard_sigmoid", implementation=1,
                batch_input_shape=[None, 5, 3])  # fmt: skip
    arrays = {f"lstm/{name}:0": values.astype("f4") for name, values in weights.items()}
    network, _, params, _ = import_keras(
        write(tmp_path / "m.h5", sequential(layer), {"lstm": arrays})
    )
    h = c = np.zeros((2, 2))
    for x in SEQUENCE.transpose(1, 0, 2):
        i, f, g, o = np.split(x @ kernel + h @ recurrent + weights["bias"], 4, axis=-1)
        c = hard(f) * c + hard(i) * np.tanh(g)
        h = hard(o) * np.tanh(c)
    np.testing.assert_allclose(network.forward(params, SEQUENCE)[0], h, rtol=1e-5, atol=1e-6)
    assert "these weights were multiplied by 1.2" in caplog.text

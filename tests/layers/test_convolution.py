"""Convolutions of sequences, images and volumes."""

from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import layers as L  # noqa: N812
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import CallContext, Conv1D, Conv2D
from glassnet.layers.initializers import Constant
from glassnet.layers.regularizers import L2
from glassnet.verify.cases.base import numbers


def test_by_hand() -> None:
    layer = Conv2D(
        1, 2, activation="relu", kernel_initializer="ones", bias_initializer=Constant(-9.0)
    )
    params, shape = layer.init(np.random.default_rng(0), (2, 3, 1), "float64")
    x = np.array([[1.0, 2, 3], [1, 2, 6]]).reshape(1, 2, 3, 1)
    y, pullback = layer.forward(params, x)
    assert shape == (1, 2, 1)
    assert y.ravel().tolist() == [0, 4]
    dx, grads = pullback(np.full_like(y, 2))
    assert dx[0, :, :, 0].tolist() == [[0, 2, 2], [0, 2, 2]]
    assert grads["kernel"].ravel().tolist() == [4, 6, 4, 12]
    assert grads["bias"].tolist() == [2]


def test_weights_are_as_in_keras() -> None:
    layer = Conv2D(6, (3, 5), groups=2, kernel_regularizer=L2())
    weights = layer.weights((9, 9, 4))
    assert {name: weight.shape for name, weight in weights.items()} == {
        "kernel": (3, 5, 2, 6),
        "bias": (6,),
    }
    assert weights["kernel"].regularizer == L2()
    assert weights["bias"].regularizer is None
    assert list(Conv1D(6, 3, use_bias=False).weights((9, 4))) == ["kernel"]
    kernel = layer.init(np.random.default_rng(0), (9, 9, 4))[0]["kernel"]
    assert np.abs(kernel).max() <= np.sqrt(6 / (15 * (2 + 6)))


@pytest.mark.parametrize(
    ("padding", "strides", "shape"),
    [
        ("valid", 1, (26, 24, 5)),
        ("same", 1, (28, 28, 5)),
        ("valid", 2, (13, 12, 5)),
        ("same", (2, 3), (14, 10, 5)),
    ],
)
def test_output_shapes(padding: str, strides: int, shape: tuple[int, ...]) -> None:
    assert Conv2D(5, (3, 5), strides, padding).output_shape((28, 28, 1)) == shape


def test_one_number_means_all_axes() -> None:
    layer = Conv2D(5, 3)
    assert (layer.kernel_size, layer.strides, layer.dilation_rate) == ((3, 3), (1, 1), (1, 1))
    assert layer == Conv2D(5, (3, 3), (1, 1), dilation_rate=(1, 1))
    assert build("layer", describe(layer)) == layer
    assert Conv1D(5, 3).kernel_size == (3,)


def test_causal_never_looks_ahead() -> None:
    layer = Conv1D(2, 3, padding="causal", dilation_rate=2)
    params, _ = layer.init(np.random.default_rng(0), (8, 3), "float64")
    x = numbers(1, 8, 3)
    later = x.copy()
    later[:, 5:] += 1
    y, changed = layer.forward(params, x)[0], layer.forward(params, later)[0]
    np.testing.assert_array_equal(y[:, :5], changed[:, :5])
    assert (y[:, 5:] != changed[:, 5:]).all()


@pytest.mark.parametrize("padding", ["same", "causal", "valid"])
def test_the_padding_mask_ends_as_in_keras(padding: str) -> None:
    layer = Conv1D(2, 3, padding=padding)
    assert layer.output_mask(numbers(1, 8, 3), np.ones((1, 8), bool)) is None


def test_nobody_asks_for_the_gradient_of_data() -> None:
    layer = Conv2D(2, 3, padding="same")
    params, _ = layer.init(np.random.default_rng(0), (5, 5, 1))
    y, pullback = layer.forward(params, numbers(1, 5, 5, 1), CallContext(wrt_x=False))
    assert pullback(y)[0] is None


VOLUME = (6, 6, 4, 2)
LOSSES = [1.102767, 1.097947, 1.093444]  # on every engine


def of_volumes() -> list[L.Layer]:
    """A network with all layers of volumes that have positions, and then some of steps."""
    return [
        L.ZeroPadding3D(),
        L.Conv3D(4, 3, activation="relu", groups=2),
        L.MaxPooling3D(),
        L.SpatialDropout3D(0.1),
        L.Conv3DTranspose(3, 2, 2, output_padding=1),
        L.UpSampling3D(),
        L.Cropping3D(),
        L.AdaptiveAveragePooling3D(3),
        L.AdaptiveMaxPooling3D((2, 1, 2)),
        L.Reshape((None, 3)),
        L.EinsumDense("abc,cd->abd", (None, 4), "tanh", "d"),
        L.SeparableConv1D(5, 2, padding="same"),
        L.DepthwiseConv1D(2, padding="same"),
        L.Conv1DTranspose(4, 2, 2),
        L.GlobalAveragePooling1D(),
        L.Dense(3, "softmax"),
    ]


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_a_network_of_volumes_learns_and_is_saved_drawn_and_explained(
    engine: str, tmp_path: Path
) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    model = glassnet.Model(of_volumes(), input_shape=VOLUME, seed=1)
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = numbers(24, *VOLUME).astype("float32"), np.arange(24) % 3
    losses = model.fit(x, y, epochs=3, batch_size=8, verbose=0, engine=engine).history["loss"]
    np.testing.assert_allclose(losses, LOSSES, rtol=1e-4)
    model.save(path := tmp_path / "model")
    np.testing.assert_array_equal(glassnet.Model.load(path).predict(x), model.predict(x))
    model.summary()
    glassnet.plot_model(model, tmp_path / "model.svg")
    assert "Conv3DTranspose" in (tmp_path / "model.svg").read_text()
    assert glassnet.explain_example(model, x[0], method="saliency").values.shape == VOLUME
    with pytest.raises(GlassnetError, match="Grad-CAM needs images, but the examples have 4 axes"):
        glassnet.explain_example(model, x[0], method="grad-cam")

"""Grad-CAM against a calculation by hand."""

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.explain.gradcam import _last_feature_maps, grad_cam
from glassnet.explain.score import score_of
from glassnet.layers import (
    Concatenate,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Reshape,
    Sequential,
)
from tests.explain.conftest import planted


def test_after_a_mean_over_positions_it_is_the_class_s_own_map() -> None:
    """With z = W mean(A), ∂z/∂A is W / (h w) everywhere: relu(A · W) / (h w)."""
    backbone = Sequential((Reshape((4, 6, 1)), Conv2D(5, 3, padding="same", activation="tanh")))
    model = Model([backbone, GlobalAveragePooling2D(), Dense(2, "softmax")], input_shape=(4, 6))
    x = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
    maps = backbone.forward(model.params["sequential"], x[None])[0][0]
    by_hand = np.maximum(maps @ model.params["dense"]["kernel"][:, 1], 0) / 24
    score = score_of(model.network, model.params, 2, 1)
    np.testing.assert_allclose(grad_cam(score, x, np.zeros_like(x)), by_hand, rtol=1e-5, atol=1e-8)


def test_a_coarse_map_is_resized() -> None:
    model = Model([Conv2D(1, 3, strides=3, use_bias=False), Flatten(), Dense(1)],
                  input_shape=(6, 6, 1))  # fmt: skip
    model.set_weights([np.ones((3, 3, 1, 1)), np.ones((4, 1)), np.zeros(1)])
    x = np.zeros((6, 6, 1), "float32")
    x[:3, :3] = 1
    found = grad_cam(score_of(model.network, model.params, 1, 0), x, x)
    across = np.interp((np.arange(6) + 0.5) / 3 - 0.5, [0, 1], [9, 0])
    np.testing.assert_allclose(found[0], across, rtol=1e-6)
    assert found[-1].max() == 0


def test_a_network_without_convolutions_says_so(mlp: Model) -> None:
    x = planted(1, seed=0)[0][0]
    with pytest.raises(GlassnetError, match="needs a network with a Conv2D"):
        grad_cam(score_of(mlp.network, mlp.params, 3, 0), x, x)


def test_only_what_lies_behind_a_convolution_counts() -> None:
    """An image made by a Dense in parallel to the convolution is not used."""
    x = Input((4, 4, 1))
    seen = Conv2D(2, 3, padding="same", name="seen")(x)
    beside = Reshape((4, 4, 2))(Dense(32)(Flatten()(x)))
    y = Dense(2)(Concatenate()(Flatten()(seen), Flatten()(beside)))
    model = Model(inputs=x, outputs=y)
    path = _last_feature_maps(model.network, (4, 4, 1))
    assert path is not None
    assert path == "seen"

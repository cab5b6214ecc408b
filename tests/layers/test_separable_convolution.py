"""DepthwiseConv2D and SeparableConv2D."""

import numpy as np

from glassnet.layers import Conv2D, DepthwiseConv2D, SeparableConv2D
from glassnet.layers.regularizers import L2
from glassnet.verify.cases.base import numbers


def test_weights_are_as_in_keras() -> None:
    depthwise = DepthwiseConv2D((3, 2), depth_multiplier=2, depthwise_regularizer=L2())
    weights = depthwise.weights((9, 9, 5))
    assert [(n, w.shape) for n, w in weights.items()] == [("kernel", (3, 2, 5, 2)), ("bias", (10,))]
    assert weights["kernel"].regularizer == L2()
    assert depthwise.output_shape((9, 9, 5)) == (7, 8, 10)
    separable = SeparableConv2D(7, 3, depth_multiplier=2, pointwise_regularizer=L2())
    weights = separable.weights((9, 9, 5))
    assert [(name, weight.shape) for name, weight in weights.items()] == [
        ("depthwise_kernel", (3, 3, 5, 2)),
        ("pointwise_kernel", (1, 1, 10, 7)),
        ("bias", (7,)),
    ]
    assert weights["depthwise_kernel"].regularizer is None
    assert weights["pointwise_kernel"].regularizer == L2()


def test_separable_is_depthwise_then_single_pixels() -> None:
    layer, x = SeparableConv2D(4, 3, 2, "same", activation="tanh"), numbers(2, 7, 6, 3)
    params, _ = layer.init(np.random.default_rng(0), (7, 6, 3), "float64")
    first = DepthwiseConv2D(3, 2, "same", use_bias=False)
    then = Conv2D(4, 1, activation="tanh")
    middle = first.forward({"kernel": params["depthwise_kernel"]}, x)[0]
    rest = {"kernel": params["pointwise_kernel"], "bias": params["bias"]}
    np.testing.assert_allclose(
        layer.forward(params, x)[0], then.forward(rest, middle)[0], atol=1e-12
    )

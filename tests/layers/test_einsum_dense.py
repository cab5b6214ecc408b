"""EinsumDense."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import Dense, EinsumDense
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize(
    ("layer", "shape", "kernel", "bias", "output"),
    [  # Keras's own examples, then those of its attention
        (EinsumDense("ab,bc->ac", output_shape=64, bias_axes="c"), (32,), (32, 64), (64,), (64,)),
        (EinsumDense("abc,cd->abd", (None, 64), None, "d"), (9, 7), (7, 64), (64,), (9, 64)),
        (EinsumDense("...x,xy->...y", 64, None, "y"), (9, 7), (7, 64), (64,), (9, 64)),
        (EinsumDense("...x,xy->...y", 64, None, "y"), (7,), (7, 64), (64,), (64,)),
        (
            EinsumDense("abc,cde->abde", (None, 2, 3), None, "de"),
            (9, 7),
            (7, 2, 3),
            (2, 3),
            (9, 2, 3),
        ),
        (EinsumDense("abcd,cde->abe", (None, 5), None, "e"), (9, 2, 3), (2, 3, 5), (5,), (9, 5)),
        (EinsumDense("ab...,bc->ac...", 4, None, "c"), (3, 6, 2), (3, 4), (4, 1, 1), (4, 6, 2)),
        (EinsumDense("abc,cd->abd", (9, 4), None, "b"), (9, 7), (7, 4), (9, 1), (9, 4)),
    ],
)
def test_shapes_are_as_in_keras(
    layer: EinsumDense, shape: Any, kernel: Any, bias: Any, output: Any
) -> None:
    weights = layer.weights(shape)
    assert {name: weight.shape for name, weight in weights.items()} == {
        "kernel": kernel,
        "bias": bias,
    }
    assert layer.output_shape(shape) == output
    params, _ = layer.init(np.random.default_rng(0), shape)
    assert layer.forward(params, numbers(2, *shape))[0].shape == (2, *output)
    assert build("layer", describe(layer)) == layer


def test_it_is_a_dense_layer_with_its_weights() -> None:
    einsum, dense = EinsumDense("ab,bc->ac", 3, "tanh", "c"), Dense(3, "tanh")
    params, _ = einsum.init(np.random.default_rng(0), (4,))
    wanted, _ = dense.init(np.random.default_rng(0), (4,))
    x = numbers(2, 4)
    np.testing.assert_array_equal(params["kernel"], wanted["kernel"])
    np.testing.assert_allclose(einsum.forward(params, x)[0], dense.forward(wanted, x)[0])
    assert einsum.largest_product((4,)) == dense.largest_product((4,))
    assert list(EinsumDense("ab,bc->ac", 3).weights((4,))) == ["kernel"]


def test_the_kernel_has_the_fans_of_its_inputs_and_outputs() -> None:
    layer = EinsumDense("abcd,ecd->abe", (None, 50))  # 6 inputs, 50 outputs
    params, _ = layer.init(np.random.default_rng(0), (4, 2, 3))
    assert np.abs(params["kernel"]).max() == pytest.approx(np.sqrt(6 / 56), rel=0.02)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EinsumDense("ab,bc", 3), "equation 'ab,bc' is not of the form"),
        (lambda: EinsumDense("...ab,bc->ac", 3), "is not of the form"),
        (lambda: EinsumDense(3, 3), "equation 3 is not of the form"),
        (lambda: EinsumDense("abb,bc->ac", 3), "an axis occurs twice"),
        (lambda: EinsumDense("ab,bc->ca", 3), "is the batch: name it alike"),
        (lambda: EinsumDense("ab,abc->ac", 3), "is the batch: name it alike"),
        (lambda: EinsumDense("ab,bc->acd", (3, 4)), "axis 'd' of y in .* is neither"),
        (lambda: EinsumDense("ab,bcd->ac", 3), "axis 'd' of the kernel in .* is neither"),
        (lambda: EinsumDense("ab,bc->ac", 3, None, "b"), "bias axis 'b' is not an axis of y"),
        (lambda: EinsumDense("abc,cd->abd", 3), r"output_shape is \(3,\), but y .* other axes"),
        (lambda: EinsumDense("ab,bc->ac", 0), "output_shape: must be a whole number ≥ 1"),
        (lambda: EinsumDense("ab,bc->ac", (None,)).output_shape((4,)), "kernel's axis 'c'"),
        (lambda: EinsumDense("ab,bc->ac", 3).output_shape((4, 5)), "does not fit the 2 axes"),
        (
            lambda: EinsumDense("abc,cd->abd", (5, 3)).output_shape((4, 2)),
            "output_shape has 5 for axis 'b', but x 4",
        ),
        (lambda: EinsumDense("ab,bc->ac", 3, "relo"), "Did you mean 'relu'"),
    ],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=f"EinsumDense: .*{message}|{message}"):
        make()

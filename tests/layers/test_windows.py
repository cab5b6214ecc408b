"""Errors of convolution, pooling and padding layers for wrong shapes and arguments."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from glassnet import layers as L  # noqa: N812
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import describe

OVER_IMAGES = [
    L.Conv2D(4, 3),
    L.DepthwiseConv2D(3),
    L.SeparableConv2D(4, 3),
    L.Conv2DTranspose(4, 3),
    L.MaxPooling2D(),
    L.AveragePooling2D(),
    L.GlobalMaxPooling2D(),
    L.GlobalAveragePooling2D(),
    L.ZeroPadding2D(),
    L.Cropping2D(),
    L.UpSampling2D(),
    L.AdaptiveMaxPooling2D(2),
    L.SpatialDropout2D(0.5),
]
OVER_STEPS = [
    L.Conv1D(4, 3),
    L.MaxPooling1D(),
    L.AveragePooling1D(),
    L.GlobalMaxPooling1D(),
    L.GlobalAveragePooling1D(),
    L.ZeroPadding1D(),
    L.Cropping1D(),
    L.UpSampling1D(),
    L.AdaptiveAveragePooling1D(2),
    L.DepthwiseConv1D(3),
    L.SeparableConv1D(4, 3),
    L.Conv1DTranspose(4, 3),
]
OVER_VOLUMES = [
    L.Conv3D(4, 3),
    L.Conv3DTranspose(4, 3),
    L.MaxPooling3D(),
    L.AveragePooling3D(),
    L.AdaptiveMaxPooling3D(2),
    L.GlobalMaxPooling3D(),
    L.ZeroPadding3D(),
    L.Cropping3D(),
    L.UpSampling3D(),
    L.SpatialDropout3D(0.5),
]


@pytest.mark.parametrize("layer", OVER_IMAGES, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((28, 28), r"the channels' axis is missing: add Reshape\(\(28, 28, 1\)\) first"),
        ((784,), r"before Flatten, or add Reshape\(\(height, width, channels\)\) first"),
        ((2, 3, 4, 5), r"Add a Reshape to \(height, width, channels\) first"),
        (((9, 9, 1), (9, 9, 1)), "takes one input"),
        ((), "Add a Reshape"),
    ],
)
def test_shapes_that_are_not_images(layer: L.Layer, shape: Any, fix: str) -> None:
    with pytest.raises(GlassnetError, match=f"(?i){type(layer).__name__}: .*{fix}"):
        layer.output_shape(shape)


@pytest.mark.parametrize("layer", OVER_STEPS, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((28,), r"the channels' axis is missing: add Reshape\(\(28, 1\)\) first"),
        ((28, 28, 3), r"two dimensions, or read row by row: add Reshape\(\(28, 84\)\) first"),
    ],
)
def test_shapes_that_are_not_sequences(layer: L.Layer, shape: Any, fix: str) -> None:
    with pytest.raises(GlassnetError, match=f"(?i){type(layer).__name__}: .*{fix}"):
        layer.output_shape(shape)


@pytest.mark.parametrize("layer", OVER_VOLUMES, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((8, 8, 8), r"the channels' axis is missing: add Reshape\(\(8, 8, 8, 1\)\) first"),
        ((512,), r"before Flatten, or add Reshape\(\(depth, height, width, channels\)\) first"),
        ((4, 4), r"Add a Reshape to \(depth, height, width, channels\) first"),
    ],
)
def test_shapes_that_are_not_volumes(layer: L.Layer, shape: Any, fix: str) -> None:
    with pytest.raises(GlassnetError, match=f"(?i){type(layer).__name__}: .*{fix}"):
        layer.output_shape(shape)


@pytest.mark.parametrize(
    "layer", [*OVER_STEPS, *OVER_IMAGES, *OVER_VOLUMES, L.Flatten()], ids=lambda x: type(x).__name__
)
def test_the_channels_are_last(layer: Any) -> None:
    assert layer.data_format == "channels_last"
    for data_format in (None, "channels_last"):
        assert replace(layer, data_format=data_format) == layer
    with pytest.raises(GlassnetError, match=r"'channels_first'. Leave it out, and put Permute"):
        replace(layer, data_format="channels_first")
    with pytest.raises(GlassnetError, match="unknown data_format 'last'"):
        replace(layer, data_format="last")
    assert "data_format" not in describe(layer)


def test_a_network_names_the_layer_and_what_it_gets() -> None:
    with pytest.raises(
        GlassnetError,
        match=r"layer 'conv2d': needs examples of \(height, width, channels\). It gets examples "
        r"of shape \(28, 28\). The channels' axis is missing: add Reshape\(\(28, 28, 1\)\) first.",
    ):
        L.Sequential((L.Conv2D(4, 3), L.Flatten())).output_shape((28, 28))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L.Conv2D(0, 3), "Conv2D: filters: must be a whole number ≥ 1, got 0"),
        (lambda: L.Conv2D(4, (3, 3, 3)), r"Conv2D: kernel_size: must be 2 whole numbers, got"),
        (lambda: L.Conv2D(4, 0), "Conv2D: kernel_size: must be a whole number ≥ 1"),
        (lambda: L.Conv2D(4, 3, strides=1.5), "Conv2D: strides: must be a whole number"),
        (lambda: L.Conv2D(4, 3, padding="sane"), "unknown padding 'sane'. Did you mean 'same'"),
        (lambda: L.Conv2D(4, 3, padding="causal"), "Conv2D: unknown padding 'causal'"),
        (lambda: L.Conv2D(4, 3, 2, dilation_rate=2), "One of them must be 1"),
        (lambda: L.Conv3DTranspose(4, 3, 2, dilation_rate=2), "One of them must be 1"),
        (lambda: L.DepthwiseConv1D(3, padding="causal"), "unknown padding 'causal'"),
        (
            lambda: L.Conv2DTranspose(4, 3, (3, 2), output_padding=2),
            r"output_padding: is \(2, 2\), but strides are \(3, 2\). Each must be smaller",
        ),
        (lambda: L.Conv1DTranspose(4, 3, output_padding=-1), "must be a whole number ≥ 0"),
        (
            lambda: L.Conv1DTranspose(4, 2, 2, "same", output_padding=0).output_shape((1, 3)),
            "crops everything. Use more output_padding",
        ),
        (lambda: L.AdaptiveMaxPooling2D(0), "output_size: must be a whole number ≥ 1"),
        (lambda: L.Conv2D(4, 3, lora_rank=4), "takes no lora_rank. Dense, EinsumDense"),
        (lambda: L.Dense(4, quantization_config={}), "takes no quantization_config. Weights are"),
        (lambda: L.Conv2D(4, 3, groups=3), "4 filters can't be split into 3 groups"),
        (lambda: L.Conv1D(4, 3, groups=2).output_shape((9, 5)), "5 channels .* 2 groups"),
        (lambda: L.Conv2D(4, 3, activation="relo"), "Did you mean 'relu'"),
        (lambda: L.SeparableConv2D(4, 3, pointwise_initializer="x"), "unknown initializer 'x'"),
        (lambda: L.DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier: must be"),
        (lambda: L.DepthwiseConv2D(3, depthwise_regularizer="l3"), "unknown regularizer 'l3'"),
        (lambda: L.MaxPooling2D(2, 0), "MaxPooling2D: strides: must be a whole number ≥ 1"),
        (
            lambda: L.Conv2D(4, 5).output_shape((3, 9, 1)),
            '5 × 5 places, but there are only 3 × 9. Use a smaller window, padding="same"',
        ),
        (lambda: L.MaxPooling2D().output_shape((1, 28, 28)), r"Permute\(\(2, 3, 1\)\)"),
        (
            lambda: L.Cropping1D(3).output_shape((6, 2)),
            r"everything: \(6,\) of \(6,\) places",
        ),
        (lambda: L.Cropping2D(-1), "Cropping2D: cropping: must be a whole number ≥ 0"),
        (lambda: L.ZeroPadding2D((1, 2, 3)), "must be a number, or 2 numbers or pairs"),
        (lambda: L.UpSampling2D(interpolation="nearst"), "Did you mean 'nearest'"),
    ],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()

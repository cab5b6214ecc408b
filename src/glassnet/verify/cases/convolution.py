"""Convolution and pooling of sequences, images and volumes."""

import numpy as np

from glassnet import layers
from glassnet.layers.regularizers import L2
from glassnet.ops import convolution, padding, pooling
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

STEPS = numbers(2, 7, 4)  # (N, steps, C)
IMAGES = numbers(2, 6, 5, 3)  # (N, H, W, C)
VOLUMES = numbers(2, 4, 3, 4, 2)  # (N, D, H, W, C)
SMALL = numbers(2, 3, 2, 3)
ONCE = {"strides": (1, 1), "dilation": (1, 1)}
BIAS = numbers(4)
MASK = np.array([[True, True, False, True, False, True, True], [False] * 6 + [True]])


def _convolution(*kernel: int, bias: bool = True, label: str = "", **constants: object) -> Case:
    weights = (numbers(*kernel), numbers(kernel[-1], seed=1) if bias else None)
    arguments = (IMAGES, *(a for a in weights if a is not None))
    unbiased = {} if bias else {"bias": None}
    return Case(convolution.convolution, arguments, {**ONCE, **unbiased, **constants}, label)


OPS = [
    _convolution(3, 2, 3, 4),
    _convolution(3, 2, 3, 4, bias=False, label="no-bias"),
    _convolution(1, 1, 3, 4, label="single-pixels"),
    _convolution(3, 3, 3, 2, label="strides", strides=(2, 3)),
    _convolution(2, 2, 3, 2, label="dilation", dilation=(3, 2)),
    _convolution(1, 2, 3, 2, label="gaps", strides=(3, 3)),
    Case(
        convolution.convolution,
        (STEPS, numbers(3, 4, 2), numbers(2)),
        {"strides": (2,), "dilation": (1,)},
        "steps",
    ),
    Case(
        convolution.convolution,
        (VOLUMES, numbers(2, 3, 2, 2, 3), numbers(3)),
        {"strides": (2, 1, 1), "dilation": (1, 1, 2)},
        "volumes",
    ),
    Case(
        convolution.grouped_convolution,
        (numbers(2, 4, 5, 4), numbers(2, 3, 2, 6), numbers(6)),
        {**ONCE, "groups": 2},
    ),
    Case(
        convolution.grouped_convolution,
        (STEPS, numbers(2, 1, 4)),
        {"bias": None, "strides": (1,), "dilation": (2,), "groups": 4},
        "no-bias",
    ),
    Case(convolution.depthwise_convolution, (IMAGES, numbers(3, 2, 3, 1), numbers(3)), ONCE),
    Case(
        convolution.depthwise_convolution,
        (IMAGES, numbers(2, 2, 3, 2)),
        {"bias": None, "strides": (2, 2), "dilation": (1, 1)},
        "times-two",
    ),
    Case(
        convolution.transposed_convolution,
        (SMALL, numbers(3, 2, 4, 3), BIAS),
        {"strides": (2, 3), "dilation": (1, 1), "widths": ((-1, 0), (0, 1))},
    ),
    Case(
        convolution.transposed_convolution,
        (SMALL, numbers(2, 2, 4, 3)),
        {"bias": None, "strides": (1, 1), "dilation": (2, 1), "widths": ((0, 0), (0, 0))},
        "no-bias",
    ),
    Case(padding.pad, (IMAGES,), {"widths": ((1, 0), (2, 1))}),
    Case(padding.pad, (IMAGES,), {"widths": ((-1, 2), (0, -2)), "value": -3.0}, "cut"),
    Case(padding.pad, (STEPS,), {"widths": ((0, 0),)}, "nothing"),
    *(
        Case(op, arguments, constants, label)
        for op in (pooling.max_pooling, pooling.average_pooling)
        for arguments, constants, label in (
            (
                (IMAGES,),
                {"size": (2, 2), "strides": (2, 2), "widths": ((0, 0), (0, 0))},
                "",
            ),
            (
                (IMAGES,),
                {"size": (3, 2), "strides": (1, 2), "widths": ((1, 1), (0, 1))},
                "overlapping",
            ),
            ((STEPS,), {"size": (2,), "strides": (3,), "widths": ((1, 0),)}, "steps"),
        )
    ),
    Case(
        pooling.max_pooling,
        (numbers(2, 300, 1),),  # more cells than fit in a uint8
        {"size": (299,), "strides": (1,), "widths": ((0, 0),)},
        "large",
    ),
    *(
        Case(op, arguments, {"output_size": size}, label)
        for op in (pooling.adaptive_max_pooling, pooling.adaptive_average_pooling)
        for arguments, size, label in (((STEPS,), (3,), "steps"), ((IMAGES,), (4, 7), ""))
    ),
    Case(pooling.global_average_pooling, (IMAGES,)),
    Case(pooling.global_average_pooling, (STEPS,), {"keepdims": True}, "steps"),
    Case(pooling.global_average_pooling, (STEPS,), {"mask": MASK}, "mask"),
    Case(pooling.global_max_pooling, (IMAGES,)),
    Case(pooling.global_max_pooling, (STEPS,), {"keepdims": True}, "steps"),
]

ENCODER = layers.Sequential(
    (
        layers.Conv2D(3, 3, padding="same", activation="silu"),
        layers.MaxPooling2D(),
        layers.SeparableConv2D(2, 2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    )
)

LAYERS = [
    layer_case(layers.Conv1D(3, 3), STEPS),
    layer_case(layers.Conv1D(3, 2, padding="causal", dilation_rate=2), STEPS, "causal"),
    layer_case(layers.Conv1D(4, 4, 2, "same", groups=2, activation="tanh"), STEPS, "groups"),
    layer_case(layers.Conv2D(2, 3, activation="gelu", kernel_regularizer=L2()), IMAGES),
    layer_case(layers.Conv2D(2, (2, 3), 2, "same", use_bias=False), IMAGES, "same"),
    layer_case(layers.Conv2D(3, 2, dilation_rate=(2, 1), groups=3), IMAGES, "groups"),
    layer_case(layers.Conv3D(3, 2, activation="relu"), VOLUMES),
    layer_case(layers.Conv3D(4, (3, 2, 2), (1, 2, 2), "same", groups=2), VOLUMES, "groups"),
    layer_case(layers.Conv3D(2, 2, dilation_rate=(2, 1, 3)), VOLUMES, "dilation"),
    layer_case(layers.DepthwiseConv1D(3, 2, "same", activation="tanh"), STEPS),
    layer_case(layers.DepthwiseConv1D(2, 2, dilation_rate=2, depth_multiplier=2), STEPS, "both"),
    layer_case(layers.DepthwiseConv2D(3, padding="same"), IMAGES),
    layer_case(layers.DepthwiseConv2D(2, (2, 1), "same", dilation_rate=2), IMAGES, "both"),
    layer_case(layers.DepthwiseConv2D(2, 2, "same", 2, use_bias=False), IMAGES, "times-two"),
    layer_case(layers.SeparableConv2D(2, 3, activation="silu"), IMAGES),
    layer_case(layers.SeparableConv2D(2, 2, 2, "same", depth_multiplier=2), IMAGES, "times-two"),
    layer_case(layers.SeparableConv1D(3, 3, 2, "same", activation="silu"), STEPS),
    layer_case(layers.SeparableConv2D(2, 2, 2, "same", dilation_rate=(1, 2)), IMAGES, "both"),
    layer_case(layers.Conv1DTranspose(2, 3, dilation_rate=2, padding="same"), STEPS),
    layer_case(layers.Conv1DTranspose(3, 4, 3, "same", output_padding=2), STEPS, "wider"),
    layer_case(layers.Conv2DTranspose(2, 3), SMALL),
    layer_case(layers.Conv2DTranspose(2, 3, (2, 3), output_padding=(1, 0)), SMALL, "wider"),
    layer_case(layers.Conv3DTranspose(2, 2, activation="tanh"), VOLUMES),
    layer_case(layers.Conv3DTranspose(2, 3, 2, "same", output_padding=1), VOLUMES, "wider"),
    layer_case(layers.Conv2DTranspose(2, 3, 2, "same", activation="tanh"), SMALL, "same"),
    *(
        layer_case(cls(pool_size, strides, padding), x, label)
        for one, two, three in (
            (layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D),
            (layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D),
        )
        for cls, x in ((one, STEPS), (two, IMAGES), (three, VOLUMES))
        for pool_size, strides, padding, label in (
            (2, None, "valid", ""),
            (3, 2, "same", "same"),
        )
    ),
    layer_case(layers.AdaptiveMaxPooling1D(4), STEPS),
    layer_case(layers.AdaptiveMaxPooling2D((2, 3)), IMAGES),
    layer_case(layers.AdaptiveMaxPooling3D(2), VOLUMES),
    layer_case(layers.AdaptiveAveragePooling1D(4), STEPS),
    layer_case(layers.AdaptiveAveragePooling2D((2, 3)), IMAGES),
    layer_case(layers.AdaptiveAveragePooling3D((3, 2, 2)), VOLUMES),
    layer_case(layers.GlobalAveragePooling1D(), STEPS),
    layer_case(layers.GlobalAveragePooling1D(), STEPS, "mask", mask=MASK),
    layer_case(layers.GlobalAveragePooling2D(keepdims=True), IMAGES),
    layer_case(layers.GlobalMaxPooling1D(), STEPS),
    layer_case(layers.GlobalMaxPooling2D(keepdims=True), IMAGES),
    layer_case(layers.GlobalAveragePooling3D(), VOLUMES),
    layer_case(layers.GlobalMaxPooling3D(keepdims=True), VOLUMES),
    layer_case(ENCODER, numbers(2, 5, 4, 2), "encoder", **TRAINING),
]

"""Batch, layer, group and RMS normalization; with a mask; on any axis."""

import numpy as np

from glassnet import layers
from glassnet.layers.regularizers import L2
from glassnet.ops import normalization
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

GAMMA, BETA = numbers(4, seed=1) + 2, numbers(4, seed=2)
ROWS, SPREAD = numbers(5, 4), numbers(2, 5, 4)
COUNTED = np.arange(10).reshape(2, 5) % 3 > 0
STATISTICS = {"mean": numbers(4, seed=3), "variance": np.abs(numbers(4, seed=4)) + 0.5}
MASK = np.array([[True, True, True], [True, False, False], [True, True, False], [False] * 3])

OPS = [
    Case(normalization.batch_normalization, (SPREAD, GAMMA, BETA)),
    Case(normalization.batch_normalization, (SPREAD, GAMMA, BETA), {"counted": COUNTED}, "counted"),
    Case(normalization.group_normalization, (SPREAD, GAMMA, BETA), {"groups": 2}),
    Case(normalization.standardize, (SPREAD, GAMMA, BETA), STATISTICS),
    Case(normalization.layer_normalization, (ROWS, GAMMA, BETA)),
    Case(normalization.rms_normalization, (ROWS, GAMMA)),
    Case(normalization.unit_normalization, (ROWS,)),
    Case(normalization.unit_normalization, (ROWS,), {"axis": 0, "epsilon": 9.0}, "short"),
]

LAYERS = [
    layer_case(layers.BatchNormalization(), numbers(6, 4), **TRAINING),
    layer_case(layers.BatchNormalization(), numbers(3, 2, 2, 4), "inference"),
    layer_case(layers.BatchNormalization(), numbers(3, 2, 2, 4), "images", **TRAINING),
    layer_case(layers.BatchNormalization(1), numbers(3, 4, 2), "axis-1", **TRAINING),
    layer_case(layers.BatchNormalization(), numbers(4, 3, 2), "mask", mask=MASK, **TRAINING),
    layer_case(
        layers.BatchNormalization(center=False, gamma_regularizer=L2()),
        numbers(5, 3),
        "scale-only",
        **TRAINING,
    ),
    layer_case(layers.LayerNormalization(), numbers(3, 2, 4)),
    layer_case(
        layers.LayerNormalization(axis=(1, 2), scale=False), numbers(3, 2, 4), "center-only"
    ),
    layer_case(layers.LayerNormalization(axis=(3, 1)), numbers(2, 3, 2, 4), "axes-3-1"),
    layer_case(layers.GroupNormalization(2), numbers(3, 2, 2, 4)),
    layer_case(layers.GroupNormalization(-1, axis=1), numbers(3, 2, 5), "instance"),
    layer_case(layers.GroupNormalization(2), numbers(3, 6), "no-positions"),
    layer_case(layers.RMSNormalization(), numbers(3, 2, 4)),
    layer_case(layers.UnitNormalization(), ROWS),
    layer_case(layers.UnitNormalization((1, 3)), numbers(3, 2, 2, 4), "axes-1-3"),
    layer_case(layers.RMSNormalization(axis=(1, 2)), numbers(3, 2, 4), "axes-1-2"),
]

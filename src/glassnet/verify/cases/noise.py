"""Random regularization: spatial dropout, additive and multiplicative Gaussian noise."""

import numpy as np

from glassnet import layers
from glassnet.ops import dropout, noise
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

X, SEQUENCES, IMAGES = numbers(5, 4), numbers(3, 4, 5), numbers(3, 2, 2, 5)
KEY = np.array([7], np.uint32)

OPS = [
    Case(dropout.dropout, (SEQUENCES,), {"rate": 0.4, "key": KEY, "shape": (3, 1, 5)}, "shared"),
    Case(noise.additive_noise, (X,), {"stddev": 0.3, "key": KEY}),
    Case(noise.multiplicative_noise, (X,), {"stddev": 0.3, "key": KEY}),
]

LAYERS = [
    layer_case(layers.SpatialDropout1D(0.4), SEQUENCES, **TRAINING),
    layer_case(layers.SpatialDropout1D(0.4), SEQUENCES, "inference"),
    layer_case(layers.SpatialDropout2D(0.4), IMAGES, **TRAINING),
    layer_case(layers.SpatialDropout3D(0.4), numbers(3, 2, 2, 1, 4), **TRAINING),
    layer_case(layers.GaussianNoise(0.2), X, **TRAINING),
    layer_case(layers.GaussianNoise(0.2), X, "inference"),
    layer_case(layers.GaussianDropout(0.3), X, **TRAINING),
    layer_case(layers.GaussianDropout(0.3), X, "inference"),
]

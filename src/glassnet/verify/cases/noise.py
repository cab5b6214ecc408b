"""Random regularization: spatial dropout, additive and multiplicative Gaussian noise."""

import numpy as np

from glassnet import layers
from glassnet.ops import dropout, noise, sampling
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

X, SEQUENCES, IMAGES = numbers(5, 4), numbers(3, 4, 5), numbers(3, 2, 2, 5)
KEY = np.array([7], np.uint32)

OPS = [
    Case(dropout.dropout, (SEQUENCES,), {"rate": 0.4, "key": KEY, "shape": (3, 1, 5)}, "shared"),
    Case(dropout.alpha_dropout, (X,), {"rate": 0.3, "key": KEY}),
    Case(noise.additive_noise, (X,), {"stddev": 0.3, "key": KEY}),
    Case(noise.multiplicative_noise, (X,), {"stddev": 0.3, "key": KEY}),
]
PICTURES, FLIPS = numbers(2, 4, 3, 2), np.array([True, False])
MATRICES = np.array([[[0.8, -0.3, 0.6], [0.3, 0.8, -0.4]], [[1.2, 0, 0], [0, 1.3, 1.7]]])
OPS += [
    Case(sampling.flip_images, (PICTURES,), {"flips": FLIPS, "axes": (1, 2)}),
    Case(
        sampling.adjust_images, (PICTURES,),
        {"factors": np.array([0.5, 1.4]), "offsets": np.array([0.1, 0]), "low": -1, "high": 1.5},
    ),
    *(
        Case(
            sampling.affine_sample, (PICTURES,),
            {"matrices": MATRICES, "fill_mode": mode, "interpolation": kind, "fill_value": 0.5},
            f"{mode}-{kind}",
        )
        for mode in ("reflect", "constant", "wrap", "nearest")
        for kind in ("bilinear", "nearest")
    ),
]  # fmt: skip

LAYERS = [
    layer_case(layers.SpatialDropout1D(0.4), SEQUENCES, **TRAINING),
    layer_case(layers.SpatialDropout1D(0.4), SEQUENCES, "inference"),
    layer_case(layers.SpatialDropout2D(0.4), IMAGES, **TRAINING),
    layer_case(layers.SpatialDropout3D(0.4), numbers(3, 2, 2, 1, 4), **TRAINING),
    layer_case(layers.Dropout(0.4, (None, 1, 5), seed=4), SEQUENCES, "noise-shape", **TRAINING),
    layer_case(layers.AlphaDropout(0.3), X, **TRAINING),
    layer_case(layers.AlphaDropout(0.3), X, "inference"),
    layer_case(layers.GaussianNoise(0.2), X, **TRAINING),
    layer_case(layers.GaussianNoise(0.2), X, "inference"),
    layer_case(layers.GaussianDropout(0.3), X, **TRAINING),
    layer_case(layers.GaussianDropout(0.3), X, "inference"),
    *(
        layer_case(layer, PICTURES, **TRAINING)
        for layer in (
            layers.RandomFlip(),
            layers.RandomRotation(0.2),
            layers.RandomTranslation(0.3, (-0.4, 0.1), "constant", fill_value=0.5),
            layers.RandomZoom(0.4, 0.2, "wrap", seed=3),
            layers.RandomContrast(0.5, (-1, 2)),
            layers.RandomBrightness(0.5, (-1, 2)),
        )
    ),
    layer_case(layers.RandomZoom(0.4), PICTURES, "one-draw", **TRAINING),
    layer_case(layers.RandomRotation(0.2), PICTURES, "inference"),
]

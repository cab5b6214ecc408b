"""Padding, cropping, resampling and reshaping."""

from glassnet import layers
from glassnet.ops import resampling
from glassnet.verify.cases.base import Case, layer_case, numbers

STEPS = numbers(2, 5, 3)
IMAGES = numbers(2, 4, 3, 2)

OPS = [
    Case(resampling.repeat_places, (IMAGES,), {"size": (2, 3)}),
    Case(resampling.interpolate_places, (IMAGES,), {"size": (2, 3)}),
    Case(resampling.interpolate_places, (STEPS,), {"size": (4,)}, "steps"),
]

LAYERS = [
    layer_case(layers.ZeroPadding1D((2, 1)), STEPS),
    layer_case(layers.ZeroPadding2D(((1, 0), (2, 1))), IMAGES),
    layer_case(layers.Cropping1D((2, 1)), STEPS),
    layer_case(layers.Cropping2D(((1, 0), (0, 2))), IMAGES),
    layer_case(layers.UpSampling2D((2, 3)), IMAGES),
    layer_case(layers.UpSampling2D(2, "bilinear"), IMAGES, "bilinear"),
    layer_case(layers.Reshape((3, -1)), IMAGES),
    layer_case(layers.Permute((2, 3, 1)), IMAGES),
    layer_case(layers.RepeatVector(3), numbers(2, 4)),
]

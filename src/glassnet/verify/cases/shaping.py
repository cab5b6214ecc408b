"""Padding, cropping, resampling and reshaping."""

from glassnet import layers
from glassnet.ops import resampling
from glassnet.verify.cases.base import Case, layer_case, numbers

STEPS = numbers(2, 5, 3)
IMAGES = numbers(2, 4, 3, 2)
VOLUMES = numbers(2, 3, 2, 4, 2)

OPS = [
    Case(resampling.repeat_places, (IMAGES,), {"size": (2, 3)}),
    Case(resampling.interpolate_places, (IMAGES,), {"size": (2, 3)}),
    Case(resampling.interpolate_places, (STEPS,), {"size": (4,)}, "steps"),
    *(
        Case(
            resampling.interpolate_places, (IMAGES,), {"size": (2, 3), "interpolation": name}, name
        )
        for name in ("bicubic", "lanczos3", "lanczos5")
    ),
]

LAYERS = [
    layer_case(layers.ZeroPadding1D((2, 1)), STEPS),
    layer_case(layers.ZeroPadding2D(((1, 0), (2, 1))), IMAGES),
    layer_case(layers.Cropping1D((2, 1)), STEPS),
    layer_case(layers.Cropping2D(((1, 0), (0, 2))), IMAGES),
    layer_case(layers.CenterCrop(2, 2), IMAGES),
    layer_case(layers.ZeroPadding3D((1, (0, 2), (2, 1))), VOLUMES),
    layer_case(layers.Cropping3D(((1, 0), (0, 1), (1, 2))), VOLUMES),
    layer_case(layers.UpSampling1D(3), STEPS),
    layer_case(layers.UpSampling3D((2, 1, 3)), VOLUMES),
    layer_case(layers.UpSampling2D((2, 3)), IMAGES),
    layer_case(layers.UpSampling2D(2, "bilinear"), IMAGES, "bilinear"),
    layer_case(layers.UpSampling2D((2, 4), "bicubic"), IMAGES, "bicubic"),
    layer_case(layers.UpSampling2D(2, "lanczos3"), IMAGES, "lanczos3"),
    layer_case(layers.UpSampling2D((3, 2), "lanczos5"), IMAGES, "lanczos5"),
    layer_case(layers.Reshape((3, -1)), IMAGES),
    layer_case(layers.Permute((2, 3, 1)), IMAGES),
    layer_case(layers.RepeatVector(3), numbers(2, 4)),
]

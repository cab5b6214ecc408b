"""The first layers of networks: images get channels, tokens get features."""

import math
from collections.abc import Sequence

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.data.preprocessing import Features
from glassnet.layers import (
    CategoryEmbedding,
    Embedding,
    Layer,
    Normalization,
    PiecewiseLinearEncoding,
    Rescaling,
    Reshape,
)

Shape = tuple[int, ...]
EMBEDDING = 64  # the size of a token's vector
WIDEST = (
    32  # the size of the vector of a table's category is the root of their number, at most this
)
# Of the pixels of ImageNet's training set, red, green and blue, from 0 to 1.
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def image_input(shape: Shape, rescaling: Rescaling | None, where: str) -> tuple[list[Layer], Shape]:
    """Return (first layers, (height, width, channels)); gray images get a channel axis."""
    if len(shape) not in (2, 3):
        raise GlassnetError(
            f"reads images, (height, width) or (height, width, channels); these examples have "
            f"the shape {shape}.",
            where=where,
            fix="Use mlp, or reshape the data.",
        )
    layers: list[Layer] = [] if rescaling is None else [rescaling]
    if len(shape) == 2:
        shape = (*shape, 1)
        layers.append(Reshape(shape))
    return layers, shape


def sequence_input(
    shape: Shape,
    vocabulary: int | None,
    embedding: int | None,
    rescaling: Rescaling | None,
    where: str,
) -> list[Layer]:
    """Return layers that make steps with features; tokens are embedded, images read row by row."""
    if vocabulary is not None:
        return [Embedding(vocabulary, embedding or EMBEDDING, mask_zero=True)]
    if embedding is not None:
        raise GlassnetError("is for texts, but the data are arrays.", where=f"{where}: embedding")
    if len(shape) not in (2, 3):
        raise GlassnetError(
            f"reads sequences, (steps, features), or images row by row; these examples have the "
            f"shape {shape}.",
            where=where,
            fix="Use mlp, or reshape the data.",
        )
    layers: list[Layer] = [] if rescaling is None else [rescaling]
    if len(shape) == 3:
        layers.append(Reshape((shape[0], shape[1] * shape[2])))
    return layers


def table_input(features: Features | None) -> list[Layer]:
    """Return the layer that embeds the categories of a table; none if all features are numbers."""
    if features is None or not features.embedded:
        return []
    columns, sizes = zip(*features.embedded, strict=True)
    widths = tuple(min(WIDEST, math.ceil(size**0.5)) for size in sizes)
    return [CategoryEmbedding(columns, sizes, widths)]


def encoded_numbers(features: Features | None) -> list[Layer]:
    """Return the layer that encodes the numbers; none if there are none with enough values."""
    if features is None or not features.quantiles:
        return []
    columns, boundaries = zip(*features.quantiles, strict=True)
    bins = max(map(len, boundaries)) - 1
    return [PiecewiseLinearEncoding(columns, boundaries, 1 / math.sqrt(bins))]


def checked_stages(filters: Sequence[int], depth: int, where: str) -> tuple[Sequence[int], int]:
    """Return filters and depth; raises unless there is at least one of each."""
    if not filters:
        raise GlassnetError("needs at least one number.", where=f"{where}: filters")
    return filters, whole_number(depth, f"{where}: depth", 1)


def require_tokens(shape: Shape, vocabulary: int | None, where: str) -> tuple[int, int]:
    """Return (steps, ids) of token data; raises for other data."""
    if vocabulary is None or len(shape) != 1:
        raise GlassnetError(
            f"reads texts; these examples have the shape {shape}.",
            where=where,
            fix="Pass the number of ids as vocabulary=..., and one number per token.",
        )
    return shape[0], vocabulary


def imagenet_normalization(
    mean: Sequence[float] = IMAGENET_MEAN, deviation: Sequence[float] = IMAGENET_DEVIATION
) -> Normalization:
    """The layer that turns RGB images of 0 to 255 into what networks trained on ImageNet read.

    y = (x / 255 − mean) / deviation, for each channel. It is a constant: `fit` doesn't change it.
    """
    layer = Normalization()
    layer.build((None, len(mean)))
    layer.set_weights([np.multiply(mean, 255), np.multiply(deviation, 255) ** 2, np.asarray(1.0)])
    return layer

"""The vision transformer: an image as a sequence of patches."""

import math
from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.layers import (
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling1D,
    Layer,
    LayerNormalization,
    PositionEmbedding,
    Rescaling,
    Reshape,
    Sequential,
)
from glassnet.layers.transformer import transformer_encoder
from glassnet.networks.cnn import convolution
from glassnet.networks.inputs import image_input

STEMS = ("convolutions", "patches")


def vit(
    classes: int,
    shape: Sequence[int],
    patch: int = 4,
    stem: str = "convolutions",
    width: int = 64,
    depth: int = 6,
    heads: int = 4,
    dropout: float = 0.1,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """A vector of `width` for each patch × patch pixels, a learned position embedding, `depth`
    transformer blocks, then the mean over all positions.

    The vectors come from 3×3 convolutions that halve the image until a position represents a patch,
    or, with the stem "patches", from one product with each patch.
    Sources: Dosovitskiy et al. 2021, "An image is worth 16x16 words"; the mean in place of a class
    token: Beyer et al. 2022, "Better plain ViT baselines"; the convolutions: Xiao et al. 2021,
    "Early convolutions help transformers see better".
    """
    if stem not in STEMS:
        raise unknown("stem", stem, STEMS, where="vit")
    layers, (height, breadth, _) = image_input(tuple(shape), rescaling, "vit")
    if stem == "convolutions":
        vectors, positions = _convolution_stem(height, breadth, patch, width)
    else:
        vectors, positions = _patch_stem(height, breadth, patch, width)
    layers += [*vectors, Reshape((positions, width)), PositionEmbedding(positions)]
    if dropout:
        layers.append(Dropout(dropout))
    layers += blocks(width, depth, heads, dropout, "vit")
    return Sequential((*layers, GlobalAveragePooling1D(), Dense(classes, output_activation)))


def _convolution_stem(height: int, breadth: int, patch: int, width: int) -> tuple[list[Layer], int]:
    """Return (convolutions that halve the image log₂(patch) times, number of positions left)."""
    halvings = int(math.log2(patch)) if patch > 0 else 0
    if halvings < 1 or 2**halvings != patch:
        raise GlassnetError(
            f"must be 2, 4, 8, 16, ..., got {patch}.",
            where="vit: patch",
            fix="Each convolution halves the image. The stem 'patches' takes other sizes.",
        )
    layers: list[Layer] = []
    for remaining in range(halvings - 1, 0, -1):
        layers += convolution(max(width // 2**remaining, 8), "relu", stride=2)
    layers.append(Conv2D(width, 3, strides=2, padding="same"))
    return layers, -(-height // patch) * -(-breadth // patch)


def _patch_stem(height: int, breadth: int, patch: int, width: int) -> tuple[list[Layer], int]:
    """Return (the same product for each patch, number of patches)."""
    patch = whole_number(patch, "vit: patch", 1)
    if height % patch or breadth % patch:
        divisors = [n for n in range(1, height + 1) if height % n == 0 and breadth % n == 0]
        raise GlassnetError(
            f"patches of {patch}×{patch} do not fill images of {height}×{breadth}.",
            where="vit: patch",
            fix=f"Use one of {', '.join(map(str, divisors))}.",
        )
    return [Conv2D(width, patch, strides=patch)], (height // patch) * (breadth // patch)


def blocks(width: int, depth: int, heads: int, dropout: float, where: str) -> list[Layer]:
    """Return `depth` blocks, normalized before each branch, and a final normalization."""
    count = whole_number(depth, f"{where}: depth", 1)
    encoders = (transformer_encoder(width, heads, 2 * width, dropout) for _ in range(count))
    return [*encoders, LayerNormalization(epsilon=1e-5)]

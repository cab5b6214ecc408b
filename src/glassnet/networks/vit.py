"""The vision transformer: a picture as a sequence of patches."""

from collections.abc import Sequence

from glassnet.arrays import whole_number
from glassnet.errors import GlassnetError
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
from glassnet.networks.inputs import pictures


def vit(
    classes: int,
    shape: Sequence[int],
    patch: int = 4,
    width: int = 64,
    depth: int = 6,
    heads: int = 4,
    dropout: float = 0.1,
    output_activation: str = "softmax",
    rescaling: Rescaling | None = None,
) -> Sequential:
    """Patches of patch × patch pixels as vectors of `width`, a learned vector added for each place,
    `depth` transformer blocks, the mean over all patches.

    Source: Dosovitskiy et al. 2021, "An image is worth 16x16 words"; the mean in place of a class
    token as in Beyer et al. 2022, "Better plain ViT baselines".
    """
    layers, (height, breadth, _) = pictures(tuple(shape), rescaling, "vit")
    patch = whole_number(patch, "vit: patch", 1)
    if height % patch or breadth % patch:
        both = [n for n in range(1, height + 1) if height % n == 0 and breadth % n == 0]
        raise GlassnetError(
            f"patches of {patch}×{patch} do not fill pictures of {height}×{breadth}.",
            where="vit: patch",
            fix=f"Take one of {', '.join(map(str, both))}.",
        )
    places = (height // patch) * (breadth // patch)
    layers += [
        Conv2D(width, patch, strides=patch),  # the same product for each patch
        Reshape((places, width)),
        PositionEmbedding(places),
    ]
    if dropout:
        layers.append(Dropout(dropout))
    layers += blocks(width, depth, heads, dropout, "vit")
    return Sequential((*layers, GlobalAveragePooling1D(), Dense(classes, output_activation)))


def blocks(width: int, depth: int, heads: int, dropout: float, where: str) -> list[Layer]:
    """`depth` blocks, normalized before each branch, and a last normalization."""
    count = whole_number(depth, f"{where}: depth", 1)
    made: list[Layer] = [
        transformer_encoder(width, heads, 2 * width, dropout) for _ in range(count)
    ]
    return [*made, LayerNormalization(epsilon=1e-5)]

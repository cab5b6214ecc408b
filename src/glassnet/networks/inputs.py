"""What networks begin with: pictures get channels, tokens get features."""

from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.layers import Embedding, Layer, Rescaling, Reshape

Shape = tuple[int, ...]
EMBEDDING = 64  # numbers that stand for a token


def pictures(shape: Shape, rescaling: Rescaling | None, where: str) -> tuple[list[Layer], Shape]:
    """(first layers, (height, width, channels)); grey pictures get an axis of one channel."""
    if len(shape) not in (2, 3):
        raise GlassnetError(
            f"reads pictures, (height, width) or (height, width, channels); these examples have "
            f"the shape {shape}.",
            where=where,
            fix="Use mlp, or give the data that shape.",
        )
    layers: list[Layer] = [] if rescaling is None else [rescaling]
    if len(shape) == 2:
        shape = (*shape, 1)
        layers.append(Reshape(shape))
    return layers, shape


def steps(
    shape: Shape,
    vocabulary: int | None,
    embedding: int | None,
    rescaling: Rescaling | None,
    where: str,
) -> list[Layer]:
    """First layers that make steps with features: tokens are embedded, pictures read row by row."""
    if vocabulary is not None:
        return [Embedding(vocabulary, embedding or EMBEDDING, mask_zero=True)]
    if embedding is not None:
        raise GlassnetError("is for texts; these data hold numbers.", where=f"{where}: embedding")
    if len(shape) not in (2, 3):
        raise GlassnetError(
            f"reads sequences, (steps, features), or pictures row by row; these examples have the "
            f"shape {shape}.",
            where=where,
            fix="Use mlp, or give the data that shape.",
        )
    layers: list[Layer] = [] if rescaling is None else [rescaling]
    if len(shape) == 3:
        layers.append(Reshape((shape[0], shape[1] * shape[2])))
    return layers


def stages(filters: Sequence[int], depth: int, where: str) -> tuple[Sequence[int], int]:
    """Filters and depth, after a look that there is at least one of each."""
    if not filters:
        raise GlassnetError("needs one number or more.", where=f"{where}: filters")
    return filters, whole_number(depth, f"{where}: depth", 1)


def require_tokens(shape: Shape, vocabulary: int | None, where: str) -> tuple[int, int]:
    """(steps, ids) of tokens; raises for all else."""
    if vocabulary is None or len(shape) != 1:
        raise GlassnetError(
            f"reads texts; these examples have the shape {shape}.",
            where=where,
            fix="Say how many ids there are with vocabulary=..., and give one number a token.",
        )
    return shape[0], vocabulary

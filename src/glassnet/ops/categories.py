"""Integers that stand for categories: their encoding, and the bins of numbers."""

from collections.abc import Sequence

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback

_NEAR = 0.01  # how far a category's number may be from an integer


def encode_categories(
    x: Array, num_tokens: int, output_mode: str = "multi_hot"
) -> tuple[Array, ArrayPullback]:
    """y[..., i] is 1 where x is i ("one_hot"), where an x of the row is i ("multi_hot"), or the
    number of such x ("count").   x (N, k) -> y (N, num_tokens), for "one_hot" (N, k, num_tokens).

    With "one_hot", a last axis of 1 is dropped. dx = 0. On NumPy, a number that is not one of 0 to
    num_tokens − 1 raises GlassnetError. A compiled program can't raise: its y is NaN there.
    """
    xp = namespace(x)
    nearest = xp.round(x)
    valid = (nearest >= 0) & (nearest < num_tokens) & (abs(x - nearest) < _NEAR)
    encoded = xp.astype(nearest[..., None] == xp.arange(num_tokens), x.dtype)
    if xp.__name__ == "jax.numpy":
        encoded = xp.where(valid[..., None], encoded, float("nan"))
    elif not valid.all():
        raise GlassnetError(
            f"gets {x[~valid][0]:g}, but encodes the integers 0 to {num_tokens - 1}.",
            where="CategoryEncoding",
            fix="Pass integers, and set num_tokens to the largest one plus 1.",
        )
    if output_mode == "count":
        y = encoded.sum(axis=-2)
    elif output_mode == "multi_hot":
        y = encoded.max(axis=-2)
    else:
        y = encoded.reshape(*x.shape[:-1], num_tokens) if x.shape[1:][-1:] == (1,) else encoded
    return y, lambda dy: xp.zeros(x.shape, dtype=x.dtype)


def discretize(x: Array, bin_boundaries: Sequence[float]) -> tuple[Array, ArrayPullback]:
    """y = the number of boundaries ≤ x: the number of the bin of x, in the dtype of x.   dx = 0."""
    xp = namespace(x)
    boundaries = xp.asarray(bin_boundaries, dtype=x.dtype)
    y = xp.astype(xp.searchsorted(boundaries, x, side="right"), x.dtype)
    return y, lambda dy: xp.zeros(x.shape, dtype=x.dtype)

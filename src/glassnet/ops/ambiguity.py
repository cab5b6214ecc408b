"""How far the members of an ensemble disagree, in the unit of their loss."""

from collections.abc import Callable

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.activations import exponential
from glassnet.ops.losses import mean_squared_error, sigmoid_crossentropy, softmax_crossentropy

Values = tuple[Array, ArrayPullback]


def _rates(z: Array) -> Values:
    y, back = exponential(z)
    return y.mean(axis=-1), lambda dl: back(dl[..., None] / z.shape[-1])


# l at some target; which one does not matter.
_CONVEX: dict[str, Callable[[Array], Values]] = {
    "softmax": lambda z: softmax_crossentropy(z, namespace(z).ones_like(z) / z.shape[-1]),
    "sigmoid": lambda z: sigmoid_crossentropy(z, namespace(z).zeros_like(z)),
    "linear": lambda z: mean_squared_error(z, namespace(z).zeros_like(z)),
    "exponential": _rates,
}
ACTIVATIONS = tuple(_CONVEX)


def ambiguity(z: Array, activation: str) -> Values:
    """a = Σₙ (meanᵢ l(zₙᵢ) − l(meanᵢ zₙᵢ)) ≥ 0: by how much the members' mean loss is above their
    mean's.

    z (N, members, outputs), before the `activation` that turns the mean into outputs; l is the loss
    that fits it: cross-entropy for softmax and sigmoid, the squared error for linear, Poisson for
    exponential. The difference is the same for all targets, as l(z, t) = φ(z) − t·z with φ convex.
    Source: Krogh & Vedelsby 1995; Wood et al. 2023, "A unified theory of diversity in ensemble
    learning".
    """
    members = z.shape[1]
    each, back_each = _CONVEX[activation](z)
    whole, back_whole = _CONVEX[activation](z.mean(axis=1))

    def pullback(da: Array | float) -> Array:
        xp, share = namespace(z), da / members
        dz = back_each(xp.full(each.shape, share, dtype=z.dtype))
        return dz - back_whole(xp.full(whole.shape, share, dtype=z.dtype))[:, None]

    return each.sum() / members - whole.sum(), pullback

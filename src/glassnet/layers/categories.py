"""Layers that encode categories, and that make categories of numbers."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.categories import discretize, encode_categories

_MODES = ("multi_hot", "one_hot", "count")


@register("layer")
@dataclass(frozen=True)
class CategoryEncoding(Layer):
    """y[i] tells whether, or how often, category i is in an example of integers.

    x (N, k), integers below num_tokens -> y (N, num_tokens): 1 for each category in the example
    ("multi_hot"), or its count ("count"). "one_hot" encodes each integer: y (N, ..., num_tokens),
    without a last axis of 1. No gradient flows through it. An integer outside is an error on NumPy
    and NaN under XLA.
    """

    num_tokens: int
    output_mode: str = "multi_hot"

    any_scale: ClassVar[bool] = True

    def __post_init__(self) -> None:
        number = whole_number(self.num_tokens, "CategoryEncoding: num_tokens", 1)
        object.__setattr__(self, "num_tokens", number)
        if self.output_mode not in _MODES:
            raise unknown("output_mode", self.output_mode, _MODES, where="CategoryEncoding")

    def output_shape(self, shape: Shape) -> Shape:
        if self.output_mode == "one_hot":
            return (*(shape[:-1] if shape[-1:] == (1,) else shape), self.num_tokens)
        if len(shape) != 1:
            raise GlassnetError(
                f"{self.output_mode!r} needs examples of shape (integers,), got {shape}.",
                where="CategoryEncoding",
                fix='Put Flatten() before it, or use output_mode="one_hot".',
            )
        return (self.num_tokens,)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = encode_categories(x, self.num_tokens, self.output_mode)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class Discretization(Layer):
    """y = the number of the bin of x: 0 below the first boundary, k from the k-th boundary on.

    The bins' numbers are whole numbers in the network's dtype. No gradient flows through it.
    """

    bin_boundaries: tuple[float, ...]

    any_scale: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "bin_boundaries", _increasing(self.bin_boundaries))

    def adapt(self, *data: Any, **options: Any) -> None:
        """Raise, saying what to write: in Keras, this computes the boundaries from data."""
        raise GlassnetError(
            "has its boundaries already, so adapt can't compute them.",
            where="Discretization",
            fix="Pass quantiles of the data: "
            "Discretization(np.quantile(x, [0.25, 0.5, 0.75]).tolist()) for 4 bins.",
        )

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = discretize(x, self.bin_boundaries)
        return y, weightless(back)


def _increasing(values: Any) -> tuple[float, ...]:
    """Return the boundaries as floats; raises unless they increase."""
    try:
        boundaries = tuple(float(value) for value in np.asarray(values, float).ravel())
    except (TypeError, ValueError):
        boundaries = ()
    if not boundaries or not all(a < b for a, b in pairwise((*boundaries, np.inf))):
        raise GlassnetError(
            f"must be increasing numbers, got {values!r:.80}.",
            where="Discretization: bin_boundaries",
            fix="For example, Discretization(bin_boundaries=[0.0, 1.0]) has 3 bins.",
        )
    return boundaries

"""Layers that scale inputs by constants fitted to data, not trained."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Blocks, Layer, Shape, Weight, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.initializers import Ones, Zeros
from glassnet.layers.weight_store import entry_of, write
from glassnet.ops import Pullback
from glassnet.ops.scaling import rescale

_BLOCK = 4096  # examples cast to float at a time: a data set of bytes is never held as floats
_EPSILON = np.finfo(np.float64).eps


@register("layer")
@dataclass(frozen=True)
class Rescaling(Layer):
    """y = x · scale + offset, the same scale and offset for all values."""

    scale: float
    offset: float = 0.0

    keeps_steps: ClassVar[bool] = True

    @classmethod
    def fitted(cls, x: Array) -> Self:
        """Return the rescaling that gives all values of x (the training split), taken together,
        mean 0 and standard deviation 1.
        """
        count, mean, variance = _moments(
            (x[i : i + _BLOCK] for i in range(0, len(x), _BLOCK)), None
        )
        if not count:
            raise GlassnetError("no data to fit the scale to.", where="Rescaling")
        deviation = math.sqrt(float(variance)) or 1.0  # constant data are only centered
        return cls(1 / deviation, -float(mean) / deviation)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        # float(): a NumPy scalar would turn float32 into float64.
        y, back = rescale(x, float(self.scale), float(self.offset))
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class Normalization(Layer):
    """y = (x − mean) / √variance, each feature along `axis` with its own mean and variance.

    `axis=None` takes all values together. Mean and variance are weights that are not trained: they
    are fitted once, on the training split, before the first step. A feature that is constant in the
    data is only centered, as in scikit-learn; Keras divides it by 1e-7.
    """

    axis: int | None = -1

    keeps_steps: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    adapts: ClassVar[bool] = True

    def output_shape(self, shape: Shape) -> Shape:
        axis = self.axis
        if axis is not None and (axis == 0 or not -len(shape) <= axis <= len(shape)):
            raise GlassnetError(
                f"axis {axis} is not an axis of examples of shape {shape}.",
                where="Normalization",
                fix="Axis 0 is the batch axis; use -1, or None for all values together.",
            )
        return shape

    def weights(self, shape: Shape) -> Tree:
        sizes = () if self.axis is None else ((0, *shape)[self.axis],)
        return {
            "mean": Weight(sizes, Zeros(), trainable=False),
            "variance": Weight(sizes, Ones(), trainable=False),
            "count": Weight((), Zeros(), trainable=False),  # examples seen; 0 means not fitted yet
        }

    def adapt(self, data: Any) -> None:
        """Fit mean and variance to these examples; else `fit` does it, to its training data."""
        array = np.asarray(data)
        if array.dtype.kind not in "biuf" or array.ndim < 2 or not np.isfinite(array).all():
            raise GlassnetError(
                "needs finite numbers, an array of examples.",
                where="Normalization.adapt",
                fix="Of data in batches, leave the call out: fit fits mean and variance to its "
                "training data, before the first step.",
            )
        self.build(array.shape)
        tree, _ = entry_of(self)
        assert tree is not None
        blocks = (array[i : i + _BLOCK] for i in range(0, len(array), _BLOCK))
        write(tree, self.adapted(tree | {"count": np.zeros(())}, lambda: blocks))

    def adapted(self, params: Tree, blocks: Blocks) -> Tree:
        if params["count"] > 0:
            return params
        count, mean, variance = _moments(blocks(), self.axis)
        dtype = params["mean"].dtype
        return {
            "mean": mean.astype(dtype),
            "variance": variance.astype(dtype),
            "count": np.asarray(count, dtype),
        }

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        xp = namespace(x)
        variance = params["variance"]
        scale = 1 / xp.sqrt(xp.where(variance > 0, variance, 1))
        offset = -params["mean"] * scale
        if self.axis is not None:  # broadcast along the axes after the features
            after = (1,) * (x.ndim - 1 - self.axis % x.ndim)
            scale, offset = scale.reshape(-1, *after), offset.reshape(-1, *after)
        y, back = rescale(x, scale, offset)
        return y, weightless(back)


def _moments(blocks: Iterable[Array], axis: int | None) -> tuple[int, Array, Array]:
    """Return (examples, mean, variance) in float64, merged as in Chan, Golub & LeVeque 1979."""
    examples, n, mean, m2 = 0, 0, np.zeros(()), np.zeros(())
    for block in blocks:
        values = np.asarray(block, np.float64)
        rest = tuple(i for i in range(values.ndim) if axis is None or i != axis % values.ndim)
        k = math.prod(values.shape[i] for i in rest)
        delta = values.mean(axis=rest) - mean
        m2 = m2 + values.var(axis=rest) * k + delta**2 * (n * k / (n + k))
        mean = mean + delta * (k / (n + k))
        n, examples = n + k, examples + len(values)
    variance = m2 / max(n, 1)
    # The largest variance that rounding can give a constant feature (scikit-learn's bound).
    noise = n * _EPSILON * variance + (n * _EPSILON * mean) ** 2
    return examples, mean, np.where(variance > noise, variance, 0)

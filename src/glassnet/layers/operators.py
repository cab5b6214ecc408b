"""Layers that stand for operators on the nodes of a graph: x[:, 0] and x ** 2."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers.base import Layer, Shape, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.ops import Pullback
from glassnet.ops.indexing import Key, get_item
from glassnet.ops.scaling import power

Entry = int | tuple[int | None, int | None, int | None] | None  # an index, a slice, a new axis
_ALL = (None, None, None)


@register("layer")
@dataclass(frozen=True)
class GetItem(Layer):
    """y[i] = x[i][key]: what x[:, key] is in a graph. As in Keras, a mask is not passed on.

    Each entry is an index, a slice (start, stop, step), or None for a new axis of size 1.
    """

    key: tuple[Entry, ...]

    @classmethod
    def of(cls, key: Any, rank: int) -> "GetItem":
        """Return the layer that indexes batches of examples with `rank` axes as x[key] does."""
        entries = list(key) if isinstance(key, tuple) else [key]
        for entry in entries:
            whole = isinstance(entry, int | np.integer) and not isinstance(entry, bool)
            if not (whole or entry is None or entry is ... or isinstance(entry, slice)):
                raise _not_indexed(f"by {type(entry).__name__}")
        dots = [i for i, entry in enumerate(entries) if entry is ...]
        missing = rank + 1 - sum(entry is not None and entry is not ... for entry in entries)
        if len(dots) > 1 or missing < 0:
            raise _not_indexed(f"with {len(entries)} indices: it has {rank + 1} axes")
        at = dots[0] if dots else len(entries)
        entries[at : at + len(dots)] = [slice(None)] * missing
        if entries[0] != slice(None):
            raise _not_indexed("along the batch axis")
        return cls(
            tuple(
                (entry.start, entry.stop, entry.step) if isinstance(entry, slice) else entry
                for entry in entries[1:]
            )
        )

    @property
    def keeps_probabilities(self) -> bool:  # type: ignore[override]
        """True if the rows along the last axis are kept whole."""
        return self.key[-1:] == (_ALL,)

    @property
    def batch_key(self) -> Key:
        """The key for a batch of examples."""
        return (
            slice(None),
            *(slice(*entry) if isinstance(entry, tuple) else entry for entry in self.key),
        )

    def output_shape(self, shape: Shape) -> Shape:
        try:
            selected = np.broadcast_to(0, (1, *shape))[self.batch_key].shape[1:]
        except (IndexError, ValueError) as error:
            raise GlassnetError(
                f"can't select {self.key} ({error}).", where="GetItem", fix="Use smaller indices."
            ) from error
        if 0 in selected:
            raise GlassnetError(f"{self.key} selects nothing.", where="GetItem")
        return selected

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = get_item(x, self.batch_key)
        return y, weightless(back)


@register("layer")
@dataclass(frozen=True)
class Power(Layer):
    """y = x ** exponent, elementwise."""

    exponent: float

    keeps_steps: ClassVar[bool] = True

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = power(x, float(self.exponent))
        return y, weightless(back)


def _not_indexed(how: str) -> GlassnetError:
    return GlassnetError(
        f"can't be indexed {how}.",
        where="a node",
        fix="Use integers and slices, the first for the batch: x[:, 0], x[:, :, 1:], x[..., -1].",
    )

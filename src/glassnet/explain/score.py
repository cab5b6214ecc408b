"""The score that is explained: a logit, or the difference of two, and its gradient."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.explain.layout import Layout
from glassnet.explain.lifting import Lifted
from glassnet.layers import INFERENCE, Layer
from glassnet.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from glassnet.ops import Pullback
from glassnet.training.evaluate import SMALL, block_size, blocks_of
from glassnet.training.output_activation import fuse_output_activation, source_activation

_FUSED = {
    "softmax": SparseCategoricalCrossentropy(),
    "sigmoid": BinaryCrossentropy(),
}  # the losses that, fused with these activations, take logits


@dataclass(frozen=True, eq=False)
class Score:
    """s(x) = z(x) · w with the logits z of a network: one logit, or the difference of two.

    The softmax is left out: its gradient vanishes where the network is certain, and it mixes
    evidence for a class with evidence against the others.
    """

    network: Layer  # outputs logits
    params: Tree
    weights: Array  # w, (classes,)

    def layout(self, x: Array) -> Layout:
        """Which input values the numbers of x belong to."""
        return self.network.layout if isinstance(self.network, Lifted) else Layout.plain(x.shape)

    def values(self, x: Array) -> Array:
        """s of each example.   x (N, ...) -> (N,)"""
        return self.logits(x) @ self.weights

    def logits(self, x: Array) -> Array:
        """z of each example.   x (N, ...) -> (N, classes)"""
        return np.concatenate([self._forward(block)[0] for block in self._blocks(x)])

    def gradients(self, x: Array) -> Array:
        """∂s/∂x of each example, by the network's own pullbacks.   x (N, ...) -> (N, ...)"""
        return np.concatenate([self.pulled_back(block) for block in self._blocks(x)])

    def pulled_back(self, x: Array) -> Array:
        """The same for a single block of examples."""
        logits, back = self._forward(x)
        return back(np.broadcast_to(self.weights, logits.shape).astype(x.dtype))[0]

    def _forward(self, x: Array) -> tuple[Any, Pullback]:
        return self.network.forward(self.params, x, INFERENCE)

    def _blocks(self, x: Array) -> Iterator[Array]:
        dtype = x.dtype.name
        if len(x) <= SMALL:
            return blocks_of(x, dtype, SMALL)
        if dtype not in self._sizes:  # which takes as long as some examples
            self._sizes[dtype] = block_size(self.network, self.params, x, dtype)
        return blocks_of(x, dtype, self._sizes[dtype])

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """The examples in a block, by dtype."""
        return {}


def logits_of(network: Layer) -> Layer:
    """The network without its final softmax or sigmoid."""
    last = source_activation(network)
    if last not in _FUSED:
        return network
    cut, _ = fuse_output_activation(network, _FUSED[last])
    if source_activation(cut) == last:
        raise GlassnetError(
            f"its {last} is followed by other layers, so its logits can't be computed.",
            where="explain",
            fix=f"Make the {last} the last layer.",
        )
    return cut


def score_of(
    network: Layer, params: Tree, classes: int, of: int, against: int | None = None
) -> Score:
    """The logit of class `of`, minus the logit of class `against` if there is one."""
    for number in (of,) if against is None else (of, against):
        if not 0 <= number < classes:
            raise GlassnetError(
                f"there is no class {number}; the {classes} outputs are 0 to {classes - 1}.",
                where="explain",
            )
    if of == against:
        raise GlassnetError(f"class {of} can't be compared with itself.", where="explain")
    weights = np.zeros(classes)
    weights[of] = 1
    if against is not None:
        weights[against] = -1
    return Score(logits_of(network), params, weights)

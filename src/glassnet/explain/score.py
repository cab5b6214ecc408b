"""What is explained: a number that a network makes of an example, and its gradient."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree
from glassnet.layers import INFERENCE, Layer
from glassnet.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from glassnet.ops import Pullback
from glassnet.training.checks.inputs import embedding_inputs
from glassnet.training.evaluate import block_size, blocks_of
from glassnet.training.output_activation import fuse_output_activation, source_activation

_JOINED = {
    "softmax": SparseCategoricalCrossentropy(),
    "sigmoid": BinaryCrossentropy(),
}  # the losses of logits that these activations give way to


@dataclass(frozen=True, eq=False)
class Score:
    """s(x) = z(x) · w, of a network's logits z: one of them, or the difference of two.

    The softmax is cut off: its gradient vanishes where the network is certain, and it mixes what
    speaks for a class with what speaks against the others.
    """

    network: Layer  # puts out logits
    params: Tree
    weights: Array  # w, (classes,)

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
        """The same for one block of examples."""
        logits, back = self._forward(x)
        return np.asarray(back(np.broadcast_to(self.weights, logits.shape).astype(x.dtype))[0])

    def of(self, params: Tree) -> Self:
        """The same number, made with other weights."""
        return replace(self, params=params)

    def _forward(self, x: Array) -> tuple[Array, Pullback]:
        return self.network.forward(self.params, x, INFERENCE)

    def _blocks(self, x: Array) -> Iterator[Array]:
        dtype = x.dtype.name
        return blocks_of(x, dtype, block_size(self.network, self.params, x, dtype))


def logits_of(network: Layer) -> Layer:
    """The network without the softmax or sigmoid that it ends in."""
    last = source_activation(network)
    if last not in _JOINED:
        return network
    cut, _ = fuse_output_activation(network, _JOINED[last])
    if source_activation(cut) == last:
        raise GlassnetError(
            f"its {last} is followed by other layers, so its logits can't be told.",
            where="explain",
            fix=f"End the network in the {last}.",
        )
    return cut


def score_of(
    network: Layer, params: Tree, classes: int, of: int, against: int | None = None
) -> Score:
    """The logit of a class, or what it exceeds that of another by."""
    if embedding_inputs(network):
        raise GlassnetError(
            "the network looks its inputs up in an Embedding: ids have no gradient and no "
            "baseline, so none of the methods applies.",
            where="explain",
            fix="Explain a network that reads numbers, such as pictures or tables.",
        )
    for number in (of,) if against is None else (of, against):
        if not 0 <= number < classes:
            raise GlassnetError(
                f"there is no class {number}; the {classes} outputs are 0 to {classes - 1}.",
                where="explain",
            )
    if of == against:
        raise GlassnetError(f"class {of} can't be told from itself.", where="explain")
    weights = np.zeros(classes)
    weights[of] = 1
    if against is not None:
        weights[against] = -1
    return Score(logits_of(network), params, weights)

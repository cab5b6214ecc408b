"""What every layer is: configuration, weights, a function and its pullback."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zlib import crc32

import numpy as np

from glassnet.initializers import Initializer
from glassnet.layers.regularizers import L1L2
from glassnet.ops import Pullback
from glassnet.ops.random import fold
from glassnet.trees import Array, Tree, map_leaves

Shape = tuple[int, ...]  # one example's shape: the batch axis is left out
Blocks = Callable[[], Iterable[Array]]  # a data set, block by block, from the start at each call


@dataclass(frozen=True)
class Weight:
    """What a weight will be, before it is made."""

    shape: Shape
    initializer: Initializer
    regularizer: L1L2 | None = None
    trainable: bool = True


class Call:
    """What concerns one call only: is it training, in which step, at which place in the network.

    `wrt_x` says whether the gradient of the input is wanted: of the first layer with weights it is
    not, and that saves a product as large as its forward one. `record`, where given, is filled
    with every layer's output, by the layer's path.
    """

    __slots__ = ("path", "record", "seed", "step", "training", "wrt_x")

    def __init__(
        self,
        training: bool = False,
        seed: int = 0,
        step: Array | int = 0,
        wrt_x: bool = True,
        path: str = "",
        record: dict[str, Array] | None = None,
    ) -> None:
        self.training, self.seed, self.step = training, seed, step
        self.wrt_x, self.path, self.record = wrt_x, path, record

    def into(self, name: str, wrt_x: bool) -> "Call":
        """The call as the layer `name` inside this one sees it."""
        path = f"{self.path}/{name}" if self.path else name
        return Call(self.training, self.seed, self.step, wrt_x, path, self.record)

    def key(self, xp: Any) -> Array:
        """The random key of (seed, step, place), as an array of the library `xp`."""
        key = xp.full((1,), self.seed & 0xFFFFFFFF, dtype=xp.uint32)
        for number in (self.seed >> 32, self.step, crc32(self.path.encode())):
            key = fold(key, number)
        return key


INFERENCE = Call()


@dataclass(frozen=True)
class Layer:
    """A function with weights. Its fields are its configuration; its weights live outside it."""

    name: str | None = field(default=None, kw_only=True)

    learns: ClassVar[bool] = False  # has trainable weights

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one output for one input of `shape`; raises if they don't fit."""
        return shape

    def weights(self, shape: Shape) -> Tree:
        """The tree of `Weight`s for inputs of `shape`."""
        return {}

    def init(
        self, rng: np.random.Generator, shape: Shape, dtype: str = "float32"
    ) -> tuple[Tree, Shape]:
        """New weights, drawn from `rng`, and the output shape."""
        output_shape = self.output_shape(shape)

        def draw(weight: Weight) -> Array:
            return weight.initializer(rng, weight.shape).astype(dtype)

        return map_leaves(draw, self.weights(shape)), output_shape

    def forward(self, params: Tree, x: Array, call: Call = INFERENCE) -> tuple[Array, Pullback]:
        """y and the pullback dy -> (dx, grads), with grads a tree like the trainable weights."""
        raise NotImplementedError

    def adapt(self, params: Tree, blocks: Blocks) -> Tree:
        """The weights, with those that describe data (means, variances) fitted to the blocks."""
        return params


def weightless(back: Callable[[Any], Any]) -> Pullback:
    """The pullback of a layer without weights from that of its op."""

    def pullback(dy: Array) -> tuple[Array, Tree]:
        return back(dy), {}

    return pullback

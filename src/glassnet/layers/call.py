"""`CallContext`: the state of one call of a layer (training, randomness, path, masks, records)."""

import re
from typing import Any
from zlib import crc32

from glassnet.core.protocols import Array, Namespace
from glassnet.core.trees import join_path
from glassnet.ops.random import fold


class CallContext:
    """The state of one call: training or not, the step, the path in the network.

    `wrt_x` is true if the gradient of the input is needed: for the first layer with weights it is
    not, which saves a product as large as its forward one. `mask` (N, T), if present, is false at
    the padding steps of a sequence. `record`, if present, is filled with every layer's output, by
    the layer's path, and `updates` with the new values of weights that are not trained but follow
    the data, by the weight's path; the engine commits them after the step. `frozen_layers` are the
    paths of the layers in which training changes nothing. If the call is not `differentiable`,
    networks don't keep what their pullbacks would need. `masks`, if present, is
    filled with the mask of each output, and `penalties` with those of the layers' outputs: the sum
    is added to the loss.
    """

    __slots__ = ("differentiable", "frozen_layers", "mask", "masks", "path", "penalties", "record",
                 "seed", "step", "training", "updates", "wrt_x")  # fmt: skip

    def __init__(
        self,
        training: bool = False,
        seed: int = 0,
        step: Array | int = 0,
        wrt_x: bool = True,
        path: str = "",
        record: dict[str, Any] | None = None,
        updates: dict[str, Array] | None = None,
        mask: Array | None = None,
        masks: list[Array | None] | None = None,
        penalties: list[Array] | None = None,
        frozen_layers: frozenset[str] = frozenset(),
        differentiable: bool = True,
    ) -> None:
        self.training, self.seed, self.step = training, seed, step
        self.wrt_x, self.path, self.record = wrt_x, path, record
        self.updates, self.mask, self.masks = updates, mask, masks
        self.penalties, self.frozen_layers = penalties, frozen_layers
        self.differentiable = differentiable

    def child(self, name: str, wrt_x: bool, mask: Array | None = None) -> "CallContext":
        """Return the context of the inner layer `name`."""
        return CallContext(
            self.training, self.seed, self.step, wrt_x, join_path(self.path, name), self.record,
            self.updates, mask, [], self.penalties, self.frozen_layers, self.differentiable,
        )  # fmt: skip

    @property
    def frozen(self) -> bool:
        """True if training changes nothing in the layer."""
        return bool(self.frozen_layers) and AGAIN.sub("", self.path) in self.frozen_layers

    def key(self, xp: Namespace, seed: int | None = None) -> Array:
        """The random key for (seed, step, path), as an array of the library `xp`.

        A `seed` of the layer's own replaces the model's.
        """
        seed = self.seed if seed is None else seed
        key = xp.full((1,), seed & 0xFFFFFFFF, dtype=xp.uint32)
        for number in (seed >> 32, self.step, crc32(self.path.encode())):
            key = fold(key, number)
        return key

    def latest(self, name: str, value: Array) -> Array:
        """The current value of the layer's weight `name`: `value`, unless this call has already
        updated it (a shared layer is called more than once).
        """
        return value if self.updates is None else self.updates.get(self._weight(name), value)

    def update(self, name: str, value: Array) -> None:
        """Set the layer's untrained weight `name` to this value after the step, unless frozen."""
        if self.updates is not None and not self.frozen:
            self.updates[self._weight(name)] = value

    def _weight(self, name: str) -> str:
        # A shared layer's second call uses the same weights.
        return join_path(AGAIN.sub("", self.path), name)


AGAIN = re.compile(r":\d+(?=/|$)")  # the suffix of a shared layer's later calls in a path


INFERENCE = CallContext()
PREDICTION = CallContext(differentiable=False)

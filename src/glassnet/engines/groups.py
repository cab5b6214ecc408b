"""Weights that share an optimizer's rule, as the NumPy engine updates them.

The weights, gradients and slots of one rule are each stored in one flat vector, with a view into it
for each weight. So the rule runs over a few long blocks instead of many short arrays, and a block
is small enough for all intermediate results of the rule to stay in the processor's cache.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.trees import Array
from glassnet.optimizers.base import Optimizer, flush

BLOCK = 32_768  # floats: the five arrays of an Adam block take 640 KB, most of a core's L2 cache


class ParameterBlock:
    """One or more weights, updated in place, and their optimizer state.

    `factor` multiplies the learning rate, also that of weight decay (`layer_decay`).
    A rule that is not elementwise has a group for each weight, with one block of its shape.
    """

    def __init__(
        self,
        rule: Optimizer,
        weights: Mapping[str, Array],
        slots: Mapping[str, Mapping[str, Array]],
        factor: float = 1.0,
    ) -> None:
        self.rule, self._factor = rule, factor
        self._vector, self.weights = self._packed(weights)
        zeros = {path: np.zeros_like(weight) for path, weight in weights.items()}
        self._gradient, self.gradients = self._packed(zeros)  # overwritten by every step
        starts = range(0, self._vector.size, BLOCK)
        self._blocks: list[Any] = (
            [slice(i, i + BLOCK) for i in starts] if rule.elementwise else [...]
        )
        vectors = [
            self._packed({path: slots[name][path] for path in weights})[0] for name in rule.slots
        ]
        self._slots = [tuple(slot[block] for slot in vectors) for block in self._blocks]
        self._average: Any = None
        if "average" in slots:
            self._average, _ = self._packed({path: slots["average"][path] for path in weights})

    def finite(self) -> bool:
        """True if all gradients written to this group are finite, tested by a product with itself.

        It costs 2% of the first network's step. If the squares overflow, each value is tested.
        """
        flat = self._gradient.ravel()
        return bool(np.isfinite(flat @ flat) or np.isfinite(flat).all())

    def step(self, rate: float, number: int) -> None:
        """Apply the rule's step `number`, counted from 1, with the gradients of this group."""
        rate *= self._factor
        for i, block in enumerate(self._blocks):
            self._vector[block], self._slots[i] = self.rule.step(
                self._gradient[block], self._slots[i], self._vector[block], rate, number
            )

    def average(self, optimizer: Optimizer, number: int) -> None:
        """Update the averages of the weights."""
        for block in self._blocks:
            self._vector[block], self._average[block] = optimizer.average(
                self._average[block], self._vector[block], number
            )

    def flush(self) -> None:
        """Set tiny values of the slots and averages to 0, before they become denormal."""
        self._slots = [tuple(flush(slot) for slot in slots) for slots in self._slots]
        if self._average is not None:
            np.copyto(self._average, flush(self._average))

    def slots(self) -> dict[str, dict[str, Array]]:
        """Copies of the optimizer state, by name and path."""
        slots = dict(zip(self.rule.slots, zip(*self._slots, strict=True), strict=True))
        vectors = {name: np.concatenate(blocks) for name, blocks in slots.items()}
        if self._average is not None:
            vectors["average"] = self._average.copy()
        return {name: _views(vector.ravel(), self.weights) for name, vector in vectors.items()}

    def _packed(self, arrays: Mapping[str, Array]) -> tuple[Any, dict[str, Any]]:
        """Return a new vector of the arrays' values, and a view into it for each array."""
        vector = np.concatenate([array.ravel() for array in arrays.values()])
        views = _views(vector, arrays)
        if not self.rule.elementwise:
            (vector,) = views.values()
        return vector, views


def _views(vector: Array, like: Mapping[str, Array]) -> dict[str, Any]:
    """Return consecutive views into the vector, with the shapes of the arrays."""
    ends = np.cumsum([array.size for array in like.values()])[:-1]
    parts = np.split(vector, ends)
    return {path: part.reshape(like[path].shape) for path, part in zip(like, parts, strict=True)}

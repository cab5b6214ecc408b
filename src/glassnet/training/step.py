"""One training step, readable in one sitting.

Forward, loss, and the two pullbacks in the opposite order: that is backpropagation. The engine
then hands the gradients to the optimizer's rule.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree, from_items, items
from glassnet.data.augmentation import Augmentation
from glassnet.layers import (
    Call,
    Layer,
)
from glassnet.layers.regularizers import L1L2
from glassnet.ops import Pullback
from glassnet.training.criterion import Goal, Goals, pair


@dataclass(frozen=True, eq=False)
class Task:
    """What is made small: the loss of a network's outputs plus the penalties on its weights."""

    network: Layer
    goal: Goal | Goals
    weights: Tree  # of `Weight`s: what is trained, and what is penalised
    augment: Augmentation | None = None  # changes each training batch
    compiled: dict[Any, Any] = field(default_factory=dict)  # by an engine, for its next use

    def gradients(
        self, params: Tree, x: Array, y: Any, call: Call
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""
        x, y = self.augmented(x, y, call)
        outputs, mask, back_network = self.forward(params, x, call)
        loss, metrics, back_loss = self.goal(outputs, y, mask)
        penalty, back_penalty = self.penalty(params)
        _, grads = back_network(back_loss(1.0))
        return loss + penalty, metrics, back_penalty(grads)

    def forward(self, params: Tree, x: Array, call: Call) -> tuple[Any, Any, Pullback]:
        """The network's outputs, which of their steps are not padding (None: all), the pullback.

        Of several outputs, tuples.
        """
        call.masks = [None]
        outputs, back = self.network.forward(params, x, call)
        return outputs, tuple(call.masks) if isinstance(outputs, tuple) else call.masks[0], back

    def augmented(self, x: Array, y: Any, call: Call) -> tuple[Array, Any]:
        """The batch as the augmentation leaves it; labels that it mixes become one-hot."""
        if self.augment is None:
            return x, y
        if self.augment.mixes_targets and isinstance(self.goal, Goal):  # never several
            y = self.goal.mixable(y, x)
        key = call.into("augment", wrt_x=False).key(x.__array_namespace__())
        return self.augment(x, y, key)

    def check_whole(self, data: Any, shape: tuple[Any, ...]) -> None:
        """Raise if a metric can't be told from these examples' targets, whatever the outputs."""
        if not data or not any(goal.whole for goal in self.goal.parts):
            return
        several = isinstance(self.goal, Goals)
        shapes = shape if several else (shape,)
        nothing = tuple(np.zeros((len(data), *one), "float32") for one in shapes)
        masks = (None,) * len(nothing)
        given = (nothing, data.y, masks) if several else (nothing[0], data.y, None)
        for goal, (outputs, y, _) in zip(self.goal.parts, self.goal.split(*given), strict=True):
            goal.whole_measured(outputs, *pair(y))

    def penalty(self, params: Tree) -> tuple[Array | float, Pullback]:
        """The sum of all weight penalties; its pullback adds their gradients to a tree of them."""
        if not self.penalised:
            return 0.0, lambda grads: grads
        leaves = dict(items(params))
        terms = {path: weight(leaves[path]) for path, weight in self.penalised.items()}

        def pullback(grads: Tree) -> Tree:
            added = {path: back(1.0) for path, (_, back) in terms.items()}
            return from_items({p: g + added[p] if p in added else g for p, g in items(grads)})

        return sum(value for value, _ in terms.values()), pullback

    def largest_product(self, shape: Any) -> int:
        """Multiplications in the network's largest product, for one example of this shape."""
        return self.network.largest_product(shape)

    @cached_property
    def trained(self) -> tuple[str, ...]:
        """The paths of the trainable weights."""
        paths = tuple(path for path, weight in items(self.weights) if weight.trainable)
        if not paths:
            raise GlassnetError("has no weights to train.", where="Model", fix="Add a Dense layer.")
        return paths

    @cached_property
    def penalised(self) -> dict[str, L1L2]:
        """The regularizers, by the path of their weight."""
        return {p: w.regularizer for p, w in items(self.weights) if w.regularizer is not None}

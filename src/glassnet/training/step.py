"""One training step, readable in one sitting.

Forward, loss, and the two pullbacks in the opposite order: that is backpropagation. The engine
then hands the gradients to the optimizer's rule.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.trees import Tree, from_items, items
from glassnet.data.augmentation import Augmentation
from glassnet.layers import CallContext, Layer
from glassnet.layers.base import Shape
from glassnet.layers.regularizers import L1L2
from glassnet.ops import Pullback
from glassnet.training.criterion import Criteria, Criterion, pair
from glassnet.training.examples import Examples


@dataclass(frozen=True, eq=False)
class Objective:
    """What is made small: the loss of a network's outputs plus the penalties on its weights."""

    network: Layer
    criterion: Criterion | Criteria
    weights: Tree  # of `Weight`s: what is trained, and what is penalised
    augment: Augmentation | None = None  # changes each training batch
    compiled: dict[Any, Any] = field(default_factory=dict)  # by an engine, for its next use

    def value_and_gradients(
        self, params: Tree, x: Array, y: Any, context: CallContext
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""
        x, y = self.augmented(x, y, context)
        outputs, mask, back_network = self.forward(params, x, context)
        loss, metrics, back_loss = self.criterion(outputs, y, mask)
        penalty, back_penalty = self.penalty(params)
        _, grads = back_network(back_loss(1.0))
        return loss + penalty, metrics, back_penalty(grads)

    def forward(self, params: Tree, x: Array, context: CallContext) -> tuple[Any, Any, Pullback]:
        """The network's outputs, which of their steps are not padding (None: all), the pullback.

        Of several outputs, tuples.
        """
        context.masks = [None]
        outputs, back = self.network.forward(params, x, context)
        return (
            outputs,
            tuple(context.masks) if isinstance(outputs, tuple) else context.masks[0],
            back,
        )

    def augmented(self, x: Array, y: Any, context: CallContext) -> tuple[Array, Any]:
        """The batch as the augmentation leaves it; labels that it mixes become one-hot."""
        if self.augment is None:
            return x, y
        if self.augment.mixes_targets and isinstance(self.criterion, Criterion):  # never several
            y = self.criterion.mixable(y, x)
        key = context.child("augment", wrt_x=False).key(namespace(x))
        return self.augment(x, y, key)

    def check(self, examples: Examples, held_out: Examples | None, shape: Shape) -> None:
        """Raise if the examples can't be mixed, or a metric not be told from those held out.

        Outputs have this shape, whatever they are.
        """
        if self.augment and self.augment.mixes_targets and examples.weights is not None:
            raise GlassnetError(
                "mixes examples, and weighted ones can't be mixed.",
                where="augment",
                fix="Leave out the weights, or mixup and cutmix.",
            )
        if not held_out or not any(criterion.per_dataset for criterion in self.criterion.parts):
            return
        several = isinstance(self.criterion, Criteria)
        shapes = shape if several else (shape,)
        nothing = tuple(np.zeros((len(held_out), *one), "float32") for one in shapes)
        masks = (None,) * len(nothing)
        batch = (nothing, held_out.y, masks) if several else (nothing[0], held_out.y, None)
        parts = zip(self.criterion.parts, self.criterion.split(*batch), strict=True)
        for criterion, (outputs, y, _) in parts:
            criterion.measured_per_dataset(outputs, *pair(y))

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

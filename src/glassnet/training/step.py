"""`Objective`: the mathematics of one training step.

Forward, loss, and the two pullbacks in reverse order: that is backpropagation. The engine then
passes the gradients to the optimizer's rule.
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
from glassnet.layers.activity import forward_penalized
from glassnet.layers.base import Shape
from glassnet.layers.freezing import trained_paths
from glassnet.layers.regularizers import Regularizer
from glassnet.ops import Pullback
from glassnet.training.batches import Batches
from glassnet.training.criterion import Criteria, Criterion, pair
from glassnet.training.examples import Examples


def activity(context: CallContext) -> Any:
    """Return the sum of the penalties on the layers' outputs in this call."""
    return sum(context.penalties or ())


@dataclass(frozen=True, eq=False)
class Objective:
    """The function that training minimizes: the loss of the outputs, plus the penalties on weights
    and on the outputs of layers.
    """

    network: Layer
    criterion: Criterion | Criteria
    weights: Tree  # of `Weight`s, which say if a weight can be trained and how it is penalized
    augment: Augmentation | None = None  # changes each training batch
    frozen: frozenset[str] = frozenset()  # the paths of the layers in which nothing is trained
    compiled: dict[Any, Any] = field(default_factory=dict)  # programs, cached by an engine; heads

    def value_and_gradients(
        self, params: Tree, x: Array, y: Any, context: CallContext
    ) -> tuple[Array, dict[str, Array], Tree]:
        """Return (loss, metrics, gradients) of one batch."""
        x, y = self.augmented(x, y, context)
        outputs, mask, back_network = self.forward(params, x, context)
        loss, metrics, back_loss = self.criterion(outputs, y, mask)
        penalty, back_penalty = self.penalty(params)
        _, grads = back_network(back_loss(1.0))
        return loss + penalty + activity(context), metrics, back_penalty(grads)

    def forward(self, params: Tree, x: Array, context: CallContext) -> tuple[Any, Any, Pullback]:
        """Return (outputs, mask, pullback) of the network.

        The mask is True for steps that are not padding; None if there is no padding. With multiple
        outputs, outputs and masks are tuples.
        """
        context.masks, context.penalties, context.frozen_layers = [None], [], self.frozen
        outputs, back = forward_penalized(self.network, params, x, context)
        return (
            outputs,
            tuple(context.masks) if isinstance(outputs, tuple) else context.masks[0],
            back,
        )

    def augmented(self, x: Array, y: Any, context: CallContext) -> tuple[Array, Any]:
        """Return the augmented batch; if the augmentation mixes labels, they become one-hot."""
        if self.augment is None:
            return x, y
        if self.augment.mixes_targets and isinstance(self.criterion, Criterion):  # has one output
            y = self.criterion.mixable_targets(y, x)
        key = context.child("augment", wrt_x=False).key(namespace(x))
        return self.augment(x, y, key)

    def check(
        self, examples: Examples | Batches, held_out: Examples | Batches | None, shape: Shape
    ) -> None:
        """Raise if the augmentation can't mix weighted examples, or if a metric can't be computed
        on the validation set. Zeros of the outputs' shape stand for the outputs.
        """
        self.check_mixing(examples.first.weights is not None)
        if not isinstance(held_out, Examples) or not any(
            criterion.per_dataset for criterion in self.criterion.parts
        ):
            return
        multiple = isinstance(self.criterion, Criteria)
        shapes = shape if multiple else (shape,)
        zeros = tuple(np.zeros((len(held_out), *axes), "float32") for axes in shapes)
        masks = (None,) * len(zeros)
        batch = (zeros, held_out.y, masks) if multiple else (zeros[0], held_out.y, None)
        parts = zip(self.criterion.parts, self.criterion.split_by_output(*batch), strict=True)
        for criterion, (outputs, y, _) in parts:
            criterion.dataset_metrics(outputs, *pair(y))

    def check_mixing(self, weighted: bool) -> None:
        """Raise if the augmentation mixes examples that are weighted."""
        if self.augment and self.augment.mixes_targets and weighted:
            raise GlassnetError(
                "mixes examples, but weighted examples can't be mixed.",
                where="augment",
                fix="Leave out the weights, or mixup and cutmix.",
            )

    def penalty(self, params: Tree) -> tuple[Array | float, Pullback]:
        """Return the sum of all weight penalties, and a pullback that adds their gradients."""
        if not self.penalized:
            return 0.0, lambda grads: grads
        leaves = dict(items(params))
        terms = {path: penalty(leaves[path]) for path, penalty in self.penalized.items()}

        def pullback(grads: Tree) -> Tree:
            dpenalty = {path: back(1.0) for path, (_, back) in terms.items()}
            return from_items({p: g + dpenalty[p] if p in dpenalty else g for p, g in items(grads)})

        return sum(value for value, _ in terms.values()), pullback

    def largest_product(self, shape: Any) -> int:
        """Return the multiplications in the largest product, for one example of this shape."""
        return self.network.largest_product(shape)

    @cached_property
    def trained(self) -> tuple[str, ...]:
        """The paths of the weights that are trained."""
        paths = trained_paths(self.weights, self.frozen)
        if not paths:
            what, fix = "has no weights to train.", "Add a Dense layer."
            if trained_paths(self.weights, frozenset()):
                what = "has no weights to train: all its layers are frozen."
                fix = "Set layer.trainable = True for some of them, then compile."
            raise GlassnetError(what, where="Model", fix=fix)
        return paths

    @cached_property
    def penalized(self) -> dict[str, Regularizer]:
        """The regularizers of the weights that are trained, by path; as in Keras, no others."""
        weights = dict(items(self.weights))
        pairs = ((p, weights[p].regularizer) for p in trained_paths(self.weights, self.frozen))
        return {path: regularizer for path, regularizer in pairs if regularizer is not None}

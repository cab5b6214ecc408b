"""One training step, readable in one sitting.

Forward, loss, and the two pullbacks in the opposite order: that is backpropagation. The engine
then hands the gradients to the optimizer's rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from glassnet.errors import GlassnetError
from glassnet.layers import Activation, Call, Dense, Layer, Sequential
from glassnet.layers.regularizers import L1L2
from glassnet.losses import Crossentropy, Loss
from glassnet.metrics import Metric
from glassnet.ops import Pullback
from glassnet.trees import Array, Tree, from_items, items


@dataclass(frozen=True, eq=False)
class Task:
    """What is made small: the loss of a network's outputs plus the penalties on its weights."""

    network: Layer
    loss: Loss
    metrics: Mapping[str, Metric]
    weights: Tree  # of `Weight`s: what is trained, and what is penalised
    compiled: dict[Any, Any] = field(default_factory=dict)  # by an engine, for its next use

    def gradients(
        self, params: Tree, x: Array, y: Array, call: Call
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""
        outputs, back_network = self.network.forward(params, x, call)
        loss, back_loss = self.loss(outputs, y)
        penalty, back_penalty = self.penalty(params)
        _, grads = back_network(back_loss(1.0))
        measured = {name: metric(outputs, y).mean() for name, metric in self.metrics.items()}
        return loss + penalty, measured, back_penalty(grads)

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


def joined(network: Layer, loss: Loss) -> tuple[Layer, Loss]:
    """The network without its last softmax or sigmoid, and the loss from logits: one stable op.

    The derivative of the two taken apart is 0/0 where a probability underflows; joined, it is the
    difference of probabilities and targets. The weights' paths stay the same.
    """
    last = last_activation(network)
    if not isinstance(loss, Crossentropy) or loss.from_logits or last != loss.joins:
        return network, loss
    return _without_last_activation(network), replace(loss, from_logits=True)


def last_activation(layer: Layer) -> str | None:
    """The name of the activation that makes the outputs, None if it is linear."""
    if isinstance(layer, Sequential):
        return last_activation(layer.layers[-1]) if layer.layers else None
    if isinstance(layer, Dense | Activation):
        return None if layer.activation == "linear" else layer.activation
    return None


def _without_last_activation(layer: Layer) -> Layer:
    if isinstance(layer, Sequential):
        *names, (last_name, last) = layer.parts
        kept = [replace(inner, name=name) for name, inner in names]
        return replace(
            layer, layers=(*kept, replace(_without_last_activation(last), name=last_name))
        )
    assert isinstance(layer, Dense | Activation)
    return replace(layer, activation="linear")

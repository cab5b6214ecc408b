"""One training step, readable in one sitting.

Forward, loss, and the two pullbacks in the opposite order: that is backpropagation. The engine
then hands the gradients to the optimizer's rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.augmentation import Augmentation
from glassnet.errors import GlassnetError
from glassnet.layers import (
    Activation,
    Call,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Graph,
    Layer,
    SeparableConv2D,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.regularizers import L1L2
from glassnet.losses import Crossentropy, Loss, factors
from glassnet.metrics import Measure, WholeMeasure
from glassnet.ops import Pullback
from glassnet.ops.losses import one_hot
from glassnet.training.means import OF_WEIGHTS
from glassnet.trees import Array, Tree, from_items, items


@dataclass(frozen=True, eq=False)
class Task:
    """What is made small: the loss of a network's outputs plus the penalties on its weights.

    y is the targets, or a pair of targets and the examples' weights.
    """

    network: Layer
    loss: Loss
    metrics: Mapping[str, Measure]  # of each example
    weights: Tree  # of `Weight`s: what is trained, and what is penalised
    compiled: dict[Any, Any] = field(default_factory=dict)  # by an engine, for its next use
    whole: Mapping[str, WholeMeasure] = field(default_factory=dict)  # of a whole data set
    weighted: frozenset[str] = frozenset()  # the metrics in which examples count by their weights
    augment: Augmentation | None = None  # changes each training batch
    classes: int = 0  # outputs on the last axis

    def gradients(
        self, params: Tree, x: Array, y: Any, call: Call
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""
        targets, weights = self.pair(y)
        x, targets = self.augmented(x, targets, call)
        outputs, mask, back_network = self.forward(params, x, call)
        loss, back_loss = self.loss(outputs, targets, weights, mask)
        penalty, back_penalty = self.penalty(params)
        _, grads = back_network(back_loss(1.0))
        if self.loss.labels and targets.ndim == outputs.ndim:
            targets = targets.argmax(axis=-1)  # of a mixed example, what it mostly is
        metrics = self.measured(outputs, targets, weights, mask)
        return loss + penalty, metrics, back_penalty(grads)

    def forward(self, params: Tree, x: Array, call: Call) -> tuple[Array, Array | None, Pullback]:
        """The network's outputs, which of their steps are not padding (None: all), the pullback."""
        call.masks = [None]
        outputs, back = self.network.forward(params, x, call)
        return outputs, call.masks[0], back

    def augmented(self, x: Array, targets: Array, call: Call) -> tuple[Array, Array]:
        """The batch as the augmentation leaves it; labels that it mixes become one-hot."""
        if self.augment is None:
            return x, targets
        if self.augment.mixes_targets and self.loss.labels:
            classes = x.__array_namespace__().zeros((1, self.classes), dtype=x.dtype)
            targets = one_hot(targets, classes)
        key = call.into("augment", wrt_x=False).key(x.__array_namespace__())
        return self.augment(x, targets, key)

    @staticmethod
    def pair(y: Any) -> tuple[Array, Array | None]:
        """(targets, weights), None where examples count alike."""
        return y if isinstance(y, tuple) else (y, None)

    def measured(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> dict[str, Array]:
        """The means of the metrics; where steps or examples weigh w, the means of w m and of w."""
        found = {}
        for name, metric in self.metrics.items():
            values = metric(outputs, targets)
            weight = factors(values, weights if name in self.weighted else None, mask)
            if weight is not None:
                values = values * weight
                found[name + OF_WEIGHTS] = weight.mean()
            found[name] = values.mean()
        return found

    def whole_measured(
        self, outputs: Array, targets: Array, weights: Array | None = None
    ) -> dict[str, float]:
        """The metrics of all examples together."""
        return {
            name: metric(outputs, targets, weights if name in self.weighted else None)
            for name, metric in self.whole.items()
        }

    def check_whole(self, data: Any, shape: tuple[int, ...]) -> None:
        """Raise if a metric can't be told from these examples' targets, whatever the outputs."""
        if data and self.whole:
            nothing = np.zeros((len(data), *shape), "float32")
            self.whole_measured(nothing, data.targets, data.weights)

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


# The layers whose outputs are an activation of sums; a recurrent one's are something else.
ACTIVATED = (
    Activation | Dense | Conv1D | Conv2D | Conv2DTranspose | DepthwiseConv2D | SeparableConv2D
)


def joined(network: Layer, loss: Loss) -> tuple[Layer, Loss]:
    """The network without its last softmax or sigmoid, and the loss from logits: one stable op.

    The derivative of the two taken apart is 0/0 where a probability underflows; joined, it is the
    difference of probabilities and targets. The weights' paths stay the same.
    """
    if not isinstance(loss, Crossentropy) or loss.from_logits:
        return network, loss
    if last_activation(network) != loss.joins or not _ends_alone(network):
        return network, loss
    return _without_last_activation(network), loss.of_logits()


def last_activation(layer: Layer) -> str | None:
    """The name of the activation that makes the outputs, None if it is linear."""
    number = _last(layer)
    if number is not None:
        return last_activation(layer.parts[number][1])
    if isinstance(layer, ACTIVATED):
        return None if layer.activation == "linear" else layer.activation
    return None


def _last(layer: Layer) -> int | None:
    """Which of the layers inside makes the outputs, if there is one."""
    if isinstance(layer, TimeDistributed):
        return 0
    if isinstance(layer, Sequential) and layer.layers:
        return len(layer.layers) - 1
    if isinstance(layer, Graph) and len(layer.outputs) == 1:
        call = layer.outputs[0] - layer.inputs
        return layer.wiring[call][0] if call >= 0 else None
    return None


def _ends_alone(layer: Layer) -> bool:
    """Whether what the last layer makes is the output, and nothing else is made of it."""
    number = _last(layer)
    if number is None:
        return True
    if isinstance(layer, Graph):
        calls = [called for called, _ in layer.wiring].count(number)
        if calls > 1 or any(layer.outputs[0] in sources for _, sources in layer.wiring):
            return False
    return _ends_alone(layer.parts[number][1])


def _without_last_activation(layer: Layer) -> Layer:
    number = _last(layer)
    if number is None:
        assert isinstance(layer, ACTIVATED)
        return replace(layer, activation="linear")
    if isinstance(layer, TimeDistributed):
        return replace(layer, layer=_without_last_activation(layer.layer))
    assert isinstance(layer, Sequential | Graph)
    kept = [replace(inner, name=name) for name, inner in layer.parts]
    kept[number] = _without_last_activation(kept[number])
    return replace(layer, layers=tuple(kept))

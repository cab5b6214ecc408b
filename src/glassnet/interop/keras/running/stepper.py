"""`KerasTwin`: training steps computed entirely by Keras, with all intermediate values.

This is Keras's side of the certificate: Keras's layers, loss and optimizer, and its backend's
automatic derivatives, on our network and our weights.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items
from glassnet.engines.state import State
from glassnet.interop.keras.backend import backend, precision, use_backend
from glassnet.interop.keras.building.compile import (
    load_optimizer,
    loss_to_keras,
    optimizer_to_keras,
)
from glassnet.interop.keras.building.model import find_variable, to_keras, to_numpy
from glassnet.interop.keras.running.probe import Probe
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.losses import Loss
from glassnet.optimizers import Optimizer
from glassnet.training.output_activation import fuse_output_activation

Objective = Callable[[Any, Any], Any]  # (outputs, penalties) -> the loss
Derived = tuple[Any, dict[str, Any], list[Any]]  # the loss, the layers' outputs, the gradients


@dataclass(frozen=True)
class Trace:
    """The values of one training step; the weights are those after it."""

    loss: float  # penalties included
    activations: dict[str, Array]  # each layer's output, by its path: "dense", "block/dense"
    gradients: dict[str, Array]  # by the weight's path: "dense/kernel"
    weights: dict[str, Array]  # including moving statistics and other untrained weights


class KerasTwin:
    """The network in Keras, for training step by step.

    Like glassnet, it fuses a final softmax or sigmoid with its loss: `fuse_output_activation`.
    """

    def __init__(
        self,
        network: Layer,
        loss: Loss,
        optimizer: Optimizer,
        input_shape: Shape,
        params: Tree,
        dtype: str,
        backend: str,
    ) -> None:
        use_backend(backend)
        network, loss = fuse_output_activation(network, loss)
        _require_deterministic(network)
        self.dtype = dtype
        self._derive = _DERIVE[backend]
        with precision(dtype):
            model = to_keras(network, input_shape, params, dtype)
            self._probe = Probe(model, network)
            self._weights = {path: find_variable(model, path)[1] for path, _ in items(params)}
            self._trained = {path: v for path, v in self._weights.items() if v.trainable}
            self._loss = loss_to_keras(loss)
            self._ours, self._optimizer = optimizer, optimizer_to_keras(optimizer)
            self._optimizer.build(list(self._trained.values()))

    def step(self, x: Any, y: Array) -> Trace:
        """Take one training step on a batch and return its values."""
        variables = list(self._trained.values())
        with precision(self.dtype):

            def objective(outputs: Any, penalties: Any) -> Any:
                return sum(penalties, self._loss(y, outputs))

            x = [np.asarray(a, self.dtype) for a in x] if isinstance(x, tuple) else x
            x = x if isinstance(x, list) else np.asarray(x, self.dtype)
            loss, activations, gradients = self._derive(self._probe, objective, variables, x)
            with _no_derivatives():
                self._optimizer.apply(gradients, variables)
            return Trace(
                float(to_numpy(loss)),
                {path: to_numpy(y) for path, y in activations.items() if not isinstance(y, list)},
                dict(zip(self._trained, map(to_numpy, gradients), strict=True)),
                {path: to_numpy(variable) for path, variable in self._weights.items()},
            )

    def load(self, state: State) -> None:
        """Set the state: the weights, the optimizer's slots and its step count."""
        weights = dict(items(state.params))
        with precision(self.dtype):
            for path, variable in self._weights.items():
                variable.assign(weights[path])
            load_optimizer(self._optimizer, self._ours, self._trained, state)


def _tensorflow(probe: Probe, objective: Objective, variables: list[Any], x: Any) -> Derived:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        outputs, activations = probe(lambda: probe.model(x, training=True))
        loss = objective(_copied(outputs), probe.model.losses)
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    # An Embedding's gradient has only the rows that were looked up. Keras's optimizers would not
    # update the other rows, which with momentum differs from the rule on other backends.
    return loss, activations, [tf.convert_to_tensor(gradient) for gradient in gradients]


def _copied(outputs: Any) -> Any:
    """Return a copy of the outputs with their mask, but without the logits attached by Keras.

    Keras would compute the loss from the logits of a softmax or sigmoid, and would apply the
    softmax of a categorical cross-entropy even to those of a sigmoid.
    """
    import tensorflow as tf
    from keras.src.backend import get_keras_mask, set_keras_mask

    copied = tf.identity(outputs)
    set_keras_mask(copied, get_keras_mask(outputs))
    return copied


def _jax(probe: Probe, objective: Objective, variables: list[Any], x: Any) -> Derived:
    import jax

    model = probe.model
    trained = model.trainable_variables
    fixed = [variable.value for variable in model.non_trainable_variables]

    def loss_of(weights: list[Any]) -> Any:
        def run() -> Any:
            return model.stateless_call(weights, fixed, x, training=True, return_losses=True)

        (outputs, updated, penalties), activations = probe(run)
        activations = {
            path: list(y) if isinstance(y, tuple) else y for path, y in activations.items()
        }
        return objective(outputs, penalties), (activations, updated)

    weights = [variable.value for variable in trained]
    (loss, (activations, updated)), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights)
    for variable, value in zip(model.non_trainable_variables, updated, strict=True):
        variable.assign(value)
    activations = {path: activations[path] for path in probe.outputs}  # JAX sorts the names
    by_id = {id(v): gradient for v, gradient in zip(trained, gradients, strict=True)}
    return loss, activations, [by_id[id(variable)] for variable in variables]


def _torch(probe: Probe, objective: Objective, variables: list[Any], x: Any) -> Derived:
    import torch

    outputs, activations = probe(lambda: probe.model(x, training=True))
    loss = objective(outputs, probe.model.losses)
    return loss, activations, list(torch.autograd.grad(loss, [v.value for v in variables]))


_DERIVE: dict[str, Callable[[Probe, Objective, list[Any], Any], Derived]] = {
    "tensorflow": _tensorflow,
    "jax": _jax,
    "torch": _torch,
}

_RANDOM_FIELDS = ("rate", "stddev", "dropout", "recurrent_dropout")  # > 0: the layer is random


def _require_deterministic(layer: Layer) -> None:
    """Raise if the layer, or one inside it, draws random numbers."""
    for field in fields(layer):
        value = getattr(layer, field.name)
        if field.name in _RANDOM_FIELDS and value > 0:
            kind = type(layer).__name__
            raise GlassnetError(
                f"Keras and glassnet draw different numbers, so steps with {field.name} above 0 "
                "can't be compared.",
                where=f"{kind}({value})" if field.name == "rate" else f"{kind}: {field.name}",
                fix="Compare the network with dropout 0 and without noise.",
            )
        for inner in as_tuple(value):
            if isinstance(inner, Layer):
                _require_deterministic(inner)


def _no_derivatives() -> Any:
    """Return the context in which Keras's own training loop runs its optimizer."""
    if backend() != "torch":
        return nullcontext()
    import torch

    return torch.no_grad()

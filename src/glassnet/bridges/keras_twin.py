"""One step of training at a time, computed wholly by Keras, with all that it went through.

This is the other side of the certificate: Keras's layers, Keras's loss, its backend's own
derivatives and Keras's optimizer, on our network and our weights.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.bridges.keras_backend import backend, precision, use_backend
from glassnet.bridges.keras_build import exact_numbers, find_variable, to_keras, to_numpy
from glassnet.bridges.keras_compile import loss_to_keras, optimizer_to_keras
from glassnet.engines.state import State
from glassnet.errors import GlassnetError
from glassnet.layers import Dropout, Layer, Sequential
from glassnet.losses import Loss
from glassnet.optimizers import Optimizer
from glassnet.training.step import joined
from glassnet.trees import Array, Tree, items

Shape = tuple[int, ...]
Outputs = list[Any]  # of every layer
Objective = Callable[[Outputs, Any], Any]  # (outputs, penalties) -> the loss
Derived = tuple[Any, Outputs, list[Any]]  # the loss, the outputs, the gradients


@dataclass(frozen=True)
class Trace:
    """What one step went through; weights are those after it."""

    loss: float  # penalties included
    activations: dict[str, Array]  # each layer's output, by its path: "dense", "block/dense"
    gradients: dict[str, Array]  # by the weight's path: "dense/kernel"
    weights: dict[str, Array]  # the trained ones


class KerasTwin:
    """The network in Keras, to be trained step by step.

    As glassnet does, it takes a last softmax or sigmoid and its loss as one: `joined`.
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
        network, loss = joined(network, loss)
        _without_dropout(network)
        self.dtype = dtype
        self._derive = _DERIVE[backend]
        with precision(dtype):
            model = to_keras(network, input_shape, params, dtype)
            self._names, self._probe = _probe(model)
            paths = {id(find_variable(model, path)[1]): path for path, _ in items(params)}
            self._trained = {paths[id(v)]: v for v in self._probe.trainable_variables}
            self._loss = loss_to_keras(loss)
            self._optimizer = optimizer_to_keras(optimizer)
            self._optimizer.build(list(self._trained.values()))

    def step(self, x: Array, y: Array) -> Trace:
        """One step of training on a batch."""
        variables = list(self._trained.values())
        with precision(self.dtype):

            def objective(outputs: Outputs, penalties: Any) -> Any:
                return sum(penalties, self._loss(y, outputs[-1]))

            x = np.asarray(x, self.dtype)
            loss, outputs, gradients = self._derive(self._probe, objective, variables, x)
            with _no_derivatives():
                self._optimizer.apply(gradients, variables)
            return Trace(
                float(to_numpy(loss)),
                _named(self._names, outputs),
                _named(self._trained, gradients),
                _named(self._trained, variables),
            )

    def load(self, state: State) -> None:
        """Go on from this state: weights, the optimizer's slots and its count of steps."""
        weights = dict(items(state.params))
        with precision(self.dtype):
            for path, variable in self._trained.items():
                variable.assign(weights[path])
            self._optimizer.iterations.assign(state.step)
            for name, slots in state.slots.items():
                leaves = dict(items(slots))
                kept = getattr(self._optimizer, _SLOTS[name], None)
                if kept is None:  # SGD calls it without the underscore
                    kept = getattr(self._optimizer, _SLOTS[name].lstrip("_"))
                for path, variable in zip(self._trained, kept, strict=True):
                    variable.assign(leaves[path])


_SLOTS = {  # our names for what an optimizer remembers, and Keras's attributes
    "momentum": "_momentums",
    "velocity": "_velocities",
    "average_gradient": "_average_gradients",
}


def _tensorflow(probe: Any, objective: Objective, variables: list[Any], x: Array) -> Derived:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        outputs = probe(x)
        # A copy, which has forgotten that it came from a softmax or sigmoid: Keras would take its
        # logits, and put those of a sigmoid into the softmax of a categorical cross-entropy.
        outputs[-1] = tf.identity(outputs[-1])
        loss = objective(outputs, probe.losses)
    return loss, outputs, tape.gradient(loss, [variable.value for variable in variables])


def _jax(probe: Any, objective: Objective, variables: list[Any], x: Array) -> Derived:
    import jax

    fixed = [variable.value for variable in probe.non_trainable_variables]

    def loss_of(weights: list[Any]) -> Any:
        outputs, _, penalties = probe.stateless_call(weights, fixed, x, return_losses=True)
        return objective(outputs, penalties), outputs

    weights = [variable.value for variable in variables]
    (loss, outputs), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights)
    return loss, outputs, gradients


def _torch(probe: Any, objective: Objective, variables: list[Any], x: Array) -> Derived:
    import torch

    outputs = probe(x)
    loss = objective(outputs, probe.losses)
    return loss, outputs, list(torch.autograd.grad(loss, [v.value for v in variables]))


_DERIVE: dict[str, Callable[[Any, Objective, list[Any], Array], Derived]] = {
    "tensorflow": _tensorflow,
    "jax": _jax,
    "torch": _torch,
}


def _probe(model: Any) -> tuple[list[str], Any]:
    """The paths of the model's layers, and a model of the same layers that puts out all of them."""
    import keras

    leaves = dict(_leaves(model))
    if exact_numbers():
        for layer in leaves.values():
            _made_exact(layer)

    class Probe(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.chain = list(leaves.values())

        def call(self, x: Any) -> Outputs:
            outputs = []
            for layer in self.chain:
                x = layer(x)
                outputs.append(x)
            return outputs

    probe = Probe()
    probe(keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype))
    return list(leaves), probe


def _made_exact(layer: Any) -> None:
    """Give the layer the formula where TensorFlow's own has a float32 constant in float64."""
    from keras import ops

    formulas = {
        "gelu": lambda x: 0.5 * x * (1 + ops.erf(x * 0.5**0.5)),
        "leaky_relu": lambda x: ops.where(x > 0, x, 0.2 * x),
    }
    name = getattr(getattr(layer, "activation", None), "__name__", "")
    if name in formulas:
        layer.activation = formulas[name]


def _leaves(model: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            yield from _leaves(layer, f"{place}{layer.name}/")
        else:
            yield f"{place}{layer.name}", layer


def _without_dropout(layer: Layer) -> None:
    if isinstance(layer, Sequential):
        for inner in layer.layers:
            _without_dropout(inner)
    elif isinstance(layer, Dropout) and layer.rate > 0:
        raise GlassnetError(
            "Keras and glassnet draw different numbers, so steps with dropout can't be compared.",
            where=f"Dropout({layer.rate})",
            fix="Compare the network with dropout 0.",
        )


def _named(names: Iterable[str], tensors: Iterable[Any]) -> dict[str, Array]:
    return dict(zip(names, map(to_numpy, tensors), strict=True))


def _no_derivatives() -> Any:
    """What Keras's own training loop wraps its optimizer in."""
    if backend() != "torch":
        return nullcontext()
    import torch

    return torch.no_grad()

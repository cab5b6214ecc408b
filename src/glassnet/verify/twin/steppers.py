"""The engines under comparison: one step at a time, with all intermediate values."""

import signal
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items, map_leaves
from glassnet.engines import engine
from glassnet.engines.state import State, initial_state
from glassnet.interop.keras.running.stepper import KerasTwin, Trace
from glassnet.layers import Layer
from glassnet.layers.freezing import frozen_layers
from glassnet.losses import Loss
from glassnet.optimizers import Optimizer
from glassnet.training.criterion import Criterion
from glassnet.training.output_activation import fuse_output_activation
from glassnet.training.step import Objective


@dataclass(frozen=True)
class Setup:
    """The network, weights, loss and optimizer from which all engines start."""

    network: Layer
    input_shape: tuple[Any, ...]
    params: Tree
    loss: Loss
    optimizer: Optimizer
    dtype: str
    seed: int = 0


class EngineStepper:
    """One of glassnet's engines, run one step at a time."""

    def __init__(self, name: str, setup: Setup, state: State | None = None) -> None:
        network, loss = fuse_output_activation(setup.network, setup.loss)
        weights, frozen = setup.network.weights(setup.input_shape), frozen_layers(setup.network)
        objective = Objective(network, Criterion(loss), weights, frozen=frozen)
        state = state or initial_state(
            objective, setup.optimizer, map_leaves(np.copy, setup.params)
        )
        self.engine = engine(name, objective, setup.optimizer, state, setup.seed)
        self.optimizer = setup.optimizer

    def step(self, x: Any, y: Array) -> Trace:
        """Take one step on a batch; return its activations, loss, gradients and weights."""
        outputs, gradients = self.engine.trace(x, y)
        activations = {p: np.asarray(y) for p, y in outputs.items() if hasattr(y, "shape")}
        rate = self.optimizer.rate(self.engine.step)
        measures = self.engine.run(x, y, [np.arange(length(x))], [rate])
        weights = {path: leaf.copy() for path, leaf in items(self.engine.params)}
        return Trace(
            float(measures.losses[0]), activations, map_leaves(np.asarray, gradients), weights
        )

    def load(self, state: State) -> None:
        """Continue from this state."""
        self.engine.load(state)

    def close(self) -> None:
        """Release its resources: none here."""


class KerasStepper:
    """Keras, with the same methods, in a separate process: a process can use only one backend."""

    def __init__(self, backend: str, setup: Setup) -> None:
        context = get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_keras_process, args=(other, backend, setup))
        self.process.start()
        other.close()
        self._receive()

    def step(self, x: Any, y: Array) -> Trace:
        self.pipe.send(("step", (x, y)))
        return self._receive()

    def load(self, state: State) -> None:
        self.pipe.send(("load", (state,)))
        self._receive()

    def close(self) -> None:
        self.pipe.close()
        self.process.join(10)
        self.process.kill()

    def _receive(self) -> Any:
        try:
            result = self.pipe.recv()
        except EOFError:
            raise GlassnetError("its process ended unexpectedly.", where="Keras") from None
        if isinstance(result, GlassnetError):
            raise result
        return result


def _keras_process(pipe: Any, backend: str, setup: Setup) -> None:
    """Run in the other process: answer each batch with a trace, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the parent process
    try:
        keras = KerasTwin(
            setup.network, setup.loss, setup.optimizer, setup.input_shape, setup.params,
            setup.dtype, backend,
        )  # fmt: skip
        pipe.send(None)
        while True:
            method, arguments = pipe.recv()
            pipe.send(getattr(keras, method)(*arguments))
    except GlassnetError as error:
        pipe.send(error)
    except EOFError:
        pass

"""A step of the first engine, repeated on NumPy with the branches or gradients of another one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, length
from glassnet.core.trees import Tree, from_items, items
from glassnet.engines import engine
from glassnet.engines.state import State
from glassnet.interop.keras.running.stepper import Trace
from glassnet.layers import CallContext
from glassnet.layers.freezing import frozen_layers
from glassnet.training.criterion import Criterion
from glassnet.training.step import Objective
from glassnet.verify.twin.kinks import Kink, Outputs, with_branches_of
from glassnet.verify.twin.steppers import EngineStepper, Setup


@dataclass(frozen=True, eq=False)
class _FixedGradients(Objective):
    """An objective with fixed gradients."""

    gradients: Tree = field(default_factory=dict)

    def value_and_gradients(
        self, params: Tree, x: Any, y: Any, context: CallContext
    ) -> tuple[Any, dict[str, Any], Tree]:
        return np.zeros(()), {}, self.gradients


@dataclass(frozen=True, eq=False)
class Replay:
    """A training step on a batch from a state."""

    setup: Setup
    jumps: tuple[Kink, ...]
    before: State
    x: Any
    y: Array

    def on_branches_of(self, outputs: Outputs) -> Trace:
        """Return the step with the derivatives of the branches that these outputs took."""
        network = with_branches_of(self.setup.network, self.jumps, outputs)
        stepper = EngineStepper("numpy", replace(self.setup, network=network), self.before)
        return stepper.step(self.x, self.y)

    def weights_after(self, gradients: Mapping[str, Array]) -> dict[str, Array]:
        """Return the trained weights after an optimizer step with these gradients."""
        setup = self.setup
        weights = setup.network.weights(setup.input_shape)
        objective = _FixedGradients(
            setup.network, Criterion(setup.loss), weights, frozen=frozen_layers(setup.network),
            gradients=from_items(dict(gradients)),
        )  # fmt: skip
        numpy = engine("numpy", objective, setup.optimizer, self.before, setup.seed)
        rate = setup.optimizer.rate(self.before.step)
        numpy.run(self.x, self.y, [np.arange(length(self.x))], [rate])
        after = dict(items(numpy.params))
        return {path: after[path] for path in objective.trained}

"""The state of training, and the protocols that connect engines with the objective."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree, from_items, items
from glassnet.layers import CallContext, Layer
from glassnet.layers.constraints import Constraint
from glassnet.optimizers.base import Optimizer


@dataclass(frozen=True)
class State:
    """The number of steps done, all weights, and the optimizer state of the trained ones, as trees.

    The optimizer state is the rules' slots and, if the optimizer uses them, each weight's "average"
    and "gradient_accumulator". Nothing else is needed to continue from here, bit for bit.
    """

    step: int
    params: Tree
    slots: Mapping[str, Tree]
    began: int = 0  # the step before which the slots were last new: the rule's steps count from it

    def averaged(self) -> "State":
        """Return the state with averages in place of the weights, if the optimizer has averages."""
        averages = dict(items(self.slots.get("average", {})))
        return replace(self, params=from_items(dict(items(self.params)) | averages))


@dataclass(frozen=True)
class Measures:
    """The loss, metrics and number of examples of each step of a segment.

    If not `finite`, the last step was not done: its loss or gradients are non-finite.
    """

    sizes: np.ndarray[Any, np.dtype[np.int64]]
    losses: np.ndarray[Any, np.dtype[np.float64]]
    metrics: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]
    finite: bool = True


class EngineObjective(Protocol):
    """What training minimizes: the mathematics of a step, which engines call."""

    @property
    def compiled(self) -> dict[Any, Any]:
        """Programs that an engine compiled for this objective, for reuse."""

    @property
    def network(self) -> Layer:
        """The network that is trained."""

    @property
    def weights(self) -> Tree:
        """The tree of `Weight`s, which describe each weight."""

    @property
    def trained(self) -> Sequence[str]:
        """The paths of the trainable weights."""

    def largest_product(self, shape: Any) -> int:
        """Return the multiplications in the largest product, for one example of this shape."""

    def value_and_gradients(
        self, params: Tree, x: Array, y: Array, context: CallContext
    ) -> tuple[Array, dict[str, Array], Tree]:
        """Return (loss, metrics, gradients) of one batch."""


class Engine(Protocol):
    """Runs steps. It holds the state of training between calls of `run`, but no mathematics."""

    name: str
    least_steps: int  # calls with fewer steps are inefficient

    @property
    def objective(self) -> EngineObjective:
        """What the steps minimize."""

    @property
    def step(self) -> int:
        """The number of steps done."""

    @property
    def params(self) -> Tree:
        """The current weights, as NumPy arrays; don't write to them."""

    def load(self, state: State) -> None:
        """Continue training from a state, which is copied."""

    def state(self) -> State:
        """Return a copy of the state of training."""

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """Run one training step for each batch (an array of row numbers) at its learning rate.

        A step with a non-finite loss or gradient is not done, and no step after it.
        """

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the next step's (layer outputs, gradients) on this batch, by path."""


def initial_state(objective: EngineObjective, optimizer: Optimizer, params: Tree) -> State:
    """Return the state before the first step."""
    weights = dict(items(params))
    return State(
        0, params, optimizer.init_state({path: weights[path] for path in objective.trained})
    )


def of_trained(slots: Mapping[str, Tree], objective: EngineObjective) -> dict[str, Tree]:
    """Return the part of the optimizer state that belongs to the objective's trained weights."""
    trained = {*objective.trained}
    flat = {name: dict(items(tree)) for name, tree in slots.items()}
    return {
        name: from_items({path: a for path, a in arrays.items() if path in trained})
        for name, arrays in flat.items()
    }


def all_finite(loss: Array | float, gradients: Iterable[Array]) -> Any:
    """True if the loss and all gradients are finite, tested by one sum over all of them.

    A NaN or infinite value makes the sum non-finite; finite values overflow only if training has
    failed anyway. Columns are summed first, because adding whole rows uses all SIMD lanes.
    """
    total = loss
    for gradient in gradients:
        if gradient.ndim > 1:
            gradient = gradient.reshape(-1, gradient.shape[-1]).sum(axis=0)
        total = total + gradient.sum()
    return total - total == 0


def constraints(objective: EngineObjective) -> dict[str, Constraint]:
    """The constraints of the trained weights, by path."""
    weights = dict(items(objective.weights))
    pairs = ((path, weights[path].constraint) for path in objective.trained)
    return {path: constraint for path, constraint in pairs if constraint is not None}


def outputs_and_gradients(
    objective: EngineObjective, params: Tree, x: Array, y: Array, context: CallContext
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return all layer outputs and all weight gradients of one step, by path."""
    context.record = {}
    _, _, grads = objective.value_and_gradients(params, x, y, context)
    return context.record, dict(items(grads))


def by_path(objective: EngineObjective, grads: Tree) -> dict[str, Array]:
    """Return the gradients of the trained weights by path; raise if one has none."""
    gradients, trained = dict(items(grads)), objective.trained
    for path in trained:
        if path not in gradients:
            raise GlassnetError(
                "gets no gradient: its layer's pullback returns none for it, or a layer after it "
                "only looks up indices.",
                where=f"weight {path!r}",
                fix="Check a layer of your own with gradcheck; put an Embedding before all layers "
                "with weights.",
            )
    if len(trained) < len(gradients):  # some are those of frozen weights
        return {path: gradients[path] for path in trained}
    return gradients

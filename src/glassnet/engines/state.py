"""What training carries from step to step, as every engine can take it up and hand it over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array, Tree, from_items, items
from glassnet.layers import CallContext
from glassnet.layers.constraints import Constraint
from glassnet.optimizers.base import Optimizer


@dataclass(frozen=True)
class State:
    """Steps done, all weights, and all that the optimizer remembers of the trained ones, as trees.

    These are the rules' slots and, where the optimizer keeps them, every weight's "average" and
    "gradient_accumulator". Nothing else is needed to go on from here, bit for bit.
    """

    step: int
    params: Tree
    slots: Mapping[str, Tree]

    def averaged(self) -> "State":
        """The state with the weights' averages in their place, if the optimizer keeps averages."""
        averages = dict(items(self.slots.get("average", {})))
        return replace(self, params=from_items(dict(items(self.params)) | averages))


@dataclass(frozen=True)
class Measures:
    """What a segment of steps was like: for each step its loss, metrics and number of examples.

    If not `all_finite`, the last of them was not done: its loss or its gradients are no numbers.
    """

    sizes: np.ndarray[Any, np.dtype[np.int64]]
    losses: np.ndarray[Any, np.dtype[np.float64]]
    metrics: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]
    finite: bool = True


class Objective(Protocol):
    """What is made small. The mathematics of a step, which no engine holds itself."""

    @property
    def compiled(self) -> dict[Any, Any]:
        """What an engine compiled for this task, for its next use."""

    @property
    def weights(self) -> Tree:
        """What each weight is: the tree of `Weight`s."""

    @property
    def trained(self) -> Sequence[str]:
        """The paths of the trainable weights."""

    def largest_product(self, shape: Any) -> int:
        """Multiplications in the network's largest product, for one example of this shape."""

    def gradients(
        self, params: Tree, x: Array, y: Array, context: CallContext
    ) -> tuple[Array, dict[str, Array], Tree]:
        """(loss, metrics, gradients) of one batch."""


class Engine(Protocol):
    """Runs steps. It holds the state of training between two calls of `run`, and no mathematics."""

    name: str
    step: int  # steps done
    least_steps: int  # a call of fewer steps is wasteful

    @property
    def params(self) -> Tree:
        """The weights now, as NumPy arrays; not to be written to."""

    def load(self, state: State) -> None:
        """Take training up at a state, which is copied."""

    def state(self) -> State:
        """A copy of where training is."""

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """One training step for each batch (an array of row numbers) at its learning rate.

        A step whose loss or gradients are no numbers is not done, nor is any after it.
        """

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """What the next step would see on this batch: (layers' outputs, gradients), by path."""


def beginning(objective: Objective, optimizer: Optimizer, params: Tree) -> State:
    """The state before the first step."""
    weights = dict(items(params))
    return State(
        0, params, optimizer.init_state({path: weights[path] for path in objective.trained})
    )


def all_finite(loss: Array | float, gradients: Iterable[Array]) -> Any:
    """Whether a loss and all gradients are finite, by one sum over all of them.

    Whatever is NaN or infinite makes the sum so; it alone overflows only where training is lost
    anyway. Column by column, because whole rows are added with all of a processor's lanes.
    """
    total = loss
    for gradient in gradients:
        columns = gradient.reshape(-1, gradient.shape[-1]) if gradient.ndim > 1 else gradient
        total = total + columns.sum(axis=0).sum()
    return total - total == 0


def constraints(objective: Objective) -> dict[str, Constraint]:
    """The constraints of the trained weights, by path."""
    weights = dict(items(objective.weights))
    found = {path: weights[path].constraint for path in objective.trained}
    return {path: constraint for path, constraint in found.items() if constraint is not None}


def outputs_and_gradients(
    objective: Objective, params: Tree, x: Array, y: Array, context: CallContext
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Every layer's output and every weight's gradient in one step, by path."""
    context.record = {}
    _, _, grads = objective.gradients(params, x, y, context)
    return context.record, dict(items(grads))


def by_path(objective: Objective, grads: Tree) -> dict[str, Array]:
    """The gradients by path; raises if a weight that is trained has none."""
    found = dict(items(grads))
    for path in objective.trained:
        if path not in found:
            raise GlassnetError(
                "gets no gradient: what comes after it only looks numbers up.",
                where=f"weight {path!r}",
                fix="Put an Embedding first, before all layers that learn.",
            )
    return found

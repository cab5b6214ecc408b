"""`UnfreezingEngine`: trains some of the weights, and from a moment on all of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from glassnet.core.trees import Array, Tree, from_items, items
from glassnet.engines.state import (
    Engine,
    EngineObjective,
    Measures,
    State,
    initial_state,
    of_trained,
)
from glassnet.optimizers.base import Optimizer


class UnfreezingEngine:
    """An engine with two objectives: `first`, and after `unfreeze` `objective`, which trains more.

    At that moment the optimizer begins again, as with a second `compile` in Keras: all its slots
    are new, and its rule counts its steps from 1, so that Adam's bias correction is right for
    weights without moments. The steps of the training go on, and with them the learning rates of a
    schedule and the keys of random numbers.

    From the start, the state has the slots of all weights, so states of before and after are alike;
    `began` says which of the two a state is.
    """

    def __init__(
        self,
        make: Callable[..., Engine],
        first: EngineObjective,
        objective: EngineObjective,
        optimizer: Optimizer,
        state: State,
    ) -> None:
        self._make, self._first, self._objective = make, first, objective
        self._optimizer, self._start = optimizer, state.began
        self._slots = initial_state(objective, optimizer, state.params).slots
        self.unfrozen = False
        self._engine = make(objective=first, state=state)
        self.name, self.least_steps = self._engine.name, self._engine.least_steps

    @property
    def objective(self) -> EngineObjective:
        """What the steps minimize now."""
        return self._engine.objective

    @property
    def step(self) -> int:
        """The number of steps done."""
        return self._engine.step

    @property
    def params(self) -> Tree:
        """The current weights."""
        return self._engine.params

    def unfreeze(self) -> None:
        """Train all weights from here on; nothing changes if they are trained already."""
        if not self.unfrozen:
            state = self._engine.state()
            new = initial_state(self._objective, self._optimizer, state.params)
            self.load(replace(new, step=state.step, began=state.step))

    def load(self, state: State) -> None:
        """Continue training from a state of before or after."""
        unfrozen = state.began > self._start
        objective = self._objective if unfrozen else self._first
        state = replace(state, slots=of_trained(state.slots, objective))
        if unfrozen == self.unfrozen:
            self._engine.load(state)
        else:
            self._engine, self.unfrozen = self._make(objective=objective, state=state), unfrozen

    def state(self) -> State:
        """Return a copy of the state of training."""
        state = self._engine.state()
        slots = {
            name: from_items(dict(items(tree)) | dict(items(state.slots.get(name, {}))))
            for name, tree in self._slots.items()
        }
        return replace(state, slots=slots)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """Run one training step for each batch at its learning rate."""
        return self._engine.run(x, y, batches, rates)

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the next step's (layer outputs, gradients) on this batch, by path."""
        return self._engine.trace(x, y)

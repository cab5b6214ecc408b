"""The NumPy engine: one step after the other, eagerly. The reference for all other engines.

The weights that share an optimizer's rule (for most optimizers, all of them) form a
`ParameterBlock`, which is updated block by block. What needs whole gradients, such as clipping,
comes before it; what needs whole weights, such as constraints, comes after it.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from glassnet.core.arrays import map_arrays
from glassnet.core.trees import Array, Tree, from_items, items, map_leaves
from glassnet.engines.groups import ParameterBlock
from glassnet.engines.memory import keep_freed_memory
from glassnet.engines.state import (
    Measures,
    Objective,
    State,
    all_finite,
    by_path,
    constraints,
    outputs_and_gradients,
)
from glassnet.layers import CallContext
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer

THREADED = 2**25  # multiplications in a product that is worth a second thread

_THREADS = ThreadpoolController()


def one_thread() -> Any:
    """Inside this, small products don't wait for a second thread."""
    return _THREADS.limit(limits=1, user_api="blas")


class NumpyEngine:
    """Takes training from one state to the next; weights change in place."""

    name = "numpy"
    least_steps = 1

    def __init__(self, objective: Objective, optimizer: Optimizer, state: State, seed: int) -> None:
        self.objective, self.optimizer, self.seed = objective, optimizer, seed
        self._constraints = constraints(objective)
        keep_freed_memory()
        self.load(state)

    def load(self, state: State) -> None:
        """Take training up at a state, which is copied."""
        self.step = state.step
        weights = dict(items(state.params))
        slots = {name: dict(items(tree)) for name, tree in state.slots.items()}
        self._groups = _groups(
            {path: weights[path] for path in self.objective.trained}, self.optimizer, slots
        )
        self._sums = {p: np.array(a) for p, a in slots.get("gradient_accumulator", {}).items()}
        self._weights = {p: view for group in self._groups for p, view in group.weights.items()}
        self._gradients = {p: view for group in self._groups for p, view in group.gradients.items()}
        self._fixed = {p: np.array(w) for p, w in weights.items() if p not in self._weights}
        self._dtype = self._weights[self.objective.trained[0]].dtype
        self.params: Tree = from_items({p: (self._weights | self._fixed)[p] for p in weights})

    def state(self) -> State:
        """A copy of where training is."""
        slots: dict[str, dict[str, Array]] = {}
        for group in self._groups:
            for name, arrays in group.slots().items():
                slots.setdefault(name, {}).update(arrays)
        if self._sums:
            slots["gradient_accumulator"] = {
                path: total.copy() for path, total in self._sums.items()
            }
        params = {path: leaf.copy() for path, leaf in items(self.params)}
        trees = {name: from_items(_in_order(found, params)) for name, found in slots.items()}
        return State(self.step, from_items(params), trees)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """One training step for each batch (an array of row numbers) at its learning rate."""
        sizes, losses, metrics, fine = [], [], [], True
        # A loss that is no number is an error of its own, with the step; NumPy need not warn too.
        with np.errstate(over="ignore", invalid="ignore"):
            for size, group in groupby(zip(batches, rates, strict=True), lambda pair: len(pair[0])):
                with _THREADS.limit(limits=self._threads(x, size), user_api="blas"):
                    for rows, rate in group:
                        if not fine:
                            break
                        loss, measured, fine = self._step(x, y, rows, rate)
                        sizes.append(size)
                        losses.append(loss)
                        metrics.append(measured)
        names = metrics[0] if metrics else ()
        return Measures(
            np.array(sizes),
            np.array(losses, np.float64),
            {name: np.array([m[name] for m in metrics], np.float64) for name in names},
            fine,
        )

    def _threads(self, x: Any, rows: int) -> int | None:
        """One thread for small products, as many as BLAS was given (None) for large ones.

        OpenBLAS's threads wait for each other by spinning: with 2 of them while another program
        uses one of 2 cores, a step of the first network took 1 to 40 ms instead of 0.4. And one
        thread gives the same bits whatever the machine has. It is asked for each batch: the bits
        of a step must not depend on which steps it shares a segment with.
        """
        largest = self.objective.largest_product(map_arrays(lambda a: a.shape[1:], x))
        return 1 if rows * largest < THREADED else None

    def _step(
        self, x: Any, y: Any, rows: Array, rate: float
    ) -> tuple[Array, dict[str, Array], bool]:
        """One step: the loss and the metrics before it, and whether it was done."""
        updates: dict[str, Array] = {}
        call = CallContext(True, self.seed, self.step, wrt_x=False, updates=updates)
        batch = map_arrays(lambda a: a[rows].astype(self._dtype), x)
        targets = map_arrays(lambda a: a[rows], y)
        loss, measured, grads = self.objective.gradients(self.params, batch, targets, call)
        fine = bool(np.isfinite(loss)) and self._apply(by_path(self.objective, grads), rate)
        for path, value in updates.items() if fine else ():
            np.copyto(self._fixed[path], value)
        return loss, measured, fine

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """What the next step would see on this batch: (layers' outputs, gradients), by path."""
        call = CallContext(True, self.seed, self.step, wrt_x=False)
        x = map_arrays(lambda a: a.astype(self._dtype), x)
        return outputs_and_gradients(self.objective, self.params, x, y, call)

    def _apply(self, gradients: dict[str, Array], rate: float) -> bool:
        """One optimizer step, in the optimizer's order; the weights are written in place.

        Says whether it was done: if the gradients are no numbers, nothing changes.
        """
        optimizer = self.optimizer
        ready, number = optimizer.updates_at(self.step), optimizer.update_number(self.step)
        if self._sums:
            gradients = {path: total + gradients[path] for path, total in self._sums.items()}
        # Where sums are kept, or infinity is clipped to a number, the groups would see it too late.
        early = self._sums or optimizer.clipvalue is not None
        if early and not all_finite(0.0, gradients.values()):
            return False
        if ready:
            for path, gradient in optimizer.process_gradients(gradients).items():
                np.copyto(self._gradients[path], gradient)
            if not all(group.finite() for group in self._groups):
                return False
        if self._sums:
            sums = map_leaves(np.asarray, gradients)
            self._sums = map_leaves(np.zeros_like, sums) if ready else sums
        self.step += 1
        for group in self._groups:
            if ready:
                group.step(rate, number)
            if optimizer.use_ema:
                group.average(optimizer, number)
            if self.step % FLUSH_EVERY == 0:
                group.flush()
        for path, constraint in self._constraints.items():
            np.copyto(self._weights[path], constraint(self._weights[path]))
        return True


def _groups(
    weights: dict[str, Array], optimizer: Optimizer, slots: dict[str, dict[str, Array]]
) -> list[ParameterBlock]:
    """The weights by their rules; each by itself where the rule looks at it as a whole."""
    shared: dict[Any, dict[str, Array]] = {}
    for path, weight in weights.items():
        rule = optimizer.rule_for(path, weight.shape)
        shared.setdefault((rule, None if rule.elementwise else path), {})[path] = weight
    return [ParameterBlock(rule, group, slots) for (rule, _), group in shared.items()]


def _in_order(found: dict[str, Array], paths: Iterable[str]) -> dict[str, Array]:
    return {path: found[path] for path in paths if path in found}

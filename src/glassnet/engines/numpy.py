"""The NumPy engine: eager steps, one after the other. The reference for all other engines.

The weights that share an optimizer's rule (for most optimizers, all of them) form a
`ParameterBlock`, which is updated block by block. Operations on whole gradients, such as clipping,
come before it; operations on whole weights, such as constraints, come after it.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from glassnet.core.arrays import map_arrays
from glassnet.core.trees import Array, Tree, from_items, items
from glassnet.engines.groups import ParameterBlock
from glassnet.engines.layer_decay import rate_factors
from glassnet.engines.state import (
    EngineObjective,
    Measures,
    State,
    all_finite,
    by_path,
    constraints,
    outputs_and_gradients,
)
from glassnet.layers import CallContext
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer

THREADED = 2**25  # multiplications that make a product worth a second thread

_THREADS = ThreadpoolController()


def one_thread() -> Any:
    """Context in which BLAS uses one thread: small products don't wait for a second one."""
    return _THREADS.limit(limits=1, user_api="blas")


def suitable_threads(product: int) -> Any:
    """Context in which BLAS has 1 thread if the largest product, in multiplications, is small.

    OpenBLAS's threads wait for each other by spinning: with 2 of them, while another program
    used one of 2 cores, a step of the first network took 1 to 40 ms instead of 0.4. And one
    thread gives the same bits on every machine.
    """
    return _THREADS.limit(limits=1 if product < THREADED else None, user_api="blas")


class NumpyEngine:
    """Advances training from one state to the next; weights change in place."""

    name = "numpy"
    least_steps = 1

    def __init__(
        self, objective: EngineObjective, optimizer: Optimizer, state: State, seed: int
    ) -> None:
        self.objective, self.optimizer, self.seed = objective, optimizer, seed
        self._constraints = constraints(objective)
        self.load(state)

    def load(self, state: State) -> None:
        """Continue training from a state, which is copied."""
        self.step, self._began = state.step, state.began
        weights = dict(items(state.params))
        slots = {name: dict(items(tree)) for name, tree in state.slots.items()}
        decay = self.optimizer.layer_decay
        factors = rate_factors(self.objective.network, self.objective.weights, decay)
        groups: dict[Any, dict[str, Array]] = {}  # rules that are not elementwise: one weight each
        for path in self.objective.trained:
            rule = self.optimizer.rule_for(path, weights[path].shape)
            key = rule, factors.get(path, 1.0), rule.elementwise or path
            groups.setdefault(key, {})[path] = weights[path]
        self._groups = [
            ParameterBlock(rule, group, slots, factor)
            for (rule, factor, _), group in groups.items()
        ]
        sums = slots.get("gradient_accumulator", {})
        self._sums: dict[str, Any] = {path: np.array(total) for path, total in sums.items()}
        self._weights = {p: view for group in self._groups for p, view in group.weights.items()}
        self._gradients = {p: view for group in self._groups for p, view in group.gradients.items()}
        self._fixed = {p: np.array(w) for p, w in weights.items() if p not in self._weights}
        self._dtype = self._weights[self.objective.trained[0]].dtype
        self.params: Tree = from_items({p: (self._weights | self._fixed)[p] for p in weights})

    def state(self) -> State:
        """Return a copy of the state of training."""
        slots: dict[str, dict[str, Array]] = {}
        for group in self._groups:
            for name, arrays in group.slots().items():
                slots.setdefault(name, {}).update(arrays)
        if self._sums:
            slots["gradient_accumulator"] = {
                path: total.copy() for path, total in self._sums.items()
            }
        params = {path: leaf.copy() for path, leaf in items(self.params)}
        trees = {
            name: from_items({path: arrays[path] for path in params if path in arrays})
            for name, arrays in slots.items()
        }
        return State(self.step, from_items(params), trees, self._began)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """Run one training step for each batch (an array of row numbers) at its learning rate."""
        sizes, losses, metrics, finite = [], [], [], True
        largest = self.objective.largest_product(map_arrays(lambda a: a.shape[1:], x))
        # A non-finite loss is reported with its step later; NumPy does not have to warn as well.
        with np.errstate(over="ignore", invalid="ignore"):
            for size, group in groupby(zip(batches, rates, strict=True), lambda pair: len(pair[0])):
                # By the batch size alone: a step's bits must not depend on its segment.
                with suitable_threads(size * largest):
                    for rows, rate in group:
                        if not finite:
                            break
                        loss, measured, finite = self._step(x, y, rows, rate)
                        sizes.append(size)
                        losses.append(loss)
                        metrics.append(measured)
        names = metrics[0] if metrics else ()
        return Measures(
            np.array(sizes),
            np.array(losses, np.float64),
            {name: np.array([m[name] for m in metrics], np.float64) for name in names},
            finite,
        )

    def _step(
        self, x: Any, y: Any, rows: Array, rate: float
    ) -> tuple[Array, dict[str, Array], bool]:
        """Run one step. Return the loss and metrics before it, and True if it was done."""
        updates: dict[str, Array] = {}
        call = CallContext(True, self.seed, self.step, wrt_x=False, updates=updates)
        batch = map_arrays(lambda a: a[rows].astype(self._dtype), x)
        targets = map_arrays(lambda a: a[rows], y)
        loss, measured, grads = self.objective.value_and_gradients(
            self.params, batch, targets, call
        )
        finite = bool(np.isfinite(loss)) and self._apply(by_path(self.objective, grads), rate)
        for path, value in updates.items() if finite else ():
            np.copyto(self._fixed[path], value)
        return loss, measured, finite

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the next step's (layer outputs, gradients) on this batch, by path."""
        call = CallContext(True, self.seed, self.step, wrt_x=False)
        x = map_arrays(lambda a: a.astype(self._dtype), x)
        return outputs_and_gradients(self.objective, self.params, x, y, call)

    def _apply(self, gradients: dict[str, Array], rate: float) -> bool:
        """Run one optimizer step, in the optimizer's order, updating the weights in place.

        Returns True if it was done; if the gradients are non-finite, nothing changes.
        """
        optimizer = self.optimizer
        step = self.step - self._began
        ready, number = optimizer.updates_at(step), optimizer.update_number(step)
        if self._sums:
            gradients = {path: total + gradients[path] for path, total in self._sums.items()}
        # If gradients are summed, or infinity is clipped, the test in the groups would be too late.
        early = self._sums or optimizer.clipvalue is not None
        if early and not all_finite(0.0, gradients.values()):
            return False
        if ready:
            for path, gradient in optimizer.process_gradients(gradients).items():
                np.copyto(self._gradients[path], gradient)
            if not all(group.finite() for group in self._groups):
                return False
        if self._sums:
            self._sums = {p: np.zeros_like(g) if ready else g for p, g in gradients.items()}
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

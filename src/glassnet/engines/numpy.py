"""The NumPy engine: one step after the other, eagerly. The reference for all other engines.

Weights, gradients and slots lie each in one flat vector, with views into it where a tree is
needed. So the optimizer's rule runs over a few long blocks instead of many short arrays, and a
block is small enough that all of a rule's intermediate results stay in the processor's cache.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from glassnet.arrays import each
from glassnet.engines.state import Measures, State, Task, outputs_and_gradients
from glassnet.layers import Call
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer, flush
from glassnet.trees import Array, Tree, from_items, items

BLOCK = 32_768  # floats: the five arrays of an Adam block take 640 KB, most of a core's L2 cache
THREADED = 2**25  # multiplications in a product that is worth a second thread

_THREADS = ThreadpoolController()


class NumpyEngine:
    """Takes training from one state to the next; weights change in place."""

    name = "numpy"

    def __init__(self, task: Task, optimizer: Optimizer, state: State, seed: int) -> None:
        self.task, self.optimizer, self.seed = task, optimizer, seed
        self.load(state)

    def load(self, state: State) -> None:
        """Take training up at a state, which is copied."""
        self.step = state.step
        weights = dict(items(state.params))
        trained = {path: weights[path] for path in self.task.trained}
        self._vector, views = _packed(trained)
        self._gradient, self._gradient_views = _packed(trained)  # overwritten by every step
        self._blocks = [slice(i, i + BLOCK) for i in range(0, len(self._vector), BLOCK)]
        slots = [_packed(dict(items(state.slots[name])))[0] for name in self.optimizer.slots]
        self._slots = [tuple(slot[block] for slot in slots) for block in self._blocks]
        self._fixed = {path: np.array(w) for path, w in weights.items() if path not in trained}
        self.params: Tree = from_items({p: views.get(p, self._fixed.get(p)) for p in weights})

    def state(self) -> State:
        """A copy of where training is."""
        params = {path: leaf.copy() for path, leaf in items(self.params)}
        slots = {}
        for name, blocks in zip(self.optimizer.slots, zip(*self._slots, strict=True), strict=True):
            views = _views(np.concatenate(blocks), self._gradient_views)
            slots[name] = from_items(views)
        return State(self.step, from_items(params), slots)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """One training step for each batch (an array of row numbers) at its learning rate."""
        batches = list(batches)
        threads = _THREADS.limit(limits=self._threads(batches), user_api="blas")
        # A loss that is no number is an error of its own, with the step; NumPy need not warn too.
        with threads, np.errstate(over="ignore", invalid="ignore"):
            return self._run(x, y, batches, rates)

    def _threads(self, batches: list[Array]) -> int | None:
        """One thread for small products, as many as BLAS was given (None) for large ones.

        OpenBLAS's threads wait for each other by spinning: with 2 of them while another program
        uses one of 2 cores, a step of the first network took 1 to 40 ms instead of 0.4. And one
        thread gives the same bits whatever the machine has.
        """
        rows = max(map(len, batches), default=0)
        largest = max(view.size for view in self._gradient_views.values())
        return 1 if rows * largest < THREADED else None

    def _run(
        self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]
    ) -> Measures:
        dtype = self._vector.dtype
        sizes, losses, metrics = [], [], []
        for rows, rate in zip(batches, rates, strict=True):
            updates: dict[str, Array] = {}
            call = Call(True, self.seed, self.step, wrt_x=False, updates=updates)
            batch = each(lambda a, rows=rows: a[rows].astype(dtype), x)
            targets = each(lambda a, rows=rows: a[rows], y)
            loss, measured, grads = self.task.gradients(self.params, batch, targets, call)
            self._apply(grads, rate)
            for path, value in updates.items():
                np.copyto(self._fixed[path], value)
            sizes.append(len(rows))
            losses.append(loss)
            metrics.append(measured)
        names = metrics[0] if metrics else ()
        return Measures(
            np.array(sizes),
            np.array(losses, np.float64),
            {name: np.array([m[name] for m in metrics], np.float64) for name in names},
        )

    def look(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """What the next step would see on this batch: (layers' outputs, gradients), by path."""
        call = Call(True, self.seed, self.step, wrt_x=False)
        x = each(lambda a: a.astype(self._vector.dtype), x)
        return outputs_and_gradients(self.task, self.params, x, y, call)

    def _apply(self, grads: Tree, rate: float) -> None:
        """One optimizer step, block by block; the weights are written in place."""
        self.step += 1
        for path, gradient in items(grads):
            np.copyto(self._gradient_views[path], gradient)
        for i, block in enumerate(self._blocks):
            self._vector[block], self._slots[i] = self.optimizer.update(
                self._gradient[block], self._slots[i], self._vector[block], rate, self.step
            )
        if self.step % FLUSH_EVERY == 0:
            self._slots = [tuple(flush(slot) for slot in slots) for slots in self._slots]


def _packed(arrays: Mapping[str, Array]) -> tuple[Any, dict[str, Any]]:
    """One new vector with the arrays' numbers, and a view into it for each."""
    vector = np.concatenate([array.ravel() for array in arrays.values()])
    return vector, _views(vector, arrays)


def _views(vector: Array, like: Mapping[str, Array]) -> dict[str, Any]:
    """Views into the vector, one after the other, with the shapes of the arrays."""
    ends = np.cumsum([array.size for array in like.values()])[:-1]
    parts = np.split(vector, ends)
    return {path: part.reshape(like[path].shape) for path, part in zip(like, parts, strict=True)}

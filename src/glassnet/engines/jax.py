"""The JAX engine: the same ops, compiled by XLA, a whole segment of steps in one call.

The program is a loop whose number of steps is an argument: segments of any length run in one
compiled program, and only a last batch of another size needs a second one. The data are arguments
too, not constants of the program, and small data are padded: data sets of similar length share a
program. Bytes stay bytes until a batch is read; and the buffers of weights and slots are donated,
so that XLA writes the new ones in their place.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import jax
import jax.numpy as jnp
import numpy as np
from platformdirs import user_cache_path

from glassnet.core.arrays import length, map_arrays
from glassnet.core.memory import release_freed_memory
from glassnet.core.trees import Array, Tree, from_items, items, map_leaves
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
from glassnet.engines.update import apply_rules, average_and_constrain
from glassnet.layers import CallContext
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer, flush

LONGEST = 1024  # steps in one call, and rows of the argument with their batches' row numbers
PADDED_BYTES = 2**22  # larger data are not padded: reading rows of the copy slows steps by 8%
# Programs that stay compiled: one takes 8 MB or more, even for a small network.
MOST_COMPILED = 3  # of a model: models that are trained in turn do not compile again
MOST_IN_PROCESS = 16

_USED: WeakKeyDictionary["_Program", Any] = WeakKeyDictionary()  # their keys; the last used is last
_LOCK = Lock()

# Compiled programs are cached for later processes: a network is compiled once, not in every run.
if jax.config.jax_compilation_cache_dir is None:  # unless the user has set another directory
    jax.config.update("jax_compilation_cache_dir", str(user_cache_path("glassnet") / "xla"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


@contextmanager
def read_only_cache() -> Iterator[None]:
    """Context in which compiled programs are read from the cache, but not written to it."""
    name = "jax_persistent_cache_min_compile_time_secs"
    least = getattr(jax.config, name)
    jax.config.update(name, math.inf)
    try:
        yield
    finally:
        jax.config.update(name, least)


class JaxEngine:
    """Advances training from one state to the next, in compiled segments."""

    name = "jax"
    least_steps = 8  # each call has a cost, and allocates memory if none is reusable

    def __init__(
        self, objective: EngineObjective, optimizer: Optimizer, state: State, seed: int
    ) -> None:
        self.objective, self.seed = objective, seed
        self.optimizer = replace(optimizer, learning_rate=1.0)  # an argument of the programs
        self._data: tuple[Any, ...] = (None, None, None, None)
        self._batch_size = 0  # the largest so far
        self.load(state)

    def load(self, state: State) -> None:
        """Continue training from a state, which is copied."""
        self.step, self._began = state.step, state.began
        leaves, trained = dict(items(state.params)), self.objective.trained
        self._order, self._dtype = tuple(leaves), leaves[trained[0]].dtype
        slots = {name: dict(items(tree)) for name, tree in state.slots.items()}
        with precision(self._dtype):
            self._fixed = {p: jnp.array(a) for p, a in leaves.items() if p not in trained}
            self._weights = {path: jnp.array(leaves[path]) for path in trained}
            self._slots = {name: map_leaves(jnp.array, slot) for name, slot in slots.items()}

    @property
    def params(self) -> Tree:
        """A copy of the weights, as NumPy arrays."""
        return self._tree(self._fixed | self._weights)

    def state(self) -> State:
        """Return a copy of the state of training."""
        slots = {name: self._tree(slot) for name, slot in self._slots.items()}
        return State(self.step, self.params, slots, self._began)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """Run one training step for each batch (an array of row numbers) at its learning rate."""
        measures: list[Measures] = []
        with precision(self._dtype):
            pairs = zip(batches, rates, strict=True)
            for _, group in groupby(pairs, key=lambda pair: len(pair[0])):
                rows, group_rates = (list(column) for column in zip(*group, strict=True))
                for start in range(0, len(rows), LONGEST):
                    part = slice(start, start + LONGEST)
                    if not measures or measures[-1].finite:
                        measures.append(self._run(x, y, rows[part], group_rates[part]))
        names = measures[0].metrics if measures else ()
        return Measures(
            np.concatenate([part.sizes for part in measures]),
            np.concatenate([part.losses for part in measures]),
            {name: np.concatenate([part.metrics[name] for part in measures]) for name in names},
            all(part.finite for part in measures),
        )

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the next step's (layer outputs, gradients) on this batch, by path."""
        with precision(self._dtype):
            x = map_arrays(lambda a: a.astype(self._dtype), x)
            outputs, grads = self._program(x, y).trace(self.params, x, y, self.step)
            return map_leaves(np.array, outputs), map_leaves(np.array, grads)

    def _run(self, x: Array, y: Array, rows: list[Any], rates: list[float]) -> Measures:
        steps, size = len(rows), len(rows[0])
        self._batch_size = max(size, self._batch_size)
        if steps == 1 and size < self._batch_size:
            # The last batch of an epoch is copied: its program depends on its size alone.
            x, y = (map_arrays(lambda a, r=rows[0]: jnp.asarray(a[r]), data) for data in (x, y))
            rows = [np.arange(size)]
        else:
            x, y = self._on_device(x, y)
        table = np.zeros((LONGEST, size), np.int32)
        table[:steps] = rows
        padded_rates = np.zeros(LONGEST, self._dtype)
        padded_rates[:steps] = rates
        program = self._program(x, y, size)
        (self._weights, self._slots), statistics, done, losses, metrics = program.segment(
            (self._weights, self._slots), self._fixed, x, y, table, padded_rates,
            self.step, self.step - self._began, steps,
        )  # fmt: skip
        self._fixed |= statistics
        done = int(done)
        if not program.ran:  # compiling took tens of MB, which are free by now
            release_freed_memory()
            program.ran = True
        self.step += done
        shown = min(done + 1, steps)
        return Measures(
            np.full(shown, size),
            np.asarray(losses, np.float64)[:shown],
            {name: np.asarray(values, np.float64)[:shown] for name, values in metrics.items()},
            done == steps,
        )

    def _program(self, x: Any, y: Any, batch_size: int | None = None) -> "_Program":
        """Return the program for these shapes; the next `fit` of the same model reuses it.

        It lives as long as the model, but only the last used ones are kept.
        """
        shapes = tuple((a.shape, a.dtype.name) for a in jax.tree.leaves((x, y)))
        key = (self.optimizer, self.seed, self._dtype.name, batch_size, shapes)
        with _LOCK:
            if key not in self.objective.compiled:
                program = _Program(self.objective, self.optimizer, self.seed, self._dtype)
                self.objective.compiled[key] = program
            program = self.objective.compiled[key]
            _USED.pop(program, None)
            _USED[program] = key
            own = [other for other in _USED if other.objective is self.objective]
            for old in {*own[:-MOST_COMPILED], *list(_USED)[:-MOST_IN_PROCESS]}:
                del old.objective.compiled[_USED.pop(old)]
                old.free()
        return program

    def _tree(self, arrays: dict[str, Any]) -> Tree:
        """Return a copy as NumPy arrays, in the network's order."""
        return from_items({p: np.array(arrays[p]) for p in self._order if p in arrays})

    def _on_device(self, x: Array, y: Array) -> tuple[Any, Any]:
        """Return the data set as JAX arrays; it is transferred once for all segments."""
        if self._data[0] is not x or self._data[1] is not y:
            rows = _padded_length(x)
            self._data = (x, y, *(map_arrays(partial(_padded, rows=rows), a) for a in (x, y)))
        return self._data[2], self._data[3]


def _padded_length(x: Array) -> int:
    """Return the next power of 4, which many data sets share; for large data, their length."""
    rows = length(x)
    power = 4 ** -(-(rows - 1).bit_length() // 2)
    example_bytes = sum(a.nbytes for a in jax.tree.leaves(x)) // rows
    return power if power * example_bytes <= PADDED_BYTES else rows


def _padded(array: Any, rows: int) -> Any:
    """Return a JAX array with this many rows; no batch contains those after the array's own."""
    if len(array) == rows:
        return jnp.asarray(array)
    padded = np.zeros((rows, *array.shape[1:]), array.dtype)
    padded[: len(array)] = array
    return jnp.asarray(padded)


class _Program:
    """The programs that XLA compiles for data of one shape: a segment of steps, a trace of one."""

    def __init__(
        self, objective: EngineObjective, optimizer: Optimizer, seed: int, dtype: Any
    ) -> None:
        self.objective, self.optimizer, self.seed, self.dtype = objective, optimizer, seed, dtype
        self.constraints = constraints(objective)
        decay = optimizer.layer_decay
        self.factors = rate_factors(objective.network, objective.weights, decay)
        # Full 512-bit vectors: by default XLA uses half; steps take 5-10% less.
        options = {"xla_cpu_prefer_vector_width": 512} if jax.default_backend() == "cpu" else {}
        self.segment = jax.jit(self._segment, donate_argnums=0, compiler_options=options)
        self.trace = jax.jit(self._trace)
        self.ran = False  # True once it is compiled

    def free(self) -> None:
        """Free what is compiled."""
        self.segment.clear_cache()
        self.trace.clear_cache()

    def _segment(
        self, carry: Any, fixed: Any, x: Array, y: Array, rows: Array, rates: Array, first: Any,
        rule: Any, count: Any,
    ) -> tuple[Any, dict[str, Array], Array, Array, dict[str, Array]]:  # fmt: skip
        """Run `count` steps, the first of which is `first`, for the optimizer `rule`. Returns the
        weights and slots, the updated statistics, the number of steps done before a non-finite one,
        and the loss and metrics of each.
        """

        def single_step(
            i: Any, carry: Any, statistics: Any, done: Any
        ) -> tuple[Any, Any, Any, Any, Any]:
            batch = map_arrays(lambda a: a[rows[i]].astype(self.dtype), x)
            targets = map_arrays(lambda a: a[rows[i]], y)
            call = self._call(first + i)
            params = from_items(fixed | statistics | carry[0])
            loss, metrics, grads = self.objective.value_and_gradients(params, batch, targets, call)
            gradients, updates = by_path(self.objective, grads), call.updates or {}
            statistics = statistics or {path: fixed[path] for path in updates}
            # No step follows one that was not done. `where` on the new weights would cost 25%.
            finite = all_finite(loss, gradients.values()) & (done == i)
            carry, statistics = jax.lax.cond(
                finite,
                lambda: (self._applied(carry, gradients, rates[i], rule + i), updates),
                lambda: (carry, statistics),
            )
            return carry, statistics, done + finite, loss, metrics

        def step(i: Any, state: Any) -> Any:
            carry, statistics, done, losses, metrics = state
            carry, statistics, done, loss, measured = single_step(i, carry, statistics, done)
            metrics = {name: metrics[name].at[i].set(measured[name]) for name in metrics}
            return carry, statistics, done, losses.at[i].set(loss), metrics

        def stretch(i: Any, state: Any) -> Any:
            # Denormal moments are flushed only every few steps: doing it in each costs a third.
            # These steps don't depend on where a segment begins or ends.
            start = jnp.maximum(i * FLUSH_EVERY - into, 0)
            end = jnp.minimum((i + 1) * FLUSH_EVERY - into, count)
            (weights, slots), *rest = jax.lax.fori_loop(start, end, step, state)
            now = (into + end) % FLUSH_EVERY == 0
            flushed = map_leaves(lambda slot: jnp.where(now, flush(slot), slot), slots)
            return (weights, flushed), *rest

        _, updates, _, loss, measured = jax.eval_shape(partial(single_step, 0), carry, {}, 0)
        statistics = {path: fixed[path] for path in updates}
        empty = map_leaves(lambda metric: jnp.zeros(LONGEST, metric.dtype), dict(measured))
        state = carry, statistics, jnp.int32(0), jnp.zeros(LONGEST, loss.dtype), empty
        into = jnp.asarray(first, jnp.int32) % FLUSH_EVERY
        stretches = (into + count + FLUSH_EVERY - 1) // FLUSH_EVERY
        return jax.lax.fori_loop(0, stretches, stretch, state)

    def _applied(
        self, carry: Any, gradients: dict[str, Array], rate: Array, step: Any
    ) -> tuple[dict[str, Array], dict[str, dict[str, Array]]]:
        """Return weights and slots after a step with these gradients, in the optimizer's order."""
        optimizer = self.optimizer
        number = jnp.asarray(optimizer.update_number(step), self.dtype)

        def updated(carry: Any, gradients: dict[str, Array]) -> Any:
            weights, slots = carry
            factors = self.factors
            return apply_rules(optimizer, factors, weights, slots, gradients, rate, number)

        if optimizer.accumulates > 1:
            ready, sums = optimizer.updates_at(step), carry[1]["gradient_accumulator"]
            gradients = {path: sums[path] + gradient for path, gradient in gradients.items()}
            weights, slots = jax.lax.cond(ready, updated, lambda same, _: same, carry, gradients)
            sums = {path: jnp.where(ready, 0, total) for path, total in gradients.items()}
            slots = slots | {"gradient_accumulator": sums}
        else:
            weights, slots = updated(carry, gradients)
        return average_and_constrain(optimizer, self.constraints, weights, slots, number)

    def _trace(self, params: Tree, x: Array, y: Array, step: Any) -> Any:
        return outputs_and_gradients(self.objective, params, x, y, self._call(step))

    def _call(self, step: Any) -> CallContext:
        return CallContext(True, self.seed, jnp.asarray(step, jnp.uint32), wrt_x=False, updates={})


def precision(dtype: Any) -> Any:
    """Context that enables float64 in JAX, if `dtype` is that, for this engine's calls only."""
    return jax.enable_x64(dtype == np.float64)

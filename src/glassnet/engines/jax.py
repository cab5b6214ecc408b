"""The JAX engine: the same ops, compiled by XLA, a whole segment of steps in one call.

The program is a loop whose number of steps is an argument: segments of any length run in one
compiled program, and only a last batch of another size needs a second one. The data are arguments
too, not constants of the program; bytes stay bytes until a batch is read; and the buffers of
weights and slots are donated, so that XLA writes the new ones in their place.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from platformdirs import user_cache_path

from glassnet.core.arrays import map_arrays
from glassnet.core.trees import Array, Tree, from_items, items, map_leaves
from glassnet.engines.memory import keep_freed_memory
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
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer, flush

LONGEST = 1024  # steps in one call, and rows of the argument with their batches' row numbers

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
        self.objective, self.optimizer, self.seed = objective, optimizer, seed
        self._data: tuple[Any, ...] = (None, None, None, None)
        keep_freed_memory()
        self.load(state)
        optimizer = replace(optimizer, learning_rate=1.0)  # an argument of the programs
        key = (optimizer, seed, self._dtype.name)
        if key not in objective.compiled:  # the next `fit` of the same model reuses it
            objective.compiled[key] = _Program(objective, optimizer, seed, self._dtype)
        self._program: _Program = objective.compiled[key]

    def load(self, state: State) -> None:
        """Continue training from a state, which is copied."""
        self.step = state.step
        leaves, trained = dict(items(state.params)), self.objective.trained
        self._order, self._dtype = tuple(leaves), leaves[trained[0]].dtype
        slots = {name: dict(items(tree)) for name, tree in state.slots.items()}
        with _precision(self._dtype):
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
        return State(self.step, self.params, slots)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """Run one training step for each batch (an array of row numbers) at its learning rate."""
        measures: list[Measures] = []
        with _precision(self._dtype):
            x, y = self._on_device(x, y)
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
        with _precision(self._dtype):
            x = map_arrays(lambda a: a.astype(self._dtype), x)
            outputs, grads = self._program.trace(self.params, x, y, self.step)
            return map_leaves(np.array, outputs), map_leaves(np.array, grads)

    def _run(self, x: Array, y: Array, rows: list[Any], rates: list[float]) -> Measures:
        count = len(rows)
        table = np.zeros((LONGEST, len(rows[0])), np.int32)
        table[:count] = rows
        padded_rates = np.zeros(LONGEST, self._dtype)
        padded_rates[:count] = rates
        (self._weights, self._slots), statistics, done, losses, metrics = self._program.segment(
            (self._weights, self._slots), self._fixed, x, y, table, padded_rates, self.step, count
        )
        self._fixed |= statistics
        done = int(done)
        self.step += done
        shown = min(done + 1, count)
        return Measures(
            np.full(shown, len(rows[0])),
            np.asarray(losses, np.float64)[:shown],
            {name: np.asarray(values, np.float64)[:shown] for name, values in metrics.items()},
            done == count,
        )

    def _tree(self, arrays: dict[str, Any]) -> Tree:
        """Return a copy as NumPy arrays, in the network's order."""
        return from_items({p: np.array(arrays[p]) for p in self._order if p in arrays})

    def _on_device(self, x: Array, y: Array) -> tuple[Any, Any]:
        """Return the data set as JAX arrays; it is transferred once for all segments."""
        if self._data[0] is not x or self._data[1] is not y:
            self._data = (x, y, map_arrays(jnp.asarray, x), map_arrays(jnp.asarray, y))
        return self._data[2], self._data[3]


class _Program:
    """The programs that XLA compiles: a segment of steps, or a trace of one."""

    def __init__(
        self, objective: EngineObjective, optimizer: Optimizer, seed: int, dtype: Any
    ) -> None:
        self.objective, self.optimizer, self.seed, self.dtype = objective, optimizer, seed, dtype
        self.constraints = constraints(objective)
        # Full 512-bit vectors: by default XLA uses half; steps take 5-10% less.
        options = {"xla_cpu_prefer_vector_width": 512} if jax.default_backend() == "cpu" else {}
        self.segment = jax.jit(self._segment, donate_argnums=0, compiler_options=options)
        self.trace = jax.jit(self._trace)

    def _segment(
        self, carry: Any, fixed: Any, x: Array, y: Array, rows: Array, rates: Array, first: Any,
        count: Any,
    ) -> tuple[Any, dict[str, Array], Array, Array, dict[str, Array]]:  # fmt: skip
        """Run `count` steps. Returns the weights and slots, the updated statistics, the number of
        steps done before a non-finite one, and the loss and metrics of each.
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
                lambda: (self._applied(carry, gradients, rates[i], first + i), updates),
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
            weights, slots = dict(carry[0]), {name: dict(slot) for name, slot in carry[1].items()}
            for path, gradient in optimizer.process_gradients(gradients).items():
                rule = optimizer.rule_for(path, gradient.shape)
                state = tuple(slots[name][path] for name in rule.slots)
                weights[path], state = rule.step(gradient, state, weights[path], rate, number)
                for name, slot in zip(rule.slots, state, strict=True):
                    slots[name][path] = slot
            return weights, slots

        if optimizer.accumulates > 1:
            ready, sums = optimizer.updates_at(step), carry[1]["gradient_accumulator"]
            gradients = {path: sums[path] + gradient for path, gradient in gradients.items()}
            weights, slots = jax.lax.cond(ready, updated, lambda same, _: same, carry, gradients)
            sums = {path: jnp.where(ready, 0, total) for path, total in gradients.items()}
            slots = slots | {"gradient_accumulator": sums}
        else:
            weights, slots = updated(carry, gradients)
        if optimizer.use_ema:
            averages = slots["average"]
            pairs = {p: optimizer.average(averages[p], w, number) for p, w in weights.items()}
            weights = {path: weight for path, (weight, _) in pairs.items()}
            slots = slots | {"average": {path: average for path, (_, average) in pairs.items()}}
        for path, constraint in self.constraints.items():
            weights[path] = constraint(weights[path])
        return weights, slots

    def _trace(self, params: Tree, x: Array, y: Array, step: Any) -> Any:
        return outputs_and_gradients(self.objective, params, x, y, self._call(step))

    def _call(self, step: Any) -> CallContext:
        return CallContext(True, self.seed, jnp.asarray(step, jnp.uint32), wrt_x=False, updates={})


def _precision(dtype: Any) -> Any:
    """Context that enables float64 in JAX, if `dtype` is that, for this engine's calls only."""
    return jax.enable_x64(dtype == np.float64)

"""The JAX engine: the same ops, compiled by XLA, a whole segment of steps in one call.

The program is a loop over steps whose number is an argument: segments of any length run in one
compiled program, and only a last batch of another size needs a second one. Data are arguments too,
not constants of the program, bytes stay bytes until a batch is read, and the buffers of weights
and slots are donated: XLA writes the new ones in their place.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    Measures,
    Objective,
    State,
    all_finite,
    by_path,
    constraints,
    outputs_and_gradients,
)
from glassnet.layers import CallContext
from glassnet.optimizers.base import FLUSH_EVERY, Optimizer, flush

LONGEST = 1024  # steps in one call: the row numbers of so many batches are one argument

# Compiled programs are kept for the next process: a network is compiled once, not once a run.
if jax.config.jax_compilation_cache_dir is None:  # unless the person chose another place
    jax.config.update("jax_compilation_cache_dir", str(user_cache_path("glassnet") / "xla"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


@contextmanager
def programs_not_kept() -> Iterator[None]:
    """Inside this, compiled programs are taken from where they are kept, but none is put there."""
    name = "jax_persistent_cache_min_compile_time_secs"
    least = getattr(jax.config, name)
    jax.config.update(name, math.inf)
    try:
        yield
    finally:
        jax.config.update(name, least)


class JaxEngine:
    """Takes training from one state to the next, in compiled segments."""

    name = "jax"
    least_steps = 8  # each call costs a little, and new memory if there is none to keep

    def __init__(self, objective: Objective, optimizer: Optimizer, state: State, seed: int) -> None:
        self.objective, self.optimizer, self.seed = objective, optimizer, seed
        self._data: tuple[Any, ...] = (None, None, None, None)
        keep_freed_memory()
        self.load(state)
        key = (optimizer, seed, self._dtype.name)
        if key not in objective.compiled:  # the next `fit` of the same model finds it there
            objective.compiled[key] = _Program(objective, optimizer, seed, self._dtype)
        self._program: _Program = objective.compiled[key]

    def load(self, state: State) -> None:
        """Take training up at a state, which is copied."""
        self.step = state.step
        leaves, trained = dict(items(state.params)), self.objective.trained
        self._order, self._dtype = tuple(leaves), leaves[trained[0]].dtype
        slots = {name: dict(items(tree)) for name, tree in state.slots.items()}
        with _precision(self._dtype):
            self._fixed = {p: jnp.array(a) for p, a in leaves.items() if p not in trained}
            self._weights = {path: jnp.array(leaves[path]) for path in trained}
            self._slots = {name: map_leaves(jnp.array, kept) for name, kept in slots.items()}

    @property
    def params(self) -> Tree:
        """A copy of the weights, as NumPy arrays."""
        return self._tree(self._fixed | self._weights)

    def state(self) -> State:
        """A copy of where training is."""
        slots = {name: self._tree(kept) for name, kept in self._slots.items()}
        return State(self.step, self.params, slots)

    def run(self, x: Array, y: Array, batches: Iterable[Array], rates: Iterable[float]) -> Measures:
        """One training step for each batch (an array of row numbers) at its learning rate."""
        found: list[Measures] = []
        with _precision(self._dtype):
            x, y = self._on_device(x, y)
            pairs = zip(batches, rates, strict=True)
            for _, group in groupby(pairs, key=lambda pair: len(pair[0])):
                rows, speeds = (list(column) for column in zip(*group, strict=True))
                for start in range(0, len(rows), LONGEST):
                    part = slice(start, start + LONGEST)
                    if not found or found[-1].finite:
                        found.append(self._run(x, y, rows[part], speeds[part]))
        names = found[0].metrics if found else ()
        return Measures(
            np.concatenate([part.sizes for part in found]),
            np.concatenate([part.losses for part in found]),
            {name: np.concatenate([part.metrics[name] for part in found]) for name in names},
            all(part.finite for part in found),
        )

    def trace(self, x: Array, y: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        """What the next step would see on this batch: (layers' outputs, gradients), by path."""
        with _precision(self._dtype):
            x = map_arrays(lambda a: a.astype(self._dtype), x)
            seen, grads = self._program.trace(self.params, x, y, self.step)
            return map_leaves(np.array, seen), map_leaves(np.array, grads)

    def _run(self, x: Array, y: Array, rows: list[Any], rates: list[float]) -> Measures:
        count = len(rows)
        table = np.zeros((LONGEST, len(rows[0])), np.int32)
        table[:count] = rows
        speeds = np.zeros(LONGEST, self._dtype)
        speeds[:count] = rates
        (self._weights, self._slots), moved, done, losses, metrics = self._program.segment(
            (self._weights, self._slots), self._fixed, x, y, table, speeds, self.step, count
        )
        self._fixed |= moved
        done = int(done)
        self.step += done
        seen = min(done + 1, count)
        return Measures(
            np.full(seen, len(rows[0])),
            np.asarray(losses, np.float64)[:seen],
            {name: np.asarray(values, np.float64)[:seen] for name, values in metrics.items()},
            done == count,
        )

    def _tree(self, arrays: dict[str, Any]) -> Tree:
        """A copy as NumPy arrays, in the network's order."""
        return from_items({p: np.array(arrays[p]) for p in self._order if p in arrays})

    def _on_device(self, x: Array, y: Array) -> tuple[Any, Any]:
        """The data set as JAX arrays; moved once, however many segments it serves."""
        if self._data[0] is not x or self._data[1] is not y:
            self._data = (x, y, map_arrays(jnp.asarray, x), map_arrays(jnp.asarray, y))
        return self._data[2], self._data[3]


class _Program:
    """What XLA compiles: many steps, or a look at one."""

    def __init__(self, objective: Objective, optimizer: Optimizer, seed: int, dtype: Any) -> None:
        self.objective, self.optimizer, self.seed, self.dtype = objective, optimizer, seed, dtype
        self.constraints = constraints(objective)
        self.segment = jax.jit(self._segment, donate_argnums=0, compiler_options=_options())
        self.trace = jax.jit(self._look)

    def _segment(
        self, carry: Any, fixed: Any, x: Array, y: Array, rows: Array, rates: Array, first: Any,
        count: Any,
    ) -> tuple[Any, dict[str, Array], Array, Array, dict[str, Array]]:  # fmt: skip
        """`count` steps: weights and slots, moved statistics, how many steps were done before one
        was not sound, and what each was like.
        """

        def one(i: Any, carry: Any, moved: Any, done: Any) -> tuple[Any, Any, Any, Any, Any]:
            batch = map_arrays(lambda a: a[rows[i]].astype(self.dtype), x)
            targets = map_arrays(lambda a: a[rows[i]], y)
            call = self._call(first + i)
            params = from_items(fixed | moved | carry[0])
            loss, metrics, grads = self.objective.value_and_gradients(params, batch, targets, call)
            gradients, updates = by_path(self.objective, grads), call.updates or {}
            moved = moved or {path: fixed[path] for path in updates}
            # After a step that was not done none is. `where` on the new weights would cost 25%.
            fine = all_finite(loss, gradients.values()) & (done == i)
            carry, moved = jax.lax.cond(
                fine,
                lambda: (self._applied(carry, gradients, rates[i], first + i), updates),
                lambda: (carry, moved),
            )
            return carry, moved, done + fine, loss, metrics

        def step(i: Any, state: Any) -> Any:
            carry, moved, done, losses, metrics = state
            carry, moved, done, loss, measured = one(i, carry, moved, done)
            metrics = {name: metrics[name].at[i].set(measured[name]) for name in metrics}
            return carry, moved, done, losses.at[i].set(loss), metrics

        def stretch(i: Any, state: Any) -> Any:
            # Denormal moments are looked for only now and then: at every step it costs a third.
            # The steps after which they are don't depend on where a segment begins or ends.
            start = jnp.maximum(i * FLUSH_EVERY - into, 0)
            end = jnp.minimum((i + 1) * FLUSH_EVERY - into, count)
            (weights, slots), *rest = jax.lax.fori_loop(start, end, step, state)
            now = (into + end) % FLUSH_EVERY == 0
            flushed = map_leaves(lambda slot: jnp.where(now, flush(slot), slot), slots)
            return (weights, flushed), *rest

        _, updates, _, loss, measured = jax.eval_shape(partial(one, 0), carry, {}, 0)
        moved = {path: fixed[path] for path in updates}
        empty = map_leaves(lambda one: jnp.zeros(LONGEST, one.dtype), dict(measured))
        state = carry, moved, jnp.int32(0), jnp.zeros(LONGEST, loss.dtype), empty
        into = jnp.asarray(first, jnp.int32) % FLUSH_EVERY
        stretches = (into + count + FLUSH_EVERY - 1) // FLUSH_EVERY
        found: tuple[Any, Any, Array, Array, dict[str, Array]]
        found = jax.lax.fori_loop(0, stretches, stretch, state)
        return found

    def _applied(
        self, carry: Any, gradients: dict[str, Array], rate: Array, step: Any
    ) -> tuple[dict[str, Array], dict[str, dict[str, Array]]]:
        """Weights and slots after a step with these gradients, in the optimizer's order."""
        optimizer, number = (
            self.optimizer,
            jnp.asarray(self.optimizer.update_number(step), self.dtype),
        )

        def moved(carry: Any, gradients: dict[str, Array]) -> Any:
            weights, slots = dict(carry[0]), {name: dict(kept) for name, kept in carry[1].items()}
            for path, gradient in optimizer.process_gradients(gradients).items():
                rule = optimizer.rule_for(path, gradient.shape)
                kept = tuple(slots[name][path] for name in rule.slots)
                weights[path], kept = rule.step(gradient, kept, weights[path], rate, number)
                for name, slot in zip(rule.slots, kept, strict=True):
                    slots[name][path] = slot
            return weights, slots

        if optimizer.accumulates > 1:
            ready, sums = optimizer.updates_at(step), carry[1]["gradient_accumulator"]
            gradients = {path: sums[path] + gradient for path, gradient in gradients.items()}
            weights, slots = jax.lax.cond(ready, moved, lambda same, _: same, carry, gradients)
            sums = {path: jnp.where(ready, 0, total) for path, total in gradients.items()}
            slots = slots | {"gradient_accumulator": sums}
        else:
            weights, slots = moved(carry, gradients)
        if optimizer.use_ema:
            averages = slots["average"]
            pairs = {p: optimizer.average(averages[p], w, number) for p, w in weights.items()}
            weights = {path: weight for path, (weight, _) in pairs.items()}
            slots = slots | {"average": {path: average for path, (_, average) in pairs.items()}}
        for path, constraint in self.constraints.items():
            weights[path] = constraint(weights[path])
        return weights, slots

    def _look(self, params: Tree, x: Array, y: Array, step: Any) -> Any:
        return outputs_and_gradients(self.objective, params, x, y, self._call(step))

    def _call(self, step: Any) -> CallContext:
        return CallContext(True, self.seed, jnp.asarray(step, jnp.uint32), wrt_x=False, updates={})


def _precision(dtype: Any) -> Any:
    """JAX computes in float32 unless told; this tells it, for one engine's calls only."""
    return jax.enable_x64(dtype == np.float64)


def _options() -> dict[str, Any]:
    """XLA uses half of a processor's 512-bit units unless told; a step is 5 to 10% faster so."""
    return {"xla_cpu_prefer_vector_width": 512} if jax.default_backend() == "cpu" else {}

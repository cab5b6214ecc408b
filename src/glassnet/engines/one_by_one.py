"""The outputs of frozen layers, computed for each example alone.

In a batch, the last bits of an example's outputs depend on its position and on the size of the
batch: libraries compute the rows at the edge of a product in another order than those inside. An
example alone has the same bits whenever it is computed. A large convolutional network takes no
longer this way, because the arrays of one example stay in the processor's cache; in a small one,
the calls in Python take most of the time.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.trees import Tree, map_leaves
from glassnet.engines import require
from glassnet.layers import Layer

CHUNK = 32  # examples in one call of the compiled program


class Head(Protocol):
    """What is trained after a body of frozen layers, whose outputs are its inputs: features."""

    @property
    def compiled(self) -> dict[Any, Any]:
        """Programs that an engine compiled, for reuse."""

    @property
    def body(self) -> Layer:
        """The layers as one."""

    def features(self, params: Tree, x: Any) -> Any:
        """Return the features of a batch."""


def can_compute(engine: str) -> bool:
    """True if computing examples one by one suits the engine: not on accelerators, which idle."""
    require(engine)
    if engine != "jax":
        return True
    import jax

    return jax.default_backend() == "cpu"


def one_by_one(engine: str, head: Head, params: Tree, x: Any, rows: Array, dtype: Any) -> Any:
    """Return the features of these rows of x, as this engine computes them."""
    compute = _compiled if engine == "jax" else _eager
    outputs = compute(head, params, x, rows, np.dtype(dtype))
    if isinstance(outputs[0], tuple):
        return tuple(np.concatenate(column) for column in zip(*outputs, strict=True))
    return np.concatenate(outputs)


def _eager(head: Head, params: Tree, x: Any, rows: Array, dtype: Any) -> list[Any]:
    from glassnet.engines.numpy import suitable_threads

    largest = head.body.largest_product(map_arrays(lambda a: a.shape[1:], x))
    with np.errstate(over="ignore", invalid="ignore"), suitable_threads(largest):
        examples = (map_arrays(lambda a, i=i: a[i : i + 1].astype(dtype), x) for i in rows)
        return [head.features(params, example) for example in examples]


def _compiled(head: Head, params: Tree, x: Any, rows: Array, dtype: Any) -> list[Any]:
    import jax

    from glassnet.engines.jax import precision

    with precision(dtype):
        if "features" not in head.compiled:
            head.compiled["features"] = jax.jit(_program(head))
        params, outputs = map_leaves(jax.numpy.asarray, params), []
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            chunk = map_arrays(lambda a, part=part: _filled(a[part].astype(dtype)), x)
            values = head.compiled["features"](params, chunk, len(part))
            outputs.append(map_arrays(lambda a, part=part: np.array(a[: len(part)]), values))
        return outputs


def _program(head: Head) -> Callable[..., Any]:
    """Return the function to compile: a loop whose number of examples is an argument, so that XLA
    compiles the same code for one example as for many.
    """
    import jax
    import jax.numpy as jnp

    def outputs_of(params: Tree, x: Any, count: Any) -> Any:
        def single(i: Any) -> Any:
            example = map_arrays(lambda a: jax.lax.dynamic_slice_in_dim(a, i, 1), x)
            return head.features(params, example)

        def step(i: Any, outputs: Sequence[Any]) -> Sequence[Any]:
            pairs = zip(outputs, as_tuple(single(i)), strict=True)
            return [jax.lax.dynamic_update_slice_in_dim(all_, y, i, 0) for all_, y in pairs]

        kinds = jax.eval_shape(single, 0)
        empty = [jnp.zeros((CHUNK, *kind.shape[1:]), kind.dtype) for kind in as_tuple(kinds)]
        outputs = jax.lax.fori_loop(0, count, step, empty)
        return tuple(outputs) if isinstance(kinds, tuple) else outputs[0]

    return outputs_of


def _filled(array: Array) -> Array:
    """Return the array with zeros up to a whole chunk."""
    zeros = np.zeros((CHUNK - len(array), *array.shape[1:]), array.dtype)
    return np.concatenate([array, zeros])

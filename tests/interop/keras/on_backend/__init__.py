"""What holds on one Keras backend. A process has only one, so `test_keras` runs this for each.

By hand:
GLASSNET_TEST_BACKEND=jax pytest -o python_files="check_*.py" tests/interop/keras/on_backend
"""

import os
from typing import Any

import numpy as np

from glassnet.core.arrays import map_arrays
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.backend import precision
from glassnet.interop.keras.building.backends import on_backend
from glassnet.interop.keras.building.model import to_numpy
from glassnet.layers import Lambda
from glassnet.verify.cases import Case

BACKEND = os.environ["GLASSNET_TEST_BACKEND"]
bridge.use_backend(BACKEND)


def comparable(case: Case, dtype: str = "float32") -> bool:
    """Whether Keras on this backend computes the same; if not, building is refused."""
    if isinstance(case.subject, Lambda):
        return False
    x = case.arguments[0]
    return isinstance(x, tuple) or not on_backend(case.subject, x.shape[1:], BACKEND, dtype)


def rows(*shape: int, seed: int = 0) -> Any:
    """Normal numbers, always the same."""
    return np.random.default_rng(seed).normal(0, 1, shape)


def pairs(found: Any, expected: Any) -> list[tuple[Any, Any]]:
    """Of one output or several."""
    several = isinstance(expected, tuple)
    return list(zip(found, expected, strict=True)) if several else [(found, expected)]


def outputs(model: Any, x: Any, dtype: str, **options: Any) -> Any:
    """What a Keras model says, computed in this dtype."""
    with precision(dtype):
        return map_arrays(to_numpy, _tuple(model(_list(x), **options)))


def derivatives(model: Any, x: Any, dy: Any, **options: Any) -> tuple[Any, dict[int, Any]]:
    """The backend's gradients of Σ dy · model(x): of x, and of the variables, by their id."""
    dtype, variables = map_arrays(lambda a: a.dtype, x), model.trainable_variables
    with precision(str(dtype[0] if isinstance(dtype, tuple) else dtype)):
        dx, dvariables = _DERIVATIVES[BACKEND](model, variables, x, dy, options)
        found = map_arrays(lambda d: None if d is None else to_numpy(d), dx)
        pairs = zip(variables, dvariables, strict=True)
        return found, {id(v): None if d is None else to_numpy(d) for v, d in pairs}


def _tensorflow(model: Any, variables: Any, x: Any, dy: Any, options: Any) -> Any:
    import tensorflow as tf

    x = map_arrays(tf.constant, x)
    with tf.GradientTape() as tape:
        map_arrays(tape.watch, x)
        y = _tuple(model(_list(x), **options))
        total = _total(_times(y, dy))
    return tape.gradient(total, (x, [variable.value for variable in variables]))


def _jax(model: Any, variables: Any, x: Any, dy: Any, options: Any) -> Any:
    import jax

    fixed = [variable.value for variable in model.non_trainable_variables]

    def total(x: Any, weights: Any) -> Any:
        y, _ = model.stateless_call(weights, fixed, _list(x), **options)
        return _total(_times(_tuple(y), dy))

    weights = [variable.value for variable in variables]
    return jax.grad(total, (0, 1))(map_arrays(jax.numpy.asarray, x), weights)


def _torch(model: Any, variables: Any, x: Any, dy: Any, options: Any) -> Any:
    import torch

    x = map_arrays(lambda a: torch.tensor(a, requires_grad=True), x)
    y = _tuple(model(_list(x), **options))
    total = _total(_times(y, map_arrays(torch.tensor, dy)))
    inputs = list(x) if isinstance(x, tuple) else [x]
    wanted = [*inputs, *(variable.value for variable in variables)]
    found = torch.autograd.grad(total, wanted, allow_unused=True)
    dx = found[: len(inputs)]
    return (dx if isinstance(x, tuple) else dx[0]), found[len(inputs) :]


_DERIVATIVES = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}


def _total(products: Any) -> Any:
    import keras

    several = products if isinstance(products, tuple) else (products,)
    return sum(keras.ops.sum(product) for product in several)


def _list(x: Any) -> Any:
    return list(x) if isinstance(x, tuple) else x


def _tuple(y: Any) -> Any:
    return tuple(y) if isinstance(y, list) else y


def _times(y: Any, dy: Any) -> Any:
    return tuple(a * b for a, b in zip(y, dy, strict=True)) if isinstance(y, tuple) else y * dy

"""Comparing a layer or a loss with Keras's counterpart: outputs and gradients.

Keras runs on JAX here, which needs no separate process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet.core import registry
from glassnet.core.arrays import Array, as_tuple, distance, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items, map_leaves
from glassnet.interop.keras.backend import use_backend
from glassnet.interop.keras.building.compile import loss_to_keras
from glassnet.interop.keras.building.model import find_variable, to_keras
from glassnet.layers import INFERENCE, CallContext, Layer
from glassnet.losses import Loss


class IncomparableError(Exception):
    """The reason why a layer or a loss can't be compared with Keras's."""


def difference(layer: Layer, x: Any, params: Tree, context: CallContext | None = None) -> float:
    """Return the largest relative difference in outputs and gradients, computed in float32.

    Each difference is relative to the array's largest entry. Outputs at padded steps are ignored.
    Raises IncomparableError if Keras has no such layer, or would draw different random numbers.
    """
    import jax
    import jax.numpy as jnp

    use_backend("jax")
    context = context or INFERENCE
    x = map_arrays(lambda a: np.asarray(a, "float32"), x)
    params = map_leaves(lambda w: np.asarray(w, "float32"), params)
    if context.training and draws(layer, params, x):
        raise IncomparableError("draws other numbers")
    context = CallContext(context.training, mask=context.mask, masks=[])
    ours, back = layer.forward(params, x, context)
    dy, real = upstream(ours, layer.mask_after(x, context))
    dx, grads = back(dy)
    with _custom_may_fail(layer, "layer"):
        model = to_keras(layer, map_arrays(lambda a: a.shape[1:], x), params)
    leaves = {path: find_variable(model, path)[1] for path, _ in items(grads)}
    order = [id(variable) for variable in model.trainable_variables]  # paths are not unique
    fixed = [variable.value for variable in model.non_trainable_variables]

    def theirs(weights: list[Array], x: Any) -> Any:
        y, _ = model.stateless_call(weights, fixed, _listed(x), **options(context))
        y = tuple(y) if isinstance(y, list) else y
        return map_arrays(lambda a: a.astype("float32"), y)  # Discretization's are integers

    weights = [variable.value for variable in model.trainable_variables]
    y, back_keras = jax.vjp(theirs, weights, map_arrays(jnp.asarray, x))
    grads_keras, dx_keras = back_keras(map_arrays(jnp.asarray, dy))
    pairs = [(a[real], b[real]) for a, b in _pairs(ours, y)]
    pairs += [(a, b) for a, b in ([] if dx is None else _pairs(dx, dx_keras)) if a is not None]
    for path, gradient in items(grads):
        pairs.append((gradient, grads_keras[order.index(id(leaves[path]))]))
    return max(distance(np.asarray(a), np.asarray(b)) for a, b in pairs)


def options(context: CallContext) -> dict[str, Any]:
    """Return the arguments with which to call Keras's model in this context."""
    mask = {} if context.mask is None else {"mask": _listed(context.mask)}
    return {"training": context.training, **mask}


def upstream(y: Any, mask: Array | None) -> tuple[Any, Any]:
    """Return (an arbitrary gradient for outputs y, 0 at padding; an index of what to compare)."""
    dy = map_arrays(lambda a: np.cos(np.arange(a.size) + 1).reshape(a.shape).astype(a.dtype), y)
    if mask is None or isinstance(mask, tuple):  # no case with multiple outputs has a mask
        return dy, ...
    return (dy * mask.reshape(*mask.shape, *(1,) * (dy.ndim - 2))).astype(dy.dtype), mask


@contextmanager
def _custom_may_fail(part: Any, kind: str) -> Iterator[None]:
    """Turn errors into IncomparableError for custom layers and losses: Keras has all of ours."""
    try:
        yield
    except GlassnetError as error:
        if type(part) in registry.classes(kind).values():
            raise
        raise IncomparableError("not in Keras") from error


def draws(layer: Layer, params: Tree, x: Any) -> bool:
    """True if the layer's outputs in training are random: they differ between two steps."""
    first, second = (layer.forward(params, x, CallContext(True, step=n))[0] for n in (1, 2))
    pairs = _pairs(first, second)
    return any((a != b).any() for a, b in pairs)


def _pairs(a: Any, b: Any) -> list[tuple[Any, Any]]:
    return list(zip(as_tuple(a), as_tuple(b), strict=True))


def loss_difference(loss: Loss, outputs: Array, targets: Array) -> float:
    """Return the largest relative difference in a loss and its gradient, computed in float32."""
    import jax
    import jax.numpy as jnp

    use_backend("jax")
    outputs = np.asarray(outputs, "float32")
    targets = targets if loss.labels else np.asarray(targets, "float32")
    value, back = loss.forward(outputs, targets)
    with _custom_may_fail(loss, "loss"):
        loss_keras = loss_to_keras(loss)
    value_and_gradient = jax.value_and_grad(lambda y: loss_keras(targets, y))
    value_keras, gradient_keras = value_and_gradient(jnp.asarray(outputs))
    pairs = ((value, value_keras), (back(1.0), gradient_keras))
    return max(distance(np.asarray(a), np.asarray(b)) for a, b in pairs)


def _listed(x: Any) -> Any:
    """Return a tuple of arrays as a list, as Keras takes them."""
    return list(x) if isinstance(x, tuple) else x

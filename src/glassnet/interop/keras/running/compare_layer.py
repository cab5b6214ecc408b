"""A layer or a loss beside Keras's of the same configuration: outputs and gradients.

Keras computes on JAX here, which takes no process of its own.
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
    """Why a layer can't be compared with one of Keras's."""


def difference(layer: Layer, x: Any, params: Tree, context: CallContext | None = None) -> float:
    """The largest difference in outputs and gradients, each relative to the largest entry, float32.

    What is put out at steps of padding, where there is a mask, is no matter. Raises
    IncomparableError where Keras has no such layer, or would draw other random numbers.
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
    with _only_known(layer, "layer"):
        model = to_keras(layer, map_arrays(lambda a: a.shape[1:], x), params)
    leaves = {path: find_variable(model, path)[1] for path, _ in items(grads)}
    order = [id(variable) for variable in model.trainable_variables]  # paths are not unique
    fixed = [variable.value for variable in model.non_trainable_variables]

    def theirs(weights: list[Array], x: Any) -> Any:
        y, _ = model.stateless_call(weights, fixed, _listed(x), **options(context))
        return tuple(y) if isinstance(y, list) else y

    weights = [variable.value for variable in model.trainable_variables]
    y, back_keras = jax.vjp(theirs, weights, map_arrays(jnp.asarray, x))
    found, dx_keras = back_keras(map_arrays(jnp.asarray, dy))
    pairs = [(a[real], b[real]) for a, b in _pairs(ours, y)]
    pairs += [(a, b) for a, b in ([] if dx is None else _pairs(dx, dx_keras)) if a is not None]
    for path, gradient in items(grads):
        pairs.append((gradient, found[order.index(id(leaves[path]))]))
    return max(distance(np.asarray(a), np.asarray(b)) for a, b in pairs)


def options(context: CallContext) -> dict[str, Any]:
    """How Keras's model is called in such a call."""
    mask = {} if context.mask is None else {"mask": _listed(context.mask)}
    return {"training": context.training, **mask}


def upstream(y: Any, mask: Array | None) -> tuple[Any, Any]:
    """Some gradient of outputs like y, 0 at padding, and where the outputs are to be compared."""
    dy = map_arrays(lambda a: np.cos(np.arange(a.size) + 1).reshape(a.shape).astype(a.dtype), y)
    if mask is None or isinstance(mask, tuple):  # of several outputs, no case has a mask
        return dy, ...
    return (dy * mask.reshape(*mask.shape, *(1,) * (dy.ndim - 2))).astype(dy.dtype), mask


@contextmanager
def _only_known(part: Any, kind: str) -> Iterator[None]:
    """Keras has all our layers and losses; only a person's own may be none of Keras's."""
    try:
        yield
    except GlassnetError as error:
        if type(part) in registry.classes(kind).values():
            raise
        raise IncomparableError("not in Keras") from error


def draws(layer: Layer, params: Tree, x: Any) -> bool:
    """Whether the layer's outputs in training are drawn: another seed, another output."""
    one, other = (layer.forward(params, x, CallContext(True, seed))[0] for seed in (1, 2))
    pairs = _pairs(one, other)
    return any((a != b).any() for a, b in pairs)


def _pairs(a: Any, b: Any) -> list[tuple[Any, Any]]:
    return list(zip(as_tuple(a), as_tuple(b), strict=True))


def loss_difference(loss: Loss, outputs: Array, targets: Array) -> float:
    """The same for a loss and the gradient of its outputs."""
    import jax
    import jax.numpy as jnp

    use_backend("jax")
    outputs = np.asarray(outputs, "float32")
    targets = targets if loss.labels else np.asarray(targets, "float32")
    value, back = loss(outputs, targets)
    with _only_known(loss, "loss"):
        made = loss_to_keras(loss)
    found, slope = jax.value_and_grad(lambda y: made(targets, y))(jnp.asarray(outputs))
    pairs = ((value, found), (back(1.0), slope))
    return max(distance(np.asarray(a), np.asarray(b)) for a, b in pairs)


def _listed(x: Any) -> Any:
    """Several arrays as Keras takes them."""
    return list(x) if isinstance(x, tuple) else x

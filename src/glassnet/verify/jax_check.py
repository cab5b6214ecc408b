"""What JAX says of an op or a layer: does it compile, and is its own derivative our pullback?

JAX differentiates our forward formula by itself. It knows nothing of the pullback beside it, so
that the two agree is a proof by another way than central differences.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.core.arrays import Array, distance
from glassnet.core.trees import map_leaves
from glassnet.verify.gradcheck import slopes

Op = Callable[..., tuple[Any, Callable[[Any], Any]]]


def slope_error(op: Op, arguments: tuple[Any, ...]) -> float:
    """The error of the random-projection check with the op compiled by XLA, in float64."""
    with jax.enable_x64(True):
        compiled = _compiled(op)
        (check,) = slopes(compiled, arguments, layouts=["contiguous"])
    return check.error


def derivative_error(op: Op, arguments: tuple[Any, ...], seed: int = 0) -> float:
    """The largest difference of our pullback from JAX's derivative, relative to the largest entry,
    in float64.
    """
    with jax.enable_x64(True):
        given = _on_device(arguments)
        y, back = jax.vjp(lambda *a: op(*a)[0], *given)
        rng = np.random.default_rng(seed)
        dy = jax.tree.map(lambda leaf: jnp.asarray(rng.standard_normal(leaf.shape)), y)
        theirs = back(dy)
        ours = jax.jit(lambda a, d: op(*a)[1](d))(given, dy)
        if len(arguments) == 1:
            ours = (ours,)
        return largest_difference(_on_host(ours), _on_host(tuple(theirs)))


def largest_difference(ours: Any, theirs: Any) -> float:
    """max |a − b| over all arrays, each relative to its own largest entry, or to 1 if smaller."""
    if jax.tree.structure(ours) != jax.tree.structure(theirs):
        return float("inf")
    pairs = zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True)
    return max((distance(a, b) for a, b in pairs), default=0.0)


def _compiled(op: Op) -> Op:
    """The op as `gradcheck` calls it, NumPy in and out, its value and pullback under jit."""
    value = jax.jit(lambda a: op(*a)[0])
    gradients = jax.jit(lambda a, dy: op(*a)[1](dy))

    def run(*arguments: Any) -> tuple[Any, Callable[[Any], Any]]:
        given = _on_device(arguments)
        return _on_host(value(given)), lambda dy: _on_host(gradients(given, _on_device(dy)))

    return run


def _on_device(value: Any) -> Any:
    return _each(value, jnp.asarray)


def _on_host(value: Any) -> Any:
    return _each(value, np.asarray)


def _each(value: Any, function: Callable[[Any], Array]) -> Any:
    if isinstance(value, tuple):
        return tuple(_each(item, function) for item in value)
    return map_leaves(function, value) if isinstance(value, dict) else function(value)

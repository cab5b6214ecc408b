"""The checks by JAX: the pullback compiled by XLA, and against JAX's own derivative.

JAX differentiates the forward pass automatically, without using the pullback. If the two agree,
that verifies the pullback independently of central differences.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from glassnet.core.arrays import distance
from glassnet.verify.gradcheck import Op, slopes


def slope_error(op: Op, arguments: tuple[Any, ...]) -> float:
    """Return the error of the random-projection check with the op compiled by XLA, in float64."""
    with jax.enable_x64(True):
        (check,) = slopes(_compiled(op), arguments, layouts=["contiguous"])
    return check.error


def derivative_error(op: Op, arguments: tuple[Any, ...], seed: int = 0) -> float:
    """Return the largest difference between our pullback and JAX's derivative, in float64.

    It is relative to the largest entry of each array, at least 1.
    """
    with jax.enable_x64(True):
        on_device = _on_device(arguments)
        y, back = jax.vjp(lambda *a: op(*a)[0], *on_device)
        rng = np.random.default_rng(seed)
        dy = jax.tree.map(lambda leaf: jnp.asarray(rng.standard_normal(leaf.shape)), y)
        theirs = back(dy)
        ours = jax.jit(lambda a, d: op(*a)[1](d))(on_device, dy)
        if len(arguments) == 1:
            ours = (ours,)
    if jax.tree.structure(ours) != jax.tree.structure(theirs):
        return math.inf
    pairs = zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True)
    return max((distance(a, b) for a, b in pairs), default=0.0)


def _compiled(op: Op) -> Op:
    """Return the op with value and pullback under jit, and NumPy arrays in and out."""
    value = jax.jit(lambda a: op(*a)[0])
    gradients = jax.jit(lambda a, dy: op(*a)[1](dy))

    def run(*arguments: Any) -> tuple[Any, Callable[[Any], Any]]:
        on_device = _on_device(arguments)
        return _on_host(value(on_device)), lambda dy: _on_host(gradients(on_device, _on_device(dy)))

    return run


def _on_device(value: Any) -> Any:
    return jax.tree.map(jnp.asarray, value)


def _on_host(value: Any) -> Any:
    return jax.tree.map(np.asarray, value)

"""Is a pullback the true derivative? One random projection against central differences.

For a function f with Jacobian J, random directions v (of the arguments) and u (of the value):
⟨u, J v⟩ = ⟨Jᵀu, v⟩. The left side is the slope of ⟨u, f(x + h v)⟩ at h = 0, taken by central
differences; the right side is what the pullback says. One number tests every entry at once.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.errors import GlassnetError
from glassnet.trees import Tree, from_items, items, leaves, map_leaves

Floats = np.ndarray[Any, np.dtype[np.float64]]
TOLERANCE = 1e-6  # relative


@dataclass(frozen=True)
class Check:
    """What one comparison found: the slope measured and the slope that the pullback says."""

    layout: str
    measured: float
    claimed: float
    error: float  # |measured − claimed| relative to the size of the terms summed

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= TOLERANCE


LAYOUTS = ("contiguous", "transposed", "strided", "read-only")


def gradcheck(
    subject: Any, *arguments: Any, seed: int = 0, layouts: Sequence[str] = LAYOUTS, **constants: Any
) -> list[Check]:
    """Check the pullback of an op, loss, layer or network in float64; raise if it is wrong.

    An op or loss is called as `subject(*arguments, **constants)` and is checked with respect to
    all arguments; what has no gradient (targets, a rate) goes in as a constant:

        gradcheck(relu, x)
        gradcheck(MeanSquaredError(), outputs, targets=targets)

    A layer or a network gets its input, its weights if they should not be new ones, and `call=` if
    it should not be that of inference; it is checked with respect to input and trainable weights:

        gradcheck(Dense(10, activation="relu"), x)

    The same numbers are given in each memory layout, since a fast path for one may be wrong. The
    error is relative to the terms that the slope sums; one above 1e-6 raises GlassnetError.
    """
    op: Callable[..., Any]
    if hasattr(subject, "forward"):
        op, arguments = _layer_op(subject, *arguments, seed=seed, **constants)
    else:
        op = partial(subject, **constants)
    checks = [_check(op, arguments, seed, layout) for layout in layouts]
    for check in checks:
        if not check.ok:
            raise GlassnetError(
                f"the pullback says the slope is {check.claimed:.12g}, but it is "
                f"{check.measured:.12g} (relative error {check.error:.1e}, {check.layout} input).",
                where=getattr(subject, "__name__", type(subject).__name__),
                fix="Compare the pullback with the formula, one argument at a time.",
            )
    return checks


def _layer_op(
    layer: Any, x: Any, params: Tree | None = None, *, call: Any = None, seed: int
) -> tuple[Callable[..., Any], tuple[Any, Any]]:
    """The layer as an op of its input and its trainable weights, and those two."""
    weights = dict(items(layer.weights(np.shape(x)[1:])))
    if params is None:
        params, _ = layer.init(np.random.default_rng(seed), np.shape(x)[1:], "float64")
    fixed = {path: leaf for path, leaf in items(params) if not weights[path].trainable}
    learned = {path: leaf for path, leaf in items(params) if weights[path].trainable}

    def op(x: Any, learned: Tree) -> Any:
        params = from_items({**fixed, **dict(items(learned))})
        return layer.forward(params, x, *(() if call is None else (call,)))

    return op, (x, from_items(learned))


def _check(op: Callable[..., Any], arguments: Iterable[Any], seed: int, layout: str) -> Check:
    rng = np.random.default_rng(seed)
    trees = {str(i): _as_tree(argument) for i, argument in enumerate(arguments)}
    point = map_leaves(lambda leaf: np.asarray(leaf, np.float64), trees)
    draws = map_leaves(lambda leaf: np.asarray(rng.standard_normal(leaf.shape)), point)
    length = math.sqrt(sum(float((v * v).sum()) for v in leaves(draws)))
    # Of length 1, so that even a network of many weights hardly moves, and seldom over a kink.
    along = map_leaves(lambda v: v / length, draws)

    def value(h: float) -> Any:
        moved = map_leaves(lambda x, v: _laid_out(x + h * v, layout), point, along)
        return op(*(_bare(tree) for tree in moved.values()))

    y, pullback = value(0.0)
    u = np.asarray(rng.standard_normal(np.shape(y)))

    def slope(h: float) -> float:
        return float(((value(h)[0] - value(-h)[0]) * u).sum() / (2 * h))

    answer = pullback(_laid_out(u, layout))
    grads = answer if isinstance(answer, tuple) else (answer,)
    terms = [
        float((np.asarray(g) * v).sum())
        for grad, argument in zip(grads, along.values(), strict=True)
        for g, v in _pairs(_as_tree(grad), _as_tree(_bare(argument)))
    ]
    # Central differences are off by h²/6 times f's third derivative; Richardson takes that out.
    measured, claimed = (4 * slope(1e-5) - slope(2e-5)) / 3, sum(terms)
    # A slope of 0 is measured as rounding noise, about 1e-11 of the value: hence the third size.
    size = max(abs(measured), sum(map(abs, terms)), 1e-4 * float(np.abs(u * y).sum()), 1e-300)
    return Check(layout, measured, claimed, abs(measured - claimed) / size)


def _pairs(grad: Tree, along: Tree) -> list[tuple[Any, Any]]:
    """Gradients with their directions, place by place; shapes must be the arguments' own."""
    found, wanted = dict(items(grad)), dict(items(along))
    if set(found) != set(wanted):
        raise GlassnetError(
            f"the pullback gives gradients of {sorted(found)}, not {sorted(wanted)}."
        )
    for path, v in wanted.items():
        if np.shape(found[path]) != v.shape:
            raise GlassnetError(
                f"the gradient has shape {np.shape(found[path])}, its argument {v.shape}.",
                where=path,
            )
    return [(found[path], wanted[path]) for path in wanted]


def _as_tree(argument: Any) -> Tree:
    return argument if isinstance(argument, dict) else {"": argument}


def _bare(tree: Tree) -> Any:
    return tree.get("", tree)


def _laid_out(x: Floats, layout: str) -> Floats:
    """The same numbers, laid out in memory as named."""
    if layout == "contiguous":
        return np.asarray(x, order="C")
    if layout == "transposed":
        return np.asarray(x, order="F")  # unlike asfortranarray, leaves a number a number
    if layout == "strided" and x.ndim:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]))
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout in ("read-only", "strided"):  # a number has no stride
        frozen = np.array(x)
        frozen.flags.writeable = False
        return frozen
    raise GlassnetError(f"unknown layout {layout!r}.", where="gradcheck")

"""Is a pullback the true derivative? One random projection against central differences.

For a function f with Jacobian J, random directions v (of the arguments) and u (of the value):
⟨u, J v⟩ = ⟨Jᵀu, v⟩. The left side is the slope of ⟨u, f(x + h v)⟩ at h = 0, taken by central
differences; the right side is what the pullback says. One number tests every entry of an argument
at once. In the first memory layout each argument (each weight) has a number of its own, lest a
large one's terms hide a small one's error; in the others one number stands for all.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet.core.arrays import map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items, items, join_path

Floats = np.ndarray[Any, np.dtype[np.float64]]
Op = Callable[..., Any]  # of arrays -> (value, pullback)
TOLERANCE = 1e-6  # relative


@dataclass(frozen=True)
class Check:
    """What one comparison found: the slope measured and the slope that the pullback says."""

    layout: str
    measured: float
    claimed: float
    error: float  # |measured − claimed| relative to the size of the terms summed
    along: str = ""  # the argument with the largest error, where each had a number of its own

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

    A layer or a network takes its input, optionally its weights (else new ones) and `context=`
    (else inference); it is checked with respect to input and trainable weights:

        gradcheck(Dense(10, activation="relu"), x)

    The same numbers are given in each memory layout, since a fast path for one may be wrong. The
    error is relative to the terms that the slope sums; one above 1e-6 raises GlassnetError.
    """
    checks = slopes(*as_op(subject, *arguments, seed=seed, **constants), seed, layouts)
    for check in checks:
        if not check.ok:
            raise GlassnetError(
                f"the pullback says the slope is {check.claimed:.12g}, but it is "
                f"{check.measured:.12g} (relative error {check.error:.1e}, {check.layout} input"
                f"{check.along and ', along argument ' + check.along}).",
                where=getattr(subject, "__name__", type(subject).__name__),
                fix="Compare the pullback with the formula, one argument at a time.",
            )
    return checks


def as_op(
    subject: Any, *arguments: Any, seed: int = 0, **constants: Any
) -> tuple[Op, tuple[Any, ...]]:
    """What `gradcheck` is given as an op of nothing but the arguments that have gradients."""
    if hasattr(subject, "forward"):
        return _layer_op(subject, *arguments, seed=seed, **constants)
    return partial(subject, **constants), arguments


def slopes(
    op: Op, arguments: Sequence[Any], seed: int = 0, layouts: Sequence[str] = LAYOUTS
) -> list[Check]:
    """The slopes measured and claimed, for the arguments in each memory layout."""
    return [_check(op, arguments, seed, layout) for layout in layouts]


def _layer_op(
    layer: Any, x: Any, params: Tree | None = None, *, context: Any = None, seed: int
) -> tuple[Op, tuple[Any, ...]]:
    """The layer as an op of its input and its trainable weights, and those two.

    Whole numbers (the indices that an embedding looks up) have no gradient: then of weights only.
    """
    shape = map_arrays(lambda a: np.shape(a)[1:], x)
    weights = dict(items(layer.weights(shape)))
    if params is None:
        params, _ = layer.init(np.random.default_rng(seed), shape, "float64")
    fixed = {path: leaf for path, leaf in items(params) if not weights[path].trainable}
    learned = {path: leaf for path, leaf in items(params) if weights[path].trainable}
    rest = () if context is None else (context,)

    def op(x: Any, learned: Tree) -> Any:
        return layer.forward(from_items({**fixed, **dict(items(learned))}), x, *rest)

    def op_of_weights(learned: Tree) -> Any:
        y, pullback = op(x, learned)

        def back(dy: Any) -> Any:
            answer = pullback(dy)
            if len(answer) != 2:
                raise GlassnetError(f"{len(answer)} gradients for 2 arguments.")
            return answer[1]

        return y, back

    if np.asarray(x[0]).dtype.kind in "iu":
        return op_of_weights, (from_items(learned),)
    return op, (x, from_items(learned))


def _check(op: Op, arguments: Sequence[Any], seed: int, layout: str) -> Check:
    rng = np.random.default_rng(seed)
    paths = [path for path, _ in _leaves(arguments)]
    point = [np.asarray(leaf, np.float64) for _, leaf in _leaves(arguments)]
    draws = [np.asarray(rng.standard_normal(leaf.shape)) for leaf in point]

    def value(h: float, along: Sequence[Floats]) -> Any:
        moved = (_laid_out(x + h * v, layout) for x, v in zip(point, along, strict=True))
        return op(*_like(arguments, moved))

    y, pullback = value(0.0, draws)
    u = [np.asarray(rng.standard_normal(np.shape(part))) for _, part in _leaves(y)]

    def projected(y: Any) -> float:
        return float(sum((part * v).sum() for (_, part), v in zip(_leaves(y), u, strict=True)))

    answer = pullback(_like(y, (_laid_out(v, layout) for v in u)))
    grads = answer if len(arguments) > 1 else (answer,)
    if len(grads) != len(arguments):
        raise GlassnetError(f"{len(grads)} gradients for {len(arguments)} arguments.")
    # A slope of 0 is measured as rounding noise, about 1e-11 of the value: hence the third size.
    noise = 1e-4 * sum(
        float(np.abs(v * part).sum()) for (_, part), v in zip(_leaves(y), u, strict=True)
    )

    def compared(chosen: Sequence[int], name: str) -> Check:
        length = math.sqrt(sum(float((draws[i] ** 2).sum()) for i in chosen)) or 1.0
        # Of length 1, so that even a network of many weights hardly moves, and seldom over a kink.
        along = [v / length if i in chosen else v * 0 for i, v in enumerate(draws)]

        def slope(h: float) -> float:
            return (projected(value(h, along)[0]) - projected(value(-h, along)[0])) / (2 * h)

        terms = [float((g * v).sum()) for g, v in _pairs(grads, _like(arguments, iter(along)))]
        # Central differences are off by h²/6 times f's third derivative; Richardson takes that out.
        measured, claimed = (4 * slope(1e-5) - slope(2e-5)) / 3, sum(terms)
        size = max(abs(measured), sum(map(abs, terms)), noise, 1e-300)
        return Check(layout, measured, claimed, abs(measured - claimed) / size, name)

    if layout != LAYOUTS[0] or len(paths) == 1:
        return compared(range(len(paths)), "")
    checks = [compared([i], path) for i, path in enumerate(paths)]
    return max(checks, key=lambda check: math.inf if math.isnan(check.error) else check.error)


def _pairs(grads: Any, along: Any) -> list[tuple[Any, Any]]:
    """Gradients with their directions, place by place; shapes must be the arguments' own."""
    found, wanted = dict(_leaves(grads)), dict(_leaves(along))
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
    return [(np.asarray(found[path]), wanted[path]) for path in wanted]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, array) of every array in tuples and trees."""
    if isinstance(value, dict | tuple):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in inner:
            yield from _leaves(item, join_path(path, str(key)))
    else:
        yield path, value


def _like(value: Any, leaves: Iterator[Any]) -> Any:
    """The next leaves in place of the value's own."""
    if isinstance(value, tuple):
        return tuple(_like(item, leaves) for item in value)
    if isinstance(value, dict):
        return {key: _like(item, leaves) for key, item in value.items()}
    return next(leaves)


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

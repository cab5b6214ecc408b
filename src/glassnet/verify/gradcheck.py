"""The gradient check: a pullback against central differences, along random directions.

For a function f with Jacobian J, random directions v (of the arguments) and u (of the value):
⟨u, J v⟩ = ⟨Jᵀu, v⟩. The left side is the slope of ⟨u, f(x + h v)⟩ at h = 0, taken by central
differences; the right side uses the pullback. One number tests all entries of an argument at once.
In the first memory layout, each argument (each weight) is tested by itself, because the terms of a
large one could hide the error of a small one; in the others, all are tested together.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glassnet import losses
from glassnet.core.arrays import map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.functions import is_function, parameters_of
from glassnet.core.trees import Tree, from_items, items, join_path, map_leaves
from glassnet.layers.call import INFERENCE
from glassnet.losses import Loss
from glassnet.ops.derivatives import op_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Op = Callable[..., Any]  # of arrays -> (value, pullback)
TOLERANCE = 1e-6  # relative


@dataclass(frozen=True)
class Check:
    """One comparison: the measured slope and the slope that the pullback claims."""

    layout: str
    measured: float
    claimed: float
    error: float  # |measured − claimed| relative to the size of the terms summed
    along: str = ""  # the argument with the largest error, if each was tested by itself

    @property
    def ok(self) -> bool:
        """True if the error is within the tolerance."""
        return self.error <= TOLERANCE


LAYOUTS = ("contiguous", "transposed", "strided", "read-only")


def gradcheck(
    subject: Any, *arguments: Any, seed: int = 0, layouts: Sequence[str] = LAYOUTS, **constants: Any
) -> list[Check]:
    """Check the pullback of an op, loss, layer or network in float64; raise if it is wrong.

    An op or loss is called as `subject(*arguments, **constants)` and is checked with respect to
    all arguments; those without a gradient (targets, a rate) are passed as constants:

        gradcheck(relu, x)
        gradcheck(MeanSquaredError(), outputs, targets=targets)

    So is a plain function: an activation, a regularizer, or a loss of (y_true, y_pred), whose
    `targets` are constant. If it returns only a value, the derivative that JAX computes is checked.

    A layer or a network takes its input, optionally its weights (default: `drawn_weights`) and
    `context=` (default: inference); it is checked with respect to input and trainable weights:

        gradcheck(Dense(10, activation="relu"), x)

    The same values are passed in each memory layout, since a fast path for one layout may be wrong.
    The error is relative to the terms of the slope; above 1e-6, GlassnetError is raised.
    """
    checks = slopes(*as_op(subject, *arguments, seed=seed, **constants), seed, layouts)
    for check in checks:
        if not check.ok:
            raise GlassnetError(
                f"the pullback gives the slope {check.claimed:.12g}, but it is "
                f"{check.measured:.12g} (relative error {check.error:.1e}, {check.layout} input"
                f"{check.along and ', along argument ' + check.along}).",
                where=getattr(subject, "__name__", type(subject).__name__),
                fix="Compare the pullback with the formula, one argument at a time.",
            )
    return checks


def as_op(
    subject: Any, *arguments: Any, seed: int = 0, **constants: Any
) -> tuple[Op, tuple[Any, ...]]:
    """Return the subject as an op of the arguments that have gradients, and those arguments."""
    if isinstance(subject, Loss):
        return partial(subject.forward, **constants), arguments
    if hasattr(subject, "forward"):
        return _layer_op(subject, *arguments, seed=seed, **constants)
    if is_function(subject) and parameters_of(subject)[:1] in (("y_true",), ("targets",)):
        (targets,) = constants.values()
        return lambda outputs: losses.get(subject).each(outputs, targets), arguments
    op = partial(subject, **constants)

    def differentiable(*arguments: Any) -> Any:
        returned = op(*arguments)
        is_value = len(arguments) == 1 and not isinstance(returned, tuple)
        return op_of(op)(*arguments) if is_value else returned

    return differentiable, arguments


def slopes(
    op: Op, arguments: Sequence[Any], seed: int = 0, layouts: Sequence[str] = LAYOUTS
) -> list[Check]:
    """Return one check for each memory layout of the arguments."""
    return [_check(op, arguments, seed, layout) for layout in layouts]


def drawn_weights(layer: Any, shape: Any, seed: int = 0) -> Tree:
    """Return initial weights, changed at random.

    At weights of exactly 0 or 1, where biases, scales and statistics start, a wrong pullback may
    give the right slope: a factor γ that is missing is not noticed while γ = 1. So zeros are drawn
    from N(0, ¼), and all other weights are multiplied by a number between ½ and 1½.
    """
    rng = np.random.default_rng(seed)
    params, _ = layer.init(rng, shape, "float64")

    def changed(leaf: Floats) -> Floats:
        factors, zeros = rng.uniform(0.5, 1.5, leaf.shape), rng.normal(0, 0.5, leaf.shape)
        return np.where(leaf == 0, zeros, leaf * factors)

    return map_leaves(changed, params)


def _layer_op(
    layer: Any, x: Any, params: Tree | None = None, *, context: Any = INFERENCE, seed: int
) -> tuple[Op, tuple[Any, ...]]:
    """Return the layer as an op of its input and its trainable weights, and those two.

    Integer inputs (indices into an embedding) have no gradient: the op is then of the weights only.
    """
    shape = map_arrays(lambda a: np.shape(a)[1:], x)
    weights = dict(items(layer.weights(shape)))
    if params is None:
        params = drawn_weights(layer, shape, seed)
    fixed = {path: leaf for path, leaf in items(params) if not weights[path].trainable}
    trainable = {path: leaf for path, leaf in items(params) if weights[path].trainable}

    def op(x: Any, trainable: Tree) -> Any:
        return layer.forward(from_items({**fixed, **dict(items(trainable))}), x, context)

    def op_of_weights(trainable: Tree) -> Any:
        y, pullback = op(x, trainable)

        def back(dy: Any) -> Any:
            gradients = pullback(dy)
            if len(gradients) != 2:
                raise GlassnetError(f"{len(gradients)} gradients for 2 arguments.")
            return gradients[1]

        return y, back

    if np.asarray(x[0]).dtype.kind in "iu":
        return op_of_weights, (from_items(trainable),)
    return op, (x, from_items(trainable))


def _check(op: Op, arguments: Sequence[Any], seed: int, layout: str) -> Check:
    rng = np.random.default_rng(seed)
    paths = [path for path, _ in _leaves(arguments)]
    point = [np.asarray(leaf, np.float64) for _, leaf in _leaves(arguments)]
    draws = [rng.standard_normal(leaf.shape) for leaf in point]

    def value(h: float, along: Sequence[Floats]) -> Any:
        moved = (_in_layout(x + h * v, layout) for x, v in zip(point, along, strict=True))
        return op(*_with_leaves(arguments, moved))

    y, pullback = value(0.0, draws)
    u = [np.asarray(rng.standard_normal(np.shape(part))) for _, part in _leaves(y)]

    def projected(y: Any) -> float:
        return float(sum((part * v).sum() for (_, part), v in zip(_leaves(y), u, strict=True)))

    gradients = pullback(_with_leaves(y, (_in_layout(v, layout) for v in u)))
    grads = gradients if len(arguments) > 1 else (gradients,)
    if len(grads) != len(arguments):
        raise GlassnetError(f"{len(grads)} gradients for {len(arguments)} arguments.")
    # A slope of 0 is measured as noise, about 1e-11 of the value: so `size` includes `noise`.
    noise = 1e-4 * sum(
        float(np.abs(v * part).sum()) for (_, part), v in zip(_leaves(y), u, strict=True)
    )

    def compared(indices: Sequence[int], name: str) -> Check:
        length = math.sqrt(sum(float((draws[i] ** 2).sum()) for i in indices)) or 1.0
        # Unit length: even a network with many weights moves little, and rarely across a kink.
        along = [v / length if i in indices else v * 0 for i, v in enumerate(draws)]

        def slope(h: float) -> float:
            return (projected(value(h, along)[0]) - projected(value(-h, along)[0])) / (2 * h)

        terms = [
            float((g * v).sum()) for g, v in _pairs(grads, _with_leaves(arguments, iter(along)))
        ]
        # Central differences err by h²/6 · f‴; Richardson extrapolation removes that term.
        measured, claimed = (4 * slope(1e-5) - slope(2e-5)) / 3, sum(terms)
        size = max(abs(measured), sum(map(abs, terms)), noise, 1e-300)
        return Check(layout, measured, claimed, abs(measured - claimed) / size, name)

    if layout != LAYOUTS[0] or len(paths) == 1:
        return compared(range(len(paths)), "")
    checks = [compared([i], path) for i, path in enumerate(paths)]
    return max(checks, key=lambda check: math.inf if math.isnan(check.error) else check.error)


def _pairs(grads: Any, along: Any) -> list[tuple[Any, Any]]:
    """Return the pairs (gradient, direction). Raises if the shapes differ."""
    actual, expected = dict(_leaves(grads)), dict(_leaves(along))
    if set(actual) != set(expected):
        raise GlassnetError(
            f"the pullback returns gradients of {sorted(actual)}, not {sorted(expected)}."
        )
    for path, v in expected.items():
        if np.shape(actual[path]) != v.shape:
            raise GlassnetError(
                f"the gradient has shape {np.shape(actual[path])}, but its argument {v.shape}.",
                where=path,
            )
    return [(np.asarray(actual[path]), expected[path]) for path in expected]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, array) for every array in tuples and trees."""
    if isinstance(value, dict | tuple):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in inner:
            yield from _leaves(item, join_path(path, str(key)))
    else:
        yield path, value


def _with_leaves(value: Any, leaves: Iterator[Any]) -> Any:
    """Return the value with its leaves replaced by the next ones of `leaves`."""
    if isinstance(value, tuple):
        return tuple(_with_leaves(item, leaves) for item in value)
    if isinstance(value, dict):
        return {key: _with_leaves(item, leaves) for key, item in value.items()}
    return next(leaves)


def _in_layout(x: Floats, layout: str) -> Floats:
    """Return the same values in another memory layout."""
    if layout == "contiguous":
        return np.asarray(x, order="C")
    if layout == "transposed":
        return np.asarray(x, order="F")  # unlike asfortranarray, keeps a scalar 0-dimensional
    if layout == "strided" and x.ndim:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]))
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout in ("read-only", "strided"):  # a scalar has no strides
        frozen = np.array(x)
        frozen.flags.writeable = False
        return frozen
    raise GlassnetError(f"unknown layout {layout!r}.", where="gradcheck")

"""`DivergenceError`, which names the first non-finite array of a step that could not be done."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_tuple, map_arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items
from glassnet.engines.state import Engine

_LOWER = "Lower the learning rate, or clip the gradients (global_clipnorm=1.0, --clip 1)."
_WEIGHTS = "The weights are those before this step."
_FIXES = {
    "input": "Drop those rows or fill in the missing values.",
    "weight": "The previous step caused it. " + _LOWER,
    "activation": "Lower the learning rate, and check that the inputs are scaled.",
    "loss": "Lower the learning rate, and check that targets and outputs are on the same scale.",
    "gradient": _LOWER,
}


class DivergenceError(GlassnetError):
    """The loss or a gradient became non-finite (NaN or infinite): training cannot continue.

    `array` is the name of the first non-finite array, and `kind` is what it is: input, weight,
    activation, loss or gradient.
    """

    def __init__(
        self, what: str, *, where: str, kind: str, array: str = "", weights: str = _WEIGHTS
    ) -> None:
        self.kind, self.array = kind, array
        super().__init__(what, where=where, fix=f"{_FIXES[kind]} {weights}")


def require_finite_weights(
    params: Tree, where: str, weights: str = "The weights were not taken over."
) -> None:
    """Raise DivergenceError if a weight is non-finite; `weights` says what happened to the others.

    The last step may have caused it: a step is only checked before it is done.
    """
    for path, leaf in items(params):
        if not np.isfinite(leaf).all():
            raise DivergenceError(
                f"{path} contains NaN or infinity.",
                where=where,
                kind="weight",
                array=path,
                weights=weights,
            )


def has_non_finite_weights(error: BaseException) -> bool:
    """True if even the weights before the failed step are non-finite."""
    return isinstance(error, DivergenceError) and error.kind == "weight"


def divergence(
    engine: Engine, x: Any, y: Any, rows: Array, loss: float, where: str, frozen: bool = False
) -> DivergenceError:
    """Return the error for the next step of the engine, on these rows, which it could not do.

    The step is traced from the weights before it. The error names the first non-finite array in
    the order of computation. x are outputs of the `frozen` layers, or else the network's inputs.
    """
    x, y = (map_arrays(lambda a: a[rows], data) for data in (x, y))
    name = "output {} of the frozen layers" if frozen else "input {}"
    inputs = {name.format(i): array for i, array in enumerate(as_tuple(x))}
    if len(inputs) == 1:
        inputs = {f"the {name.replace(' {}', '')}": as_tuple(x)[0]}
    with np.errstate(all="ignore"):
        outputs, gradients = engine.trace(x, y)
    params = dict(items(engine.params))
    last_first = {path: gradients[path] for path in reversed(params) if path in gradients}
    for kind, prefix, arrays in (
        ("input", "", {} if frozen else inputs),
        ("weight", "the weight ", params),
        ("activation", "", inputs if frozen else {}),
        ("activation", "the output of layer ", outputs),
        ("loss", "", {"the loss": np.array([loss])}),
        ("gradient", "the gradient of ", last_first),
    ):
        for name, array in arrays.items():
            if not np.isfinite(array).all():
                what = f"{prefix}{name} is the first array that {_contents(array)}."
                return DivergenceError(what, where=where, kind=kind, array=name)
    return DivergenceError("a value overflowed.", where=where, kind="gradient")


def _contents(array: Any) -> str:
    """Return the predicate of a message that describes the non-finite values of an array."""
    if array.size == 1:
        return "is NaN" if np.isnan(array).all() else "is infinite"
    masks: Mapping[str, Any] = {"NaN": np.isnan(array), "infinity": np.isinf(array)}
    kinds = " and ".join(name for name, mask in masks.items() if mask.any())
    return f"contains {kinds} ({(~np.isfinite(array)).sum():,} of {array.size:,} values)"

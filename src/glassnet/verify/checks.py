"""One op, loss or layer before its judges: central differences, XLA, JAX's derivative, Keras."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.layers import Layer
from glassnet.losses import Loss
from glassnet.verify.gradcheck import TOLERANCE, as_op, slopes

ABSENT = "not installed"
KERAS_TOLERANCE = 1e-5  # float32, relative to the largest entry
JUDGES = {
    "differences": TOLERANCE,  # central differences in four memory layouts, NumPy, float64
    "compiled": TOLERANCE,  # the same, compiled by XLA
    "jax": TOLERANCE,  # JAX's own derivative of our forward formula
    "keras": KERAS_TOLERANCE,  # Keras's layer with the same weights, outputs and gradients, float32
}


@dataclass(frozen=True)
class Proof:
    """What the judges found: an error for each, or why there is none."""

    kind: str  # op, loss, layer
    name: str
    errors: Mapping[str, float | str]

    @property
    def ok(self) -> bool:
        """Whether no judge found an error above its tolerance."""
        found = ((judge, error) for judge, error in self.errors.items() if isinstance(error, float))
        return all(error <= JUDGES[judge] for judge, error in found)

    @property
    def absent(self) -> tuple[str, ...]:
        """The judges that were not asked, because they are not installed."""
        return tuple(judge for judge, said in self.errors.items() if said == ABSENT)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON values; an infinite error is None."""
        finite = {
            judge: None if isinstance(error, float) and not math.isfinite(error) else error
            for judge, error in self.errors.items()
        }
        return {"kind": self.kind, "name": self.name, "ok": self.ok, "errors": finite}


def prove(
    kind: str,
    name: str,
    subject: Any,
    arguments: tuple[Any, ...],
    constants: Mapping[str, Any],
    keras: bool = True,
) -> Proof:
    """Ask all judges that are installed."""
    op, rest = as_op(subject, *arguments, **constants)
    errors: dict[str, float | str] = {
        "differences": _error(lambda: max(check.error for check in slopes(op, rest)))
    }
    if find_spec("jax"):
        from glassnet.verify import jax_check

        errors["compiled"] = _error(lambda: jax_check.slope_error(op, rest))
        errors["jax"] = _error(lambda: jax_check.derivative_error(op, rest))
    else:
        errors["compiled"] = errors["jax"] = ABSENT
    errors["keras"] = _by_keras(subject, arguments, constants) if keras else ""
    return Proof(kind, name, errors)


def _by_keras(
    subject: Any, arguments: tuple[Any, ...], constants: Mapping[str, Any]
) -> float | str:
    if not isinstance(subject, Layer | Loss):
        return ""  # an op is compared inside the layers and losses that use it
    if not (find_spec("keras") and find_spec("jax")):
        return ABSENT
    from glassnet.interop.keras.backend import use_backend
    from glassnet.interop.keras.running.compare_layer import (
        IncomparableError,
        difference,
        loss_difference,
    )

    use_backend("jax")
    try:
        if isinstance(subject, Loss):
            return _error(lambda: loss_difference(subject, *arguments, **constants))
        x, params = arguments
        return _error(lambda: difference(subject, x, params, constants.get("context")))
    except IncomparableError as reason:
        return str(reason)


def _error(measure: Callable[[], float]) -> float:
    """The error measured; infinite where the check can't even be made."""
    try:
        with np.errstate(all="ignore"):
            error = measure()
    except GlassnetError:
        return math.inf
    return error if math.isfinite(error) else math.inf

"""The checks of one op, loss or layer: central differences, XLA, JAX's derivative, Keras."""

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

NOT_INSTALLED = "not installed"
KERAS_TOLERANCE = 1e-5  # float32, relative to the largest entry
CHECKS = {
    "differences": TOLERANCE,  # central differences in four memory layouts, NumPy, float64
    "compiled": TOLERANCE,  # the same, compiled by XLA
    "jax": TOLERANCE,  # JAX's own derivative of our forward pass
    "keras": KERAS_TOLERANCE,  # Keras's layer with the same weights, outputs and gradients, float32
}


@dataclass(frozen=True)
class Verification:
    """The error of each check, or the reason why it was not run."""

    kind: str  # op, loss, layer
    name: str
    errors: Mapping[str, float | str]

    @property
    def ok(self) -> bool:
        """True if no error is above its tolerance."""
        errors = ((name, error) for name, error in self.errors.items() if isinstance(error, float))
        return all(error <= CHECKS[name] for name, error in errors)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The checks that were not run because a library is not installed."""
        return tuple(name for name, error in self.errors.items() if error == NOT_INSTALLED)

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "ok": self.ok}


def run_checks(
    kind: str,
    name: str,
    subject: Any,
    arguments: tuple[Any, ...],
    constants: Mapping[str, Any],
    keras: bool = True,
) -> Verification:
    """Run all checks whose libraries are installed."""
    op, rest = as_op(subject, *arguments, **constants)
    errors: dict[str, float | str] = {
        "differences": _error(lambda: max(check.error for check in slopes(op, rest)))
    }
    if find_spec("jax"):
        from glassnet.verify import jax_check

        errors["compiled"] = _error(lambda: jax_check.slope_error(op, rest))
        errors["jax"] = _error(lambda: jax_check.derivative_error(op, rest))
    else:
        errors["compiled"] = errors["jax"] = NOT_INSTALLED
    errors["keras"] = _keras_error(subject, arguments, constants) if keras else ""
    return Verification(kind, name, errors)


def _keras_error(
    subject: Any, arguments: tuple[Any, ...], constants: Mapping[str, Any]
) -> float | str:
    if not isinstance(subject, Layer | Loss):
        return ""  # an op is compared inside the layers and losses that use it
    if not (find_spec("keras") and find_spec("jax")):
        return NOT_INSTALLED
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
    """Return the measured error; infinite if the check itself fails."""
    try:
        with np.errstate(all="ignore"):
            error = measure()
    except GlassnetError:
        return math.inf
    return error if math.isfinite(error) else math.inf

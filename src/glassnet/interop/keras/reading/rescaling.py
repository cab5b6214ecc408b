"""Scaling by constants: Keras's `Rescaling`, and operations with a constant, such as x / 255."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.interop.keras.reading.entry import Config, is_tensor, read_options, refuse

_IGNORED = ("trainable",)
_KINDS = ("Add", "Divide", "Multiply", "Subtract", "TrueDivide")
_LARGEST = 1e38  # float32 has no larger numbers
_OTHER = "In Keras, use a Normalization layer or scale the data before."


def read_array(data: Any) -> Array:
    """Return the number or array in a configuration; raises TypeError or ValueError for others."""
    if isinstance(data, dict) and data.get("class_name") in ("__numpy__", "__tensor__"):
        data = data["config"]["value"]
    values = np.asarray(data)
    if values.dtype.kind not in "iuf":
        raise TypeError("not a number or a list of numbers")
    return values.astype(np.float64)


def read_rescaling(config: Config, where: str) -> dict[str, Any]:
    """Return the description of our layer for a `Rescaling`."""
    options = read_options(config, where, ("scale", "offset"), _IGNORED)
    scale, offset = options.get("scale"), options.get("offset", 0.0)
    return _scaled(_numbers(scale, f"{where}: scale"), _numbers(offset, f"{where}: offset"), where)


def read_scaling(kind: str, nodes: Sequence[Any], where: str) -> dict[str, Any] | None:
    """Return the description of our layer for an operation with a constant, or None."""
    arguments = nodes[0].get("args") if len(nodes) == 1 and isinstance(nodes[0], dict) else None
    if not isinstance(arguments, list) or not any(map(is_tensor, arguments)):
        return None
    one = np.ones(())
    if kind == "Negative" and len(arguments) == 1:
        return _scaled(-one, 0 * one, where)
    if kind not in _KINDS or len(arguments) != 2 or all(map(is_tensor, arguments)):
        return None
    first = is_tensor(arguments[0])
    c = _numbers(arguments[first], where)
    shape = arguments[not first].get("config", {}).get("shape") or [None]
    if c.size > 1 and shape[-1] != c.shape[-1]:
        refuse(where, f"scales {shape[-1]} features by {c.shape[-1]} numbers.", _OTHER)
    if kind in ("Divide", "TrueDivide") and first and c.all():
        return _scaled(1 / c, 0 * one, where)
    if kind == "Multiply":
        return _scaled(c, 0 * one, where)
    if kind == "Add":
        return _scaled(one, c, where)
    if kind == "Subtract":
        return _scaled(one, -c, where) if first else _scaled(-one, c, where)
    return None


def _numbers(data: Any, where: str) -> Array:
    try:
        values = read_array(data)
    except (TypeError, KeyError, ValueError):
        refuse(where, f"{data!r:.80} is not a number or a list of numbers.")
    if not (abs(values) < _LARGEST).all():
        refuse(where, "holds numbers that are too large or not finite.")
    return values


def _scaled(scale: Array, offset: Array, where: str) -> dict[str, Any]:
    """Return the description of x · scale + offset: a Rescaling if all features have the same.

    Otherwise it is a Normalization, which has a mean and a variance for each feature.
    """
    if all(values.size and (values == values.flat[0]).all() for values in (scale, offset)):
        numbers = {"scale": float(scale.flat[0]), "offset": float(offset.flat[0])}
        return {"class": "Rescaling", **numbers}
    if any(values.ndim and values.size != values.shape[-1] for values in (scale, offset)):
        refuse(where, "scales values by position, not by feature.", _OTHER)
    if not (scale > 0).all():
        refuse(where, "scales features differently, some by 0 or a negative number.", _OTHER)
    scale, offset = np.broadcast_arrays(scale.reshape(-1), offset.reshape(-1))
    constants = {"mean": (-offset / scale).tolist(), "variance": (1 / scale**2).tolist()}
    return {"class": "Normalization", "axis": -1, "constants": constants}

"""Strict reading of what all entries of a Keras configuration share: objects, options, dtypes.

Every option is carried over, or has no effect on what the network computes, or must have the one
value that glassnet supports. Anything else is refused by name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from glassnet.core.errors import GlassnetError
from glassnet.interop.keras.reading.foreign import CUSTOM

DTYPES = ("float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "uint16", "int32", "int64", "bool")  # of inputs
MODELS = ("Sequential", "Functional")
OPERATIONS_MODULE = "keras.src.ops.numpy"
_POLICIES = ("DTypePolicy", "FloatDTypePolicy")
_TOP = (*MODELS, *_POLICIES)  # classes that are also in the module `keras`
_PREFIX = re.compile(r"^(tf_)?keras\.(src\.)?")
_OTHER_DTYPE = (
    "In Keras, build the model in float32, copy the weights into it, and save it; predictions then "
    "differ by rounding."
)
_QUANTIZED = "In Keras, save the model before model.quantize(...), and load that."
_IGNORED = {"build_config", "compile_config", "shared_object_id", "name", "inbound_nodes"}

Config = Mapping[str, Any]
Value = tuple[str, int, int]  # a layer's name, the index of a call, and that of its output


def refuse(where: str, what: str, fix: str = "") -> NoReturn:
    """Raise GlassnetError, naming the place."""
    raise GlassnetError(what, where=where, fix=fix or "Nothing was loaded from the file.")


def read_object(data: Any, where: str, module: str) -> tuple[str, Config]:
    """Return (class name, configuration) of an object; raises unless Keras itself defines it."""
    if not isinstance(data, dict) or not isinstance(data.get("config"), dict):
        refuse(where, "is not an object with a config.")
    kind = data.get("class_name")
    if not isinstance(kind, str):
        refuse(where, "has no class_name.")
    home = data.get("module")
    if not _is_home(home, module) and not (home in ("keras", "tf_keras") and kind in _TOP):
        refuse(where, f"is {kind!r:.80} of {home!r:.80}, which is not Keras's own.", CUSTOM)
    if data.get("registered_name") not in (None, kind):
        refuse(where, f"is the custom object {data['registered_name']!r:.80}.", CUSTOM)
    if extra := set(data) - {"module", "class_name", "config", "registered_name"} - _IGNORED:
        refuse(where, f"has an unknown field {min(extra)!r:.80}.")
    return kind, data["config"]


def _is_home(home: Any, module: str) -> bool:
    """Return whether a module of any version of Keras is, or is inside, this public one."""
    if not isinstance(home, str):
        return False
    place, public = (_PREFIX.sub("", name) + "." for name in (home, module))
    return home.startswith(("keras.", "tf_keras.")) and place.startswith((public, "engine."))


def read_options(
    config: Config, where: str, used: Sequence[str], ignored: Sequence[str] = (), **must: Any
) -> dict[str, Any]:
    """Return the `used` options that are present; raises unless all others are as in `must`."""
    for key, value in config.items():
        if key in (*used, *ignored, "name", "dtype"):
            continue
        if key not in must and not key.endswith(("_regularizer", "_constraint")):
            refuse(where, f"has the option {key!r:.80}, which glassnet doesn't support.")
        if value != must.get(key) or isinstance(value, bool) != isinstance(must.get(key), bool):
            fix = ""
            if key.endswith("_regularizer"):
                fix = f"In Keras, set {key} to None and save again: predictions are the same."
            refuse(
                where, f"has {key}={value!r:.80}; glassnet supports only {must.get(key)!r}.", fix
            )
    return {key: config[key] for key in used if key in config}


def read_trainable(config: Config, where: str) -> bool:
    """Return whether Keras trains a layer or model."""
    value = config.get("trainable", True)
    if not isinstance(value, bool):
        refuse(where, f"has trainable={value!r:.80}, which is neither true nor false.")
    return value


def read_dtype(value: Any, where: str, more: Sequence[str] = ()) -> str:
    """Return the dtype of a layer or an input; raises unless glassnet has it."""
    if isinstance(value, dict):
        kind, config = read_object(value, where, "keras.dtype_policies")
        value = config.get("name") if kind in _POLICIES else f"{config.get('mode')}_from_{kind}"
    if isinstance(value, str) and "_from_" in value:
        refuse(where, f"is quantized to {value.partition('_')[0]:.80}.", _QUANTIZED)
    if value not in (*DTYPES, *more):
        known = " and ".join(DTYPES)
        refuse(where, f"has the dtype {value!r:.80}; glassnet has {known}.", _OTHER_DTYPE)
    return str(value)


def is_tensor(data: Any) -> bool:
    """Return whether an argument of a call is a tensor, not a constant."""
    return isinstance(data, dict) and data.get("class_name") == "__keras_tensor__"


def tensor(data: Any) -> Value | None:
    """Return the value that an argument of a call refers to, or None if it isn't a tensor."""
    try:
        name, call, output = data["config"]["keras_history"]
        valid = data["class_name"] == "__keras_tensor__" and isinstance(name, str)
        numbers = type(call) is int and type(output) is int
        return (name, call, output) if valid and numbers else None
    except (TypeError, KeyError, ValueError, AttributeError):
        return None

"""Converting the options of one Keras layer to the description of ours.

`core.registry.build` checks the values.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from glassnet.core.registry import classes
from glassnet.interop.keras.reading.entry import Config, read_object, read_options, refuse
from glassnet.interop.keras.reading.foreign import REASONS, TRAINING_ONLY
from glassnet.interop.keras.reading.graph import causal
from glassnet.interop.keras.reading.rescaling import read_rescaling
from glassnet.layers.network import Network

Described = dict[str, Any]
Read = Callable[[Config, str], Described]

_STATELESS = {"stateful": False, "zero_output_for_mask": False}
# Options that only Keras has, with the value that they must have.
_FURTHER: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("GRU", "LSTM", "SimpleRNN"), _STATELESS),
    "BatchNormalization": {
        "synchronized": False, "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99,
    },
    "Bidirectional": {"weights": None},
    "Dense": {"quantization_config": None},
    "EinsumDense": {"quantization_config": None},
    "Embedding": {"quantization_config": None, "weights": None},
    "LayerNormalization": {"rms_scaling": False},
    "MultiHeadAttention": {"use_gate": False, "attention_axes": [1], "sliding_window": None},
    **{f"SpatialDropout{rank}D": {"noise_shape": None} for rank in (1, 2, 3)},
}  # fmt: skip
# Without effect on the outputs: Keras merges low-rank adapters into the kernels that it saves.
_IGNORED = ("seed", "unroll", "input_length", "trainable", "lora_alpha", "lora_rank")

_IGNORED_OF = {"RandomRotation": ("value_range",)}  # to Keras 3.5


def require_readable(kind: Any, where: str) -> None:
    """Raise if this class of Keras's is one that glassnet has no equal for; says what to do."""
    if kind in REASONS:
        what, fix = REASONS[kind]
        refuse(where, f"is {kind!r}, {what}.", fix)


def read_leaf(kind: str, config: Config, where: str, nodes: Sequence[Any] = ()) -> Described:
    """Return the description of our layer for Keras's; attention also depends on its calls."""
    if kind in _READERS:
        rest = {key: value for key, value in config.items() if key != "activity_regularizer"}
        penalty = read_penalty(config.get("activity_regularizer"), where)
        return _READERS[kind](rest, where) | ((penalty and {"activity_regularizer": penalty}) or {})
    require_readable(kind, where)
    if kind not in READABLE:
        known = ", ".join(READABLE)
        refuse(where, f"is {kind!r:.80}, which glassnet can't read.", f"It reads {known}.")
    cls: Any = classes("layer")[kind]
    names = (field.name for field in fields(cls) if field.init)
    ours = [name for name in names if not name.startswith("lora_")]
    theirs = {name: keras_name for keras_name, name in cls.keras_arguments.items()}
    used = [theirs.get(name, name) for name in ours if name != "name"]
    ignored = (*_IGNORED, *_IGNORED_OF.get(kind, ()))
    options = read_options(config, where, used, ignored, **_further(kind, config))
    described: Described = {"class": kind}
    for name in ours:
        key = theirs.get(name, name)
        if key in options and name != "name":
            described[name] = _value(kind, name, options[key], f"{where}: {key}")
    if kind == "MultiHeadAttention":
        described["causal"] = causal(nodes)
    return described


def _further(kind: str, config: Config) -> dict[str, Any]:
    """Return the options that only Keras has, with the values that they must have."""
    if kind == "Bidirectional":  # its second layer is the first, run backward
        return {"backward_layer": config.get("backward_layer")}
    return {"data_format": "channels_last", **_FURTHER.get(kind, {})}


def _value(kind: str, name: str, value: Any, where: str) -> Any:
    if name.endswith("_initializer"):
        return _initializer(value, where)
    if name.endswith("_regularizer"):
        return None if value is None else _regularizer(value, where)
    if name.endswith("_constraint"):
        return None if value is None else _constraint(value, where)
    if name == "seed" or (name in ("axis", "axes", "shared_axes") and isinstance(value, list)):
        return _plain(value)
    if (kind, name) == ("MultiHeadAttention", "output_dim") and isinstance(value, list):
        if len(value) != 1:
            refuse(where, f"is {value!r:.80}; glassnet supports only one size.")
        return value[0]
    return value


def _plain(value: Any) -> Any:
    """Return a seed as glassnet takes it, or else None; a list of one axis as the axis."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else value
    return value if type(value) is int and value >= 0 else None


def _identity(config: Config, where: str) -> Described:
    return {"class": "Activation", "activation": "linear"}


def _softmax(config: Config, where: str) -> Described:
    axis = read_options(config, where, ("axis",), _IGNORED).get("axis", -1)
    return {"class": "Softmax", "axis": -1 if axis == [-1] else axis}


def _rectifier(kind: str, name: str, **usual: Any) -> Read:
    """Return a reader for a layer that, with the usual options, is the activation `name`."""

    def read(config: Config, where: str) -> Described:
        options = read_options(config, where, tuple(usual), _IGNORED)
        if options == usual:
            return {"class": "Activation", "activation": name}
        return {"class": kind, **options}

    return read


def _layer_scale(config: Config, where: str) -> Described:
    """ConvNeXt's layer y = x · gamma, with one gamma for each feature."""
    options = read_options(config, where, ("init_values", "projection_dim"), _IGNORED)
    return {
        "class": "EinsumDense",
        "equation": "...x,x->...x",
        "partial_output_shape": options.get("projection_dim"),
        "kernel_initializer": {"class": "Constant", "value": options.get("init_values")},
    }


def _discretization(config: Config, where: str) -> Described:
    # `adapt` has computed the boundaries by `num_bins` and `epsilon`.
    ignored = (*_IGNORED, "num_bins", "epsilon")
    options = read_options(
        config, where, ("bin_boundaries",), ignored, output_mode="int", sparse=False
    )
    return {"class": "Discretization", **options}


def _normalization(config: Config, where: str) -> Described:
    options = read_options(config, where, ("axis", "mean", "variance"), _IGNORED, invert=False)
    axis = options.get("axis", -1)
    if isinstance(axis, list):
        if len(axis) > 1:
            refuse(where, f"has the axes {axis!r:.80}; glassnet normalizes along at most one.")
        axis = axis[0] if axis else None
    described: Described = {"class": "Normalization", "axis": axis}
    if options.get("mean") is not None or options.get("variance") is not None:
        described["constants"] = {name: options.get(name) for name in ("mean", "variance")}
    return described


_READERS: dict[str, Read] = {
    **dict.fromkeys(TRAINING_ONLY, _identity),
    "Discretization": _discretization,
    "ELU": _rectifier("ELU", "elu", alpha=1.0),
    "LayerScale": _layer_scale,
    "LeakyReLU": _rectifier("LeakyReLU", "leaky_relu", negative_slope=0.2),
    "Normalization": _normalization,
    "ReLU": _rectifier("ReLU", "relu", max_value=None, negative_slope=0.0, threshold=0.0),
    "Rescaling": read_rescaling,
    "Softmax": _softmax,
}
# Layers that Keras doesn't have: they are built from its other layers instead.
_OURS = {
    "AttachMask", "CategoryEmbedding", "GetItem", "PiecewiseLinearEncoding", "PositionEmbedding",
    "Power", "SinusoidalPositions",
}  # fmt: skip
READABLE = sorted(  # Keras's classes of layers
    {*_READERS, *(kind for kind, cls in classes("layer").items() if not issubclass(cls, Network))}
    - {*_OURS, "Lambda"}  # no code from a file is ever run
)
_INITIALIZERS = ("Constant", "Identity", "Ones", "Orthogonal", "RandomNormal", "RandomUniform",
                 "TruncatedNormal", "VarianceScaling", "Zeros")  # fmt: skip
_OLD_NAMES = {"IdentityInitializer": "Identity", "OrthogonalInitializer": "Orthogonal"}  # to 3.6
_NAMED_INITIALIZERS = {
    f"{author}{kind}": f"{author}_{kind}".lower()
    for author in ("Glorot", "He", "Lecun")
    for kind in ("Normal", "Uniform")
}
_REGULARIZERS = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}


def _initializer(data: Any, where: str) -> Any:
    kind, config = read_object(data, where, "keras.initializers")
    kind = _OLD_NAMES.get(kind, kind)
    config = {key: value for key, value in config.items() if key != "seed"}
    for axes in ("input_axes", "output_axes"):
        if config.pop(axes, None) is not None:
            refuse(where, f"has {axes}, which glassnet doesn't support.")
    if kind in _NAMED_INITIALIZERS and not config:
        return _NAMED_INITIALIZERS[kind]
    if kind not in _INITIALIZERS:
        refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    return {**config, "class": kind}


def _regularizer(data: Any, where: str) -> Described:
    kind, config = read_object(data, where, "keras.regularizers")
    if kind not in _REGULARIZERS or set(config) - set(_REGULARIZERS[kind]):
        refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    return {**config, "class": "L1L2"}


def read_penalty(data: Any, where: str) -> Described | None:
    """Return the description of an activity_regularizer."""
    return None if data is None else _regularizer(data, f"{where}: activity_regularizer")


def _constraint(data: Any, where: str) -> Described:
    kind, config = read_object(data, where, "keras.constraints")
    if kind not in classes("constraint"):
        refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    return {**config, "class": kind}

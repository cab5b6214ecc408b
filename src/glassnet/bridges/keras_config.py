"""A Keras model's configuration, read as data: nothing is looked up by a name from the file.

Only a chain of layers that glassnet has is taken: a Sequential, or a Functional model that is one.
Every option is either carried over, or without effect on what the network computes, or must have
the one value that glassnet knows. Anything else is refused by name.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from glassnet import layers
from glassnet.configs import build
from glassnet.errors import GlassnetError

DTYPES = ("float32", "float64")
_DEEPEST = 32
_MODULES = {
    "Sequential": ("keras", "keras.models", "keras.src.models.sequential"),
    "Functional": ("keras", "keras.models", "keras.src.models.functional"),
    "DTypePolicy": ("keras",),
}
_BESIDE = {"build_config", "compile_config", "shared_object_id", "name", "inbound_nodes"}

Config = Mapping[str, Any]
Shape = tuple[int, ...]


@dataclass
class Description:
    """What the configuration says; `groups` and `constants` go by the place of a layer."""

    network: layers.Sequential
    input_shape: Shape
    dtype: str
    groups: dict[str, str] = field(default_factory=dict)  # where the weights file keeps a layer's
    constants: dict[str, Config] = field(default_factory=dict)  # weights that are options in Keras


def read_config(config: Config) -> Description:
    """The network that a config.json describes. Raises GlassnetError, naming layer and option."""
    found = Description(layers.Sequential(()), (), "")
    found.network = _model(config, found, "config.json", "", "", 0)
    found.dtype = found.dtype or "float32"
    return found


def _model(
    data: Any, found: Description, where: str, place: str, group: str, depth: int
) -> layers.Sequential:
    if depth > _DEEPEST:
        _refuse(where, f"models are nested more than {_DEEPEST} deep.")
    kind, config = _object(data, where, "keras.models")
    if kind not in ("Sequential", "Functional"):
        _refuse(where, f"is {kind!r:.80}; glassnet reads Sequential and Functional models.")
    options = ("layers", "input_layers", "output_layers", "build_input_shape")
    _options(config, where, options, trainable=True)
    entries = config.get("layers")
    if not isinstance(entries, list) or not entries:
        _refuse(where, "has no list of layers.")
    if not all(isinstance(entry, dict) for entry in entries):
        _refuse(where, "has a layer that is not an object.")
    if kind == "Functional":
        _checked_chain(config, entries, where)
    made: list[layers.Layer] = []
    counts: Counter[str] = Counter()
    for i, entry in enumerate(entries):
        name = entry["config"].get("name") if isinstance(entry.get("config"), dict) else None
        if not isinstance(name, str):
            _refuse(where, f"layer {i} has no name.")
        at = f"layer {f'{place}{name}'!r:.80}"
        kind = str(entry.get("class_name"))
        if kind == "InputLayer":
            shape = _input_shape(entry, at)
            if i:
                _refuse(at, "is an input after the first layer.")
            if not depth:
                found.input_shape = shape
        elif not i and not depth:
            _refuse(where, "was saved before it was built.", "Build it, and save it again.")
        else:  # Keras keeps the weights by the layers' classes, counted, not by their names
            inner = f"{group}layers/{kind.lower()}" + (f"_{counts[kind]}" * (counts[kind] > 0))
            counts[kind] += 1
            if kind in ("Sequential", "Functional"):
                made.append(_model(entry, found, at, f"{place}{name}/", f"{inner}/", depth + 1))
            else:
                made.append(_layer(entry, found, at, f"{place}{name}", inner))
    return layers.Sequential(tuple(made), name=config["name"] if depth else None)


def _layer(data: Any, found: Description, where: str, place: str, group: str) -> layers.Layer:
    kind, config = _object(data, where, "keras.layers")
    if kind not in _LAYERS:
        _refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    dtype = _dtype(config.get("dtype", "float32"), where)
    if found.dtype not in ("", dtype):
        _refuse(where, f"computes in {dtype}, but the layers before it in {found.dtype}.")
    found.dtype, found.groups[place] = dtype, group
    described = _LAYERS[kind](config, where)
    if constants := described.pop("constants", None):
        found.constants[place] = constants
    described["name"] = config["name"]
    layer: layers.Layer = build("layer", described, where=where)
    return layer


def _input_shape(data: Any, where: str) -> Shape:
    _, config = _object(data, where, "keras.layers")
    options = _options(config, where, ("batch_shape",), sparse=False, ragged=False, optional=False)
    _dtype(config.get("dtype", "float32"), where)
    shape = options.get("batch_shape")
    if not isinstance(shape, list) or not shape:
        _refuse(where, "has no batch_shape.")
    if not all(type(n) is int and 0 < n < 2**31 for n in shape[1:]):
        _refuse(
            where, f"has the batch_shape {shape!r:.80}; glassnet needs every size but the first."
        )
    return tuple(shape[1:])


def _checked_chain(config: Config, entries: Sequence[Config], where: str) -> None:
    """Raise unless each layer takes the output of the one before it, and nothing else."""
    names = [entry.get("name") for entry in entries]
    for i, entry in enumerate(entries):
        nodes = entry.get("inbound_nodes")
        if (_sources(nodes) if i else nodes) != ([names[i - 1]] if i else []):
            _refuse(where, f"is no chain of layers at {names[i]!r:.80}.")
    for end, name in (("input_layers", names[:1]), ("output_layers", names[-1:])):
        ends = config.get(end)
        if isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list):
            ends = ends[0]
        if not isinstance(ends, list) or ends[:1] != name or ends[1:] != [0, 0]:
            _refuse(where, f"its {end} are not the one end of a chain.")


def _sources(nodes: Any) -> list[Any]:
    """The names of the layers whose outputs a layer is called on; [] if it is not as expected."""
    try:
        (node,) = nodes
        (argument,) = node["args"]
        name, _, tensor = argument["config"]["keras_history"]
        plain = {key for key, value in node["kwargs"].items() if value} == set()
        ok = argument["class_name"] == "__keras_tensor__" and plain and tensor == 0
        return [name] if ok else []
    except (TypeError, KeyError, ValueError, AttributeError):
        return []


# -- layers: the options of Keras as the description of ours ---------------------------------------


def _dense(config: Config, where: str) -> dict[str, Any]:
    described = _options(
        config, where, ("units", "activation", "use_bias"),
        ("kernel_initializer", "bias_initializer", "kernel_regularizer"), bias_regularizer=None,
        kernel_constraint=None, bias_constraint=None, quantization_config=None, trainable=True,
    )  # fmt: skip
    for name in ("kernel_initializer", "bias_initializer"):
        if name in config:
            described[name] = _initializer(config[name], f"{where}: {name}")
    if config.get("kernel_regularizer") is not None:
        described["kernel_regularizer"] = _regularizer(config["kernel_regularizer"], where)
    return {"class": "Dense", **described}


def _normalization(config: Config, where: str) -> dict[str, Any]:
    options = _options(config, where, ("axis", "mean", "variance"), invert=False)
    axis = options.get("axis", -1)
    if isinstance(axis, list):
        if len(axis) > 1:
            _refuse(where, f"has the axes {axis!r:.80}; glassnet normalizes along one, or none.")
        axis = axis[0] if axis else None
    described: dict[str, Any] = {"class": "Normalization", "axis": axis}
    if options.get("mean") is not None or options.get("variance") is not None:
        described["constants"] = {name: options.get(name) for name in ("mean", "variance")}
    return described


def _plain(name: str, *used: str, **must: Any) -> Callable[[Config, str], dict[str, Any]]:
    """A layer whose options have the same names and meanings in both."""
    return lambda config, where: {"class": name, **_options(config, where, used, **must)}


def _activation(name: str, **must: Any) -> Callable[[Config, str], dict[str, Any]]:
    """One of Keras's layers that are an activation."""

    def read(config: Config, where: str) -> dict[str, Any]:
        _options(config, where, (), **must)
        return {"class": "Activation", "activation": name}

    return read


_LAYERS: dict[str, Callable[[Config, str], dict[str, Any]]] = {
    "Activation": _plain("Activation", "activation"),
    "Dense": _dense,
    "Dropout": lambda config, where: {
        "class": "Dropout",
        **_options(config, where, ("rate",), ("seed",), noise_shape=None),
    },
    "ELU": _activation("elu", alpha=1.0),
    "Flatten": _plain("Flatten", data_format="channels_last"),
    "LeakyReLU": _activation("leaky_relu", negative_slope=0.2),
    "Normalization": _normalization,
    "ReLU": _activation("relu", max_value=None, negative_slope=0.0, threshold=0.0),
    "Rescaling": _plain("Rescaling", "scale", "offset"),
    "Softmax": _activation("softmax", axis=-1),
}
_INITIALIZERS = ("Constant", "Identity", "Ones", "Orthogonal", "RandomNormal", "RandomUniform",
                 "TruncatedNormal", "VarianceScaling", "Zeros")  # fmt: skip
_NAMED_INITIALIZERS = {
    f"{author}{kind}": f"{author}_{kind}".lower()
    for author in ("Glorot", "He", "Lecun")
    for kind in ("Normal", "Uniform")
}
_REGULARIZERS = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}


def _initializer(data: Any, where: str) -> Any:
    kind, config = _object(data, where, "keras.initializers")
    config = {key: value for key, value in config.items() if key != "seed"}
    for axes in ("input_axes", "output_axes"):
        if config.pop(axes, None) is not None:
            _refuse(where, f"has {axes}, which glassnet doesn't know.")
    if kind in _NAMED_INITIALIZERS and not config:
        return _NAMED_INITIALIZERS[kind]
    if kind not in _INITIALIZERS:
        _refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    return {**config, "class": kind}


def _regularizer(data: Any, where: str) -> dict[str, Any]:
    where = f"{where}: kernel_regularizer"
    kind, config = _object(data, where, "keras.regularizers")
    if kind not in _REGULARIZERS or set(config) - set(_REGULARIZERS[kind]):
        _refuse(where, f"is {kind!r:.80}, which glassnet can't read.")
    return {**config, "class": "L1L2"}


# -- the parts of every entry ----------------------------------------------------------------------


def _object(data: Any, where: str, module: str) -> tuple[str, Config]:
    """The class name and the configuration of an object that Keras itself defines."""
    if not isinstance(data, dict) or not isinstance(data.get("config"), dict):
        _refuse(where, "is not an object with a config.")
    kind = data.get("class_name")
    if not isinstance(kind, str):
        _refuse(where, "has no class_name.")
    if data.get("module") not in _MODULES.get(kind, (module,)):
        _refuse(where, f"is {kind!r:.80} of {data.get('module')!r:.80}, which is not Keras's own.")
    if data.get("registered_name") not in (None, kind):
        _refuse(where, f"is the custom object {data['registered_name']!r:.80}.")
    if extra := set(data) - {"module", "class_name", "config", "registered_name"} - _BESIDE:
        _refuse(where, f"has an unknown field {min(extra)!r:.80}.")
    return kind, data["config"]


def _options(
    config: Config, where: str, used: Sequence[str], ignored: Sequence[str] = (), **must: Any
) -> dict[str, Any]:
    """The used options that are there; every other one must be known and have its one value."""
    must = {"activity_regularizer": None, **must}
    for key, value in config.items():
        if key in must:
            if value != must[key]:
                _refuse(where, f"has {key}={value!r:.80}; glassnet knows {must[key]!r} only.")
        elif key not in (*used, *ignored, "name", "trainable", "dtype"):
            _refuse(where, f"has the option {key!r:.80}, which glassnet doesn't know.")
    return {key: config[key] for key in used if key in config}


def _dtype(value: Any, where: str) -> str:
    if isinstance(value, dict):
        kind, config = _object(value, where, "keras")
        value = config.get("name") if kind == "DTypePolicy" else kind
    if value not in DTYPES:
        _refuse(where, f"has the dtype {value!r:.80}; glassnet has {' and '.join(DTYPES)}.")
    return str(value)


def _refuse(where: str, what: str, fix: str = "") -> NoReturn:
    raise GlassnetError(what, where=where, fix=fix or f"It reads chains of {', '.join(_LAYERS)}.")

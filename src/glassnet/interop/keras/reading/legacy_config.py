"""Configurations of Keras 2 and of HDF5 files, in the form of .keras files of Keras 3.

Only the form changes: `reading.model` reads the result as strictly as any other, and what is not
understood stays as it is, to be refused there.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from glassnet.interop.keras.reading.entry import MODELS, OPERATIONS_MODULE, refuse
from glassnet.interop.keras.reading.foreign import CUSTOM

_ANY: Any = object()
_RECURRENT = ("GRU", "LSTM", "SimpleRNN")
_SEPARABLE = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
_TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_NO_KERNEL = dict.fromkeys(("kernel_initializer", "kernel_regularizer", "kernel_constraint"), _ANY)
# Options that only Keras 2 has, with the value at which they have no effect.
_DROPPED: dict[str, dict[str, Any]] = {
    **{kind: {"implementation": _ANY, "time_major": False} for kind in _RECURRENT},
    **{kind: {"groups": 1, **_NO_KERNEL} for kind in _SEPARABLE},
    **{kind: {"groups": 1} for kind in _TRANSPOSED},
    "BatchNormalization": {"fused": _ANY, "virtual_batch_size": None, "adjustment": None},
    "MultiHeadAttention": {
        **dict.fromkeys(("query_shape", "key_shape", "value_shape"), _ANY),
        "softmax_robust_masking": False,
    },
}
_RENAMED = {
    "InputLayer": {"batch_input_shape": "batch_shape"},
    "LeakyReLU": {"alpha": "negative_slope"},
}
_MODULES = {
    "_initializer": "keras.initializers",
    "_regularizer": "keras.regularizers",
    "_constraint": "keras.constraints",
}
_INITIALIZERS = {"normal": "truncated_normal"}  # older names of VarianceScaling's distributions
_ACTIVATIONS = {"softmax_v2": "softmax", "swish": "silu"}

Entry = dict[str, Any]


def as_keras_3(data: Any, keras_2: bool) -> Any:
    """Return the entry of a layer or model in the form of Keras 3."""
    if not isinstance(data, dict) or not isinstance(data.get("config"), dict | list):
        return data
    kind, config = data.get("class_name"), data["config"]
    kind = "Functional" if kind == "Model" and "layers" in config else kind
    if isinstance(kind, str) and ">" in kind:
        refuse(f"layer {kind!r:.80}", "is a custom object.", CUSTOM)
    home = "keras" if kind in MODELS else "keras.layers"
    if not keras_2 and isinstance(config, dict) and not {"dtype", "trainable"} & set(config):
        home = home if kind in MODELS else OPERATIONS_MODULE  # a layer has one of these options
    entry = {"module": home, **data, "class_name": kind}
    if isinstance(config, list):  # a Sequential, to Keras 2.2.2
        config = {"name": "sequential", "layers": config}
    if kind in MODELS and isinstance(config.get("layers"), list):
        parts = [as_keras_3(part, keras_2) for part in config["layers"]]
        wire = _with_input if kind == "Sequential" else _wired
        return {**entry, "config": wire({**config, "layers": parts})}
    return {**entry, "config": _options(str(kind), config, keras_2)}


def _options(kind: str, config: Entry, keras_2: bool) -> Entry:
    """Return the options of a layer."""
    dropped = _DROPPED.get(kind, {})
    options = {}
    for key, value in config.items():
        name = _RENAMED.get(kind, {}).get(key, key)
        if key in dropped and (dropped[key] is _ANY or _same(value, dropped[key])):
            continue
        options[name] = _value(key, value, keras_2)
    if kind == "BatchNormalization" and isinstance(axis := options.get("axis"), list):
        options["axis"] = axis[0] if len(axis) == 1 else axis
    if kind == "GRU" and keras_2:
        options.setdefault("reset_after", False)
    if kind == "Bidirectional" and isinstance(layer := options.get("layer"), dict):
        inner = layer.get("config")
        if isinstance(inner, dict):
            backward = {**inner, "go_backwards": not inner.get("go_backwards", False)}
            options.setdefault("backward_layer", {**layer, "config": backward})
    return options


def _same(value: Any, wanted: Any) -> bool:
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def _value(key: str, value: Any, keras_2: bool) -> Any:
    if key in ("activation", "recurrent_activation"):
        if isinstance(value, dict) and value.get("class_name") != "function":
            return as_keras_3(value, keras_2)
        return _ACTIVATIONS.get(value, value) if isinstance(value, str) else value
    if not isinstance(value, dict):
        return value
    if key == "dtype" and value.get("class_name") == "Policy":
        return {"module": "keras", "class_name": "DTypePolicy", "config": value.get("config")}
    if key in ("layer", "backward_layer"):
        return as_keras_3(value, keras_2)
    if value.get("type") == "ndarray":  # a number of NumPy's
        return value.get("value")
    for suffix, module in _MODULES.items():
        if key.endswith(suffix) and isinstance(config := value.get("config"), dict):
            config = {name: option for name, option in config.items() if name != "dtype"}
            if (old := config.get("distribution")) in _INITIALIZERS:
                config["distribution"] = _INITIALIZERS[old]
            return {"module": module, **value, "config": config}
    return value


def _with_input(config: Entry) -> Entry:
    """Return a Sequential's options with its input as a layer, if its shape is known."""
    layers = config["layers"]
    options = {key: value for key, value in config.items() if key != "build_input_shape"}
    first = layers[0]["config"] if layers and isinstance(layers[0], dict) else None
    if not isinstance(first, dict) or layers[0].get("class_name") == "InputLayer":
        return {**options, "layers": [_without_shape(layer) for layer in layers]}
    shape = first.get("batch_input_shape", config.get("build_input_shape"))
    inner = first.get("layers")
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):  # a model comes first
        start = inner[0].get("config")
        shape = start.get("batch_shape") if isinstance(start, dict) else shape
    parts = [_without_shape(layer) for layer in layers]
    if shape is None:
        return {**options, "layers": parts}
    start = {"batch_shape": shape, "dtype": "float32", "name": f"{first.get('name')}_input"}
    entry = {"module": "keras.layers", "class_name": "InputLayer", "config": start}
    return {**options, "layers": [entry, *parts]}


def _without_shape(entry: Any) -> Any:
    """Return a layer's entry without the input shape, which is in the InputLayer."""
    if not isinstance(entry, dict) or not isinstance(config := entry.get("config"), dict):
        return entry
    options = {key: value for key, value in config.items() if key != "batch_input_shape"}
    return {**entry, "config": options}


def _wired(config: Entry) -> Entry:
    """Return a functional model's options with the calls as Keras 3 writes them.

    Keras 2 counts the calls of a nested model from 1, since it counts the call that defined it.
    """
    entries = [_without_shape(entry) for entry in config["layers"]]
    models = {_name(entry) for entry in entries if _kind(entry) in MODELS}
    calls: defaultdict[str, list[int]] = defaultdict(list)
    for entry in entries:
        nodes = entry.get("inbound_nodes") if isinstance(entry, dict) else None
        for reference in _references(nodes):
            calls[reference[0]].append(reference[1])
    for reference in _references(config.get("output_layers")):
        calls[reference[0]].append(reference[1])
    first = {name: min(numbers) for name, numbers in calls.items() if name in models}
    wired = []
    old = False
    for entry in entries:
        nodes = entry.get("inbound_nodes") if isinstance(entry, dict) else None
        if isinstance(nodes, list) and all(isinstance(node, list) for node in nodes):
            old = old or bool(nodes)
            entry = {**entry, "inbound_nodes": [_node(node, first) for node in nodes]}
        wired.append(entry)
    options = {**config, "layers": wired}
    if old and isinstance(ends := config.get("output_layers"), list):
        outputs = [ends] if _is_reference(ends) else ends
        functional = {_name(entry) for entry in entries if _kind(entry) == "Functional"}
        options["output_layers"] = [
            [end[0], end[1] - first.get(end[0], 0) + (end[0] in functional), end[2]]
            if _is_reference(end)
            else end
            for end in outputs
        ]
    return options


def _kind(entry: Any) -> Any:
    return entry.get("class_name") if isinstance(entry, dict) else None


def _name(entry: Any) -> Any:
    config = entry.get("config") if isinstance(entry, dict) else None
    return config.get("name") if isinstance(config, dict) else None


def _is_reference(data: Any) -> bool:
    """Return whether this is [name of a layer, index of the call, index of the output, ...]."""
    return (
        isinstance(data, list)
        and len(data) in (3, 4)
        and [type(part) for part in data[:3]] == [str, int, int]
    )


def _references(data: Any) -> Iterator[list[Any]]:
    """Yield all references to outputs of layers in an older configuration of calls."""
    if _is_reference(data):
        yield data
        yield from _references(data[3:])
    elif isinstance(data, list | dict):
        for part in data.values() if isinstance(data, dict) else data:
            yield from _references(part)


def _node(node: list[Any], first: Mapping[str, int]) -> Any:
    """Return one call as Keras 3 writes it."""
    references = [node] if _is_reference(node) else node
    if not all(_is_reference(reference) for reference in references):
        return node
    tensors = [_tensor(reference, first) for reference in references]
    options: dict[str, Any] = {}
    for reference in references:
        options |= reference[3] if len(reference) == 4 and isinstance(reference[3], dict) else {}
    return {
        "args": tensors if len(tensors) == 1 else [tensors],
        "kwargs": {
            key: _tensor(value, first) if _is_reference(value) else value
            for key, value in options.items()
        },
    }


def _tensor(reference: list[Any], first: Mapping[str, int]) -> dict[str, Any]:
    name, call, output = reference[:3]
    history = [name, call - first.get(name, 0), output]
    return {"class_name": "__keras_tensor__", "config": {"keras_history": history}}

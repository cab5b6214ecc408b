"""A Keras model's configuration, read as data: nothing is looked up by a name from the file.

Sequential and functional models of layers that glassnet has are taken, models inside models too.
Anything else is refused by name.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from glassnet import layers
from glassnet.core.registry import build, describe
from glassnet.core.trees import join_path
from glassnet.interop.keras.building.positions import read_learned, read_waves
from glassnet.interop.keras.building.weight_names import inside
from glassnet.interop.keras.reading.entry import (
    INTEGERS,
    MODELS,
    Config,
    read_dtype,
    read_object,
    read_options,
    refuse,
)
from glassnet.interop.keras.reading.graph import Entry, ends, wired
from glassnet.interop.keras.reading.layer import read_leaf
from glassnet.interop.keras.reading.masks import OPERATIONS as MASKS
from glassnet.layers.base import Shape, snake_case

_DEEPEST = 32
_MOST_CALLS = 10_000  # of layers in one pass; models that share models could have far more
_OPERATIONS = ("Add", "Maximum", "Multiply", "Subtract")  # x + y on Keras's tensors makes one
_OF_OPERATIONS = "keras.src.ops.numpy"


@dataclass
class Description:
    """What the configuration says; `groups` and `constants` go by the place of a layer."""

    network: layers.Layer
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
) -> layers.Layer:
    if depth > _DEEPEST:
        refuse(where, f"models are nested more than {_DEEPEST} deep.")
    kind, config = read_object(data, where, "keras.models")
    if kind not in MODELS:
        refuse(where, f"is {kind!r:.80}; glassnet reads Sequential and Functional models.")
    options = ("layers", "input_layers", "output_layers", "build_input_shape")
    read_options(config, where, options, trainable=True)
    entries: list[Entry] = []
    made: dict[str, layers.Layer] = {}
    shapes: dict[str, Shape] = {}
    counts: Counter[str] = Counter()
    for i, (name, data) in enumerate(_listed(config, where)):
        at = f"layer {f'{place}{name}'!r:.80}"
        entries.append(_entry(name, data, at))
        inner = entries[-1].kind
        if entries[-1].operation:
            if inner in _OPERATIONS:
                made[name] = _operation(data, at)
            elif inner not in (*MASKS, "Concatenate", "ExpandDims", "OnesLike", "ZerosLike"):
                refuse(at, f"is the operation {inner!r:.80}, which glassnet can't read.")
            continue
        # Keras keeps the weights by the layers' classes, counted, not by their names.
        stem = snake_case(inner)
        stored = f"{group}layers/{stem}" + (f"_{counts[stem]}" * (counts[stem] > 0))
        counts[stem] += 1
        if inner == "InputLayer":
            shapes[name] = _input_shape(data, at)
            if i and kind == "Sequential":
                refuse(at, "is an input after the first layer.")
        elif kind == "Sequential" and not i and not depth:
            refuse(where, "was saved before it was built.", "Build it, and save it again.")
        else:
            made[name] = _part(data, found, at, f"{place}{name}", stored, depth)
    if kind == "Sequential":
        network: layers.Sequential | layers.Graph = layers.Sequential(tuple(made.values()))
    else:
        network = wired(config, entries, made, where)
        shapes = {name: shapes[name] for name, _ in ends(config, "input_layers", where)}
    if not depth:
        found.input_shape = next(iter(shapes.values())) if len(shapes) == 1 else (*shapes.values(),)
    if network.calls_within > _MOST_CALLS:
        refuse(where, f"calls layers more than {_MOST_CALLS} times.")
    return replace(network, name=config["name"]) if depth else network


def _listed(config: Config, where: str) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a model's layers, each with its name."""
    listed = config.get("layers")
    if not isinstance(listed, list) or not listed:
        refuse(where, "has no list of layers.")
    if not all(isinstance(data, dict) for data in listed):
        refuse(where, "has a layer that is not an object.")
    named: dict[str, dict[str, Any]] = {}
    for i, data in enumerate(listed):
        name = data["config"].get("name") if isinstance(data.get("config"), dict) else None
        if not isinstance(name, str):
            refuse(where, f"layer {i} has no name.")
        if name in named:
            refuse(where, f"two layers are named {name!r:.80}.")
        named[name] = data
    return list(named.items())


def _entry(name: str, data: dict[str, Any], where: str) -> Entry:
    nodes = data.get("inbound_nodes", [])
    if data.get("name", name) != name or not isinstance(nodes, list):
        refuse(where, "has two names, or calls that are no list.")
    operation = data.get("module") == _OF_OPERATIONS
    return Entry(name, str(data.get("class_name")), where, nodes, operation)


def _part(
    data: Any, found: Description, where: str, place: str, group: str, depth: int
) -> layers.Layer:
    """A layer or a model inside a model."""
    if data.get("class_name") not in MODELS:
        return _layer(data, found, where, place, group, depth)
    if positions := read_learned(data, where):
        found.groups[place] = f"{group}/layers/embedding"
        return positions
    return _model(data, found, where, f"{place}/", f"{group}/", depth + 1)


def _layer(
    data: Any, found: Description, where: str, place: str, group: str, depth: int
) -> layers.Layer:
    kind, config = read_object(data, where, "keras.layers")
    dtype = read_dtype(config.get("dtype", "float32"), where)
    if found.dtype not in ("", dtype):
        refuse(where, f"computes in {dtype}, but the layers before it in {found.dtype}.")
    found.dtype = dtype
    waves = read_waves(config) if kind == "Rescaling" else None
    described = waves or read_leaf(kind, config, where, data.get("inbound_nodes") or ())
    if constants := described.pop("constants", None):
        found.constants[place] = constants
    if kind == "Bidirectional":
        described["layer"] = _both_ways(config, where)
    elif kind == "TimeDistributed":
        if not isinstance(config.get("layer"), dict) or depth > _DEEPEST:
            refuse(where, "has no layer.")
        inner = _part(config["layer"], found, where, f"{place}/layer", f"{group}/layer", depth + 1)
        described["layer"] = describe(inner)
    described["name"] = config.get("name")
    layer: layers.Layer = build("layer", described, where=where)
    if layer.learns and config.get("trainable", True) is not True:
        refuse(where, f"has trainable={config['trainable']!r:.80}; glassnet trains all layers.")
    for inner_place, attribute in () if kind == "TimeDistributed" else inside(layer):
        found.groups[join_path(place, inner_place)] = join_path(group, attribute)
    return layer


def _both_ways(config: Config, where: str) -> dict[str, Any]:
    """The layer of a Bidirectional one, whose second layer must be the same read backwards."""
    described = []
    for option in ("layer", "backward_layer"):
        kind, inner = read_object(config.get(option), f"{where}: {option}", "keras.layers")
        # It sets this one itself, and so does ours.
        inner = {key: value for key, value in inner.items() if key != "zero_output_for_mask"}
        described.append(read_leaf(kind, inner, f"{where}: {option}"))
    forward, backward = described
    if backward != {**forward, "go_backwards": not forward.get("go_backwards", False)}:
        refuse(where, "has a backward_layer that is not its layer read backwards.")
    return forward


def _operation(data: Any, where: str) -> layers.Layer:
    """The layer that does the same as an operation on two tensors."""
    kind, config = read_object(data, where, _OF_OPERATIONS)
    read_options(config, where, ())
    layer: layers.Layer = build("layer", {"class": kind, "name": config["name"]}, where=where)
    return layer


def _input_shape(data: Any, where: str) -> Shape:
    _, config = read_object(data, where, "keras.layers")
    options = read_options(
        config, where, ("batch_shape",), ("trainable",), sparse=False, ragged=False, optional=False
    )
    read_dtype(config.get("dtype", "float32"), where, INTEGERS)
    shape = options.get("batch_shape")
    if not isinstance(shape, list) or not shape:
        refuse(where, "has no batch_shape.")
    if not all(type(n) is int and 0 < n < 2**31 for n in shape[1:]):
        refuse(
            where, f"has the batch_shape {shape!r:.80}; glassnet needs every size but the first."
        )
    return tuple(shape[1:])

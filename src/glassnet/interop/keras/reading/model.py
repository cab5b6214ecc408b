"""Reading a Keras model's configuration as data: nothing named in the file is imported.

Accepted are Sequential and functional models of layers that glassnet has, also nested models.
Anything else is refused by name.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glassnet import layers
from glassnet.core.names import snake_case
from glassnet.core.registry import build, describe
from glassnet.core.trees import join_path
from glassnet.interop.keras.building.differences import require_the_same
from glassnet.interop.keras.building.positions import read_learned, read_waves
from glassnet.interop.keras.building.weight_names import by_layer, inside
from glassnet.interop.keras.reading.entry import (
    INTEGERS,
    MODELS,
    OPERATIONS_MODULE,
    Config,
    read_dtype,
    read_object,
    read_options,
    read_trainable,
    refuse,
)
from glassnet.interop.keras.reading.foreign import TRAINING_ONLY
from glassnet.interop.keras.reading.graph import Entry, connect, ends
from glassnet.interop.keras.reading.hard_sigmoid import scaled_gates
from glassnet.interop.keras.reading.layer import read_leaf, require_readable
from glassnet.interop.keras.reading.masks import OPERATIONS as MASKS
from glassnet.interop.keras.reading.operators import read_operator
from glassnet.interop.keras.reading.rescaling import read_scaling
from glassnet.interop.keras.reading.unfolding import folded, named_activations, unfold
from glassnet.interop.keras.reading.version import KERAS_3, LOST_CALLS, NEWER, NEWEST, Version
from glassnet.layers.base import Shape
from glassnet.layers.open_shape import closed
from glassnet.layers.shapes import one_or_tuple

_MODULES = {"LayerScale": "keras.applications.convnext"}  # of layers that are not in keras.layers
_DEEPEST = 32
_MOST_CALLS = 10_000  # of layers in one pass; nested shared models could have far more
_OPERATIONS = ("Add", "Maximum", "Multiply", "Subtract")  # as created by x + y on Keras's tensors
_ALL_OPERATIONS = ("keras.src.ops.", "keras.src.activations.")
_GENERATED = re.compile(r"(sequential|functional|model)(_\d+)?")  # names of whole models
_LAYERS = "In Keras, use a layer in its place, such as Rescaling, Activation, Reshape or pooling."


@dataclass
class Description:
    """The content of a configuration; the keys of `groups` and `constants` are layers' paths."""

    network: layers.Layer
    input_shape: Shape  # with None for sizes that the file leaves open
    dtype: str
    version: Version = NEWEST  # of the Keras that wrote the configuration
    scaled: dict[str, Sequence[bool]] = field(default_factory=dict)  # for its hard_sigmoid
    groups: dict[str, str] = field(default_factory=dict)  # of the weights file
    constants: dict[str, Config] = field(default_factory=dict)  # weights given as options
    one_way: list[str] = field(default_factory=list)  # frozen directions, if the other is trained
    left_out: list[str] = field(default_factory=list)  # layers without effect on predictions

    @property
    def weights(self) -> dict[str, dict[str, Any]]:
        """The kinds of all weights, by layer and name."""
        return by_layer(self.network.weights(closed(self.network, self.input_shape)))

    @property
    def numbers(self) -> int:
        """How many numbers the weights have that the file holds."""
        return sum(
            math.prod(kind.shape)
            for place, kinds in self.weights.items()
            if place not in self.constants
            for kind in kinds.values()
        )

    @property
    def locations(self) -> dict[str, list[str]]:
        """Where Keras 3 stores the weights of each layer: GROUP/vars/0, GROUP/vars/1, ..."""
        return {
            place: [f"{self.groups.get(place, '')}/vars/{i}" for i in range(len(kinds))]
            for place, kinds in self.weights.items()
        }


def read_config(config: Config, where: str, version: Version = NEWEST) -> Description:
    """Return the network that a configuration describes; raises GlassnetError, naming the layer."""
    description = Description(layers.Sequential(()), (), "", version)
    description.network = _model(config, description, where, "", "", 0)
    description.dtype = description.dtype or "float32"
    network, shape = description.network, closed(description.network, description.input_shape)
    network.output_shape(shape)  # raises unless the layers fit it
    require_the_same(network, shape, version=version)
    return description


def _model(
    data: Any, description: Description, where: str, place: str, group: str, depth: int
) -> layers.Layer:
    if depth > _DEEPEST:
        refuse(where, f"models are nested more than {_DEEPEST} deep.")
    kind, config = read_object(data, where, "keras.models")
    if kind not in MODELS:
        refuse(where, f"is {kind!r:.80}; glassnet reads Sequential and Functional models.")
    options = ("layers", "input_layers", "output_layers", "build_input_shape")
    read_options(config, where, options, ("trainable",))
    entries: list[Entry] = []
    parts: dict[str, layers.Layer] = {}
    shapes: dict[str, Shape] = {}
    counts: Counter[str] = Counter()
    named = _named_entries(config, where)
    for name, data in named:  # first, since they also explain what is unusual about the inputs
        require_readable(data.get("class_name"), f"layer {f'{place}{name}'!r:.80}")
    for i, (name, data) in enumerate(named):
        at = f"layer {f'{place}{name}'!r:.80}"
        entries.append(_entry(name, data, at))
        inner, calls = entries[-1].kind, len(entries[-1].nodes)
        if calls > 1 and description.version == LOST_CALLS:
            refuse(at, f"is called {calls} times, and Keras 3.2 writes the first for all.", NEWER)
        if entries[-1].operation:
            nodes = entries[-1].nodes
            scaling = read_scaling(inner, nodes, at) or read_operator(inner, nodes, at)
            if scaling or inner in _OPERATIONS:
                parts[name] = _operation(data, scaling, description, at, f"{place}{name}")
            elif inner not in (*MASKS, "Concatenate", "ExpandDims", "OnesLike", "ZerosLike"):
                refuse(at, f"is the operation {inner!r:.80}, which glassnet can't read.", _LAYERS)
            continue
        # Keras names the groups of weights by class and a count, not by the layers' names.
        stem = snake_case(inner)
        stored = f"{group}layers/{stem}" + (f"_{counts[stem]}" * (counts[stem] > 0))
        counts[stem] += 1
        if inner == "InputLayer":
            shapes[name] = _input_shape(data, at)
            if i and kind == "Sequential":
                refuse(at, "is an input after the first layer.")
        elif kind == "Sequential" and not i and not depth:
            refuse(where, "was saved before it was built.", "Build it, then save it again.")
        else:
            parts[name] = _part(data, description, at, f"{place}{name}", stored, depth)
    if kind == "Sequential":
        network: layers.Sequential | layers.Graph = layers.Sequential(tuple(parts.values()))
    else:
        network = connect(config, entries, parts, where)
        shapes = {name: shapes[name] for name, *_ in ends(config, "input_layers", where)}
    if not depth:
        description.input_shape = one_or_tuple([*shapes.values()])
    if network.calls_within > _MOST_CALLS:
        refuse(where, f"calls layers more than {_MOST_CALLS} times.")
    own_name = config.get("name")
    if not depth and _GENERATED.fullmatch(str(own_name)):
        own_name = None
    return replace(network, name=own_name, trainable=read_trainable(config, where))


def _named_entries(config: Config, where: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the (name, entry) pairs of a model's layers."""
    entries = config.get("layers")
    if not isinstance(entries, list) or not entries:
        refuse(where, "has no list of layers.")
    if not all(isinstance(data, dict) for data in entries):
        refuse(where, "has a layer that is not an object.")
    by_name: dict[str, dict[str, Any]] = {}
    for i, data in enumerate(entries):
        name = data["config"].get("name") if isinstance(data.get("config"), dict) else None
        if str(data.get("module")).startswith(
            _ALL_OPERATIONS
        ):  # to Keras 3.6, some are named here alone
            name = name or data.get("name")
        if not isinstance(name, str):
            refuse(where, f"layer {i} has no name.")
        if name in by_name:
            refuse(where, f"two layers are named {name!r:.80}.")
        by_name[name] = data
    return list(by_name.items())


def _entry(name: str, data: dict[str, Any], where: str) -> Entry:
    nodes = data.get("inbound_nodes", [])
    if data.get("name", name) != name or not isinstance(nodes, list):
        refuse(where, "has two names, or calls that are not a list.")
    operation = str(data.get("module")).startswith(_ALL_OPERATIONS)
    return Entry(name, str(data.get("class_name")), where, nodes, operation)


def _part(
    data: Any, description: Description, where: str, place: str, group: str, depth: int
) -> layers.Layer:
    """Return a layer, or a nested model."""
    if data.get("class_name") not in MODELS:
        return _layer(data, description, where, place, group, depth)
    if positions := read_learned(data, where):
        description.groups[place] = f"{group}/layers/embedding"
        return replace(positions, trainable=read_trainable(data["config"], where))
    return _model(data, description, where, f"{place}/", f"{group}/", depth + 1)


def _layer(
    data: Any, description: Description, where: str, place: str, group: str, depth: int
) -> layers.Layer:
    module = _MODULES.get(str(data.get("class_name")), "keras.layers")
    kind, config = read_object(data, where, module)
    kind, config, first, last = unfold(kind, config, where)
    if kind != "Discretization":  # whose dtype is that of its outputs, to Keras 3.11
        dtype, before = read_dtype(config.get("dtype", "float32"), where), description.dtype
        if before not in ("", dtype):
            refuse(where, f"computes in {dtype}, but the layers before it compute in {before}.")
        description.dtype = dtype
    waves = read_waves(config) if kind == "Rescaling" else None
    described = waves or read_leaf(kind, config, where, data.get("inbound_nodes") or ())
    if constants := described.pop("constants", None):
        description.constants[place] = constants
    if kind == "Bidirectional":
        described["layer"], frozen = _both_ways(config, where)
        description.one_way += [f"{place}/{way}" for way in frozen if len(frozen) == 1]
    elif kind == "TimeDistributed":
        if not isinstance(config.get("layer"), dict) or depth > _DEEPEST:
            refuse(where, "has no layer.")
        at, stored = f"{place}/layer", f"{group}/layer"
        inner = _part(config["layer"], description, where, at, stored, depth + 1)
        described["layer"] = describe(inner)
    described |= {"name": config.get("name"), "trainable": read_trainable(config, where)}
    layer: layers.Layer = build("layer", described, where=where)
    if kind in TRAINING_ONLY:
        description.left_out.append(f"{place} ({kind})")
    own = join_path(place, config["name"]) if first or last else place
    gates = scaled_gates(kind, config, where) if description.version < KERAS_3 else ()
    for inner_place, attribute in () if kind == "TimeDistributed" else inside(layer):
        at = join_path(own, inner_place)
        description.groups[at] = join_path(group, attribute)
        description.scaled |= {at: gates} if gates else {}
    return folded(layer, first, last)


def _both_ways(config: Config, where: str) -> tuple[dict[str, Any], list[str]]:
    """Return the layer inside a Bidirectional, which is trained if either direction is, and the
    directions that are frozen; raises unless both are the same layer.
    """
    described, frozen = [], []
    for option in ("layer", "backward_layer"):
        kind, inner = read_object(config.get(option), f"{where}: {option}", "keras.layers")
        # Bidirectional sets this option itself, and so does ours.
        inner = {key: value for key, value in inner.items() if key != "zero_output_for_mask"}
        inner = named_activations(inner, f"{where}: {option}")
        described.append(read_leaf(kind, inner, f"{where}: {option}"))
        if not read_trainable(inner, f"{where}: {option}"):
            frozen.append("backward_layer" if described[1:] else "forward_layer")
    forward, backward = ({**layer, "trainable": len(frozen) < 2} for layer in described)
    if backward != {**forward, "go_backwards": not forward.get("go_backwards", False)}:
        refuse(where, "has a backward_layer that is not its layer run backward.")
    return forward, frozen


def _operation(
    data: Any, scaling: dict[str, Any] | None, description: Description, where: str, place: str
) -> layers.Layer:
    """Return the layer that does the same as an operation on two tensors, or on a number."""
    kind, config = read_object(data, where, OPERATIONS_MODULE)
    read_options(config, where, ())
    described = scaling or {"class": kind}
    if constants := described.pop("constants", None):
        description.constants[place] = constants
    return build("layer", {**described, "name": place.rpartition("/")[2]}, where=where)


def _input_shape(data: Any, where: str) -> Shape:
    _, config = read_object(data, where, "keras.layers")
    must = {"sparse": False, "ragged": False, "optional": False}
    shape = read_options(config, where, ("batch_shape",), ("trainable",), **must).get("batch_shape")
    read_dtype(config.get("dtype", "float32"), where, INTEGERS)
    if not isinstance(shape, list) or not shape:
        refuse(where, "has no batch_shape.")
    if not all(n is None or (type(n) is int and 0 < n < 2**31) for n in shape[1:]):
        refuse(where, f"has the batch_shape {shape!r:.80}, which is not one.")
    return tuple(shape[1:])

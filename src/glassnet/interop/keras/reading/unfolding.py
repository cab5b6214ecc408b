"""Options of Keras's layers that are layers of their own here: some activations, channels first.

`Conv2D(8, 3, activation=LeakyReLU(0.1))` becomes a `Conv2D` followed by a `LeakyReLU`. A layer for
images (channels, height, width), steps or volumes becomes one whose channels are last, between two
`Permute`s.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from glassnet.core.registry import build
from glassnet.interop.keras.reading.entry import Config, read_object, refuse
from glassnet.interop.keras.reading.foreign import CUSTOM, SPARSEMAX
from glassnet.interop.keras.reading.layer import read_leaf, read_penalty
from glassnet.layers import Layer, Permute, Sequential

_CHANNELS = ("channels_last", "channels_first")  # names of Permutes
_SPATIAL = re.compile(r"(Flatten)|(Global)?\w*?(?P<rank>[123])D\w*")


def named_activations(config: Config, where: str) -> dict[str, Any]:
    """Return the options with activations by name, as far as they have one.

    Of the others, those given as layers are left as the description of our layer.
    """
    options = dict(config)
    for key in ("activation", "recurrent_activation"):
        value = config.get(key)
        if isinstance(value, Mapping):
            value = _activation_layer(value, f"{where}: {key}")
        elif value == "sparsemax":
            refuse(f"{where}: {key}", f"is sparsemax. {SPARSEMAX[0]}", SPARSEMAX[1])
        if isinstance(value, Mapping) and value["class"] == "Activation":
            value = value["activation"]
        if key in config:
            options[key] = value
    return options


def _activation_layer(data: Any, where: str) -> dict[str, Any]:
    if data.get("class_name") == "function":
        refuse(where, f"is the custom function {data.get('config')!r:.80}.", CUSTOM)
    kind, config = read_object(data, where, "keras.layers")
    described = read_leaf(kind, config, where)
    if described == {"class": "Softmax", "axis": -1}:
        described = {"class": "Activation", "activation": "softmax"}
    if described["class"] not in ("Activation", "ELU", "LeakyReLU", "ReLU"):
        refuse(where, f"is a {kind}, which is not an activation in glassnet.")
    return described


def unfold(kind: str, config: Config, where: str) -> tuple[str, Config, list[Layer], list[Layer]]:
    """Return (class, options, layers before it, layers after it) for a layer of Keras's."""
    options = named_activations(config, where)
    before: list[Layer] = []
    after: list[Layer] = []
    activation = options.get("activation")
    if isinstance(activation, Mapping) and kind == "Activation":
        inner = {key: value for key, value in activation.items() if key != "class"}
        inner |= {key: config.get(key) for key in ("name", "activity_regularizer")}
        return activation["class"], inner, before, after
    if isinstance(activation, Mapping) and kind not in ("GRU", "LSTM", "SimpleRNN"):
        options["activation"] = "linear"
        penalty = options.pop("activity_regularizer", None)  # of what follows the activation
        activation = {**activation, "activity_regularizer": read_penalty(penalty, where)}
        layer = build("layer", activation, where=f"{where}: activation")
        after.append(replace(layer, name="activation"))
    for key in ("activation", "recurrent_activation"):
        if isinstance(options.get(key), Mapping):
            refuse(f"{where}: {key}", f"is a {options[key]['class']}, which a {kind} can't have.")
    spatial = _SPATIAL.fullmatch(kind)
    if options.get("data_format") == "channels_first" and spatial:
        options["data_format"] = "channels_last"
        if options.get("activation") == "softmax":
            refuse(where, "has a softmax over the positions, which glassnet can't read.")
        rank = int(spatial["rank"] or 2)  # Flatten: usually of images
        axes = tuple(range(2, rank + 2))
        before.append(Permute((*axes, 1), name=_CHANNELS[0]))
        if not any(spatial.groups()[:2]) or options.get("keepdims"):
            after.append(Permute((rank + 1, *range(1, rank + 1)), name=_CHANNELS[1]))
    return kind, options, before, after


def folded(layer: Layer, before: list[Layer], after: list[Layer]) -> Layer:
    """Return the layer, or the chain of it and the layers around it, under its name."""
    if not before and not after:
        return layer
    return Sequential((*before, layer, *after), name=layer.name, trainable=layer.trainable)


def unfolded(layer: Layer, place: str) -> tuple[Layer, str]:
    """Return the layer in a chain that `folded` made, and its place; or the layer itself."""
    inner = dict(layer.parts) if isinstance(layer, Sequential) else {}
    name = place.rpartition("/")[2]
    if name in inner and set(inner) <= {name, "activation", *_CHANNELS}:
        return inner[name], f"{place}/{name}"
    return layer, place

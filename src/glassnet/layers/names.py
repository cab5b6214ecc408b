"""The names of the layers inside a layer: explicit, or generated as in Keras."""

import re
from collections import Counter
from collections.abc import Sequence

from glassnet.core.errors import GlassnetError
from glassnet.core.names import snake_case
from glassnet.layers.base import Layer
from glassnet.layers.layer_name import own_name, set_generated_name


def checked_layers(layers: Sequence[Layer], where: str) -> tuple[Layer, ...]:
    """Return the layers as a tuple; raises if an entry is not a layer, or a name occurs twice."""
    if not isinstance(layers, Sequence) or isinstance(layers, str):
        raise GlassnetError("expects a list of layers.", where=where)
    layers = [getattr(layer, "network", layer) for layer in layers]  # models are layers here
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            fix = ""
            if isinstance(layer, type):
                fix = f"Create the layer: {layer.__name__}(...)."
            elif type(layer).__module__.startswith("keras."):
                fix = f"It is Keras's: use glassnet.layers.{type(layer).__name__}."
            elif hasattr(layer, "sources"):  # a node
                fix = "Only a Model can start with an Input: Model([Input((4,)), Dense(3)]), or "
                fix += "glassnet.Sequential; glassnet.layers.Sequential is a layer."
            raise GlassnetError(f"entry {i} is {layer!r:.80}, not a layer.", where=where, fix=fix)
    names = [name for name, _ in named_layers(layers, where)]
    if repeats := [name for name, count in Counter(names).items() if count > 1]:
        raise GlassnetError(f"two layers are named {repeats[0]!r}.", where=where, fix="Rename one.")
    return tuple(layers)


def named_layers(layers: Sequence[Layer], where: str) -> tuple[tuple[str, Layer], ...]:
    """The layers with their names: explicit, or like Keras's `dense`, `dense_1`, ...

    Generated names differ from all explicit ones.
    """
    counts: Counter[str] = Counter()
    explicit = {*map(own_name, layers)}
    pairs = []
    for layer in layers:
        name = own_name(layer)
        if name is None:
            kind = snake_case(type(layer).__name__)
            while name is None or name in explicit:
                name = f"{kind}_{counts[kind]}" if counts[kind] else kind
                counts[kind] += 1
            set_generated_name(layer, name)
        elif not re.fullmatch(r"[\w.-]+", name):
            raise GlassnetError(
                f"{name!r} is not a valid layer name.",
                where=where,
                fix="Use letters, digits, '_', '-' and '.'.",
            )
        pairs.append((name, layer))
    return tuple(pairs)

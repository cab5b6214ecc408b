"""The wiring of a functional Keras model, read as data: which layer is called on which outputs.

Each layer's entry lists its calls, each with the outputs that it takes: (layer, index of the call).
Keras writes masks as a second graph within the first; they must be those that glassnet computes
itself (`reading.masks`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from glassnet.core.errors import errors_inside
from glassnet.interop.keras.reading.entry import Config, Value, is_tensor, refuse, tensor
from glassnet.interop.keras.reading.masks import Masks
from glassnet.layers import AttachMask, Bidirectional, Graph, Layer, Sequential
from glassnet.layers.base import Arguments
from glassnet.layers.graph import wire
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.shapes import flat


@dataclass(frozen=True)
class Entry:
    """A layer's entry in the configuration, as far as the wiring needs it."""

    name: str
    kind: str  # Keras's class
    where: str
    nodes: Sequence[Any]
    operation: bool = False  # on tensors, not a layer


@dataclass
class _Call:
    sources: tuple[Value, ...]
    masks: dict[int, Any] = field(default_factory=dict)  # by the index of the source
    arguments: Arguments = ()
    loses_mask: bool = False  # Keras ignores the mask of the input


def connect(
    config: Config, entries: Sequence[Entry], layers: Mapping[str, Layer], where: str
) -> Sequential | Graph:
    """Return the layers, wired as configured: a Sequential if they form a chain, else a Graph.

    `layers` has those that are neither inputs nor parts of a mask.
    """
    kinds = {entry.name: entry for entry in entries}
    masks = Masks({e.name: (e.kind, e.nodes) for e in entries if e.name not in layers})
    calls: dict[tuple[str, int], _Call] = {}
    for entry in entries:
        for i, node in enumerate(entry.nodes if entry.name in layers else ()):
            calls[entry.name, i] = _call(node, entry, layers[entry.name])
    inputs, outputs = (ends(config, end, where) for end in ("input_layers", "output_layers"))
    starts = [(entry.name, 0, 0) for entry in entries if entry.kind == "InputLayer"]
    if sorted(inputs) != sorted(starts):
        refuse(where, "its input_layers are not its inputs.")
    order = _sorted_calls(calls, inputs, kinds, where)
    # In output_layers, and only there, the calls of a functional model count from 1.
    models = {entry.name for entry in entries if entry.kind == "Functional"}
    outputs = [(name, call - (name in models), output) for name, call, output in outputs]

    numbers: dict[Value, int] = {value: i for i, value in enumerate(inputs)}
    count, wiring, parts = len(inputs), [], dict(layers)
    names: dict[str, int] = {}  # of the layers, in the order of their first calls

    def append(
        place: tuple[str, int], kind: str, sources: Sequence[Value], arguments: Arguments
    ) -> None:
        nonlocal count
        name, number = place
        if unknown := [source for source in sources if source not in numbers]:
            refuse(kinds[name].where, f"is called on {unknown[0]!r:.80}, which doesn't exist.")
        layer = parts[name].called_with(dict(arguments))
        masks.follow((*place, 0), sources, kind, layer)
        index = names.setdefault(name, len(names))
        wiring.append(wire(index, tuple(numbers[source] for source in sources), arguments))
        for output in range(layer.output_count):
            numbers[name, number, output] = count
            count += 1

    for place in order:
        call, entry = calls[place], kinds[place[0]]
        sources = list(call.sources)
        for i, mask in call.masks.items():
            value = masks.other(mask, sources[i], entry.where)
            if value is not None:  # attached to the source, under a name of its own
                attached = (f"{sources[i][0]}_{sources[i][1]}_mask_{value[0]}", 0)
                if (*attached, 0) not in numbers:
                    parts[attached[0]] = AttachMask(name=attached[0])
                    append(attached, "AttachMask", [sources[i], value], ())
                sources[i] = (*attached, 0)
        if call.loses_mask and masks.has_mask(sources[0]):
            refuse(
                entry.where,
                "has an initial_state, with which Keras ignores the padding mask.",
                "In Keras, pass mask=embedding.compute_mask(ids) to the call, and save again.",
            )
        append(place, entry.kind, sources, call.arguments)
        if entry.operation and masks.has_mask((*place, 0)):
            refuse(entry.where, "is an operation, which in Keras loses the padding mask.")
    if unknown := [end for end in outputs if end not in numbers]:
        refuse(where, f"its output_layers name {unknown[0]!r:.80}, which doesn't exist.")
    ordered = tuple(parts[name] for name in names)
    chain = [(i, (i,)) for i in range(len(names))]
    if wiring == chain and len(inputs) == 1 and [numbers[end] for end in outputs] == [len(names)]:
        return Sequential(ordered)
    return Graph(ordered, tuple(wiring), tuple(numbers[end] for end in outputs), len(inputs))


def causal(nodes: Sequence[Any]) -> bool:
    """True if all calls of an attention layer have a causal mask: no step sees a later one."""
    return bool(nodes) and all(
        isinstance(node, dict)
        and isinstance(node.get("kwargs"), dict)
        and node["kwargs"].get("use_causal_mask") is True
        for node in nodes
    )


def _call(node: Any, entry: Entry, layer: Layer) -> _Call:
    """Return one call of a layer; raises for arguments that glassnet's layers don't take."""
    where, attention = entry.where, entry.kind == "MultiHeadAttention"
    if not isinstance(node, dict) or set(node) != {"args", "kwargs"}:
        refuse(where, "has a call that is not one.")
    arguments, options = node["args"], node["kwargs"]
    if not isinstance(arguments, list) or not isinstance(options, dict):
        refuse(where, "has a call that is not one.")
    options = {key: value for key, value in options.items() if value not in (None, False)}
    arguments = [argument for argument in flat(arguments) if argument is not None]
    if entry.operation:  # its constants are part of our layer
        arguments = [argument for argument in arguments if is_tensor(argument)]
    named = {key: options.pop(key) for key in layer.call_inputs if key in options}
    with errors_inside(where):
        sources = [tensor(argument) for argument in layer.call_sources(arguments, named)]
    if not sources or None in sources:
        refuse(where, "is called on something that is not an output of a layer.")
    multi_input = layer.multi_input or entry.kind in ("Functional", "Sequential")
    if len(sources) > 1 and not multi_input:
        refuse(where, f"is called on {len(sources)} tensors, but glassnet's layer takes one.")
    values = tuple(source for source in sources if source is not None)
    flags = tuple((key, True) for key in layer.call_options if options.pop(key, None) is True)
    masks = {0: options.pop("mask", None)}
    if isinstance(masks[0], list):
        masks = dict(enumerate(masks[0]))
    masks |= {i: options.pop(key, None) for i, key in enumerate(layer.call_masks) if key in options}
    for key, value in options.items():
        if key == "training":  # True; False is ignored by Keras in fit
            if entry.kind.startswith("Random"):  # its default, without effect on predict and fit
                continue
            refuse(where, f"is called with training={value!r:.80}.")
        refuse(where, f"is called with {key!r:.80}, which glassnet's layer doesn't take.")
    if attention:
        if getattr(layer, "causal", False):
            flags = tuple(flag for flag in flags if flag[0] != "use_causal_mask")
        # Self-attention has one input, and keys default to the values.
        if len(values) < 4:
            values = values[:2] if values[1:] == values[1:2] * 2 else values
            values = values[:1] if set(values) == {values[0]} else values
    masks = {i: mask for i, mask in masks.items() if mask is not None and i < len(values)}
    loses_mask = isinstance(layer, Recurrent | Bidirectional) and len(values) > 1 and not masks
    return _Call(values, masks, flags, loses_mask)


def ends(config: Config, end: str, where: str) -> list[Value]:
    """Return the values at one end of the graph, `input_layers` or `output_layers`."""
    histories = config.get(end)
    if isinstance(histories, dict):  # in the order in which Keras flattens it
        histories = [histories[key] for key in sorted(histories)]
    if isinstance(histories, list) and len(histories) == 3 and isinstance(histories[0], str):
        histories = [histories]
    if not isinstance(histories, list) or not histories:
        refuse(where, f"its {end} are not a list.")
    values = [
        tensor({"class_name": "__keras_tensor__", "config": {"keras_history": history}})
        for history in histories
    ]
    if None in values or len(set(values)) < len(values):
        refuse(where, f"its {end} are not outputs of layers, or list one twice.")
    return [value for value in values if value is not None]


def _sorted_calls(
    calls: Mapping[tuple[str, int], _Call],
    inputs: Sequence[Value],
    kinds: Mapping[str, Entry],
    where: str,
) -> list[tuple[str, int]]:
    """Return the calls in topological order (Kahn 1962); if the file's own order is one, as in
    Keras's files, in that, which is the order of Keras's `model.layers` and of its weights.
    """
    position = {place: i for i, place in enumerate(calls)}
    takers: defaultdict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    missing, starts = {}, {value[:2] for value in inputs}
    for place, call in calls.items():
        sources = {source[:2] for source in call.sources}
        missing[place] = len(sources - starts)
        for source in sources:
            if source not in calls and source not in starts:
                refuse(kinds[place[0]].where, f"is called on {source!r:.80}, which doesn't exist.")
            takers[source].append(place)
    ready, order = [(i, place) for place, i in position.items() if not missing[place]], []
    while ready:
        order.append(place := heappop(ready)[1])
        for taker in takers[place]:
            missing[taker] -= 1
            if not missing[taker]:
                heappush(ready, (position[taker], taker))
    if len(order) < len(calls):
        name = next(place[0] for place in calls if missing[place])
        refuse(where, f"is wired in a circle, at {name!r:.80}.")
    return order

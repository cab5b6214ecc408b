"""The wiring of a functional Keras model, read as data: which layer is called on which outputs.

Each layer's entry lists its calls, each with the outputs that it takes: (layer, index of the call).
Keras writes masks as a second graph within the first; they must be those that glassnet computes
itself (`reading.masks`).
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet.interop.keras.reading.entry import Config, Value, is_tensor, refuse, tensor
from glassnet.interop.keras.reading.masks import MERGING, Masks
from glassnet.layers import Graph, Layer, Sequential

_ATTENTION = ("query", "value", "key")


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
    options: dict[str, Any] = field(default_factory=dict)


def connect(
    config: Config, entries: Sequence[Entry], layers: Mapping[str, Layer], where: str
) -> Sequential | Graph:
    """Return the layers, wired as configured: a Sequential if they form a chain, else a Graph.

    `layers` has those that are neither inputs nor parts of a mask.
    """
    kinds = {entry.name: entry for entry in entries}
    masks = Masks({e.name: (e.kind, e.nodes) for e in entries if e.name not in layers})
    calls: dict[Value, _Call] = {}
    for entry in entries:
        for i, node in enumerate(entry.nodes if entry.name in layers else ()):
            calls[entry.name, i] = _call(node, entry)
    inputs, outputs = (ends(config, end, where) for end in ("input_layers", "output_layers"))
    starts = [(entry.name, 0) for entry in entries if entry.kind == "InputLayer"]
    if sorted(inputs) != sorted(starts):
        refuse(where, "its input_layers are not its inputs.")
    order = _sorted_calls(calls, inputs, kinds, where)
    # In output_layers, and only there, the calls of a functional model count from 1.
    models = {entry.name for entry in entries if entry.kind == "Functional"}
    outputs = [(name, call - (name in models)) for name, call in outputs]
    if unknown := [end for end in outputs if end not in calls and end not in inputs]:
        refuse(where, f"its output_layers name {unknown[0]!r:.80}, which doesn't exist.")

    numbers = {value: i for i, value in enumerate((*inputs, *order))}
    names = {name: i for i, name in enumerate(dict.fromkeys(name for name, _ in order))}
    for value in order:
        call, entry, layer = calls[value], kinds[value[0]], layers[value[0]]
        if "mask" in call.options:
            masks.check(call.options["mask"], call.sources, entry.where)
        masks.follow(value, call.sources, entry.kind, layer)
        if entry.operation and masks.has_mask(value):
            refuse(entry.where, "is an operation, which in Keras loses the padding mask.")
    wiring = tuple(
        (names[value[0]], tuple(numbers[source] for source in calls[value].sources))
        for value in order
    )
    ordered = tuple(layers[name] for name in names)
    chain = tuple((i, (i,)) for i in range(len(names)))
    if wiring == chain and len(inputs) == 1 and [numbers[end] for end in outputs] == [len(names)]:
        return Sequential(ordered)
    return Graph(ordered, wiring, tuple(numbers[end] for end in outputs), len(inputs))


def causal(nodes: Sequence[Any]) -> bool:
    """True if an attention layer is called with a causal mask, so that no step sees a later one."""
    return any(
        isinstance(node, dict)
        and isinstance(node.get("kwargs"), dict)
        and node["kwargs"].get("use_causal_mask") is True
        for node in nodes
    )


def _call(node: Any, entry: Entry) -> _Call:
    """Return one call of a layer; raises for arguments that glassnet's layers don't take."""
    where, attention = entry.where, entry.kind == "MultiHeadAttention"
    if not isinstance(node, dict) or set(node) != {"args", "kwargs"}:
        refuse(where, "has a call that is not one.")
    arguments, options = node["args"], node["kwargs"]
    if not isinstance(arguments, list) or not isinstance(options, dict):
        refuse(where, "has a call that is not one.")
    options, named = dict(options), []
    if attention:
        named = [options.pop(key) for key in _ATTENTION[len(arguments) :] if options.get(key)]
        if options.pop("use_causal_mask", False) is not causal(entry.nodes):
            refuse(where, "is shared between causal and other attention.")
    if len(arguments) == 1 and isinstance(arguments[0], list):
        arguments = arguments[0]
    if entry.operation:  # its constants are part of our layer
        arguments = [argument for argument in arguments if is_tensor(argument)]
    sources = [tensor(argument) for argument in [*arguments, *named]]
    if not sources or None in sources:
        refuse(where, "is called on something that is not an output of a layer.")
    multi_input = attention or entry.kind in (*MERGING, "Functional", "Sequential")
    if len(sources) > 1 and not multi_input:
        refuse(where, f"is called on {len(sources)} tensors, but glassnet's layer takes one.")
    for key, value in options.items():
        if key == "training" and value is not None:
            if value is not False or entry.kind == "BatchNormalization":
                refuse(where, f"is called with training={value!r:.80}.")
        elif key != "mask" and value:
            refuse(where, f"is called with {key!r:.80}, which glassnet's layer doesn't take.")
    values = tuple(source for source in sources if source is not None)
    if attention:  # self-attention has one input, and keys default to the values
        values = values[:2] if values[1:] == values[1:2] * 2 else values
        values = values[:1] if set(values) == {values[0]} else values
    return _Call(values, options)


def ends(config: Config, end: str, where: str) -> list[Value]:
    """Return the values at one end of the graph, `input_layers` or `output_layers`."""
    histories = config.get(end)
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
    calls: Mapping[Value, _Call], inputs: Sequence[Value], kinds: Mapping[str, Entry], where: str
) -> list[Value]:
    """Return the calls in topological order (Kahn 1962)."""
    takers: defaultdict[Value, list[Value]] = defaultdict(list)
    missing = {}
    for value, call in calls.items():
        sources = set(call.sources)
        missing[value] = len(sources - set(inputs))
        for source in sources:
            if source not in calls and source not in inputs:
                refuse(kinds[value[0]].where, f"is called on {source!r:.80}, which doesn't exist.")
            takers[source].append(value)
    ready, order = deque(value for value in calls if not missing[value]), []
    while ready:
        order.append(value := ready.popleft())
        for taker in takers[value]:
            missing[taker] -= 1
            if not missing[taker]:
                ready.append(taker)
    if len(order) < len(calls):
        name = next(value[0] for value in calls if missing[value])
        refuse(where, f"is wired in a circle, at {name!r:.80}.")
    return order

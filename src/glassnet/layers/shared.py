"""Networks in which one layer object occurs more than once, rewritten so that it has one place."""

from collections import Counter
from collections.abc import Sequence

from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Arguments, Layer
from glassnet.layers.graph import Graph, Wire, wire
from glassnet.layers.layer_name import own_name
from glassnet.layers.network import Network, unfolds
from glassnet.layers.sequential import Sequential


def chain(layers: Sequence[Layer]) -> Network:
    """Return the layers applied one after the other; a layer in the list twice is shared."""
    if not isinstance(layers, list | tuple) or not all(isinstance(x, Layer) for x in layers):
        return Sequential(layers)  # type: ignore[arg-type]  # raises
    counts = Counter(map(id, layers))
    if not any(counts[id(x)] > 1 and (own_name(x) or _has_weights(x)) for x in layers):
        return Sequential(tuple(layers))
    distinct = {id(layer): layer for layer in layers}
    numbers = {key: number for number, key in enumerate(distinct)}
    inputs = layers[0].inputs
    sources = [tuple(range(inputs)), *((inputs + i,) for i in range(len(layers)))]
    *sources, ends = sources
    wiring = zip((numbers[id(layer)] for layer in layers), sources, strict=True)
    return Graph(tuple(distinct.values()), tuple(wiring), ends, inputs)


def with_one_place_each(network: Layer) -> Layer:
    """Return the network with each layer object that has weights at one path only.

    A layer inside two networks, or inside one and next to it, would have two paths and so two sets
    of weights. The networks inside are then replaced by the calls that they consist of.
    """
    if _repeated(network) and unfolds(network):
        network = _flat(network)
    if repeats := _repeated(network):
        raise GlassnetError(
            f"occurs at two places, {' and '.join(map(repr, repeats))}, that can't share weights.",
            where=f"layer {repeats[0]!r}",
            fix="Call it as a layer of its own, or use layer.clone(), which has its own weights.",
        )
    return network


def _has_weights(layer: Layer) -> bool:
    return layer.learns or layer.adapts


def _repeated(network: Layer) -> list[str]:
    """Return the first two paths of a layer object with weights that has more than one path."""
    layers = [(path, layer) for path, layer in network.walk() if _has_weights(layer)]
    counts = Counter(id(layer) for _, layer in layers)
    repeated = next((id(layer) for _, layer in layers if counts[id(layer)] > 1), None)
    return [path for path, layer in layers if id(layer) == repeated][:2]


def _flat(network: Network) -> Graph:
    """Return the graph of all calls, with those of the networks inside in place of the networks."""
    layers: dict[int, tuple[int, Layer]] = {}
    wiring: list[Wire] = []
    count = network.inputs  # of the values so far

    def called(layer: Layer, variant: Layer, sources: list[int], arguments: Arguments) -> list[int]:
        nonlocal count
        if isinstance(variant, Network):
            return calls_of(variant, sources, arguments)
        number, _ = layers.setdefault(id(layer), (len(layers), layer))
        wiring.append(wire(number, tuple(sources), arguments))
        count += variant.output_count
        return [*range(count - variant.output_count, count)]

    def calls_of(network: Network, values: list[int], outside: Arguments) -> list[int]:
        parts = dict(network.parts)
        for name, variant, _, sources, inside in network.calls:
            arguments = tuple({**dict(inside), **dict(outside)}.items())
            values += called(parts[name], variant, [values[i] for i in sources], arguments)
        ends = [values[end] for end in network.ends]
        return (
            ends if network.merge is None else called(network.merge, network.merge, ends, outside)
        )

    ends = tuple(calls_of(network, [*range(count)], ()))
    return Graph(tuple(layer for _, layer in layers.values()), tuple(wiring), ends, network.inputs)

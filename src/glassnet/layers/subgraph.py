"""Some calls of a network as a graph of their own."""

from collections.abc import Sequence
from dataclasses import replace

from glassnet.layers.graph import Graph, wire
from glassnet.layers.network import Network


def values_of_calls(network: Network) -> list[range]:
    """Return the indices of the values that each call outputs; the inputs come before them."""
    numbers, start = [], network.inputs
    for call in network.calls:
        numbers.append(range(start, start + call.layer.output_count))
        start = numbers[-1].stop
    return numbers


def subgraph(
    network: Network, calls: Sequence[int], inputs: Sequence[int], outputs: Sequence[int]
) -> Graph:
    """Return the graph of these calls, from these values of the network to those.

    Its layers have the names that they have in the network, so its weights are in the network's
    tree, and its layers draw the same random numbers.
    """
    parts = dict(network.parts)
    numbers: dict[str, int] = {}  # the layers, by name
    values = {value: i for i, value in enumerate(inputs)}
    wiring = []
    for call, results in ((network.calls[i], values_of_calls(network)[i]) for i in calls):
        number = numbers.setdefault(call.name, len(numbers))
        sources = tuple(values[source] for source in call.sources)
        wiring.append(wire(number, sources, call.arguments))
        values |= {value: len(values) + i for i, value in enumerate(results)}
    layers = tuple(replace(parts[name], name=name) for name in numbers)
    return Graph(layers, tuple(wiring), tuple(values[i] for i in outputs), len(inputs))

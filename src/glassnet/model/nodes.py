"""The nodes of a network's graph: what other models are built from that use a part of it."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.functional import Node, called
from glassnet.layers.network import unfolds
from glassnet.layers.shapes import flat, input_shapes, one_or_tuple


class Nodes(NamedTuple):
    """The input nodes, the output of each call of a layer by its place, and the output nodes.

    The output of a call is a node; with multiple outputs, a list of nodes.
    """

    inputs: list[Node]
    calls: dict[str, Any]
    outputs: list[Node]

    @property
    def input_shape(self) -> Shape:
        """The shape of one example; with multiple inputs, a tuple of shapes."""
        shape: Shape = one_or_tuple([node.example_shape for node in self.inputs])
        return shape


def nodes_of(network: Layer, input_shape: Shape, names: Sequence[str | None]) -> Nodes:
    """Return new nodes for the network; a network that can't be unfolded is one call."""
    names = names or (None,) * network.inputs
    shapes = input_shapes(input_shape) if network.inputs > 1 else (input_shape,)
    return unfolded(
        network, [Node(shape, name=name) for shape, name in zip(shapes, names, strict=True)]
    )


def nodes_between(network: Layer, inputs: list[Node], outputs: list[Node]) -> Nodes | None:
    """Return the nodes that this graph was built from; None if its calls are not theirs."""
    if not unfolds(network):
        return None
    parts, values = dict(network.parts), dict(zip(network.ends, outputs, strict=True))
    counts = (call.layer.output_count for call in network.calls)
    numbers = [range(a, b) for a, b in pairwise(accumulate(counts, initial=network.inputs))]
    for call, own in reversed([*zip(network.calls, numbers, strict=True)]):
        node = next((values[n] for n in own if n in values), None)
        if node is None or node.layer is not parts[call.name]:
            return None
        if len(node.sources) != len(call.sources) or node.arguments != call.arguments:
            return None
        values.update(zip(own, node.outputs or (node,), strict=True))
        values.update(zip(call.sources, node.sources, strict=True))
    by_place = {
        call.place: values[own[0]] if len(own) == 1 else [values[n] for n in own]
        for call, own in zip(network.calls, numbers, strict=True)
    }
    return Nodes(inputs, by_place, outputs)


def unfolded(network: Layer, inputs: list[Node]) -> Nodes:
    """Return the nodes of the network's calls on these inputs."""
    if not unfolds(network):
        output = called(network, inputs)
        return Nodes(inputs, {str(network.name): output}, flat([output]))
    values, calls, parts = list(inputs), {}, dict(network.parts)
    for name, _, place, sources, arguments in network.calls:
        output = called(parts[name], [values[source] for source in sources], arguments)
        calls[place] = output
        values += flat([output])
    return Nodes(inputs, calls, [values[end] for end in network.ends])

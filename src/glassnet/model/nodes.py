"""The nodes of a network's graph: what other models are built from that use a part of it."""

from collections.abc import Sequence
from typing import NamedTuple

from glassnet.layers import Layer
from glassnet.layers.base import Shape, input_shapes, one_or_tuple
from glassnet.layers.functional import Node
from glassnet.layers.network import unfolds


class Nodes(NamedTuple):
    """The input nodes, the node of each call of a layer by its place, and the output nodes."""

    inputs: list[Node]
    calls: dict[str, Node]
    outputs: list[Node]

    @property
    def input_shape(self) -> Shape:
        """The shape of one example; with multiple inputs, a tuple of shapes."""
        shape: Shape = one_or_tuple([node.shape for node in self.inputs])
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
    calls, values = network.calls, dict(zip(network.ends, outputs, strict=True))
    for number, call in reversed([*enumerate(calls, network.inputs)]):
        node = values.get(number)
        if node is None or node.layer is not call.layer or len(node.sources) != len(call.sources):
            return None
        values.update(zip(call.sources, node.sources, strict=True))
    by_place = {call.place: values[n] for n, call in enumerate(calls, network.inputs)}
    return Nodes(inputs, by_place, outputs)


def unfolded(network: Layer, inputs: list[Node]) -> Nodes:
    """Return the nodes of the network's calls on these inputs."""
    if not unfolds(network):
        output = network(*inputs)
        return Nodes(inputs, {str(network.name): output}, [output])
    values = list(inputs)
    for _, layer, _, sources in network.calls:
        values.append(layer(*(values[source] for source in sources)))
    places = [call.place for call in network.calls]
    calls = dict(zip(places, values[network.inputs :], strict=True))
    return Nodes(inputs, calls, [values[end] for end in network.ends])

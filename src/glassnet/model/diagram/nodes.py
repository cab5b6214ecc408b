"""A network's layers as nodes of a diagram: a box per layer, a frame around a nested network."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.core.arrays import as_tuple
from glassnet.core.trees import join_path
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.network import Network, unfolds
from glassnet.layers.shapes import select
from glassnet.model.diagram.layered import layered
from glassnet.model.diagram.marks import (
    LINE,
    PAD,
    Line,
    box,
    frame,
    joint,
    text_width,
    translate,
    wire,
)
from glassnet.model.summary import count_weights, shown_shape
from glassnet.plots.colors import BLUE, GRAY, GREEN, ORANGE

GAP = 24  # between a node and the next


@dataclass(frozen=True)
class Options:
    """The details that boxes show, and whether nested networks are drawn or only named."""

    show_shapes: bool = True
    show_layer_names: bool = True
    show_layer_activations: bool = True
    expand_nested: bool = True


@dataclass(frozen=True)
class DiagramNode:
    """One element of the diagram: a box, a frame, an input or a point where wires meet."""

    path: str
    width: float
    height: float
    marks: str


class Nodes:
    """Creates the nodes of a network's layers, and collects their descriptions."""

    def __init__(self, options: Options, frozen: frozenset[str] = frozenset()) -> None:
        self.options, self.frozen = options, frozen
        self.descriptions: list[str] = []

    def pill(self, name: str, shape: Shape, path: str = "") -> DiagramNode:
        """Return the node of an input or an output."""
        lines = [Line(name, bold=True)]
        if self.options.show_shapes:
            lines.append(Line(shown_shape(shape)))
        path = join_path(path, name)
        return DiagramNode(path, *box(lines, ORANGE, path, 0, pill=True))

    def node(
        self, layer: Layer, name: str, path: str, shape: Shape, shared: str = ""
    ) -> DiagramNode:
        """Return the node of a layer: its box, or a frame around the layers inside it."""
        expanded = self.options.expand_nested and not shared
        inner = self._inside(layer, path, shape) if expanded else None
        kind = type(layer).__name__
        output = shown_shape(layer.output_shape(shape))
        count = sum(count_weights(layer, shape))
        if inner is not None:
            title = f"{name} ({kind})" if self.options.show_layer_names else kind
            return _with_frame(inner, title, path)
        weights = f"shared with {shared}" if shared else f"{count:,} weights" if count else ""
        if count and not shared and path in self.frozen:
            weights += ", frozen"
        self.descriptions.append(f"{path} ({kind}), output {output}{weights and ', '}{weights}")
        lines = [Line(f"{name} ({kind})" if self.options.show_layer_names else kind, bold=True)]
        if self.options.show_layer_activations and (details := _details(layer)):
            lines.append(Line(details))
        shapes = output if self.options.show_shapes else ""
        if rest := " · ".join(part for part in (shapes, weights) if part):
            lines.append(Line(rest, color=GRAY))
        color = BLUE if count else GREEN if layer.multi_input else GRAY
        return DiagramNode(path, *box(lines, color, path, 0 if shared else count, bool(shared)))

    def calls(self, layer: Layer, path: str, shape: Shape) -> list[DiagramNode]:
        """Return a node for each call of the layers inside."""
        shapes, nodes = layer.shapes(shape), []
        for name, inner, call, sources, _ in layer.calls:
            inputs, shared = select(shapes, sources), name if call != name else ""
            nodes.append(self.node(inner, call, join_path(path, call), inputs, shared))
        return nodes

    def graph(
        self, graph: Network, path: str, shape: Shape
    ) -> tuple[list[DiagramNode], list[tuple[int, int]], Sequence[int]]:
        """Return (nodes of a graph's inputs, calls and outputs, its wires, indices of outputs)."""
        shapes = graph.shapes(shape)
        nodes = [self.pill(input_name(i), shapes[i], path) for i in range(graph.inputs)]
        drawn = list(range(graph.inputs))  # the node of each value
        wires: list[tuple[int, int]] = []
        for target, call in enumerate(graph.calls, start=len(nodes)):
            wires += [(drawn[source], target) for source in call.sources]
            drawn += call.layer.outputs_of(target)
        nodes += self.calls(graph, path, shape)
        last = range(len(nodes), len(nodes) + len(graph.ends))
        for i, value in enumerate(graph.ends):
            wires.append((drawn[value], len(nodes)))
            nodes.append(self.pill(f"output_{i}" if i else "output", shapes[value], path))
        return nodes, wires, last

    def _inside(self, layer: Layer, path: str, shape: Shape) -> DiagramNode | None:
        """Return the arranged layers inside a layer; None for a layer that is drawn as a box."""
        if not layer.calls:
            return None
        if layer.sign:
            branches = [
                self.calls(part, join_path(path, name), shape)
                if unfolds(part)
                else [self.node(part, name, join_path(path, name), shape)]
                for name, part in layer.parts
            ]
            return _side_by_side(branches, layer.sign, path)
        if unfolds(layer) and not layer.chain:
            return arrange(*self.graph(layer, path, shape))
        nodes = self.calls(layer, path, shape)
        return arrange(nodes, [(i, i + 1) for i in range(len(nodes) - 1)])


def _side_by_side(branches: Sequence[Sequence[DiagramNode]], sign: str, path: str) -> DiagramNode:
    """Return branches side by side, from one point to another where their outputs are merged.

    The points are centered, or in line with the only branch that has layers.
    """
    start = DiagramNode(path, 6, 6, f'<circle cx="3" cy="3" r="3" fill="{GRAY}"/>')
    end = DiagramNode(f"{path}/{sign}", *joint(sign))
    columns = [max([16.0, *(node.width for node in branch)]) for branch in branches]
    lefts = [sum(columns[:i]) + GAP * i for i in range(len(columns))]
    middles = [left + width / 2 for left, width in zip(lefts, columns, strict=True)]
    total = lefts[-1] + columns[-1]
    occupied = [middle for middle, branch in zip(middles, branches, strict=True) if branch]
    x = occupied[0] if len(occupied) == 1 else total / 2
    tallest = max(sum(node.height + GAP for node in branch) for branch in branches) + GAP
    bottom = start.height + tallest
    marks = [translate(x - 3, 0, start.marks), translate(x - end.width / 2, bottom, end.marks)]
    for branch, middle in zip(branches, middles, strict=True):
        before, at, y = start, (x, start.height), start.height + GAP
        for node in branch:
            marks.append(wire(before.path, node.path, [at, (middle, y)]))
            marks.append(translate(middle - node.width / 2, y, node.marks))
            before, at, y = node, (middle, y + node.height), y + node.height + GAP
        around = [] if branch else [(middle, start.height + GAP)]
        marks.append(
            wire(before.path, end.path, [at, *around, (middle, bottom - GAP), (x, bottom)])
        )
    return DiagramNode(path, total, bottom + end.height, "\n".join(marks))


def arrange(
    nodes: Sequence[DiagramNode], wires: Sequence[tuple[int, int]], last: Sequence[int] = ()
) -> DiagramNode:
    """Return the nodes, laid out with the wires between them, as one node."""
    layout = layered([(n.width, n.height) for n in nodes], wires, last)
    marks = []
    for (start, end), bends in zip(wires, layout.bends, strict=True):
        (x, y), (to_x, to_y) = layout.centers[start], layout.centers[end]
        points = [(x, y + nodes[start].height / 2), *bends, (to_x, to_y - nodes[end].height / 2)]
        marks.append(wire(nodes[start].path, nodes[end].path, points))
    for node, (x, y) in zip(nodes, layout.centers, strict=True):
        marks.append(translate(x - node.width / 2, y - node.height / 2, node.marks))
    return DiagramNode("", layout.width, layout.height, "\n".join(marks))


def _with_frame(inner: DiagramNode, title: str, path: str) -> DiagramNode:
    width = max(inner.width, text_width(title)) + 2 * PAD
    height = inner.height + LINE + 2.5 * PAD
    contents = translate((width - inner.width) / 2, LINE + 1.5 * PAD, inner.marks)
    return DiagramNode(path, width, height, frame(width, height, title) + contents)


def _details(layer: Layer) -> str:
    """Return a layer's main options as text: window sizes, strides, rates, activation."""
    details = []
    for name in ("kernel_size", "pool_size"):
        if size := getattr(layer, name, None):
            sizes = size if isinstance(size, tuple) else (size, size)
            details.append("×".join(map(str, sizes)))
    strides = getattr(layer, "strides", None)
    if strides not in (None, 1, (1,), (1, 1)) and not hasattr(layer, "pool_size"):
        details.append(f"strides {'×'.join(map(str, as_tuple(strides)))}")
    for name, word in (("rate", "rate"), ("num_heads", "heads")):
        if (value := getattr(layer, name, None)) is not None:
            details.append(f"{word} {value}")
    activation = getattr(layer, "activation", None)
    if isinstance(activation, str) and activation != "linear":
        details.append(activation)
    return ", ".join(details)


def input_name(number: int) -> str:
    """Return the name of an input: input, input_1, input_2, ..."""
    return f"input_{number}" if number else "input"

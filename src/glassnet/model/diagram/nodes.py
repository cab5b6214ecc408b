"""A network's layers as nodes to place: a box for each, a frame around a network inside another."""

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.core.trees import join_path
from glassnet.layers import Layer
from glassnet.layers.base import Shape, select
from glassnet.layers.network import Network, unfolds
from glassnet.model.diagram.layered import layered
from glassnet.model.diagram.marks import (
    BLUE,
    GREEN,
    GREY,
    LINE,
    ORANGE,
    PAD,
    Line,
    box,
    frame,
    joint,
    moved,
    text_width,
    wire,
)
from glassnet.model.summary import count_weights, shown_shape

GAP = 24  # between a node and the next


@dataclass(frozen=True)
class Options:
    """What the boxes say, and whether networks inside others are drawn or only named."""

    show_shapes: bool = True
    show_layer_names: bool = True
    show_layer_activations: bool = True
    expand_nested: bool = True


@dataclass(frozen=True)
class DiagramNode:
    """What has a place in the drawing: a box, a frame, an input or a point where wires join."""

    path: str
    width: float
    height: float
    marks: str


class Nodes:
    """Makes the nodes of a network's layers, and notes their names."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.named: list[str] = []

    def pill(self, name: str, shape: Shape, path: str = "") -> DiagramNode:
        """An input, or an output."""
        lines = [Line(name, bold=True)]
        if self.options.show_shapes:
            lines.append(Line(shown_shape(shape)))
        place = join_path(path, name)
        return DiagramNode(place, *box(lines, ORANGE, place, 0, pill=True))

    def node(
        self, layer: Layer, name: str, path: str, shape: Shape, shared: str = ""
    ) -> DiagramNode:
        """A layer: its box, or a frame with the layers inside it."""
        opened = self.options.expand_nested and not shared
        inner = self._inside(layer, path, shape) if opened else None
        kind = type(layer).__name__
        made = shown_shape(layer.output_shape(shape))
        count = sum(count_weights(layer, shape))
        if inner is not None:
            title = f"{name} ({kind})" if self.options.show_layer_names else kind
            return _framed(inner, title, path)
        told = f"shared with {shared}" if shared else f"{count:,} weights" if count else ""
        self.named.append(f"{path} ({kind}), output {made}{told and ', '}{told}")
        lines = [Line(f"{name} ({kind})" if self.options.show_layer_names else kind, bold=True)]
        if self.options.show_layer_activations and (said := _details(layer)):
            lines.append(Line(said))
        shapes = made if self.options.show_shapes else ""
        if rest := " · ".join(part for part in (shapes, told) if part):
            lines.append(Line(rest, colour="#4A4A4A"))
        colour = BLUE if count else GREEN if layer.multi_input else GREY
        return DiagramNode(path, *box(lines, colour, path, 0 if shared else count, bool(shared)))

    def calls(self, layer: Layer, path: str, shape: Shape) -> list[DiagramNode]:
        """The calls of the layers inside."""
        shapes = layer.shapes(shape)
        return [
            self.node(
                inner,
                place,
                join_path(path, place),
                select(shapes, sources),
                name if place != name else "",
            )
            for name, inner, place, sources in layer.calls
        ]

    def graph(
        self, graph: Network, path: str, shape: Shape
    ) -> tuple[list[DiagramNode], list[tuple[int, int]], Sequence[int]]:
        """(inputs, calls and outputs of a graph, its wires, which of the nodes are outputs)."""
        shapes = graph.shapes(shape)
        nodes = [self.pill(input_name(i), shapes[i], path) for i in range(graph.inputs)]
        targets = enumerate(graph.calls, start=len(nodes))
        wires = [(source, target) for target, call in targets for source in call.sources]
        nodes += self.calls(graph, path, shape)
        last = range(len(nodes), len(nodes) + len(graph.ends))
        for i, value in enumerate(graph.ends):
            wires.append((value, len(nodes)))
            nodes.append(self.pill(f"output_{i}" if i else "output", shapes[value], path))
        return nodes, wires, last

    def _inside(self, layer: Layer, path: str, shape: Shape) -> DiagramNode | None:
        """What a layer is made of, placed; None of one that is drawn as a box."""
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
            return placed(*self.graph(layer, path, shape))
        nodes = self.calls(layer, path, shape)
        return placed(nodes, [(i, i + 1) for i in range(len(nodes) - 1)])


def _side_by_side(branches: Sequence[Sequence[DiagramNode]], sign: str, path: str) -> DiagramNode:
    """Branches from one point to another, where their outputs are joined.

    Beside a branch without layers, the point stands over the other; else in the middle.
    """
    start = DiagramNode(path, 6, 6, f'<circle cx="3" cy="3" r="3" fill="{GREY}"/>')
    end = DiagramNode(f"{path}/{sign}", *joint(sign))
    columns = [max([16.0, *(node.width for node in branch)]) for branch in branches]
    lefts = [sum(columns[:i]) + GAP * i for i in range(len(columns))]
    middles = [left + width / 2 for left, width in zip(lefts, columns, strict=True)]
    total = lefts[-1] + columns[-1]
    filled = [middle for middle, branch in zip(middles, branches, strict=True) if branch]
    x = filled[0] if len(filled) == 1 else total / 2
    tall = max(sum(node.height + GAP for node in branch) for branch in branches) + GAP
    bottom = start.height + tall
    marks = [moved(x - 3, 0, start.marks), moved(x - end.width / 2, bottom, end.marks)]
    for branch, middle in zip(branches, middles, strict=True):
        before, at, y = start, (x, start.height), start.height + GAP
        for node in branch:
            marks.append(wire(before.path, node.path, [at, (middle, y)]))
            marks.append(moved(middle - node.width / 2, y, node.marks))
            before, at, y = node, (middle, y + node.height), y + node.height + GAP
        around = [] if branch else [(middle, start.height + GAP)]
        marks.append(
            wire(before.path, end.path, [at, *around, (middle, bottom - GAP), (x, bottom)])
        )
    return DiagramNode(path, total, bottom + end.height, "\n".join(marks))


def placed(
    nodes: Sequence[DiagramNode], wires: Sequence[tuple[int, int]], last: Sequence[int] = ()
) -> DiagramNode:
    """The nodes at their places, and the wires between them."""
    layout = layered([(n.width, n.height) for n in nodes], wires, last)
    marks = []
    for (start, end), bends in zip(wires, layout.bends, strict=True):
        (x, y), (to_x, to_y) = layout.centres[start], layout.centres[end]
        points = [(x, y + nodes[start].height / 2), *bends, (to_x, to_y - nodes[end].height / 2)]
        marks.append(wire(nodes[start].path, nodes[end].path, points))
    for node, (x, y) in zip(nodes, layout.centres, strict=True):
        marks.append(moved(x - node.width / 2, y - node.height / 2, node.marks))
    return DiagramNode("", layout.width, layout.height, "\n".join(marks))


def _framed(inner: DiagramNode, title: str, path: str) -> DiagramNode:
    width = max(inner.width, text_width(title)) + 2 * PAD
    height = inner.height + LINE + 2.5 * PAD
    placed = moved((width - inner.width) / 2, LINE + 1.5 * PAD, inner.marks)
    return DiagramNode(path, width, height, frame(width, height, title) + placed)


def _details(layer: Layer) -> str:
    """What is worth knowing of a layer's configuration: windows, rates, its activation."""
    said = []
    for name in ("kernel_size", "pool_size"):
        if size := getattr(layer, name, None):
            said.append("×".join(map(str, size)) if isinstance(size, tuple) else f"{size}×{size}")
    strides = getattr(layer, "strides", None)
    if strides not in (None, 1, (1,), (1, 1)) and not hasattr(layer, "pool_size"):
        said.append(
            f"strides {strides if isinstance(strides, int) else '×'.join(map(str, strides))}"
        )
    for name, word in (("rate", "rate"), ("num_heads", "heads")):
        if (value := getattr(layer, name, None)) is not None:
            said.append(f"{word} {value}")
    activation = getattr(layer, "activation", None)
    if isinstance(activation, str) and activation != "linear":
        said.append(activation)
    return ", ".join(said)


def input_name(number: int) -> str:
    return f"input_{number}" if number else "input"

"""`diagram` and `plot_model`: a network as one SVG, inputs at the top, outputs at the bottom."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.layers.freezing import frozen_layers
from glassnet.layers.network import unfolds
from glassnet.layers.shapes import input_shapes
from glassnet.model.diagram.marks import FONT, SIZE, translate
from glassnet.model.diagram.nodes import DiagramNode, Nodes, Options, arrange, input_name
from glassnet.model.summary import count_weights, shown_shape
from glassnet.plots.colors import GRAY, PAPER

MARGIN = 12


@dataclass(frozen=True)
class Diagram:
    """A diagram of a network as SVG text, which notebooks show as an image."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def write(self, path: str | Path) -> None:
        """Write the .svg file atomically."""
        if Path(path).suffix.lower() != ".svg":
            raise GlassnetError("networks can only be drawn as .svg files.", where=str(path))
        write_whole(Path(path), self.svg.encode())


def diagram(network: Layer, input_shape: Shape, options: Options | None = None) -> Diagram:
    """Return the network's diagram, inputs at the top, outputs at the bottom.

    Each call of a layer is one box with its name, class, output shape and number of weights. The
    weights of a shared layer are shown at its first call.
    """
    draw = Nodes(options or Options(), frozen_layers(network))
    if unfolds(network) and not network.chain:
        nodes, wires, last = draw.graph(network, "", input_shape)
    else:
        shapes = input_shapes(input_shape)
        nodes = [draw.pill(input_name(i), shape) for i, shape in enumerate(shapes)]
        first = len(nodes)
        if unfolds(network):
            nodes += draw.calls(network, "", input_shape)
        else:
            name = str(network.name)
            nodes.append(draw.node(network, name, name, input_shape))
        wires = [(i, first) for i in range(first)]
        wires += [(i, i + 1) for i in range(first, len(nodes) - 1)]
        last = ()
    inner = arrange(nodes, wires, last)
    trainable, frozen = count_weights(network, input_shape)
    output = shown_shape(network.output_shape(input_shape))
    layers = "; ".join(draw.descriptions)
    description = (
        f"From the input {shown_shape(input_shape)} to the output {output}, "
        f"{trainable + frozen:,} weights. The layers: {layers}."
    )
    return Diagram(_document(inner, description))


class Drawable(Protocol):
    """Anything that can be drawn, such as a model."""

    @property
    def network(self) -> Layer: ...
    @property
    def input_shape(self) -> Shape: ...


def plot_model(
    model: Drawable,
    to_file: str | Path | None = "model.svg",
    *,
    show_shapes: bool = True,
    show_layer_names: bool = True,
    show_layer_activations: bool = True,
    expand_nested: bool = True,
) -> Diagram:
    """Draw the layers and their connections as an .svg file, and return the diagram.

    The arguments are those of Keras's `plot_model`. With `to_file=None`, nothing is written.
    """
    options = Options(show_shapes, show_layer_names, show_layer_activations, expand_nested)
    drawing = diagram(model.network, model.input_shape, options)
    if to_file is not None:
        drawing.write(to_file)
    return drawing


def _document(inner: DiagramNode, description: str) -> str:
    width, height = math.ceil(inner.width + 2 * MARGIN), math.ceil(inner.height + 2 * MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" style="max-width:100%;height:auto" '
        f'font-family="{FONT}" font-size="{SIZE}" text-anchor="middle">\n'
        f"<title>The layers of the network and how they are connected</title>\n"
        f"<desc>{escape(description)}</desc>\n"
        '<defs><marker id="network-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{GRAY}"/></marker></defs>\n'
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>\n'
        f"{translate(MARGIN, MARGIN, inner.marks)}\n</svg>\n"
    )

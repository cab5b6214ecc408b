"""What a model shows in a notebook: its layers as a table, and its diagram."""

from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.model.diagram import diagram
from glassnet.model.summary import summary_table
from glassnet.pages.html import Html, data_table, join, numbers, tag
from glassnet.pages.notebook import drawn, shown
from glassnet.pages.svg import side_by_side

_MOST = 12  # layers whose diagram is open: more would take up the whole screen


def html_of(name: str, network: Layer, input_shape: Shape | None) -> str:
    """The output of a notebook cell."""
    if input_shape is None:
        return shown(f"Model {name}", tag("p", "It has no weights before it first sees data."))
    table = summary_table(network, input_shape)
    heading, *rows = table.cells
    caption = f"The layers of {name}, with the numbers of their weights and their FLOPs."
    layers = data_table(caption, [heading, *rows], table.align)
    svg = diagram(network, input_shape).svg
    drawing: Html = drawn(svg, f"The layers of {name} and how they are connected")
    counts = [("weights", f"{table.trainable + table.frozen:,}", "")]
    if table.frozen:
        counts.append(("of them not trained", f"{table.frozen:,}", ""))
    counts.append(("FLOPs forward", table.flops, "for an example"))
    if len(rows) > _MOST:
        folded = tag("details", tag("summary", "Diagram"), drawing)
        return shown(f"Model {name}", numbers(counts), join(layers, folded))
    return shown(f"Model {name}", numbers(counts), side_by_side(layers, drawing))

"""A network as a drawing: boxes, wires, as SVG written by hand: nothing to install."""

from glassnet.model.diagram.drawing import Diagram, diagram, plot_model

__all__ = ["Diagram", "diagram", "plot_model"]

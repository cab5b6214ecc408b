"""Drawing a network as an SVG diagram of boxes and wires, without further dependencies."""

from glassnet.model.diagram.drawing import Diagram, diagram, plot_model

__all__ = ["Diagram", "diagram", "plot_model"]

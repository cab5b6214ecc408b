"""A run's plots as figures of its report, each with a text alternative."""

from glassnet.model.diagram import Diagram
from glassnet.pages.html import Html, figure, join
from glassnet.pages.svg import svg_of
from glassnet.report.figures.kinds import KINDS
from glassnet.runs.outputs import RunOutputs


def plots(outputs: RunOutputs, *names: str) -> Html:
    """The plots of these kinds that the run allows, each with its caption."""
    return join(*(_plot(outputs, name) for name in names if KINDS[name].applies(outputs)))


def _plot(outputs: RunOutputs, name: str) -> Html:
    kind = KINDS[name]
    drawing = kind.of(outputs)
    svg = svg_of(drawing.svg if isinstance(drawing, Diagram) else drawing, name)
    return figure(svg, f"{kind.title}. {kind.caption}", kind.caption)

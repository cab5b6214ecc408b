"""A kind of plot: what it shows, what it needs from a run, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from glassnet.core.errors import GlassnetError
from glassnet.model.diagram import Diagram
from glassnet.runs.outputs import RunOutputs

Draw = Callable[..., Figure | Diagram]  # takes the outputs of one or more runs
Need = Callable[[RunOutputs], str]  # returns why a run does not meet the need; "" if it does


@dataclass(frozen=True)
class PlotSpec:
    """A kind of plot; the caption says in one sentence what it shows, also to screen readers.

    `several` is True if it compares two or more runs.
    """

    name: str
    title: str
    caption: str
    needs: tuple[Need, ...]
    draw: Draw
    several: bool = False

    def missing(self, *runs: RunOutputs) -> str:
        """Return why these runs can't be drawn; "" if they can."""
        if self.several and len(runs) < 2:
            return "compares runs: name two or more."
        if not self.several and len(runs) != 1:
            return f"plots one run, not {len(runs)}."
        return next((why for run in runs for need in self.needs if (why := need(run))), "")

    def applies(self, *runs: RunOutputs) -> bool:
        """True if these runs can be drawn."""
        return not self.missing(*runs)

    def of(self, *runs: RunOutputs) -> Figure | Diagram:
        """The plot of these runs. Raises GlassnetError with the reason from `missing`."""
        if why := self.missing(*runs):
            raise GlassnetError(why, where=f"--kind {self.name}")
        return self.draw(*runs)

"""A kind of picture: what it shows, what it needs of a run, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glassnet.core.errors import GlassnetError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.model.diagram import Diagram
    from glassnet.runs.outputs import RunOutputs

Draw = Callable[..., "Figure | Diagram"]  # of one run's inference, or of several
Need = Callable[["RunOutputs"], str]  # why a run has not what a picture needs; "" if it has


@dataclass(frozen=True)
class PlotSpec:
    """A kind of picture: its title, and in one sentence what it shows, for those who can't see it.

    With `several`, it is drawn of several runs. `trains` says that it takes training steps, which
    costs time.
    """

    name: str
    title: str
    caption: str
    needs: tuple[Need, ...]
    draw: Draw
    several: bool = False
    trains: bool = False

    def missing(self, *runs: "RunOutputs") -> str:
        """Why it can't be drawn of these runs; "" if it can."""
        if self.several and len(runs) < 2:
            return "compares runs: name two or more."
        if not self.several and len(runs) != 1:
            return f"is drawn of one run, not of {len(runs)}."
        return next((why for run in runs for need in self.needs if (why := need(run))), "")

    def applies(self, *runs: "RunOutputs") -> bool:
        """Whether it can be drawn of these runs."""
        return not self.missing(*runs)

    def of(self, *runs: "RunOutputs") -> "Figure | Diagram":
        """The picture. Raises GlassnetError where `missing` says why."""
        if why := self.missing(*runs):
            raise GlassnetError(why, where=f"--kind {self.name}")
        return self.draw(*runs)

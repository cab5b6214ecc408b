"""How much is computed for an explanation: all that helps, or what a slow network allows."""

import time
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array
from glassnet.explain.integrated import MAX_INTERVALS, STEPS
from glassnet.explain.score import Score

_PASSES = 4400  # at most, an attribution with its tests takes as long as this many gradients
_SEARCH = 40  # and a step of the search for a counterfactual as long as this many
_FEWEST_INTERVALS, _FEWEST_STEPS, _FEWEST_EDITS = 64, 8, 8


@dataclass(frozen=True)
class Effort:
    """The most that is computed for one explanation."""

    intervals: int = MAX_INTERVALS  # of integrated gradients
    steps: int = STEPS  # of integrated gradients with random weights
    edits: int | None = None  # tried to change the prediction; None: all

    def sentence(self, edits: bool = True) -> str:
        """Return in words what is left out; "" if nothing is. Without `edits`, none is searched."""
        if self == FULL:
            return ""
        return (
            f"The network is slow, so less is computed: at most about {self.intervals} intervals "
            f"for the attributions instead of {MAX_INTERVALS}, {self.steps} instead of {STEPS} "
            f"with random weights"
            + (f", and {self.edits} steps of the search for an edit." if edits else ".")
        )


FULL = Effort()


def affordable(score: Score, x: Array, seconds: float) -> Effort:
    """Return the effort that takes about `seconds` for one explanation of x, or FULL if it can.

    The time of gradients is measured as that of this thread, which depends little on what else the
    machine does.
    """
    examples = np.repeat(x[None], STEPS, axis=0)
    score.gradients(examples[:1])  # the first call may import modules
    start = time.thread_time()
    score.gradients(examples)
    gradient = (time.thread_time() - start) / STEPS
    share = seconds / max(_PASSES * gradient, 1e-9)
    if share >= 1:
        return FULL
    return Effort(
        max(_FEWEST_INTERVALS, int(share * MAX_INTERVALS)),
        max(_FEWEST_STEPS, int(share * STEPS)),
        max(_FEWEST_EDITS, int(seconds / (_SEARCH * gradient))),
    )

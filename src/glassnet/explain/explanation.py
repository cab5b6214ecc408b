"""What an explanation is: values, and the evidence for and against believing them."""

from dataclasses import dataclass

from glassnet.core.arrays import Array
from glassnet.explain.counterfactual import Counterfactual
from glassnet.explain.deletion import Deletion
from glassnet.explain.nearest import Neighbours

COMPLETE = 0.01  # the most that attributions may miss the change of the score by
ALIKE = 0.7  # a rank correlation from which on random weights give the same picture


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was measured of an explanation; None where the method promises nothing to measure."""

    completeness_error: float | None = None  # |Σφ − Δs| / |Δs|
    similarity: float | None = None  # rank correlation with what random weights give
    deletion: Deletion | None = None

    def warnings(self) -> tuple[str, ...]:
        """A plain sentence for each test that failed."""
        found = []
        if self.completeness_error is not None and self.completeness_error > COMPLETE:
            found.append(
                f"The attributions miss the change of the score by {self.completeness_error:.1%}: "
                "their sum can't be relied on."
            )
        if self.similarity is not None and self.similarity >= ALIKE:
            found.append(
                f"Random weights give much the same result (rank correlation "
                f"{self.similarity:.2f}): it shows the example more than what was learned."
            )
        curve = self.deletion
        if curve is not None and curve.beaten < len(curve.at_random):
            found.append(
                "Taking away what is marked most does no more to the score than taking away "
                "anything: the marks are not what it lives on."
            )
        if curve is not None and curve.beaten_weights < len(curve.by_random_weights):
            found.append(
                "Taking away what random weights would mark does as much to the score: the marks "
                "need not come from what was learned."
            )
        return tuple(found)

    def lines(self) -> tuple[str, ...]:
        """What was measured, in words."""
        said = []
        if self.completeness_error is not None:
            said.append(f"attributions sum to the change of the score within "
                        f"{self.completeness_error:.2%}")  # fmt: skip
        if self.similarity is not None:
            said.append(f"rank correlation with random weights {self.similarity:.2f} "
                        f"(fails from {ALIKE})")  # fmt: skip
        if self.deletion is not None:
            area, curve = self.deletion.area, self.deletion
            said.append(
                f"without what is marked most, the score is {abs(area):.2f} "
                f"{'lower' if area > 0 else 'higher'} than without as much at random; it beats "
                f"{curve.beaten} of {len(curve.at_random)} random orders and "
                f"{curve.beaten_weights} of {len(curve.by_random_weights)} orders by random weights"
            )
        return tuple(said)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a network says what it says of one example.

    `values` say how much each number of the example speaks for class `target` (below 0: against
    it), or for `target` rather than `against`; of Grad-CAM, each place of a picture. `warnings` say
    in words why not to believe it, where its evidence failed.
    """

    method: str
    target: int
    against: int | None
    values: Array | None  # None for the nearest examples, which are `neighbours`
    evidence: Evidence
    warnings: tuple[str, ...]
    edit: Counterfactual | None = None
    neighbours: Neighbours | None = None

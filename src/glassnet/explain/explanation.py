"""The result of an explanation: values, and the evidence for and against trusting them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.explain.counterfactual import Counterfactual
from glassnet.explain.deletion import Deletion
from glassnet.explain.nearest import Neighbors

COMPLETE = 0.01  # the largest completeness error that passes
SIMILAR = 0.7  # the smallest rank correlation with random weights that fails
FEW, SIMILAR_OF_FEW = 20, 0.9  # up to 20 values have similar ranks more often by chance


@dataclass(frozen=True, eq=False)
class Evidence:
    """The measurements of an explanation; None for those that don't apply to its method."""

    completeness_error: float | None = None  # |Σφ − Δs| / |Δs|
    similarity: float | None = None  # rank correlation with the values of random weights
    deletion: Deletion | None = None

    @property
    def limit(self) -> float:
        """The rank correlation with random weights that fails; two values prove nothing."""
        positions = FEW + 1 if self.deletion is None else self.deletion.positions
        if positions <= 2:
            return math.inf
        return SIMILAR_OF_FEW if positions <= FEW else SIMILAR

    def warnings(self) -> tuple[str, ...]:
        """One sentence for each test that failed."""
        error, similarity, curve = self.completeness_error, self.similarity, self.deletion
        sentences = []
        if error is not None and error > COMPLETE:
            sentences.append(
                f"The sum of the attributions differs from the change of the score by {error:.1%}: "
                "it is not reliable."
            )
        if similarity is not None and similarity >= self.limit:
            sentences.append(
                f"Random weights give a similar result (rank correlation {similarity:.2f}): it "
                "shows the example more than what the network has learned."
            )
        if curve is not None and curve.no_better_than_random:
            sentences.append(
                "Removing the highest-ranked parts lowers the score no more than removing random "
                "parts: the ranking does not show what the score depends on."
            )
        if curve is not None and curve.no_better_than_random_weights:
            sentences.append(
                "Removing the parts that random weights rank highest lowers the score as much: the "
                "ranking may not come from what the network has learned."
            )
        return tuple(sentences)

    def lines(self) -> tuple[str, ...]:
        """One line for each measurement."""
        error, similarity, curve = self.completeness_error, self.similarity, self.deletion
        lines = []
        if error is not None:
            lines.append(f"attributions sum to the change of the score within {error:.2%}")
        if similarity is not None and self.limit < 1:
            limit = f"(fails at {self.limit} or more)"
            lines.append(f"rank correlation with random weights {similarity:.2f} {limit}")
        if curve is not None:
            area, kind = curve.area, "possible" if curve.exhaustive else "random"
            lines.append(
                f"without the highest-ranked parts, the score is {abs(area):.2f} "
                f"{'lower' if area > 0 else 'higher'} than without as many random parts; it falls "
                f"further than in {curve.beaten} of {len(curve.at_random)} {kind} orders and in "
                f"{curve.beaten_weights} of {len(curve.by_random_weights)} orders given by random "
                "weights"
            )
        return tuple(lines)


@dataclass(frozen=True, eq=False)
class Explanation:
    """The explanation of a network's prediction for one example.

    `values` is the evidence of each input value (of an embedded id, of its vector) for class
    `target` (negative: against it), or for `target` rather than `against`; for Grad-CAM, of each
    position of an image. With multiple inputs, it is a tuple of arrays. `warnings` has a sentence
    for each reason not to trust the explanation.
    """

    method: str
    target: int
    against: int | None
    values: Any  # None for the method "nearest", which gives `neighbors`
    evidence: Evidence
    warnings: tuple[str, ...]
    counterfactual: Counterfactual | None = None
    neighbors: Neighbors | None = None
    scores: tuple[float, float] | None = None  # s of the example and of the baseline
    baseline: str = ""  # in words; "" if it is not known what it is
    columns: Mapping[str, float] | None = None  # the sum for each column of a table, × `scale`
    scale: float = 1.0  # of numbers: the target's unit in that of s

    def _repr_html_(self) -> str:
        from glassnet.explain.representation import html_of

        return html_of(self)

    def to_dict(self) -> dict[str, Any]:
        keys = {"counterfactual": "edit", "neighbors": "neighbours"}
        left_out = ("columns",) if self.columns is None else ()
        return {keys.get(k, k): value for k, value in vars(self).items() if k not in left_out}

"""What an explanation says about the columns of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet.core.arrays import Array
from glassnet.data.preprocessing import Preprocessing
from glassnet.data.targets import Counts, Numbers
from glassnet.evaluate.regression import signed

_NAMED = 6  # columns in words


@dataclass(frozen=True)
class Columns:
    """The columns of an explained row of a table; none of other examples.

    What is added to the score is multiplied by `scale`: for numbers, it is in the target's unit.
    """

    features: tuple[str, ...] = ()
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)  # of each column's features
    scale: float = 1.0
    unit: bool = False  # True for numbers and counts

    def lines(self, values: Array | None) -> list[str]:
        """Return what the columns that count most add, in words."""
        sums = self._sums(values)
        strongest = sorted(sums.items(), key=lambda pair: -abs(pair[1]))[:_NAMED]
        parts = [f"{name} {signed(value)}" for name, value in strongest]
        if not parts:
            return []
        of = "the mean training row's value" if self.unit else "the mean training row's score"
        return [f"added to {of}: {', '.join(parts)}"]

    def to_dict(self, values: Array | None) -> dict[str, Any]:
        """Return what each column adds, if there are columns."""
        sums = self._sums(values)
        return {"columns": sums} if sums else {}

    def _sums(self, values: Array | None) -> dict[str, float]:
        if values is None or values.ndim != 1:
            return {}
        return {name: float(values[[*at]].sum()) * self.scale for name, at in self.places.items()}


def columns_of(rows: Preprocessing, output: int) -> Columns:
    """Return the columns of a table, for the explanation of one output of a network."""
    target = rows.target
    scale = target.scale[output] if isinstance(target, Numbers) and target.scale else 1.0
    is_unit = isinstance(target, Numbers | Counts)
    return Columns(rows.features.names, rows.places, scale, is_unit)

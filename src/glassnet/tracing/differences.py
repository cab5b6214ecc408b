"""Derivatives of the loss by central differences, which no pullback is needed for.

The program is run with one number changed by ±h, for a sequence of steps h that halve; from the
slopes, Richardson's extrapolation removes the errors of order h², h⁴, ..., and the estimate that
differs least from its neighbors is taken. Source: Ridders 1982, "Accurate computation of F'(x)".
"""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.movement import Position
from glassnet.tracing.program import Program

_STEPS = 10  # h, h/2, ..., h/512
_KINK = 1e-3  # relative difference of the slopes on both sides, above which there is none


@dataclass(frozen=True)
class Difference:
    """A measured derivative: its value, by how much it may be wrong, and if there is none, why."""

    value: float
    uncertainty: float
    missing: str = ""


def difference(
    program: Program, index: int, position: Position = (), of: int | None = None
) -> Difference:
    """Return the derivative of the loss (or of operation `of`, one number) of an entry.

    Where the slopes on both sides differ, at a kink, or where a choice would change, it is missing.
    """
    target = program.marks["loss"] if of is None else of
    value = program.operations[index].value
    if value.dtype != np.float64:
        return Difference(math.nan, math.nan, f"it is {value.dtype}, not a real number")
    if index not in program.ancestors(target):
        return Difference(math.nan, math.nan, "the loss is not computed from it")
    at = float(value[position])
    if not np.isfinite(value).all():
        return Difference(math.nan, math.nan, "its array has numbers that are not finite")
    if not np.isfinite(program.operations[target].value):
        return Difference(math.nan, math.nan, "the loss is not finite")

    def loss(h: float) -> float:
        changed = value.copy()
        changed[position] = at + h
        return float(program.run({index: changed}, until=target)[target])

    scale = max(abs(at), float(np.abs(value).mean())) or 1.0
    first = 2.0 ** round(math.log2(scale / 16))  # a power of two: x + h − x is exactly h
    try:
        middle = loss(0.0)
        table: list[list[float]] = []
        gaps: list[float] = []
        best, error = math.nan, math.inf
        for i in range(_STEPS):
            h = first / 2**i
            up, down = loss(h), loss(-h)
            gaps.append(abs(up - 2 * middle + down) / h)  # of the slopes on both sides
            row = [(up - down) / (2 * h)]
            for j in range(1, i + 1):
                factor = 4.0**j
                row.append((factor * row[j - 1] - table[i - 1][j - 1]) / (factor - 1))
                change = max(abs(row[j] - row[j - 1]), abs(row[j] - table[i - 1][j - 1]))
                if change <= error:
                    best, error = row[j], change
            table.append(row)
    except GlassnetError as problem:
        return Difference(math.nan, math.nan, str(problem))
    sides = (up - middle) / h, (middle - down) / h
    noise = 4 * np.finfo(float).eps * abs(middle) / h
    kink = gaps[-1] > _KINK * max(map(abs, sides)) + noise
    if kink and gaps[-1] > 0.75 * gaps[-2]:  # of a smooth function, it halves with h
        return Difference(
            best,
            error,
            f"it has a kink here: the slope is {sides[1]:.4g} below, {sides[0]:.4g} above",
        )
    return Difference(best, max(error, float(np.finfo(float).eps) * abs(middle) / first))

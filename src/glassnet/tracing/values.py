"""Arrays of a trace, whose numbers open to their terms; derivatives beside finite differences."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.tracing.differences import Difference, difference
from glassnet.tracing.digits import shown
from glassnet.tracing.movement import Position
from glassnet.tracing.names import hides_example, name_of
from glassnet.tracing.program import Program
from glassnet.tracing.terms import Terms, terms_of


@dataclass(frozen=True)
class NotComputed:
    """What a step does not compute, and why. It is not a number, and so not 0."""

    reason: str

    def __str__(self) -> str:
        return f"not computed: {self.reason}"

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, eq=False)
class Values:
    """An array of the program: `values[3, 5]` is what that number is made of.

    For one example, `value` and positions leave out the axis of the examples.
    """

    program: Program
    index: int
    name: str
    of_example: bool = False  # True if the axis of examples is left out

    @property
    def value(self) -> Any:
        """The array."""
        value = self.program.operations[self.index].value
        return value[0] if self.of_example else value

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.value, dtype)

    def __getitem__(self, position: int | Position) -> Terms:
        return terms_of(self.program, self.index, self.place(position))

    def place(self, position: int | Position) -> Position:
        """Return the position in the program's array."""
        place = position if isinstance(position, tuple) else (position,)
        place = (0, *place) if self.of_example else place
        lengths = self.program.operations[self.index].value.shape
        if len(place) != len(lengths):
            return place
        return tuple(i + n if i < 0 else i for i, n in zip(place, lengths, strict=True))

    def largest(self) -> Position:
        """Return the position of the number with the largest magnitude."""
        flat = int(np.nan_to_num(np.abs(self.value)).argmax()) if self.value.size else 0
        return tuple(int(i) for i in np.unravel_index(flat, self.shape)) if self.shape else ()

    def derivative(self, position: int | Position = ()) -> "Derivative":
        """Return the derivative of the loss with respect to a number, and its finite difference."""
        return derivative(self.program, self.index, self.place(position))

    def __repr__(self) -> str:
        value = self.value
        if not value.ndim:
            return f"{self.name} = {shown(float(value))}"
        if not value.size:
            return f"{self.name} {value.shape}: empty"
        return f"{self.name} {value.shape}: {shown(value.min())} to {shown(value.max())}"


@dataclass(frozen=True)
class Derivative:
    """The derivative of the loss with respect to a number: of the backward pass, and measured."""

    of: str
    backward: float | NotComputed
    measured: Difference
    entry: tuple[int, Position] | None = None  # of the backward pass, in the program

    @property
    def error(self) -> float | None:
        """The difference of the two relative to the larger one; None if one is missing."""
        if isinstance(self.backward, NotComputed) or self.measured.missing:
            return None
        size = max(abs(self.backward), abs(self.measured.value))
        return abs(self.backward - self.measured.value) / size if size else 0.0

    def __str__(self) -> str:
        measured = self.measured.missing and f"none, as {self.measured.missing}"
        measured = measured or shown(self.measured.value, 8)
        backward = (
            str(self.backward)
            if isinstance(self.backward, NotComputed)
            else shown(self.backward, 8)
        )
        line = f"d loss / d {self.of}: {backward}; by finite differences: {measured}"
        return line if self.error is None else f"{line} (relative error {self.error:.1e})"


def derivative(program: Program, index: int, position: Position) -> Derivative:
    """Return the derivative of the loss with respect to an entry, backward and measured."""
    name, place = name_of(program, index, position), gradient_of(program, index)
    measured = difference(program, index, position)
    if place is None:
        reason = "the backward pass has no array of it"
        if program.operations[index].phase in ("backward", "update"):
            reason = "it is itself computed by the backward pass or the update"
        return Derivative(name, NotComputed(reason), measured)
    value = float(program.operations[place].value[position])
    return Derivative(name, value, measured, (place, position))


def gradient_of(program: Program, index: int) -> int | None:
    """Return the operation that is the derivative of the loss with respect to this one's value, if
    the backward pass computes it: of outputs of layers, weights and inputs.
    """
    marks = program.marks
    for name, place in marks.items():
        if place == index and name.startswith("output"):
            gradient = marks.get(name.replace("output", "dy", 1))
            if gradient is not None and not _reaches_another(program, name):
                return gradient
    weight = next((name for name, place in program.inputs.items() if place == index), None)
    if weight is None:
        return None
    if f"gradient of {weight}" in marks:
        return marks[f"gradient of {weight}"]
    return next(
        (
            marks[gradient]
            for gradient in (n.replace("input", "dx", 1) for n, i in marks.items()
                             if i == index and n.startswith("input") and n.endswith("the network"))
            if gradient in marks
        ),
        None,
    )  # fmt: skip


def _reaches_another(program: Program, output: str) -> bool:
    """True if another output of the same call, such as a state, is computed from this one or is the
    same array: dy is then the derivative with that output held, and not that of the number.
    """
    place, _, of = output.partition(" of ")
    if "." not in place:
        return False
    others = (
        index
        for name, index in program.marks.items()
        if name != output and name.startswith("output.") and name.partition(" of ")[2] == of
    )
    return any(program.marks[output] in program.ancestors(index) for index in others)


def values_of(program: Program, index: int, name: str = "") -> Values:
    """Return an operation's value as `Values`."""
    name = name or program.names.get(index, f"operation {index}")
    return Values(program, index, name, hides_example(program, index, name))

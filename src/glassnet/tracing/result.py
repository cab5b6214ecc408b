"""What `trace` returns: layers, loss, prediction, and every number open to its terms."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.files import write_whole
from glassnet.pages.html import data_table, tag
from glassnet.pages.notebook import shown
from glassnet.tracing.check import Proofs, check
from glassnet.tracing.digits import lines_of
from glassnet.tracing.movement import Position
from glassnet.tracing.program import Program
from glassnet.tracing.values import NotComputed, Values, values_of

Part = Any  # Values, NotComputed, or a tuple of them for multiple inputs or outputs


@dataclass(frozen=True, eq=False)
class TracedLayer:
    """One call of a layer: what it computes, and the numbers, forward, backward and update.

    With multiple inputs or outputs, `input`, `output` and their gradients are tuples. `weights`,
    `d_weights` and `new_weights` are by name; `slots` and `new_slots` by "momentum of kernel".
    """

    path: str
    kind: str  # its class
    equation: str
    input: Part
    output: Part
    d_input: Part
    d_output: Part
    weights: Mapping[str, Values]
    d_weights: Mapping[str, Values | NotComputed]
    new_weights: Mapping[str, Values | NotComputed]
    slots: Mapping[str, Values]
    new_slots: Mapping[str, Values]
    notes: tuple[str, ...] = ()

    def arrays(self) -> Iterator[tuple[str, Values | NotComputed]]:
        """Yield (name, array) for all arrays, in the order of a step."""
        for name in ("input", "output", "d_output", "d_input"):
            part = getattr(self, name)
            parts = part if isinstance(part, tuple) else (part,)
            for i, one in enumerate(parts):
                yield (f"{name}[{i}]" if isinstance(part, tuple) else name), one
            if name == "input":
                yield from self.weights.items()
        yield from ((f"d_{name}", one) for name, one in self.d_weights.items())
        yield from self.slots.items()
        yield from ((f"new {name}", one) for name, one in self.new_slots.items())
        yield from ((f"new {name}", one) for name, one in self.new_weights.items())


@dataclass(frozen=True, eq=False)
class Trace:
    """One example (or one batch) through forward, loss, backward and update, number by number."""

    program: Program
    layers: tuple[TracedLayer, ...]
    loss: Values
    prediction: Part
    notes: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    of_model: Callable[[], Sequence[tuple[str, Any, Any, float]]] = tuple  # numbers for `check`

    def check(self, numbers: int = 500, derivatives: int = 50) -> Proofs:
        """Return the proofs: the program executed again has the same bits; `numbers` chosen at
        random are what their terms add up to; as many `derivatives` are the slopes of the loss; and
        prediction and loss are the model's own.
        """
        return check(self.program, numbers, derivatives, self.of_model())

    def layer(self, path: str) -> TracedLayer:
        """Return the call of a layer at this path."""
        for layer in self.layers:
            if layer.path == path:
                return layer
        raise unknown("layer", path, [layer.path for layer in self.layers], where="trace")

    def values(self, name: str) -> Values:
        """Return an array by the name that terms show: "dense/kernel", "output of dense", "loss",
        "dy of dense", "gradient of dense/kernel", "new dense/kernel", or any with "#12", the number
        of the operation.
        """
        program = self.program
        index = program.marks.get(name, program.inputs.get(name))
        if numbered := re.search(r"#(\d+)$", name):
            index = int(numbered[1])
            if index >= len(program.operations):
                last = len(program.operations) - 1
                raise GlassnetError(f"there are operations #0 to #{last}.", where=f"#{index}")
        if index is None:
            raise unknown("array", name, [*program.inputs, *program.marks], where="trace")
        return values_of(program, index, name)

    def number(self, text: str) -> tuple[Values, Position]:
        """Return the array and the position that a text such as "output of dense[4]" names."""
        if text in self.program.marks or text in self.program.inputs:
            return self.values(text), ()
        name, bracket, rest = text.rpartition("[")
        if not bracket or not rest.endswith("]"):
            return self.values(text), ()
        try:
            position = tuple(int(part) for part in rest[:-1].split(","))
        except ValueError as error:
            raise GlassnetError(
                f"{text!r} has no position of whole numbers.",
                where="number",
                fix='Write "output of dense[4]" or "dense/kernel[117, 4]".',
            ) from error
        return self.values(name.strip()), position

    def explain(self, text: str, most: int = 12) -> list[str]:
        """Return the lines about a number: its terms, and its derivative."""
        values, position = self.number(text)
        lines = lines_of(values[position], most)
        ahead = self.program.operations[values.index].phase in ("forward", "loss")
        if ahead and values.index != self.loss.index:
            lines.append(str(values.derivative(position)))
        return lines

    def save(self, path: str | Path, title: str = "Trace", lead: Sequence[str] = ()) -> Path:
        """Write a self-contained HTML page that shows the trace and computes it itself, so that
        numbers can be changed; `lead` are the lines below its title. Return its path.
        """
        from glassnet.tracing.microscope.page import trace_page

        html = trace_page(self, title, lead)
        write_whole(path, html.encode(errors="surrogateescape"))  # paths may not be UTF-8
        return Path(path)

    def _repr_html_(self) -> str:
        from glassnet.tracing.text import overview_rows

        overview = data_table(repr(self)[1:-1], overview_rows(self), "<<<>>>>")
        hint = tag("p", 'trace.save("trace.html") writes a page in which any number opens.')
        return shown("", overview, hint)

    def __repr__(self) -> str:
        return f"<Trace of {len(self.layers)} layers: {self.loss!r}>"

"""`Program`: the operations that computed a training step, which can be executed again.

An operation's operands are earlier operations. "input" operations are what a person can change: the
example, the weights, the optimizer's state. Everything else follows: `run` computes it again.

The room is `tracing`, since `trace` is the public function (as with `tuning` and `tune`).
Multiple inputs, outputs or targets have names with a number or a name after a dot: "x.0",
"x.image", "output.1 of merge". Marks: "input of P", "output of P", "dy of P", "dx of P" for each
layer's path P (of the whole, "the network"), "prediction", "loss", "gradient of W", "new W", "new
SLOT of W" for each weight's path W. Inputs: "x", "y", each W, each "SLOT of W", "learning rate".

As JSON (`to_json`): {"operations": [...], "layers": [...], "sources": [...], "inputs": {name:
index}, "marks": {name: index}, "decisions": [[index, count], ...]}. An operation is {"kind",
"operands", "settings", "layer" (place in layers), "phase", "source" (place in sources, or None),
"name", "shape", "dtype" ("float64", "int64" or "bool")} and, if it is a constant of one number,
"value". Arrays of inputs and constants are not in it: they are `operations[i].value`. A constant of
equal numbers has the setting "fill". A decision is an operation by whose value the code decided,
and the number of operations before the decision. Infinity and NaN are the texts "inf", "-inf",
"nan". All kinds and their settings: `kinds.py`.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.kinds import Value, compute
from glassnet.tracing.source import Source


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation: what it computed, of what, and where in the code.

    `phase` is "forward", "loss", "backward" or "update"; `layer` the path of the layer, "" outside.
    """

    index: int
    kind: str
    operands: tuple[int, ...]
    settings: Mapping[str, Any]
    value: Value
    layer: str
    phase: str
    source: Source | None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Program:
    """The operations of a step in order, with the names of its inputs and of what it computed.

    `decisions` are the operations by whose values the code decided what to compute (`if x > 0:`),
    and how many operations there were by then: later ones may depend on it.
    """

    operations: tuple[Operation, ...]
    inputs: Mapping[str, int]
    marks: Mapping[str, int]
    decisions: tuple[tuple[int, int], ...] = ()

    def run(
        self, replacements: Mapping[int, Any] | None = None, until: int | None = None
    ) -> list[Value]:
        """Return the values of all operations, with these ones in place of the recorded values.

        Only what depends on them is computed again; with `until`, only what it depends on.

        Raises if a replacement has another shape, or if the code would have decided otherwise.
        """
        values = [operation.value for operation in self.operations]
        end = len(values) if until is None else until + 1
        changed = [False] * len(values)
        for index, value in (replacements or {}).items():
            array = np.asarray(value, values[index].dtype)
            if array.shape != values[index].shape:
                raise GlassnetError(
                    f"has shape {values[index].shape}, got {array.shape}.",
                    where=self.operations[index].name or f"operation {index}",
                )
            values[index], changed[index] = array, True
        needed = range(end) if until is None else self._needed(until)
        first = min(replacements or {0: None})
        for index in needed[bisect_left(needed, first) :]:
            operation = self.operations[index]
            if replacements is None:
                again = bool(operation.operands)
            else:
                again = index not in replacements and any(changed[i] for i in operation.operands)
            if again:
                operands = [values[i] for i in operation.operands]
                values[index], changed[index] = _computed(operation, operands), True
        self._check_decisions(values, changed, end)
        return values[:end]

    def _check_decisions(self, values: list[Value], changed: list[bool], end: int) -> None:
        for index, count in self.decisions:
            decided = self.operations[index].value
            if count < end and changed[index] and not np.array_equal(values[index], decided):
                source = self.operations[index].source
                raise GlassnetError(
                    "would make the code decide otherwise, so it would be another program"
                    + (f": {source.code}" if source else "."),
                    where=self.operations[index].layer or "the replaced value",
                    fix="Trace the model on the changed values.",
                )

    def ancestors(self, index: int) -> list[int]:
        """The operations that this one depends on, and itself, in order."""
        if index not in self._depends:
            needed = {index}
            for i in range(index, -1, -1):
                if i in needed:
                    needed.update(self.operations[i].operands)
            self._depends[index] = sorted(needed)
        return self._depends[index]

    def _needed(self, index: int) -> list[int]:
        """The ancestors of an operation, and of the decisions before it."""
        needed = {index, *(decided for decided, count in self.decisions if count <= index)}
        return sorted({i for one in needed for i in self.ancestors(one)})

    @cached_property
    def _depends(self) -> dict[int, list[int]]:
        return {}

    @cached_property
    def names(self) -> dict[int, str]:
        """The name of each operation that has one; what is between two layers is the output of the
        first.
        """
        names: dict[int, str] = {}
        for first in ("output", "prediction", "gradient", "new", "loss", "dy", "dx", "input"):
            for name, index in self.marks.items():
                if name.startswith(first):
                    names.setdefault(index, name)
        return names | {index: name for name, index in self.inputs.items()}

    @cached_property
    def users(self) -> tuple[tuple[int, ...], ...]:
        """For each operation, the operations that it is an operand of."""
        users: list[list[int]] = [[] for _ in self.operations]
        for operation in self.operations:
            for index in dict.fromkeys(operation.operands):
                users[index].append(operation.index)
        return tuple(map(tuple, users))

    def to_json(self) -> dict[str, Any]:
        """Return the program as plain JSON, without the arrays: see the top of this file."""
        layers: dict[str, int] = {}
        sources: dict[Source, int] = {}
        operations = []
        for operation in self.operations:
            source = operation.source
            one = {
                "kind": operation.kind,
                "operands": list(operation.operands),
                "settings": {k: _plain(v) for k, v in operation.settings.items()},
                "layer": layers.setdefault(operation.layer, len(layers)),
                "phase": operation.phase,
                "source": None if source is None else sources.setdefault(source, len(sources)),
                "name": operation.name,
                "shape": list(operation.value.shape),
                "dtype": str(operation.value.dtype),
            }
            if operation.kind == "constant" and operation.value.ndim == 0:
                one["value"] = _plain(operation.value.item())
            operations.append(one)
        return {
            "operations": operations,
            "layers": list(layers),
            "sources": [asdict(source) for source in sources],
            "inputs": dict(self.inputs),
            "marks": dict(self.marks),
            "decisions": [list(decision) for decision in self.decisions],
        }


def _plain(value: Any) -> Any:
    """Return a number or a setting as JSON has it."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _computed(operation: Operation, operands: list[Value]) -> Value:
    try:
        return compute(operation.kind, operands, operation.settings)
    except (IndexError, ValueError) as error:
        raise GlassnetError(
            f"can't compute {operation.kind} of the changed values: {error}.",
            where=operation.layer or "the replaced value",
            fix="Trace the model on the changed values.",
        ) from error

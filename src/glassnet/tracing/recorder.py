"""The recorder: what is computed while it is active becomes operations of a program."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.tracing.kinds import Value, compute
from glassnet.tracing.program import Operation, Program
from glassnet.tracing.source import caller

_ACTIVE: ContextVar["Recorder"] = ContextVar("recorder")


class Drawn(np.ndarray[Any, Any]):
    """Random numbers, and what NumPy computes of them: constants of a program, with a name."""


def active() -> "Recorder":
    """Return the recorder that is active; raise if none is."""
    recorder = _ACTIVE.get(None)
    if recorder is None:
        raise GlassnetError("an array of a trace is used after it.", where="glassnet.trace")
    return recorder


class Recorder:
    """Records operations, with the layer and phase that are current."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.decisions: list[tuple[int, int]] = []  # operation, number of operations by then
        self.inputs: dict[str, int] = {}
        self.marks: dict[str, int] = {}
        self.layer, self.phase = "", "forward"
        self._numbers: dict[tuple[str, Any], int] = {}  # constants that are one number

    def program(self) -> Program:
        """Return what was recorded."""
        return Program(tuple(self.operations), self.inputs, self.marks, tuple(self.decisions))

    @contextmanager
    def recording(self) -> Iterator["Recorder"]:
        """Make this recorder the active one."""
        token = _ACTIVE.set(self)
        try:
            yield self
        finally:
            _ACTIVE.reset(token)

    @contextmanager
    def tagged(self, layer: str | None = None, phase: str | None = None) -> Iterator[None]:
        """Tag what is recorded with this layer and phase."""
        before = self.layer, self.phase
        self.layer = self.layer if layer is None else layer
        self.phase = self.phase if phase is None else phase
        try:
            yield
        finally:
            self.layer, self.phase = before

    def record(self, kind: str, operands: Sequence[int], **settings: Any) -> int:
        """Record an operation and return its index."""
        value = compute(kind, [self.operations[i].value for i in operands], settings)
        return self._append(kind, tuple(operands), settings, value)

    def input(self, name: str, value: Value) -> int:
        """Record an input of the program."""
        index = self._append("input", (), {}, _wide(value), name)
        self.inputs[name] = index
        return index

    def constant(self, value: Any) -> int:
        """Record a number or an array of the code itself; equal numbers are one operation."""
        array = _wide(value)
        name, settings = "", {}
        if isinstance(value, Drawn):
            source = caller()
            name = f"drawn: {source.target or source.function if source else ''}".strip()
        elif array.ndim == 0:
            key = str(array.dtype), array.tobytes()
            if key not in self._numbers:
                self._numbers[key] = self._append("constant", (), {}, array)
            return self._numbers[key]
        elif array.size and (array == array.flat[0]).all():
            settings = {"fill": array.flat[0].item()}
        return self._append("constant", (), settings, array, name)

    def decide(self, index: int) -> None:
        """Record that the code read this value, and may have decided by it."""
        self.decisions.append((index, len(self.operations)))

    def _append(
        self,
        kind: str,
        operands: tuple[int, ...],
        settings: Mapping[str, Any],
        value: Value,
        name: str = "",
    ) -> int:
        index, source = len(self.operations), None if kind == "input" else caller()
        self.operations.append(
            Operation(index, kind, operands, settings, value, self.layer, self.phase, source, name)
        )
        return index


def _wide(value: Any) -> Value:
    """Return numbers as float64, int64 or booleans."""
    array = np.array(value)  # a copy, without a subclass
    return array.astype({"f": np.float64, "b": np.bool_}.get(array.dtype.kind, np.int64))

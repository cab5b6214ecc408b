"""What the room promises, for every op, loss and layer of the case table."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from glassnet.tracing.array import TracedArray
from glassnet.tracing.differences import difference
from glassnet.tracing.kinds import KINDS
from glassnet.tracing.program import Program
from glassnet.tracing.recorder import Recorder
from glassnet.tracing.terms import terms_of
from glassnet.verify.cases import CASES, Case

ROUNDING = 1e-12  # relative to the largest number


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The value with the function applied to all arrays in its tuples and trees."""
    if isinstance(value, dict):
        return {key: mapped(function, inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return tuple(mapped(function, inner) for inner in value)
    return value if value is None else function(value)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


def recorded(case: Case) -> tuple[Program, list[Any], list[Any], list[int], int]:
    """The program of a case and its pullback; (NumPy's results, those of the program), the inputs,
    and the operation ⟨u, y⟩, whose derivatives the gradients are for the upstream gradient u.
    """
    y, back = case()
    rng = np.random.default_rng(0)
    u = mapped(lambda part: rng.standard_normal(np.shape(part)), y)
    expected = [*leaves(y), *leaves(back(u))]
    recorder = Recorder()
    inputs: list[int] = []

    def traced(array: Any) -> TracedArray:
        inputs.append(recorder.input(f"a{len(inputs)}", np.asarray(array)))
        return TracedArray(inputs[-1])

    with recorder.recording():
        arguments = mapped(traced, case.arguments)
        y_traced, back_traced = case(*arguments)
        count = len(inputs)
        results = [*leaves(y_traced), *leaves(back_traced(mapped(traced, u)))]
        total: Any = 0.0
        for part, weight in zip(leaves(y_traced), leaves(u), strict=True):
            total = total + (part * weight).sum()
    return recorder.program(), expected, results, inputs[:count], total.index


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_recorded_case(case: Case) -> None:
    program, expected, results, inputs, total = recorded(case)
    # The values and gradients are NumPy's.
    for ours, numpy_s in zip(results, expected, strict=True):
        value = ours.value if isinstance(ours, TracedArray) else np.asarray(ours)
        scale = max(1.0, float(np.abs(numpy_s).max(initial=0.0)))
        np.testing.assert_allclose(value, numpy_s, rtol=0, atol=ROUNDING * scale)
    # No operation is opaque, and executed again, all have the same bits.
    assert {operation.kind for operation in program.operations} <= set(KINDS)
    for operation, again in zip(program.operations, program.run(), strict=True):
        np.testing.assert_array_equal(operation.value, again)
    # Numbers are what their terms add up to.
    rng = np.random.default_rng(1)
    for index in rng.integers(len(program.operations), size=30):
        shape = program.operations[index].value.shape
        if 0 in shape:
            continue
        terms = terms_of(program, int(index), tuple(int(rng.integers(n)) for n in shape))
        size = max(abs(terms.result.value), *(abs(t.value) for t in terms.terms), 1e-300)
        assert abs(terms.computed() - terms.result.value) <= ROUNDING * size
    # Derivatives are slopes.
    gradients = [results[i] for i in range(len(results) - len(inputs), len(results))]
    trainable = len(list(leaves(case()[0]))) + len(inputs) == len(results)
    for index, gradient in zip(inputs, gradients, strict=True) if trainable else ():
        value = program.operations[index].value
        slopes = np.asarray(getattr(gradient, "value", gradient))
        if value.dtype != np.float64 or not value.size or slopes.shape != value.shape:
            continue
        position = tuple(int(rng.integers(n)) for n in value.shape)
        measured = difference(program, index, position, of=total)
        if measured.missing:
            continue
        size = max(abs(slopes[position]), 1e-3 * float(np.abs(slopes).max()), 1e-6)
        assert abs(measured.value - slopes[position]) <= 1e-6 * size + measured.uncertainty, index

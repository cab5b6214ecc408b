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


def pairs(arguments: Any, gradients: Any) -> Iterator[tuple[Any, Any]]:
    """The (argument, gradient) pairs; a tree of gradients has those of trained weights only."""
    if isinstance(arguments, dict):
        for key in gradients:
            yield from pairs(arguments[key], gradients[key])
    elif isinstance(arguments, tuple):
        for one, other in zip(arguments, gradients, strict=True):
            yield from pairs(one, other)
    elif arguments is not None and gradients is not None:
        yield arguments, gradients


def recorded(case: Case) -> tuple[Program, list[Any], list[Any], list[tuple[Any, Any]], int]:
    """The program of a case and its pullback: NumPy's results, those of the program, the pairs of
    arguments and gradients, and the operation ⟨u, y⟩, whose gradients they are.
    """
    y, back = case()
    rng = np.random.default_rng(0)
    u = mapped(lambda part: rng.standard_normal(np.shape(part)), y)
    expected = [*leaves(y), *leaves(back(u))]
    recorder = Recorder()

    def traced(array: Any) -> TracedArray:
        return TracedArray(recorder.input(f"a{len(recorder.inputs)}", np.asarray(array)))

    with recorder.recording():
        arguments = mapped(traced, case.arguments)
        y_traced, back_traced = case(*arguments)
        gradients = back_traced(mapped(traced, u))
        results = [*leaves(y_traced), *leaves(gradients)]
        total: Any = 0.0
        for part, weight in zip(leaves(y_traced), leaves(u), strict=True):
            total = total + (part * weight).sum()
    gradients = gradients if len(arguments) > 1 else (gradients,)
    return recorder.program(), expected, results, [*pairs(arguments, gradients)], total.index


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_recorded_case(case: Case) -> None:
    program, expected, results, slopes, total = recorded(case)
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
        computed = terms.computed()
        same = computed == terms.result.value
        assert same or abs(computed - terms.result.value) <= ROUNDING * size
    # Derivatives are slopes.
    for argument, gradient in slopes:
        value, slope = argument.value, np.asarray(getattr(gradient, "value", gradient))
        if value.dtype != np.float64 or not value.size:
            continue
        position = tuple(int(rng.integers(n)) for n in value.shape)
        measured = difference(program, argument.index, position, of=total)
        if not measured.missing:
            size = max(abs(slope[position]), 1e-3 * float(np.abs(slope).max()), 1e-6)
            error = abs(measured.value - slope[position])
            assert error <= 1e-6 * size + measured.uncertainty, case

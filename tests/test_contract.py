"""What every op, loss and layer promises, checked over the one table of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from glassnet.core.arrays import map_arrays
from glassnet.verify.cases import CASES, LAYERS, LOSSES, OPS, Case, cast
from glassnet.verify.gradcheck import LAYOUTS, TOLERANCE, gradcheck
from glassnet.verify.inventory import everything

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def arrays(value: Any) -> Iterator[np.ndarray]:
    """The arrays in tuples and trees, in order."""
    if isinstance(value, tuple):
        for item in value:
            yield from arrays(item)
    elif isinstance(value, dict):
        yield from arrays(tuple(value.values()))
    elif isinstance(value, np.ndarray | np.generic):
        yield np.asarray(value)


def indices(x: Any) -> bool:
    """Whether x is whole numbers, as an embedding looks them up: they have no gradient."""
    return next(arrays(x)).dtype.kind in "iu"


def whole(x: Any) -> bool:
    """Whether x is whole numbers, of any dtype."""
    return all((array == np.rint(array)).all() for array in arrays(x))


def outcome(case: Case) -> list[np.ndarray]:
    """The value and all gradients."""
    y, pullback = case()
    return [*arrays(y), *arrays(pullback(upstream(y)))]


def upstream(y: Any) -> Any:
    """A gradient of the value: numbers of both signs, in its dtype."""
    if isinstance(y, tuple):
        return tuple(map(upstream, y))
    return np.asarray(np.cos(np.arange(np.size(y)) + 1).reshape(np.shape(y)), y.dtype)


def assert_same(found: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)


@every_case
def test_pullback_is_the_derivative_in_every_memory_layout(case: Case) -> None:
    checks = gradcheck(case.subject, *case.arguments, **case.constants)
    assert [check.layout for check in checks] == list(LAYOUTS)
    assert max(check.error for check in checks) <= TOLERANCE


@every_case
@every_dtype
def test_dtype_is_kept(case: Case, dtype: str) -> None:
    found = outcome(case.cast(dtype))
    assert {array.dtype.name for array in found} == {dtype}
    assert all(np.isfinite(array).all() for array in found)


@every_case
def test_single_precision_says_what_double_says(case: Case) -> None:
    for single, double in zip(outcome(case.cast("float32")), outcome(case), strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-5, atol=1e-5)


@every_case
def test_gradients_have_the_shapes_of_their_arguments(case: Case) -> None:
    y, pullback = case()
    answer = pullback(upstream(y))
    first = answer[0] if len(case.arguments) > 1 else answer
    wanted = case.arguments[0]
    if indices(wanted):  # indices have no gradient
        assert first is None
    else:
        assert [a.shape for a in arrays(first)] == [a.shape for a in arrays(wanted)]


@every_case
def test_inputs_are_left_as_they_are(case: Case) -> None:
    mine, before = case.cast("float64"), list(arrays((case.arguments, dict(case.constants))))
    y, pullback = mine()
    dy = upstream(y)
    pullback(dy)
    assert_same(list(arrays((mine.arguments, dict(mine.constants)))), before)
    assert_same([*arrays(dy)], [*arrays(upstream(y))])


@every_case
def test_overwriting_gradients_spoils_nothing(case: Case) -> None:
    mine = case.cast("float64")
    y, pullback = mine()
    first = cast((y, pullback(upstream(y))), "float64")
    for gradient in arrays(pullback(upstream(y))):
        gradient[...] = np.nan
    again = (y, pullback(upstream(y)))
    assert_same(list(arrays(again)), list(arrays(first)))
    assert_same(list(arrays(mine.arguments)), list(arrays(case.arguments)))


@every_case
def test_read_only_inputs_are_accepted(case: Case) -> None:
    frozen = case.cast("float64")
    for array in arrays((frozen.arguments, dict(frozen.constants))):
        array.flags.writeable = False
    assert_same(outcome(frozen), outcome(case))


@every_case
def test_two_threads_at_once_find_what_one_finds(case: Case) -> None:
    x, *rest = case.arguments
    scales = (1, 1, 1, 1) if whole(x) else (1.0, 0.5, 0.9, 0.7)
    scaled = [
        Case(case.subject, (map_arrays(lambda a, s=s: a * s, x), *rest), case.constants)
        for s in scales
    ] * 4
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(outcome, scaled))
    for found, one in zip(together, scaled, strict=True):
        assert_same(found, outcome(one))


def test_the_table_has_every_op() -> None:
    assert len(everything("op")) >= 60
    assert set(everything("op").values()) == {case.subject for case in OPS}


@pytest.mark.parametrize(("kind", "cases"), [("layer", LAYERS), ("loss", LOSSES)])
def test_the_table_has_every_class(kind: str, cases: list[Case]) -> None:
    assert set(everything(kind).values()) == {type(case.subject) for case in cases}


def test_the_table_has_every_case_once() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)

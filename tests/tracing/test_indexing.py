from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from glassnet.core.errors import GlassnetError
from glassnet.tracing.array import TracedArray
from glassnet.tracing.movement import copied_from
from glassnet.tracing.recorder import Recorder

X = np.arange(60.0).reshape(3, 4, 5)


def indexed(key: Any) -> tuple[Recorder, Any]:
    recorder = Recorder()
    with recorder.recording():
        return recorder, TracedArray(recorder.input("x", X))[key]


@settings(max_examples=60, deadline=None)
@given(arrays.basic_indices((3, 4, 5), allow_newaxis=True))
def test_basic_indexing_is_numpy_s_and_each_entry_knows_what_it_copies(key: Any) -> None:
    recorder, y = indexed(key)
    np.testing.assert_array_equal(y.value, X[key])
    operation = recorder.operations[y.index]
    if operation.kind == "getitem" and y.size:
        position = tuple(0 for _ in y.shape)
        place = copied_from(recorder.program(), operation, position)
        assert place is not None
        assert X[place[1]] == y.value[position]


@pytest.mark.parametrize(
    "key",
    [
        np.array([2, 0, -1]),
        (slice(None), [1, 1]),
        (..., np.array([[0, 4], [3, 1]])),
        (np.array([0, 2]), np.array([3, -1])),
        (slice(1, 3), np.array([0, 2]), np.array([1, 4])),
        (None, np.array([1])),
    ],
    ids=str,
)
def test_arrays_of_integers_index_as_in_numpy(key: Any) -> None:
    _, y = indexed(key)
    np.testing.assert_array_equal(y.value, X[key])


def test_what_a_mask_selects_depends_on_it() -> None:
    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", X))
        assert isinstance(x[x > 30], np.ndarray)
    kinds = [recorder.operations[index].value.dtype.kind for index, _ in recorder.decisions]
    assert kinds == ["f", "b"]


@pytest.mark.parametrize(
    "key", [(np.array([0, 1]), slice(None), np.array([0, 1])), (0, np.array([1, 2]))], ids=str
)
def test_keys_whose_axes_numpy_moves_are_refused(key: Any) -> None:
    with pytest.raises(GlassnetError, match="Index in two steps"):
        indexed(key)


def test_positions_out_of_bounds_raise_as_in_numpy() -> None:
    with pytest.raises(IndexError):
        indexed(3)


@given(st.sampled_from(["reshape", "permute_dims", "repeat", "flip", "concat", "stack", "pad"]))
@settings(deadline=None)
def test_every_entry_of_a_movement_is_a_copy(name: str) -> None:
    from glassnet.tracing import functions as xp

    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", X))
        calls: dict[str, Any] = {
            "reshape": lambda: xp.reshape(x, (5, 12)),
            "permute_dims": lambda: xp.permute_dims(x, (2, 0, 1)),
            "repeat": lambda: xp.repeat(x, 3, axis=1),
            "flip": lambda: xp.flip(x, axis=2),
            "concat": lambda: xp.concat([x, x + 1], axis=1),
            "stack": lambda: xp.stack([x, x + 1], axis=2),
            "pad": lambda: xp.pad(x, ((1, 0), (0, 2), (0, 0)), constant_values=7.0),
        }
        y = calls[name]()
    program = recorder.program()
    for position in np.ndindex(y.shape):
        place = copied_from(program, program.operations[y.index], position)
        value = 7.0 if place is None else program.operations[place[0]].value[place[1]]
        assert value == y.value[position]

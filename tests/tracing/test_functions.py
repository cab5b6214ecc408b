from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Namespace
from glassnet.tracing import functions
from glassnet.tracing.array import TracedArray
from glassnet.tracing.recorder import Recorder

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 4)) * 2
B = X > 0

CALLS: dict[str, Any] = {
    "mean": lambda xp, x: x.mean(axis=0),
    "var": lambda xp, x: x.var(axis=(0, 1), keepdims=True),
    "std": lambda xp, x: x.std(axis=-1),
    "sum": lambda xp, x: xp.sum(x, axis=-1, keepdims=True),
    "max": lambda xp, x: x.max(),
    "argmax": lambda xp, x: x.argmax(axis=1),
    "argmin": lambda xp, x: xp.argmin(x),
    "any": lambda xp, x: (x > 3).any(axis=0),
    "sort": lambda xp, x: xp.sort(x, axis=0),
    "argsort": lambda xp, x: xp.argsort(x, axis=-1, stable=True),
    "cumulative_sum": lambda xp, x: xp.cumulative_sum(x, axis=1),
    "searchsorted": lambda xp, x: xp.searchsorted(xp.arange(4.0), x, side="right"),
    "clip": lambda xp, x: xp.clip(x, -1, 1),
    "square": lambda xp, x: x**2,
    "root": lambda xp, x: xp.abs(x) ** 0.5,
    "inverse": lambda xp, x: x**-1,
    "power": lambda xp, x: xp.abs(x) ** 1.7,
    "of a number": lambda xp, x: 2.0**x,
    "reflected": lambda xp, x: 1 - 3 / x,
    "frexp": lambda xp, x: xp.frexp(x)[0] + xp.frexp(x)[1],
    "moveaxis": lambda xp, x: xp.moveaxis(x[None], 0, 2),
    "expand_dims": lambda xp, x: xp.expand_dims(x, axis=1),
    "matrix product": lambda xp, x: x @ x.T,
    "take": lambda xp, x: xp.take(x, xp.asarray([2, 0]), axis=0),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, xp.asarray([[1], [0], [3]]), axis=1),
    "repeat": lambda xp, x: xp.repeat(x, 2, axis=0),
    "full": lambda xp, x: xp.full((2, 3), x[0, 0], dtype=x.dtype),
    "like": lambda xp, x: xp.zeros_like(x) + xp.ones_like(x) + xp.full_like(x, 3),
    "booleans": lambda xp, x: ~(x > 0) & (x < 1) | (x == x) ^ (x != 2),
    "as integers": lambda xp, x: xp.astype(x * 10, xp.int32) // 3 % 2,
    "round": lambda xp, x: xp.round(x * 2.5) + xp.floor(x) + xp.sign(x),
    "where": lambda xp, x: xp.where(x > 0, x, 0.5 * x),
    "ufunc": lambda xp, x: np.tanh(x) + np.multiply(np.ones(4), x),
    "logical": lambda xp, x: np.logical_and(x.round(), 2) ^ np.logical_not(x.astype(int)),
    "swapaxes": lambda xp, x: np.swapaxes(x.reshape(2, 3, 2), 0, 2),
    "cumsum": lambda xp, x: np.cumsum(x),
    "axes by position": lambda xp, x: np.flip(np.expand_dims(x, 1), 0),
    "function of NumPy": lambda xp, x: np.concatenate([x, np.ones((1, 4))]).sum(),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_compute_what_numpy_computes(name: str) -> None:
    recorder = Recorder()
    with recorder.recording():
        y = CALLS[name](functions, TracedArray(recorder.input("x", X)))
    np.testing.assert_allclose(y.value, CALLS[name](np, X), rtol=1e-14)
    assert isinstance(y, TracedArray)


def test_every_function_of_the_protocol_is_there() -> None:
    names = [name for name in vars(Namespace) if not name.startswith("_")]
    assert [name for name in names if not hasattr(functions, name)] == []


def test_what_can_not_be_traced_says_so() -> None:
    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", X))
        with pytest.raises(GlassnetError, match=r"numpy.linalg|svd|can't be traced"):
            np.linalg.svd(x)
        with pytest.raises(GlassnetError, match=r"numpy.arctan can't be traced"):
            np.arctan(x)
        with pytest.raises(GlassnetError, match="pads by reflect, which can't be traced"):
            np.pad(x, 1, mode="reflect")
        with pytest.raises(GlassnetError, match="Compute a new array"):
            x[0] = 1


def test_an_array_outlives_no_recorder() -> None:
    recorder = Recorder()
    with recorder.recording():
        x = TracedArray(recorder.input("x", X))
    with pytest.raises(GlassnetError, match="is used after it"):
        x + 1

"""Arguments of parts: NumPy's numbers, other types, other names."""

from typing import Any

import numpy as np
import pytest

from glassnet import layers, losses, optimizers
from glassnet.core.errors import GlassnetError
from glassnet.layers.constraints import MaxNorm
from glassnet.layers.regularizers import L1L2


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda n: L1L2(n), "l1"),
        (lambda n: MaxNorm(n), "max_value"),
        (lambda n: layers.Dropout(n), "rate"),
        (lambda n: losses.Huber(n), "delta"),
        (lambda n: losses.CategoricalCrossentropy(label_smoothing=n), "label_smoothing"),
        (lambda n: losses.BinaryFocalCrossentropy(gamma=n), "gamma"),
        (lambda n: optimizers.Adam(beta_1=n), "beta_1"),
        (lambda n: optimizers.RMSprop(rho=n), "rho"),
    ],
)
def test_numpy_s_numbers_become_python_s(make: Any, field: str) -> None:
    """A float64 among float32 arrays would make float64 of them, for the rest of the training."""
    part = make(np.float64(0.5))
    assert type(getattr(part, field)) is float
    assert part == make(0.5)


def test_training_stays_in_single_precision() -> None:
    small, w = np.float64(0.5), np.ones((2, 3), np.float32)
    value, back = L1L2(small, small)(w)
    assert (value.dtype.name, back(1.0).dtype.name) == ("float32",) * 2
    value, back = losses.Huber(small).forward(w, w)
    assert (value.dtype.name, back(1.0).dtype.name) == ("float32",) * 2
    adam = optimizers.Adam(beta_1=small)
    moved, slots = adam.step(w, (w, w), w, 0.1, 1)
    assert {a.dtype.name for a in (moved, *slots)} == {"float32"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.BatchNormalization(axis=[-1]), r"axis: must be a whole number, got \[-1\]"),
        (lambda: layers.BatchNormalization(axis=1.0), "axis: must be a whole number, got 1.0"),
        (lambda: layers.BatchNormalization(epsilon="1"), "epsilon: must be a finite number"),
        (
            lambda: layers.Normalization(axis=(1, 2)),
            "Normalization: axis: must be a whole number or No",
        ),
        (lambda: layers.Concatenate(axis=1.5), "Concatenate: axis: must be a whole number"),
        (lambda: layers.Permute(1), "Permute: dims: must be a tuple, got 1"),
        (lambda: layers.Dense(2, ["relu"]), "Dense: the activation must be a name or a function"),
        (lambda: layers.Dropout("a"), "Dropout: rate: must be a finite number, got 'a'"),
        (lambda: layers.LSTM(2, dropout="a"), "LSTM: dropout: must be"),
        (lambda: layers.TimeDistributed(3), "TimeDistributed: layer: must be of the class Layer"),
        (lambda: layers.Dense(2, use_bias=1), "use_bias: must be True or False, got 1"),
        (lambda: layers.Dense(unit=2), "Dense: unknown argument 'unit'. Did you mean 'units'"),
        (lambda: layers.Dense(), "Dense: missing a required argument: 'units'"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing="a"), "label_smoothing: must be"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()

"""Constraints: their projections, which leave allowed weights unchanged."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.layers import Dense, constraints
from glassnet.layers.constraints import MaxNorm, MinMaxNorm, NonNeg, UnitNorm, get

kernels = arrays(np.float64, (3, 2, 4), elements=st.floats(-1e6, 1e6))
axes = st.sampled_from([0, -1, (0, 1), (0, 1, 2)])


def norms(weight: np.ndarray, axis: Any) -> np.ndarray:
    return np.sqrt((weight**2).sum(axis=axis))


@given(kernels, axes, st.floats(0.01, 100))
def test_no_vector_is_longer_than_it_may_be(weight: np.ndarray, axis: Any, most: float) -> None:
    constrained = MaxNorm(most, axis)(weight)
    assert norms(constrained, axis).max() <= most * (1 + 1e-12)
    np.testing.assert_array_less(np.abs(constrained), np.abs(weight) + 1e-12)
    short = norms(weight, axis) < most
    kept = np.broadcast_to(np.expand_dims(short, axis), weight.shape)
    np.testing.assert_allclose(constrained[kept], weight[kept], atol=1e-7)


@given(kernels, axes)
def test_every_vector_becomes_1_long(weight: np.ndarray, axis: Any) -> None:
    found, before = norms(UnitNorm(axis)(weight), axis), norms(weight, axis)
    np.testing.assert_allclose(found, before / (before + 1e-7), atol=1e-12)


@given(kernels)
def test_nothing_is_below_0(weight: np.ndarray) -> None:
    constrained = NonNeg()(weight)
    np.testing.assert_array_equal(constrained, np.where(weight > 0, weight, 0))


@pytest.mark.parametrize("constraint", [MaxNorm(), UnitNorm(), NonNeg()], ids=repr)
def test_zeros_stay_zeros_and_float32_stays_float32(constraint: Any) -> None:
    found = constraint(np.zeros((3, 2), np.float32))
    assert found.dtype == np.float32
    assert not found.any()


def test_the_columns_of_a_kernel_are_the_units() -> None:
    kernel = np.array([[3.0, 0.3], [4.0, 0.4]])
    np.testing.assert_allclose(MaxNorm(1.0)(kernel), [[0.6, 0.3], [0.8, 0.4]], rtol=1e-6)
    np.testing.assert_allclose(UnitNorm()(kernel), [[0.6, 0.6], [0.8, 0.8]], rtol=1e-6)


@pytest.mark.parametrize("constraint", [None, MaxNorm(3.0, (0, 1)), UnitNorm(1), NonNeg()])
def test_a_layer_carries_its_constraint_through_json(constraint: Any) -> None:
    layer = Dense(3, kernel_constraint=constraint)
    assert build("layer", json.loads(json.dumps(describe(layer)))) == layer
    weights = layer.weights((4,))
    assert weights["kernel"].constraint == constraint
    assert weights["bias"].constraint is None


def test_names_and_defaults_are_keras_s() -> None:
    assert (
        get("max_norm")
        == MaxNorm(2.0, 0)
        == Dense(1, kernel_constraint="max_norm").kernel_constraint
    )
    assert (get("unit_norm"), get("non_neg"), get(None)) == (UnitNorm(0), NonNeg(), None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MaxNorm(0.0), "MaxNorm: max_value must be a number > 0, got 0"),
        (
            lambda: MaxNorm(axis=1.5),
            "MaxNorm: axis must be a whole number or a tuple of them, got 1.5",
        ),
        (lambda: UnitNorm(()), "UnitNorm: axis must be"),
        (lambda: UnitNorm((0, True)), "UnitNorm: axis must be"),
        (lambda: Dense(1, kernel_constraint="maxnorm"), "Dense: .*Did you mean 'max_norm'"),
    ],
)
def test_refusals(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()


def test_min_max_norm_moves_the_norm_into_its_bounds_at_a_rate() -> None:
    """Norms 5, 1 and 0.5; bounds 1 and 2; half of the way."""
    w = np.array([[3.0, 1.0, 0.3], [4.0, 0.0, 0.4]])
    moved = MinMaxNorm(1.0, 2.0, rate=0.5)(w)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=0), [3.5, 1.0, 0.75], rtol=1e-6)
    with pytest.raises(GlassnetError, match="needs 0 ≤ min_value ≤ max_value"):
        MinMaxNorm(2.0, 1.0)
    assert constraints.max_norm(3.0) == MaxNorm(3.0)
    assert constraints.get("MinMaxNorm") == MinMaxNorm()

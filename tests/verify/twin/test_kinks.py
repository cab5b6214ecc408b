"""Where a derivative jumps, and the derivative on the side that somebody else saw."""

from typing import Any

import numpy as np
import pytest

from glassnet.core.trees import items
from glassnet.layers import (
    LSTM,
    Activation,
    Add,
    CallContext,
    Dense,
    Flatten,
    Graph,
    Input,
    Layer,
    Maximum,
    MaxPooling1D,
    Residual,
    Sequential,
)
from glassnet.verify.twin.kinks import FEW, by_rounding, find_kinks, with_branches_of

RNG = np.random.default_rng(0)


def graph() -> Layer:
    x = Input((6, 3))
    shared = Dense(3, "relu", name="shared")
    h = Residual((Dense(3, "leaky_relu"), Dense(3)), name="block")(shared(x))
    joint = Maximum()(Add()(shared(h), x), h)
    return Graph.between(x, Dense(2)(Flatten()(MaxPooling1D(2)(joint))))


def looked(network: Layer, params: Any, x: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(all outputs, all gradients) of Σ y."""
    call = CallContext(True, wrt_x=False, record={})
    y, back = network.forward(params, x, call)
    assert call.record is not None
    return call.record, dict(items(back(np.ones_like(y))[1]))


def test_jumps_are_found_wherever_they_are() -> None:
    found = {jump.place: jump.sources for jump in find_kinks(graph())}
    assert found == {
        "shared": (None,),
        "block/body/dense": ("shared",),
        "shared:1": ("block",),
        "maximum": ("add", "block"),
        "max_pooling1d": ("maximum",),
    }
    (cell,) = find_kinks(Sequential((LSTM(3, "relu"),)))
    assert not cell.can_force_branch
    assert not find_kinks(Sequential((Dense(3, "gelu"), Dense(2))))


def test_the_derivative_is_that_of_the_side_seen_elsewhere() -> None:
    """Weights a little apart: both outputs are next to each other, some on another side."""
    network, x = graph(), RNG.normal(size=(4, 6, 3))
    params, _ = network.init(np.random.default_rng(1), (6, 3), "float64")
    there = {
        name: {key: w + 0.05 * RNG.normal(size=w.shape) for key, w in tree.items()}
        if "kernel" in tree
        else tree
        for name, tree in params.items()
    }
    seen, wanted = looked(network, there, x)
    mine, plain = looked(network, params, x)
    jumps = find_kinks(network)
    sides = [(mine[jump.place] > 0) != (seen[jump.place] > 0) for jump in jumps[:3]]
    assert any(side.any() for side in sides)

    found_outputs, found = looked(with_branches_of(network, jumps, seen), params, x)
    assert {path for path, _ in items(params)} == set(found)
    for place, value in found_outputs.items():
        np.testing.assert_array_equal(value, mine[place])
    # Of the last layer's input no branch is forced; of the rest, the other's are taken.
    same = looked(with_branches_of(network, jumps, mine), params, x)[1]
    for path, gradient in plain.items():
        np.testing.assert_array_equal(same[path], gradient)
    assert any((found[path] != plain[path]).any() for path in plain)
    distance = {path: np.abs(found[path] - wanted[path]).max() for path in plain}
    before = {path: np.abs(plain[path] - wanted[path]).max() for path in plain}
    assert sum(distance.values()) < sum(before.values())


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_next_to_0_the_other_side_s_slope_is_taken(name: str) -> None:
    network = Sequential((Dense(1, "linear", use_bias=False), Activation(name)))
    params = {"dense": {"kernel": np.array([[1e-12]])}}
    x = np.ones((1, 1))
    seen = {"dense": np.array([[-1e-12]]), "activation": np.array([[-1e-12]])}
    _, found = looked(with_branches_of(network, find_kinks(network), seen), params, x)
    slope = {"relu": 0.0, "leaky_relu": 0.2}[name]
    np.testing.assert_allclose(found["dense/kernel"], [[slope]])


def test_only_few_and_close_ones_are_rounding() -> None:
    a = np.ones(1000)
    b = a.copy()
    b[0] = -1e-9
    a[0] = 1e-9
    assert by_rounding(a > 0, b > 0, a, b, 1e-8)
    assert not by_rounding(a > 0, b > 0, a, b, 1e-10)
    assert not by_rounding(a > 0, a > 0, a, a, 1e-8)
    many = np.where(np.arange(1000) < 2000 * FEW, -1e-9, 1.0)
    assert not by_rounding(np.abs(many) > 0, many > 0, np.abs(many), many, 1e-8)

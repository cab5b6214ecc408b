"""The rules, step by step with Keras's own numbers."""

from typing import Any

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.errors import GlassnetError
from glassnet.optimizers import SGD, Adam, Optimizer, RMSprop
from tests.reference import reference

KERAS = reference("optimizers")


def path(optimizer: Optimizer, gradients: np.ndarray, start: np.ndarray) -> list[np.ndarray]:
    """The parameter after each step."""
    parameter, slots, found = start, tuple(np.zeros_like(start) for _ in optimizer.slots), []
    for step, gradient in enumerate(gradients):
        rate = optimizer.rate(step)
        parameter, slots = optimizer.update(gradient, slots, parameter, rate, step + 1)
        found.append(parameter)
    return found


@pytest.mark.parametrize("run", KERAS["runs"], ids=lambda run: f"{run['class']}{run['options']}")
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-14), ("float32", 3e-5)])
def test_like_keras_at_every_step(run: dict[str, Any], dtype: str, rtol: float) -> None:
    optimizer = getattr(optimizers, run["class"])(**run["options"])
    found = path(optimizer, np.array(KERAS["gradients"], dtype), np.array(KERAS["start"], dtype))
    assert {parameter.dtype.name for parameter in found} == {dtype}
    np.testing.assert_allclose(found, run["path"], rtol=rtol)


ALL = [
    SGD(),
    SGD(0.1, 0.9),
    SGD(0.1, 0.9, True),
    RMSprop(),
    RMSprop(momentum=0.9, centered=True),
    Adam(),
]
every_rule = pytest.mark.parametrize("optimizer", ALL, ids=str)


@every_rule
def test_a_rule_writes_into_nothing(optimizer: Optimizer) -> None:
    arrays = [np.linspace(-1, 1, 5) for _ in range(2 + len(optimizer.slots))]
    for array in arrays:
        array.flags.writeable = False
    gradient, parameter, *slots = arrays
    slots = [slot**2 + 1 for slot in slots]
    _, kept = optimizer.update(gradient, tuple(slots), parameter, 0.1, 1)
    assert len(kept) == len(optimizer.slots)


@every_rule
def test_every_rule_finds_the_bottom_of_a_bowl(optimizer: Optimizer) -> None:
    parameter = np.array([1.0, -2.0])
    slots = tuple(np.zeros(2) for _ in optimizer.slots)
    for step in range(400):
        parameter, slots = optimizer.update(parameter, slots, parameter, 0.05, step + 1)
    assert np.abs(parameter).max() < 0.1


def test_centred_rmsprop_survives_a_gradient_that_never_changes() -> None:
    """The running variance is then 0 but for rounding, which must not go below."""
    gradients = np.random.default_rng(0).standard_normal(1000).astype(np.float32) * 1e3
    found = path(RMSprop(centered=True), np.tile(gradients, (300, 1)), np.zeros_like(gradients))
    assert np.isfinite(found).all()


def test_nesterov_looks_ahead() -> None:
    plain, ahead = SGD(1.0, 0.5), SGD(1.0, 0.5, nesterov=True)
    gradients, start = np.ones((2, 1)), np.zeros(1)
    assert [float(w[0]) for w in path(plain, gradients, start)] == [-1, -2.5]
    assert [float(w[0]) for w in path(ahead, gradients, start)] == [-1.5, -3.25]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0.0), "SGD: learning_rate must be a number > 0, got 0"),
        (lambda: Adam(float("nan")), "Adam: learning_rate must be a number > 0, got nan"),
        (lambda: SGD(0.1, 1.0), r"SGD: momentum must be in \[0, 1\), got 1"),
        (lambda: RMSprop(rho=-0.1), "RMSprop: rho must be in"),
        (lambda: Adam(beta_2=1.0), "Adam: beta_2 must be in"),
        (lambda: optimizers.get("adamm"), "Did you mean 'adam'"),
    ],
)
def test_refusals(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()

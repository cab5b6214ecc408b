"""The rules as pure functions; the engines' tests compare them with Keras."""

from collections.abc import Callable

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.optimizers import SGD, Adadelta, Adagrad, Adam, Ftrl, Lion, Optimizer, RMSprop


def path(optimizer: Optimizer, gradients: np.ndarray, start: np.ndarray) -> list[np.ndarray]:
    """The parameter after each step."""
    parameter, slots, found = start, begun(optimizer, start), []
    for step, gradient in enumerate(gradients):
        rate = optimizer.rate(step)
        parameter, slots = optimizer.update(gradient, slots, parameter, rate, step + 1)
        found.append(parameter)
    return found


def begun(optimizer: Optimizer, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """The slots before the first step."""
    return tuple(optimizer.init_slot(weight, slot) for slot in optimizer.slots)


ALL = [
    *(optimizers.get(name) for name in registry.names("optimizer")),
    SGD(0.1, 0.9),
    SGD(0.1, 0.9, True),
    RMSprop(momentum=0.9, centered=True),
    Adam(amsgrad=True),
]
every_rule = pytest.mark.parametrize("optimizer", ALL, ids=lambda rule: repr(rule)[:30])


@every_rule
def test_a_rule_writes_into_nothing(optimizer: Optimizer) -> None:
    gradient, parameter = np.linspace(-1, 1, 6).reshape(2, 3), np.linspace(2, 1, 6).reshape(2, 3)
    slots = tuple(slot + 0.5 for slot in begun(optimizer, parameter))
    for array in (gradient, parameter, *slots):
        array.flags.writeable = False
    moved, kept = optimizer.step(gradient, slots, parameter, 0.1, 1)
    assert len(kept) == len(optimizer.slots)
    assert {array.shape for array in (moved, *kept)} == {(2, 3)}


@every_rule
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rule_stays_in_its_dtype_and_0_gradients_are_no_trouble(
    optimizer: Optimizer, dtype: str
) -> None:
    weight = np.full((2, 3), 0.5, dtype)
    slots = begun(optimizer, weight)
    for step in range(1, 4):
        moved, slots = optimizer.update(np.zeros_like(weight), slots, weight, 0.1, step)
        if not isinstance(optimizer, Ftrl):  # its weights start where its linear terms do, at 0
            np.testing.assert_allclose(moved, weight, rtol=1e-6)
        assert {array.dtype.name for array in (moved, *slots)} == {dtype}


@every_rule
def test_every_rule_finds_the_bottom_of_a_bowl(optimizer: Optimizer) -> None:
    parameter = np.array([[1.0, -2.0]])
    slots, init_slot = begun(optimizer, parameter), np.abs(parameter).max()
    rate = (
        10.0
        if isinstance(optimizer, Adadelta)
        else 0.5
        if isinstance(optimizer, Adagrad | Ftrl)
        else 0.03
    )
    for step in range(600):
        parameter, slots = optimizer.update(parameter, slots, parameter, rate, step + 1)
    assert np.abs(parameter).max() < 0.1 * init_slot


def test_centered_rmsprop_survives_a_gradient_that_never_changes() -> None:
    """The running variance is then 0 up to rounding, and must not become negative."""
    gradients = np.random.default_rng(0).standard_normal(1000).astype(np.float32) * 1e3
    found = path(RMSprop(centered=True), np.tile(gradients, (300, 1)), np.zeros_like(gradients))
    assert np.isfinite(found).all()


def test_nesterov_looks_ahead() -> None:
    plain, ahead = SGD(1.0, 0.5), SGD(1.0, 0.5, nesterov=True)
    gradients, start = np.ones((2, 1)), np.zeros(1)
    assert [float(w[0]) for w in path(plain, gradients, start)] == [-1, -2.5]
    assert [float(w[0]) for w in path(ahead, gradients, start)] == [-1.5, -3.25]


def test_lion_moves_every_number_by_the_rate() -> None:
    gradients = np.array([[3.0, -1e-6, 0.0]])
    (moved,) = path(Lion(0.25), gradients, np.zeros(3))
    assert moved.tolist() == [-0.25, 0.25, 0]


def test_adagrad_slows_down_where_gradients_were_large() -> None:
    found = np.array(path(Adagrad(1.0), np.array([[10.0, 0.1]] * 5), np.zeros(2)))
    steps = np.abs(np.diff(found, axis=0))
    assert (np.diff(steps, axis=0) < 0).all()
    assert found[0] == pytest.approx([-10 / np.sqrt(100.1), -0.1 / np.sqrt(0.11)], rel=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0.1, 1.0), r"SGD: momentum must be in \[0, 1\), got 1"),
        (lambda: RMSprop(rho=-0.1), "RMSprop: rho must be in"),
        (lambda: Adadelta(rho=1.0), "Adadelta: rho must be in"),
        (lambda: Adagrad(initial_accumulator_value=-1.0), "must be a number ≥ 0, got -1"),
        (lambda: Lion(beta_1=0.0), "Lion: beta_1 must be > 0"),
    ],
)
def test_refusals(make: Callable[[], Optimizer], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()

"""Adam and its variants."""

from collections.abc import Callable

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.optimizers import Adam, Adamax, AdamW, Lamb, Nadam, Optimizer
from glassnet.optimizers.adam import momentum_product


def stepped(optimizer: Optimizer, gradients: list[float], start: float = 1.0) -> list[float]:
    """The value of a parameter after each step with these gradients."""
    weight, found = np.full((1, 1), start), []
    slots = tuple(np.zeros((1, 1)) for _ in optimizer.slots)
    for step, gradient in enumerate(gradients):
        given = np.full((1, 1), gradient)
        weight, slots = optimizer.step(given, slots, weight, optimizer.rate(step), step + 1)
        found.append(float(weight[0, 0]))
    return found


@pytest.mark.parametrize("cls", [Adam, Adamax])
def test_the_first_step_is_as_long_as_the_rate(cls: type[Optimizer]) -> None:
    for gradient in (1e3, 1.0, -20.0):
        (moved,) = stepped(cls(0.1), [gradient])
        assert moved == pytest.approx(1 - 0.1 * np.sign(gradient), abs=1e-6)


def test_amsgrad_does_not_forget_a_large_gradient() -> None:
    gradients = [100.0] + [0.1] * 50
    forgets = stepped(Adam(0.1, beta_1=0.0, beta_2=0.5), gradients)
    keeps = stepped(Adam(0.1, beta_1=0.0, beta_2=0.5, amsgrad=True), gradients)
    assert forgets[0] == keeps[0]
    assert abs(keeps[-1] - keeps[-2]) < abs(forgets[-1] - forgets[-2]) / 100


def test_adamw_is_adam_with_decay() -> None:
    gradients = [0.3, -0.1, 0.7]
    assert stepped(AdamW(0.1, 0.2), gradients) == stepped(Adam(0.1, weight_decay=0.2), gradients)
    assert stepped(AdamW(0.1, 0.0), gradients) == stepped(Adam(0.1), gradients)


def test_lamb_s_step_is_as_long_as_the_weight_says() -> None:
    for start in (1.0, 50.0):
        (moved,) = stepped(Lamb(0.1), [3.0], start)
        assert moved == pytest.approx(0.9 * start)
    (moved,) = stepped(Lamb(0.1), [3.0], 0.0)  # a norm of 0: Adam's step
    assert moved == pytest.approx(-0.1)


def test_nadam_s_product_from_the_step_alone() -> None:
    product = 1.0
    for step in range(1, 1500):
        product *= 0.999 * (1 - 0.5 * 0.96**step)
        assert momentum_product(0.999, step) == pytest.approx(product, rel=1e-12)
        assert momentum_product(0.0, step) == 0


def test_nadam_on_an_array_of_the_step() -> None:
    for step in (1, 2, 50, 999, 1000, 1001, 5000):
        found = momentum_product(0.999, np.asarray(float(step)))
        assert float(found) == pytest.approx(momentum_product(0.999, step), rel=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Adam(float("nan")), "Adam: learning_rate must be a number > 0, got nan"),
        (lambda: Adam(beta_2=1.0), "Adam: beta_2 must be in"),
        (lambda: Nadam(beta_1=-0.1), "Nadam: beta_1 must be in"),
        (lambda: Lamb(beta_1=1.0), "Lamb: beta_1 must be in"),
        (lambda: AdamW(weight_decay=None), "AdamW: weight_decay must be a number ≥ 0, got None"),
    ],
)
def test_refusals(make: Callable[[], Optimizer], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()

"""The ambiguity of an ensemble, by hand and as the difference of losses."""

from typing import Any

import numpy as np
import pytest

from glassnet.ops import losses
from glassnet.ops.ambiguity import ambiguity

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(6, 4, 3))


def test_by_hand() -> None:
    z = np.array([[[1.0], [3.0]], [[2.0], [2.0]]])  # members 1 and 3, then 2 and 2
    value, pullback = ambiguity(z, "linear")
    assert value == (1 + 9) / 2 - 4
    assert pullback(1.0).tolist() == [[[-1], [1]], [[0], [0]]]


def _poisson(z: Any, t: Any) -> Any:
    return (np.exp(z) - t * z).mean(axis=-1), None


@pytest.mark.parametrize(
    ("activation", "loss", "targets"),
    [
        ("softmax", losses.softmax_crossentropy, RNG.dirichlet(np.ones(3), 6)),
        ("sigmoid", losses.sigmoid_crossentropy, RNG.integers(0, 2, (6, 3))),
        ("linear", losses.mean_squared_error, RNG.normal(size=(6, 3))),
        ("exponential", _poisson, RNG.integers(0, 9, (6, 3))),
    ],
)
def test_loss_of_the_mean_plus_it_is_the_mean_loss(
    activation: str, loss: Any, targets: Any
) -> None:
    members = np.mean([loss(Z[:, i], targets)[0].sum() for i in range(4)])
    whole = loss(Z.mean(axis=1), targets)[0].sum()
    np.testing.assert_allclose(whole + ambiguity(Z, activation)[0], members, rtol=1e-12)


def test_one_member_or_equal_members_have_none() -> None:
    for activation in ("softmax", "sigmoid", "linear", "exponential"):
        for z in (Z[:, :1], np.repeat(Z[:, :1], 3, axis=1)):
            assert abs(ambiguity(z, activation)[0]) < 1e-12

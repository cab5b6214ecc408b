"""Products of arrays whose axes are named."""

import numpy as np
import pytest

from glassnet.ops.contraction import contraction, spelled
from glassnet.verify.cases.base import numbers


@pytest.mark.parametrize(
    ("equation", "kernel"),
    [
        ("abc,cd->abd", (4, 5)),
        ("abc,cde->adbe", (4, 2, 5)),
        ("abc,bcd->acd", (3, 4, 2)),
        ("abc,b->ac", (3,)),
        ("abc,d->adbc", (2,)),
        ("abc,c->a", (4,)),
    ],
)
def test_it_is_einsum(equation: str, kernel: tuple[int, ...]) -> None:
    x, w = numbers(2, 3, 4), numbers(*kernel)
    y, back = contraction(x, w, equation)
    np.testing.assert_allclose(y, np.einsum(equation, x, w), atol=1e-12)
    dy = numbers(*y.shape, seed=1)
    dx, dkernel = back(dy)  # y is linear in each: <dy, y> = <dx, x> = <dkernel, kernel>
    assert dx.shape == x.shape
    np.testing.assert_allclose([np.vdot(dx, x), np.vdot(dkernel, w)], np.vdot(dy, y), rtol=1e-12)


def test_dots_stand_for_any_axes() -> None:
    assert spelled("...x,xy->...y", 3) == ("abx", "xy", "aby")
    assert spelled("ab...,bc->ac...", 4) == ("abde", "bc", "acde")
    x, w = numbers(2, 3, 4), numbers(4, 5)
    np.testing.assert_allclose(contraction(x, w, "...x,xy->...y")[0], x @ w)

"""Axes counted from the batch axis."""

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers.axes import checked_axes


def test_axes_are_positive_and_in_order() -> None:
    assert checked_axes(-1, (4, 5)) == (2,)
    assert checked_axes((-1, 1), (4, 5)) == (1, 2)


@pytest.mark.parametrize("axis", [0, 3, -4, (1, -2), ()])
def test_others_are_refused(axis: int | tuple[int, ...]) -> None:
    with pytest.raises(GlassnetError, match="is not valid for examples of shape"):
        checked_axes(axis, (4, 5), "Softmax")

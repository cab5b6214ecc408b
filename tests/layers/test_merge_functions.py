"""Keras's functions of nodes, and its other names of classes."""

import pytest

from glassnet import layers as L  # noqa: N812
from glassnet.layers import Input


def test_functions_are_calls_of_the_layers() -> None:
    a, b = Input((3, 4)), Input((3, 4))
    for name in ("add", "subtract", "multiply", "average", "maximum", "minimum"):
        node = getattr(L, name)([a, b], name="x")
        assert node.layer == getattr(L, name.capitalize())(name="x")
        assert node.sources == (a, b)
    assert L.concatenate([a, b], axis=1).shape == (None, 6, 4)
    assert L.dot([a, b], axes=2, normalize=True).shape == (None, 3, 3)


@pytest.mark.parametrize("axes", [1, 2])
def test_other_names_are_the_same_classes(axes: int) -> None:
    for short, name in (("Max", "Max"), ("Avg", "Average")):
        assert getattr(L, f"{short}Pool{axes}D") is getattr(L, f"{name}Pooling{axes}D")
        assert getattr(L, f"Global{short}Pool{axes}D") is getattr(L, f"Global{name}Pooling{axes}D")

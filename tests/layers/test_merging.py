"""Merging layers: shapes, axes, masks."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Add, CallContext, Concatenate, Dot, Multiply, Subtract

A = np.array([[True, True, False]])
B, C = np.array([[True, False, False]]), np.array([[False, True, False]])


def test_concatenate_joins_along_its_axis() -> None:
    assert Concatenate().output_shape(((2, 3), (2, 4))) == (2, 7)
    assert Concatenate(axis=1).output_shape(((2, 3), (5, 3))) == (7, 3)
    assert Concatenate(axis=-2).output_shape(((2, 3), (5, 3))) == (7, 3)


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (Concatenate(), ((2, 3), (5, 3)), "differ only along axis -1"),
        (Concatenate(axis=0), ((2, 3), (2, 3)), "along axis 0"),
        (Concatenate(axis=3), ((2, 3), (2, 3)), "along axis 3"),
        (Concatenate(), ((3,), (2, 3)), "same number of axes"),
        (Concatenate(), (3,), "takes multiple inputs"),
        (Subtract(), ((3,), (3,), (3,)), "takes 2 inputs, got 3. Call it on two"),
        (Concatenate(), (3,), r"Call it on nodes: Concatenate\(\)\(a, b\)"),
        (Add(), ((3,), (4,)), "inputs of the same shape"),
    ],
)
def test_refusals(layer, shapes, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        layer.output_shape(shapes)


def test_a_step_is_padding_where_all_inputs_are() -> None:
    x = (np.ones((1, 3, 2)),) * 2
    np.testing.assert_array_equal(Add().output_mask(x, (B, C)), A)
    np.testing.assert_array_equal(Concatenate().output_mask(x, (B, C)), A)
    assert Add().output_mask(x, (A, None)) is None
    assert Concatenate().output_mask(x, (A, None)) is None


def test_along_the_steps_masks_lie_one_after_the_other() -> None:
    x = (np.ones((1, 3, 2)), np.ones((1, 2, 2)))
    for join in (Concatenate(axis=1), Concatenate(axis=-2)):
        found = join.output_mask(x, (A, None))
        assert found is not None
        np.testing.assert_array_equal(found, [[True, True, False, True, True]])
        assert join.output_mask(x, (None, None)) is None


def test_shapes_are_broadcast_at_the_end() -> None:
    assert Add().output_shape(((4,), (3, 1), (3, 4))) == (3, 4)
    y, back = Add().forward({}, (np.ones((2, 4)), np.ones((2, 3, 1))))
    assert y.shape == (2, 3, 4)
    da, db = back(np.ones((2, 3, 4)))[0]
    assert (da == 3).all()
    assert (db == 4).all()


def test_padding_can_t_be_left_out_of_different_shapes() -> None:
    x, mask = (np.ones((1, 3, 2)), np.ones((1, 1, 2))), (A, None)
    with pytest.raises(GlassnetError, match="can't leave padding out of inputs"):
        Multiply().forward({}, x, CallContext(mask=mask))


def test_dot_products() -> None:
    a, b = np.arange(6.0).reshape(1, 2, 3), np.array([[1.0, 0, 2]])
    assert Dot((2, 1)).forward({}, (a, b))[0].tolist() == [[4, 13]]
    assert Dot(1).forward({}, (b, b))[0].tolist() == [[5]]
    assert Dot(1, normalize=True).forward({}, (b, 3 * b))[0] == pytest.approx(1)
    assert Dot(1).output_shape(((3,), (3,))) == (1,)
    assert Dot((1, 2)).output_shape(((3, 5), (10, 3))) == (5, 10)
    with pytest.raises(GlassnetError, match="but they have 5 and 3"):
        Dot(-1).output_shape(((2, 5), (3,)))
    with pytest.raises(GlassnetError, match="takes 2 inputs, got 3"):
        Dot(1).output_shape(((3,), (3,), (3,)))

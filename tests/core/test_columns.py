"""Rows and tables in the order of given names; whole models are in tests/model/test_columns.py."""

import numpy as np
import pytest

from glassnet.core.columns import column_names, columns_in_order, row_in_order
from glassnet.core.errors import GlassnetError


def test_what_is_not_a_table_is_left_as_it_is() -> None:
    for value in (np.ones((2, 3)), [[1, 2]], (1, 2), None, "text", 3.5):
        assert column_names(value, "x") is None
        assert columns_in_order(value, ("a", "b", "c"), "x") is value
        assert row_in_order(value, ("a", "b", "c"), "x") is value


def test_a_row_by_name() -> None:
    np.testing.assert_array_equal(row_in_order({"b": 2, "a": 1}, ("a", "b"), "x"), [1, 2])
    np.testing.assert_array_equal(row_in_order({"b": 2, "a": 1}, None, "x"), [2, 1])
    with pytest.raises(GlassnetError, match="x: has no column 'b'"):
        row_in_order({"a": 1}, ("a", "b"), "x")
    row = np.array([(1, 2.5)], [("b", int), ("a", float)])[0]
    np.testing.assert_array_equal(row_in_order(row, ("a", "b"), "x"), [2.5, 1])


def test_names_are_texts_or_integers() -> None:
    table = np.zeros(2, [("a", int), ("b", bool)])
    assert column_names(table, "x") == ("a", "b")
    assert columns_in_order(table, ("b", "a"), "x").shape == (2, 2)
    nested = np.zeros(2, [("place", float, (3,))])
    with pytest.raises(GlassnetError, match="column 'place' holds"):
        columns_in_order(nested, None, "x")

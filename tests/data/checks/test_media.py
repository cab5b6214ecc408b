"""What tells a class but the content of its files: values, and numbers on one side of others."""

import numpy as np
import pytest

from glassnet.data.checks.media import _own_side, _own_value

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 20)


@pytest.mark.parametrize(
    ("values", "own"),
    [
        (["a"] * 20 + ["b"] * 40, 0),
        (["b"] * 40 + ["a"] * 20, 2),
        (["a"] * 10 + ["b"] * 50, None),  # half of the class
        (["a"] * 30 + ["b"] * 30, None),
        (["a", "b"] * 30, None),
        (["a"] * 60, None),
    ],
)
def test_a_value_that_one_class_has(values: list[str], own: int | None) -> None:
    result = _own_value(np.array(values), LABELS)
    assert (None if result is None else result[0]) == own
    if result is not None:
        label, row, other = result
        assert LABELS[row] == label != LABELS[other]
        assert values[row] != values[other]


def test_numbers_on_one_side_of_all_others() -> None:
    values = RNG.uniform(0.5, 1, 60)
    assert _own_side(values, LABELS) is None
    values[20:40] += 1
    assert _own_side(values, LABELS) == (1, 20, 0)
    values[20:40] -= 3
    assert _own_side(values, LABELS) == (1, 20, 0)
    values[20:30] += 2
    assert _own_side(values, LABELS) is None


def test_classes_of_a_few_rows_have_nothing_of_their_own() -> None:
    labels = np.repeat([0, 1], [30, 4])
    assert _own_value(labels.astype(str), labels) is None
    assert _own_side(labels.astype(float), labels) is None

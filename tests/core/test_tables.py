"""Tables as text, and the numbers in them."""

import pytest

from glassnet.core.tables import significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"), (12.345, "12.35"), (-0.012346, "-0.01235"), (9.9999, "10.00"),
        (999.96, "1,000"), (123456.0, "123,500"), (1234.0, "1,234"), (1e13, "1e+13"),
        (2.5e-7, "2.5e-07"), (float("nan"), "nan"), (float("-inf"), "-inf"),
    ],
)  # fmt: skip
def test_four_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


def test_more_digits() -> None:
    assert significant(1094708.1, 6) == "1,094,710"
    assert significant(5.0, 2) == "5.0"

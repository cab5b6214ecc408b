"""The interval of a mean, by hand, against SciPy's, and by simulation."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from glassnet.core.intervals import half_width


def test_the_interval_of_a_mean_by_hand() -> None:
    # Student's t for 4 degrees of freedom is 2.776 in every table
    values = [89.0, 89.2, 89.4, 89.6, 89.8]
    assert half_width(values) == pytest.approx(2.7764 * math.sqrt(0.1) / math.sqrt(5), rel=1e-4)
    assert half_width(values) == pytest.approx(student.interval(0.95, 4, 0, math.sqrt(0.1 / 5))[1])


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_interval_of_a_mean_holds_the_truth_in_95_of_100(n: int) -> None:
    drawn = np.random.default_rng(0).normal(0.9, 0.01, (4000, n))
    held = [abs(row.mean() - 0.9) <= half_width(row) for row in drawn]
    assert 0.94 < np.mean(held) < 0.96

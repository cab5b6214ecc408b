"""The metrics of a language model, by hand."""

import math

import numpy as np
import pytest

from glassnet.core.strict_json import as_json
from glassnet.evaluate.language_model import next_byte


def test_by_hand() -> None:
    train = np.array([[0, 0, 0, 1]])
    test = np.array([[0, 1], [2, 0]])
    found = next_byte(train, test, 2 * math.log(2), 0.25)
    assert found.bits_per_byte == pytest.approx(2)
    assert found.perplexity == pytest.approx(4)
    # Each of the 256 bytes counts once more: 4, 2 and 1 in 260.
    expected = -np.mean(np.log2(np.array([4, 2, 1, 4]) / 260))
    assert found.by_frequency == pytest.approx(expected)
    assert as_json(found) == {
        "bits_per_byte": found.bits_per_byte,
        "perplexity": found.perplexity,
        "accuracy": 0.25,
        "loss": 2 * math.log(2),
        "by_frequency": found.by_frequency,
        "count": 4,
    }

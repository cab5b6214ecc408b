"""The constants with which predictions are compared."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.targets import Counts, Labels, Numbers
from glassnet.evaluate.constants import Constants

TRAIN = np.array([[1.0, 0.0], [2.0, 1.0], [6.0, 1.0]])


@pytest.mark.parametrize(
    "target",
    [
        Numbers(("a", "b"), "", (".", ".")), Counts(("a", "b"), "", (".", ".")),
        Labels(("a", "b"), "", ("a", "b")),
    ],
)  # fmt: skip
def test_those_in_a_model_s_file_are_those_of_the_training_rows(
    target: Numbers | Counts | Labels,
) -> None:
    stored = Constants.of_target(target.fitted(TRAIN))
    for constants in (stored, Constants.of(TRAIN)):
        assert constants.mean.tolist() == pytest.approx([3, 2 / 3])
        assert constants.median.tolist() == [2, 1]
    with pytest.raises(GlassnetError, match="the model: has no constants"):
        Constants.of_target(target)

"""Classes weigh the same in the loss if that is chosen."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.runs.class_weight import class_weights
from glassnet.runs.settings import Settings


def test_balanced_classes_count_alike() -> None:
    y = np.array([0] * 6 + [1] * 2)
    weights = class_weights(Settings(class_weight="balanced"), y)
    assert weights == {0: pytest.approx(8 / 12), 1: 2.0}
    assert class_weights(Settings(), y) is None
    with pytest.raises(GlassnetError, match="balanced"):
        class_weights(Settings(class_weight="even"), y)

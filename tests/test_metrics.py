"""Metrics by hand."""

import numpy as np
import pytest

from glassnet import metrics
from glassnet.errors import GlassnetError

OUTPUTS = np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]])


@pytest.mark.parametrize(
    ("options", "outputs", "targets", "share"),
    [
        ({"labels": True, "classes": 2, "logits": False}, OUTPUTS, [1, 0, 1], 2 / 3),
        ({"labels": False, "classes": 2, "logits": False}, OUTPUTS, np.eye(2)[[1, 1, 0]], 2 / 3),
        ({"labels": False, "classes": 1, "logits": False}, OUTPUTS[:, :1], [[1], [1], [0]], 1 / 3),
        ({"labels": False, "classes": 1, "logits": True}, OUTPUTS[:, :1], [[1], [1], [0]], 2 / 3),
    ],
)
def test_accuracy(options: dict, outputs: np.ndarray, targets: list, share: float) -> None:
    metric = metrics.get("accuracy", **options)
    found = metric(outputs, np.array(targets))
    assert found.shape == (3,)
    assert found.mean() == pytest.approx(share)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'accuracy'"):
        metrics.get("acuracy", labels=True, classes=2, logits=False)

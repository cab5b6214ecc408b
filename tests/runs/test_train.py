"""A training that comes to its end is never lost."""

import json
from pathlib import Path

import numpy as np

from tests import crashing


def test_a_number_that_is_not_finite_is_told_and_ends_nothing(tmp_path: Path) -> None:
    data = Path(crashing.data_file(tmp_path / "data.npz"))
    with np.load(data) as found:
        arrays = dict(found)
    arrays["x_test"] = np.full_like(arrays["x_test"], 3e38)
    np.savez(data, **arrays)
    with np.errstate(all="ignore"):
        outcome = crashing.train(tmp_path / "run", scaling="none", normalization=None, augment=None)
    assert not np.isfinite(outcome.test.loss)
    assert "the test loss" in {finding.where for finding in outcome.findings}
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert metrics["test"]["loss"] is None


def test_a_training_that_ends_before_it_unfreezes_is_told(tmp_path: Path) -> None:
    crashing.data_file(tmp_path / "data.npz")
    outcome = crashing.train(tmp_path / "run", "numpy+from", unfreeze_at=2, max_time="0.000001")
    (finding,) = (f for f in outcome.findings if f.where == "--unfreeze-at 2")
    assert "frozen layers were never trained" in finding.what
    outcome = crashing.train(tmp_path / "whole", "numpy+from", unfreeze_at=2, early_stopping=None)
    assert "--unfreeze-at 2" not in {f.where for f in outcome.findings}

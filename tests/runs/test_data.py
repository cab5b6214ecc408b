"""Which rows train and which validate."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.runs.data import TrainingData, chosen_settings


def test_validation_rows_of_the_data_are_used(tmp_path: Path) -> None:
    parts = ["train"] * 20 + ["valid"] * 6 + ["test"] * 4
    frame = pl.DataFrame(
        {"n": [i % 7 for i in range(30)], "label": ["a", "b"] * 15, "split": parts}
    )
    frame.write_csv(tmp_path / "a.csv")
    settings = chosen_settings(str(tmp_path / "a.csv"))
    data = TrainingData.load(settings)
    train, validation = data.rows
    assert (train.tolist(), validation.tolist()) == ([*range(20)], [*range(20, 26)])
    assert data.validation.x.shape == (6, 1)
    assert abs(data.train.x.mean()) < 1e-6  # fitted to these rows alone
    whole = TrainingData.load(replace(settings, validation_split=0.0))
    assert [len(rows) for rows in whole.rows] == [26, 0]
    with pytest.raises(GlassnetError, match=r"--validation-split: a has 6 validation rows"):
        TrainingData.load(replace(settings, validation_split=0.2))
    fold = TrainingData.load(replace(settings, folds=5, fold=1))
    assert {*fold.rows[1]} <= {*range(len(fold.dataset.y_train))}
    assert 2 <= len(fold.rows[1]) <= 6

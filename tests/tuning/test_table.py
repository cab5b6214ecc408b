"""`study.csv`."""

from pathlib import Path

import polars as pl

from glassnet.tuning.table import write_csv
from tests.tuning.built import study_of, trial_of
from tests.tuning.studies import definition_of

SPACE = {
    "state": ["a,b", 'c"d'],
    "x": {"low": 0.0, "high": 1.0, "when": {"state": ["a,b"]}},
}


def test_a_row_for_each_trial_in_full_precision(tmp_path: Path) -> None:
    definition = definition_of(SPACE)
    third = 1 / 3
    trials = [
        trial_of(definition, 0, {"state": "a,b", "x": third}, "completed", [0.1, third]),
        trial_of(definition, 1, {"state": 'c"d'}, "failed", error="loss is NaN,\nat step 3"),
        trial_of(definition, 2, {"state": 'c"d'}, "pruned", [0.25]),
    ]
    path = write_csv(study_of(definition, trials), tmp_path / "study.csv")
    table = pl.read_csv(path)
    assert table.columns == [
        "number", "state", "score", "epochs", "steps", "seconds", "param.state", "x", "error"
    ]  # fmt: skip
    assert table["score"].to_list() == [third, None, 0.25]
    assert table["x"].to_list() == [third, None, None]
    assert table["param.state"].to_list() == ["a,b", 'c"d', 'c"d']
    assert table["state"].to_list() == ["completed", "failed", "pruned"]
    assert table["epochs"].to_list() == [2, 0, 1]
    assert table["steps"].to_list() == [20, 0, 10]
    assert table["error"].to_list() == [None, "loss is NaN,\nat step 3", None]

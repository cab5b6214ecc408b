"""The score of each kind of results."""

from typing import Any

import pytest

from glassnet.runs.scores import Score, score_of


@pytest.mark.parametrize(
    ("test", "score", "shown"),
    [
        ({"accuracy": 0.25, "loss": 1.0}, Score("accuracy", 0.25, True), "25.00%"),
        ({"exact": 0.5}, Score("share of rows with all labels correct", 0.5, True), "50.00%"),
        (
            {"targets": [{"name": "y", "mae": {"value": 12.5}}]},
            Score("MAE of y", 12.5, False),
            "12.50",
        ),
        ({"accuracy": None}, None, ""),
        ({"targets": []}, None, ""),
        ([], None, ""),
        (None, None, ""),
    ],
)
def test_scores(test: Any, score: Score | None, shown: str) -> None:
    found = score_of(test)
    assert found == score
    assert score is None or score.shown(score.value) == shown

"""The definition of a study from what a user asks for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError
from glassnet.tuning.define import Choices, training_definition
from glassnet.tuning.definition import Definition

SPACE = {"learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}


def defined(data: str, prune: str | None = None, **options: Any) -> Definition:
    return training_definition(data, SPACE, Choices("random", prune=prune), None, options)[0]


@pytest.fixture
def events(tmp_path: Path) -> str:
    """What 30 users bought."""
    rng = np.random.default_rng(0)
    rows = [f"u{u},i{i},{t}" for u in range(30) for t, i in enumerate(rng.permutation(20)[:8])]
    path = tmp_path / "events.csv"
    path.write_text("user,item,time\n" + "\n".join(rows) + "\n")
    return str(path)


@pytest.fixture
def few(tmp_path: Path) -> str:
    """A table of 100 rows of two classes."""
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{'yes' if x + y > 0 else 'no'}" for x, y in rng.normal(size=(100, 2))]
    path = tmp_path / "few.csv"
    path.write_text("x,bought\n" + "\n".join(rows) + "\n")
    return str(path)


def test_small_data_are_scored_on_folds_unless_they_have_none(few: str, events: str) -> None:
    assert defined(few).options["folds"] == 5
    assert "folds" not in defined("digits").options
    assert "folds" not in defined(few, validation_split=0.2).options
    assert "folds" not in defined(events, network="recommender").options


@pytest.mark.parametrize(
    ("prune", "options", "message"),
    [
        (None, {"validation_split": 0.0}, "--validation-split 0: .*Leave it out"),
        (None, {"validation_split": 0.0, "folds": 3}, "--validation-split 0: .*Leave it out"),
        ("median", {"folds": 3}, "--prune median: folds have no score after each epoch.*halving"),
        ("median", {}, "--prune median: folds .* or --validation-split 0.1"),
        (None, {"folds": 1}, "folds"),
    ],
)
def test_what_no_trial_could_do_is_an_error_before_the_first(
    few: str, prune: str | None, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(GlassnetError, match=message):
        defined(few, prune, **options)


def test_a_recommender_has_no_folds(events: str) -> None:
    with pytest.raises(GlassnetError, match=r"--folds: .*have no folds"):
        defined(events, network="recommender", folds=3)

"""The prediction intervals in a model file."""

from pathlib import Path

import numpy as np
import pytest

from glassnet import Dense, Model
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.conformal import conformal_intervals
from glassnet.evaluate.intervals import fit_intervals, intervals_of

Y = np.random.default_rng(0).normal(size=(120, 2))
PREDICTIONS = Y + np.random.default_rng(1).normal(size=(120, 2))


def model() -> Model:
    built = Model([Dense(2)])
    built.build((3,))
    return built


def test_each_output_has_its_own_intervals_and_a_file_keeps_them(tmp_path: Path) -> None:
    fitted = model()
    fit_intervals(fitted, Y, PREDICTIONS)
    fitted.save(tmp_path / "model.safetensors")
    read = intervals_of(Model.load(tmp_path / "model.safetensors"), "here")
    assert read == tuple(conformal_intervals(Y[:, k], PREDICTIONS[:, k]) for k in range(2))


def test_too_few_rows_and_non_finite_predictions_give_none() -> None:
    for y, predictions in ((Y[:8], PREDICTIONS[:8]), (Y, np.full_like(Y, np.nan))):
        fitted = model()
        fit_intervals(fitted, Y, PREDICTIONS)
        fit_intervals(fitted, y, predictions)
        assert intervals_of(fitted, "here") is None


def test_other_weights_have_other_errors() -> None:
    fitted = model()
    fit_intervals(fitted, Y, PREDICTIONS)
    fitted.set_weights([2 * weight for weight in fitted.get_weights()])
    assert intervals_of(fitted, "here") is None


def test_a_damaged_entry_is_refused() -> None:
    for entry in ("many", [], [{}, {}]):
        fitted = model()
        fitted.about["intervals"] = entry
        with pytest.raises(GlassnetError, match="here: its prediction intervals are invalid"):
            intervals_of(fitted, "here")


def test_the_ends_are_0_at_least_if_no_training_value_is_below_0(tmp_path: Path) -> None:
    fitted = model()
    fit_intervals(fitted, np.abs(Y), PREDICTIONS, np.array([0.0, -0.1]))
    fitted.save(tmp_path / "model.safetensors")
    read = intervals_of(Model.load(tmp_path / "model.safetensors"), "here")
    assert read
    assert [one.nonnegative for one in read] == [True, False]
    fitted.about["intervals"][0]["nonnegative"] = 1
    with pytest.raises(GlassnetError, match="here: its prediction intervals are invalid"):
        intervals_of(fitted, "here")

"""One pass over a run's data, kept in the run for later commands."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.model.model import Model
from glassnet.report.report import write_report
from glassnet.runs.compare import compare_runs
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.outputs import OUTPUTS_FILE, RunOutputs
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = Settings(data="digits", hidden=(16,), epochs=2, batch_size=16)
    return run_training(settings, out=str(tmp_path)).run.folder


def test_it_says_what_the_model_says(folder: Path) -> None:
    said, model = RunOutputs(str(folder)), Model.load(folder)
    for part, split in (("test", said.test), ("validation", said.validation)):
        x = split.x
        np.testing.assert_allclose(said.probabilities(part), model.predict(x), atol=1e-6)
        found = model.evaluate(x, split.labels, verbose=0, return_dict=True)
        assert isinstance(found, dict)
        assert said.loss(part) == pytest.approx(found["loss"], rel=1e-6)
        assert (said.scores(part).argmax(axis=1) == split.labels).mean() == pytest.approx(
            found["accuracy"]
        )
    assert len(said.validation) == 144  # a tenth of the 1,437


def test_the_pass_is_made_once(folder: Path) -> None:
    first = RunOutputs(str(folder)).scores()
    written = (folder / OUTPUTS_FILE).stat().st_mtime_ns
    assert RunOutputs(str(folder)).scores().tobytes() == first.tobytes()
    assert (folder / OUTPUTS_FILE).stat().st_mtime_ns == written


def test_what_is_stored_is_computed_again_when_it_no_longer_fits(folder: Path) -> None:
    first = RunOutputs(str(folder)).scores()
    (folder / OUTPUTS_FILE).write_bytes(b"damaged")
    assert RunOutputs(str(folder)).scores().tobytes() == first.tobytes()
    model = Model.load(folder)
    model.set_weights([values * 0 for values in model.get_weights()])
    model.save(folder / "model.safetensors")
    assert not np.array_equal(RunOutputs(str(folder)).scores(), first)


def save(path: Path, rows: slice = slice(None)) -> None:
    """The digits as an .npz file; `rows` reorders the test set."""
    data = load("digits")
    np.savez(path, x_train=data.x_train[:300], y_train=data.y_train[:300],
             x_test=data.x_test[rows], y_test=data.y_test[rows])  # fmt: skip


def test_data_that_changed_since_the_run(tmp_path: Path, messages: list[str]) -> None:
    path = tmp_path / "own.npz"
    save(path)
    settings = Settings(data=str(path), hidden=(), epochs=1, batch_size=16)
    runs = [str(run_training(settings, out=str(tmp_path), name=n).run.folder) for n in "ab"]
    assert not RunOutputs(runs[0], same_data=True).data_changed
    compare_runs(runs)
    save(path, slice(None, None, -1))
    for refused in (lambda: compare_runs(runs), lambda: evaluate_run(runs[0], calibrate=True)):
        with pytest.raises(
            GlassnetError, match=r"own\.npz: has changed since this run was trained"
        ):
            refused()
    messages.clear()
    evaluate_run(runs[0])
    assert messages == [f"note: {path} has changed since this run was trained"]
    assert (
        '<p class="warn">The data has changed since this run' in write_report(runs[0]).read_text()
    )
    save(path)
    assert 'class="warn"' not in write_report(runs[0]).read_text()


def test_scores_that_are_no_probabilities(tmp_path: Path) -> None:
    settings = Settings(
        data="digits", hidden=(), epochs=1, output_activation="linear", loss="mse", batch_size=16
    )
    said = RunOutputs(str(run_training(settings, out=str(tmp_path)).run.folder))
    assert not said.has_probabilities
    with pytest.raises(GlassnetError, match="does not output class probabilities"):
        said.probabilities()

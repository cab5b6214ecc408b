"""One pass over a run's data, kept in the run for later commands."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.experiment import Settings, run_training
from glassnet.inference import OUTPUTS_FILE, Inference
from glassnet.model import Model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = Settings(data="digits", hidden=(16,), epochs=2, batch_size=16)
    return run_training(settings, out=str(tmp_path)).run.folder


def test_it_says_what_the_model_says(folder: Path) -> None:
    said, model = Inference(str(folder)), Model.load(folder)
    for part in ("test", "validation"):
        x = said.x(part)
        np.testing.assert_allclose(said.probabilities(part), model.predict(x), atol=1e-6)
        found = model.evaluate(x, said.labels(part), verbose=0, return_dict=True)
        assert isinstance(found, dict)
        assert said.loss(part) == pytest.approx(found["loss"], rel=1e-6)
        assert (said.scores(part).argmax(axis=1) == said.labels(part)).mean() == pytest.approx(
            found["accuracy"]
        )
    assert len(said.validation_rows) == 144  # a tenth of the 1,437


def test_the_pass_is_made_once(folder: Path) -> None:
    first = Inference(str(folder)).scores()
    written = (folder / OUTPUTS_FILE).stat().st_mtime_ns
    assert Inference(str(folder)).scores().tobytes() == first.tobytes()
    assert (folder / OUTPUTS_FILE).stat().st_mtime_ns == written


def test_what_is_kept_is_made_anew_when_it_no_longer_fits(folder: Path) -> None:
    first = Inference(str(folder)).scores()
    (folder / OUTPUTS_FILE).write_bytes(b"damaged")
    assert Inference(str(folder)).scores().tobytes() == first.tobytes()
    model = Model.load(folder)
    model.set_weights([values * 0 for values in model.get_weights()])
    model.save(folder / "model.safetensors")
    assert not np.array_equal(Inference(str(folder)).scores(), first)


def test_scores_that_are_no_probabilities(tmp_path: Path) -> None:
    settings = Settings(
        data="digits", hidden=(), epochs=1, output_activation="linear", loss="mse", batch_size=16
    )
    said = Inference(str(run_training(settings, out=str(tmp_path)).run.folder))
    assert not said.has_probabilities
    with pytest.raises(GlassnetError, match="no probabilities"):
        said.probabilities()

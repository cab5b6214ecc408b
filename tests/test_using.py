"""Networks go to other programs and come back."""

import json
from pathlib import Path

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.experiment import Settings, run_training
from glassnet.judging import evaluate_run
from glassnet.model import Model
from glassnet.using import draw_overview, export, import_model, predict_photos

keras_warns = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    settings = Settings(data="digits", hidden=(16,), epochs=8, batch_size=16, learning_rate=0.01)
    outcome = run_training(settings, out=str(tmp_path_factory.mktemp("runs")))
    return str(outcome.run.folder)


@keras_warns
def test_to_keras_and_back(run: str, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="Keras is not installed")
    path = export(run, "keras", str(tmp_path / "digits.keras"))
    assert path.exists()
    back = import_model(str(path), "digits", out=str(tmp_path / "runs"))
    x = np.random.default_rng(0).integers(0, 17, (20, 8, 8)).astype(np.uint8)
    there, here = Model.load(back.folder), Model.load(run)
    np.testing.assert_allclose(there.predict(x), here.predict(x), atol=1e-6)
    assert there.class_names == here.class_names
    there, here = (evaluate_run(folder).test for folder in (str(back.folder), run))
    assert there.accuracy == here.accuracy
    assert draw_overview(str(back.folder)).exists()
    assert json.loads((back.folder / "config.json").read_text())["imported"] == str(path)


@keras_warns
def test_an_imported_model_without_data_says_so(run: str, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="Keras is not installed")
    path = export(run, "keras", str(tmp_path / "m.keras"))
    back = import_model(str(path), out=str(tmp_path))
    with pytest.raises(GlassnetError, match=r"import it with --data NAME"):
        evaluate_run(str(back.folder))
    with pytest.raises(GlassnetError, match="grey images"):
        predict_photos(str(back.folder), ["a.png"])
    with pytest.raises(GlassnetError, match="Name the data that the model is for"):
        import_model(str(path), "fashion-mnist", out=str(tmp_path))


def test_unknown_format(run: str) -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'keras'"):
        export(run, "kears")

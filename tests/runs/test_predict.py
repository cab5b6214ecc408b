"""Networks go to other programs and come back."""

import json
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.layers import Rescaling
from glassnet.model.model import Model
from glassnet.report.figures.draw import draw
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.export import export
from glassnet.runs.import_ import import_model
from glassnet.runs.predict import predict
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training
from tests.photos import FASHION, agreement, strangers, taken

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
    assert draw([str(back.folder)]).exists()
    assert json.loads((back.folder / "config.json").read_text())["imported"] == str(path)


@keras_warns
def test_an_imported_model_without_data_says_so(run: str, tmp_path: Path) -> None:
    pytest.importorskip("keras", reason="Keras is not installed")
    path = export(run, "keras", str(tmp_path / "m.keras"))
    back = import_model(str(path), out=str(tmp_path))
    with pytest.raises(GlassnetError, match=r"import it with --data NAME"):
        evaluate_run(str(back.folder))
    assert draw([str(back.folder)], "network").exists()  # for which no data are needed
    with pytest.raises(GlassnetError, match="not trained on images"):
        predict(str(back.folder), ["a.png"])
    with pytest.raises(GlassnetError, match="Name the data that the model was trained on"):
        import_model(str(path), "fashion-mnist", out=str(tmp_path))


def test_unknown_format(run: str) -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'keras'"):
        export(run, "kears")


def test_a_garment_in_any_form_has_the_same_class(fashion: Dataset, tmp_path: Path) -> None:
    """Of real test images; docs/photos.md has the figures of fully trained networks."""
    model = Model("mlp", (28, 28), classes=10, hidden=(64,), rescaling=Rescaling(1 / 255))
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(fashion.x_train[:20_000], fashion.y_train[:20_000], 64, 3, verbose=0)
    right = model.predict(fashion.x_test).argmax(axis=1) == fashion.y_test
    found = agreement(model, fashion.x_test[right][:60], tmp_path)
    assert min(found.values()) >= 0.93, found
    assert np.mean(list(found.values())) >= 0.97, found


def test_what_is_no_garment_is_told(fashion: Dataset, tmp_path: Path) -> None:
    typical = OutOfDistributionDetector.fitted(
        fashion.x_train[:9000], fashion.y_train[:9000], fashion.x_train[9000:12_000], 10, FASHION
    )
    seen = strangers(40, 0, tmp_path)
    found = {k: (typical.distances(x, FASHION) > typical.threshold).mean() for k, x in seen.items()}
    assert found["noise"] == found["noise of 28 × 28"] == 1
    assert found["textures"] > 0.9
    assert found["parts of two photos"] > 0.5
    assert found["digits"] > 0.25
    garments = [taken(p, "large on white, JPEG", tmp_path) for p in fashion.x_test[:200]]
    assert (typical.distances(np.stack(garments), FASHION) > typical.threshold).mean() < 0.04

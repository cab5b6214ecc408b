"""`glassnet evaluate`, and the temperature that a run's model has."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import load
from glassnet.evaluate.calibration import PRIOR, calibrated, nll
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.probabilities import answers, temperature_of
from glassnet.model.model import Model
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training
from glassnet.training.callbacks import LambdaCallback

SMALL = {"data": "digits", "hidden": (16,), "epochs": 3, "batch_size": 16}


def train(to: Path, **choices: object) -> Path:
    return run_training(Settings(**{**SMALL, **choices}), out=str(to)).run.folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("runs"))


def evaluate_test_set(folder: Path, **options: object) -> Evaluation:
    found = evaluate_run(str(folder), **options)
    assert isinstance(found, Evaluation)
    return found


def test_it_finds_what_training_found(run: Path) -> None:
    said = json.loads((run / "metrics.json").read_text())
    found = json.loads(json.dumps(as_json(evaluate_test_set(run))))
    assert found["test"].pop("loss") == pytest.approx(said["test"].pop("loss"), rel=1e-6)
    assert found["test"] == said["test"]
    assert found["calibration"]["temperature"] == said["temperature"]


def test_the_temperature_is_the_best_for_the_validation_split(run: Path) -> None:
    said, heat = RunOutputs(str(run)), temperature_of(Model.load(run), "")
    assert heat is not None
    p, labels = said.probabilities("validation"), said.validation.labels

    def loss(t: float) -> float:
        """-log of the posterior of 1/t, divided by the number of examples."""
        prior = PRIOR * (1 / t + np.log(t)) / len(labels)
        return float(nll(labels, np.log(calibrated(p, t))) + prior)

    losses = [loss(heat * by) for by in (0.98, 1, 1.02)]
    assert losses.index(min(losses)) == 1


def test_commands_say_calibrated_probabilities_and_predict_bare_ones(run: Path) -> None:
    model, x = Model.load(run), load("digits").x_test[:5]
    heat = model.about["temperature"]
    np.testing.assert_allclose(answers(model, x, "")[0], calibrated(model.predict(x), heat))
    del model.about["temperature"]
    assert (answers(model, x, "")[0] == model.predict(x)).all()


def test_further_training_forgets_the_temperature_of_the_weights_before(run: Path) -> None:
    model, data = Model.load(run), load("digits")
    kept, seen = LambdaCallback(on_epoch_end=lambda *_: seen.append(model.file(model.params))), []
    model.fit(data.x_train[:64], data.y_train[:64], verbose=0, callbacks=kept)
    for held in (model, *seen):  # also in what callbacks write
        assert "temperature" not in held.about
        assert held.typical is None
    assert len(seen) == 1


def test_other_weights_forget_the_temperature_and_keep_what_the_pictures_look_like(
    run: Path, tmp_path: Path
) -> None:
    Model.load(run).save_weights(tmp_path / "weights.safetensors")
    first, second = Model.load(run), Model.load(run)
    first.set_weights(first.get_weights())
    second.load_weights(tmp_path / "weights.safetensors")
    for model in (first, second):
        assert "temperature" not in model.about
        assert model.typical is not None
    assert Model.load(run).about["temperature"] > 0


def test_calibrate_stores_it_and_changes_no_weight(tmp_path: Path) -> None:
    run = train(tmp_path)
    model = Model.load(run)
    fitted = model.about.pop("temperature")
    model.save(run / "model.safetensors")
    before = (run / "model.safetensors").read_bytes()
    assert evaluate_test_set(run).temperature == fitted  # fitted to evaluate, not stored
    assert (run / "model.safetensors").read_bytes() == before
    assert evaluate_test_set(run, calibrate=True).temperature == fitted
    after = Model.load(run)
    assert after.about["temperature"] == fitted
    for a, b in zip(after.get_weights(), model.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_what_can_not_be_calibrated(tmp_path: Path) -> None:
    whole = train(tmp_path, validation_split=0.0)
    assert evaluate_test_set(whole).calibrated is None
    with pytest.raises(GlassnetError, match="no validation split to fit a temperature to"):
        evaluate_test_set(whole, calibrate=True)
    bare = train(tmp_path, output_activation="linear", loss="mse")
    assert evaluate_test_set(bare).bare is None
    with pytest.raises(GlassnetError, match="no class probabilities"):
        evaluate_test_set(bare, calibrate=True)


@pytest.mark.parametrize("stored", ["hot", -1.0, 1e-310, float("inf"), 1])
def test_a_temperature_that_is_none_is_refused(run: Path, stored: object) -> None:
    model = Model.load(run)
    model.about["temperature"] = stored
    with pytest.raises(GlassnetError, match=r"run: its temperature is .*, not a number from"):
        answers(model, load("digits").x_test[:1], "run")


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "categorical_focal_crossentropy"])
def test_other_losses_are_calibrated_too(tmp_path: Path, loss: str) -> None:
    found = evaluate_test_set(train(tmp_path, loss=loss, epochs=8))
    assert found.bare is not None
    assert found.calibrated is not None
    assert found.stored
    # 0.68 and 0.54 times as much on another split than it was fitted to
    assert found.calibrated.nll < 0.8 * found.bare.nll
    assert found.calibrated.ece < 0.5 * found.bare.ece


def test_a_text_and_its_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{('an awful', 'a lovely')[(i % 7 == 0) ^ i % 2]} film {i},{'-+'[i % 2]}"
            for i in range(80)]  # fmt: skip
    Path("said.csv").write_text("\n".join(["text,label", *rows]))
    settings = Settings(data="said.csv", network="gru", units=3, depth=1, embedding=4, epochs=2)
    folder = run_training(settings).run.folder
    mistakes = evaluate_test_set(folder).mistakes
    assert mistakes
    assert all("film" in (one.text or "") for one in mistakes)
    done = CliRunner().invoke(app, ["evaluate", str(folder)])
    assert mistakes[0].text in done.stdout


def test_a_text_that_goes_on_has_no_classes(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("the cat sat on the mat. " * 100)
    settings = Settings(
        data=str(tmp_path / "book.txt"), network="char-lm", width=4, heads=1, depth=1,
        max_length=16, epochs=1,
    )  # fmt: skip
    folder = str(run_training(settings, out=str(tmp_path)).run.folder)
    assert isinstance(evaluate_run(folder), NextByte)
    with pytest.raises(GlassnetError, match="has no classes"):
        evaluate_run(folder, calibrate=True)


def test_the_command(run: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate", str(run), "--top", "2"])
    assert done.exit_code == 0, done.exception
    for words in (
        "true \\ predicted",
        "most confused",
        "test row",
        "at temperature",
        "top-2 accuracy",
    ):
        assert words in done.stdout
    assert done.stdout.splitlines()[-1].startswith("test accuracy")
    found = json.loads(CliRunner().invoke(app, ["evaluate", str(run), "--json"]).stdout)
    assert list(found) == ["run", "test", "top", "confused", "mistakes", "calibration"]


@pytest.mark.slow
def test_the_default_network_is_calibrated_on_fashion_mnist(tmp_path: Path) -> None:
    found = evaluate_test_set(run_training(Settings(), out=str(tmp_path)).run.folder)
    assert found.bare is not None
    assert found.calibrated is not None
    assert found.calibrated.ece <= 0.015 < found.bare.ece

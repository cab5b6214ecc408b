"""The proof in runs: of the weights from the start to the end, also of a resumed run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Model
from glassnet.cli import app
from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors
from glassnet.core.trees import items
from glassnet.report.report import write_report
from glassnet.runs import prepare, resume
from glassnet.runs.doctor import diagnose_settings
from glassnet.runs.run import Run
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training
from glassnet.training.changes import sha256
from glassnet.training.checkpoint import ROOM
from tests import crashing

FROZEN = ("dense", "batch_normalization")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(crashing.data_file(tmp_path / "data.npz"))


@pytest.fixture
def body(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two layers are those of a trained network, and frozen."""
    build = prepare.new_model

    def fine_tuned(data: Any) -> Model:
        model = build(data)
        for name in FROZEN:
            layer = model.get_layer(name)
            layer.set_weights([w + np.float32(0.25) for w in layer.get_weights()])
            layer.trainable = False
        return model

    monkeypatch.setattr(prepare, "new_model", fine_tuned)


def test_a_run_without_frozen_layers_has_no_proof(data: Path, tmp_path: Path) -> None:
    result = crashing.train(tmp_path / "run", epochs=1)
    assert result.changes is None
    assert "frozen" not in result.run.read("config.json")
    assert result.run.read("metrics.json")["changes"] is None


@pytest.mark.usefixtures("body")
def test_a_fine_tuned_run_has_its_proof(data: Path, tmp_path: Path) -> None:
    result = crashing.train(tmp_path / "run")
    proof = result.run.read("metrics.json")["changes"]
    assert proof["frozen_layers"] == [*FROZEN]
    assert proof["sha256"] == result.run.read("config.json")["frozen"]
    assert proof["unmoved"] == {}
    assert set(proof["layers"]) == {"dense_1", "batch_normalization_1", "dense_2"}
    assert all(0 < change < 10 for change in proof["layers"].values() if change is not None)
    assert proof["trained"] == 6 * 5 + 5 * 2 + 5 * 3 + 3
    assert not [finding for finding in result.findings if "move" in finding.what]


@pytest.mark.usefixtures("body")
def test_a_run_whose_frozen_weights_changed_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt = Model.adopt

    def with_drift(model: Model, state: Any) -> None:
        adopt(model, state)
        model.params["batch_normalization"]["moving_mean"] += np.float32(1e-6)

    monkeypatch.setattr(Model, "adopt", with_drift)
    with pytest.raises(GlassnetError, match=r"weight batch_normalization/moving_mean: is frozen"):
        crashing.train(tmp_path / "run", epochs=1)
    assert not (tmp_path / "run/model.safetensors").exists()
    assert not (tmp_path / "run/metrics.json").exists()


class StoppedError(Exception):
    """A training that ends after a checkpoint."""


def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run that was killed in its second epoch."""
    from glassnet.training.callbacks.progress_bar import Progress

    def stop(_: Any, record: Any) -> None:
        if record.epoch:
            raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "on_epoch_begin", stop, raising=False)
        with pytest.raises(StoppedError):
            crashing.train(tmp_path / "run")
    return Run(tmp_path / "run")


@pytest.mark.usefixtures("body")
def test_a_resumed_run_is_compared_with_its_start(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = crashing.train(tmp_path / "whole").changes
    run = stopped(tmp_path, monkeypatch)
    result = resume.resume_training(run.folder)
    assert result is not None
    assert result.changes == whole


@pytest.mark.usefixtures("body")
def test_a_checkpoint_with_other_frozen_weights_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = stopped(tmp_path, monkeypatch)
    for path in run.folder.glob("checkpoint*.safetensors"):
        with open_tensors(path, "checkpoint", ROOM) as stored:
            header, tensors = stored.header, stored.read(stored.kinds)
        changed = tensors["state/params/dense/kernel"].copy()
        changed[0, 0] += np.float32(1e-3)
        tensors = tensors | {"state/params/dense/kernel": changed}
        write_tensors(path, header, tensors, "checkpoint", ROOM)
    with pytest.raises(GlassnetError, match=r"weight dense/kernel: is frozen"):
        resume.resume_training(run.folder)


def test_a_run_that_would_be_resumed_from_another_body_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: None
) -> None:
    run = stopped(tmp_path, monkeypatch)
    build = prepare.new_model

    def another(data: Any) -> Model:
        model = build(data)
        kernel = model.get_layer("dense").get_weights()[0]
        model.params["dense"]["kernel"] = kernel * np.float32(2)
        return model

    monkeypatch.setattr(prepare, "new_model", another)
    with pytest.raises(GlassnetError, match="frozen weights are not those that it was started"):
        resume.resume_training(run.folder)


@pytest.mark.usefixtures("body")
def test_the_command_line_shows_the_proof(data: Path, tmp_path: Path, capsys: Any) -> None:
    options = ["--epochs", "1", "--hidden", "6,5", "--normalization", "batch", "--no-report"]
    command = ["train", str(data), *options, "--out", str(tmp_path)]
    app(command, standalone_mode=False)
    text = capsys.readouterr().out
    assert (
        "weights: 58 trained, every array has moved; 120 frozen, each bit as before (sha256 "
        in text
    )
    assert " Trainable" in text
    app([*command, "--json"], standalone_mode=False)
    proof = json.loads(capsys.readouterr().out)["changes"]
    assert proof["frozen"] == 120
    assert proof["sha256"][:12] in text


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that sorts three kinds of pictures, and next to it other data."""
    folder = tmp_path_factory.mktemp("source")
    with np.load(crashing.data_file(folder / "data.npz")) as arrays:
        pictures = dict(arrays)
    np.savez(folder / "named.npz", **pictures, class_names=np.array(["a", "b", "c"]))
    others = {name: (y + 1) % 3 for name, y in pictures.items() if name.startswith("y")}
    np.savez(folder / "others.npz", **pictures | others)
    crashing.train(folder / "run", epochs=12, augment=None, ema=None)
    return folder / "run"


@pytest.mark.parametrize(
    ("options", "frozen"),
    [
        ({"freeze": "all-but-head"}, 96 + 24 + 30 + 20),
        ({"freeze": "dense"}, 96),
        ({"freeze": "all-but-head", "unfreeze_at": 1}, 0),
        ({"lora": 2}, 96 + 30),
        ({"lora": 2, "merge_lora": True}, 96 + 30),
        ({}, 0),
    ],
    ids=str,
)
def test_each_kind_of_fine_tuning_has_its_proof(
    source: Path, tmp_path: Path, options: dict[str, Any], frozen: int
) -> None:
    data = str(source.parent / "named.npz")
    settings = Settings(data=data, from_=str(source), epochs=2, batch_size=10, **options)
    proof = run_training(settings, out=str(tmp_path)).changes
    assert proof is not None
    assert proof.frozen == frozen
    assert (proof.sha256 is None) == (frozen == 0)
    assert not proof.unmoved
    assert "dense_2" in proof.layers  # the head
    assert proof.merged == (96 + 30 if "merge_lora" in options else 0)


def test_the_hash_is_that_of_the_file_unless_adapters_were_merged(
    source: Path, tmp_path: Path
) -> None:
    """The frozen weights are the two kernels."""
    data, kernels = str(source.parent / "named.npz"), ("dense/kernel", "dense_1/kernel")
    options: dict[str, Any] = {"from_": str(source), "epochs": 1, "batch_size": 10, "lora": 2}
    for merge in (False, True):
        settings = Settings(data=data, merge_lora=merge or None, **options)
        result = run_training(settings, out=str(tmp_path))
        weights, proof = dict(items(Model.load(result.run.model).params)), result.changes
        assert proof is not None
        assert proof.sha256 is not None
        assert (sha256(weights, kernels) == proof.sha256) == (not merge)
        report = write_report(result.run.folder).read_text()
        for text in (str(proof), report):
            assert ("merged" in text) == merge
    assert "126 frozen, 126 of them until merged with their adapters, each bit as" in str(proof)


def test_an_epoch_of_before_the_unfreezing_that_was_restored_has_frozen_layers(
    source: Path, tmp_path: Path
) -> None:
    data, rate = str(source.parent / "data.npz"), {"learning_rate": 0.5, "schedule": "constant"}
    settings = Settings(
        data=data, from_=str(source), epochs=4, batch_size=10, validation_split=0.3,
        freeze="all-but-head", unfreeze_at=2, early_stopping=3, **rate,
    )  # fmt: skip
    result = run_training(settings, out=str(tmp_path))
    assert result.best_epoch is not None
    assert result.best_epoch < 2 <= result.history.epoch[-1]
    assert result.changes is not None
    assert result.changes.frozen == 96 + 24 + 30 + 20
    assert not result.changes.unmoved
    (finding,) = (f for f in result.findings if f.where == "--unfreeze-at 2")
    assert "early stopping restored epoch" in finding.what


def test_a_head_that_was_kept_for_other_classes_is_doubted(source: Path) -> None:
    def findings(data: str) -> list[str]:
        settings = Settings(data=str(source.parent / data), from_=str(source), batch_size=10)
        return [finding.where for finding in diagnose_settings(settings)]

    assert "the head" in findings("others.npz")
    assert "the head" not in findings("data.npz")  # the same classes
    assert "the head" not in findings("named.npz")  # it is new


def test_a_new_head_that_is_frozen_is_named(source: Path) -> None:
    data = str(source.parent / "named.npz")
    settings = Settings(data=data, from_=str(source), batch_size=10, freeze="dense_2")
    (finding,) = (f for f in diagnose_settings(settings) if "random weights" in f.what)
    assert finding.where == "layer dense_2"
    assert "the random weights that it was created with" in finding.what
    later = replace(settings, unfreeze_at=1, epochs=3)
    assert not [f for f in diagnose_settings(later) if "random weights" in f.what]


def test_a_frozen_head_that_kept_some_outputs_is_not_all_random(
    source: Path, tmp_path: Path
) -> None:
    with np.load(source.parent / "named.npz") as arrays:
        np.savez(tmp_path / "cde.npz", **{**arrays, "class_names": np.array([*"cde"])})
    model = Model.load(source)
    model.class_names = tuple("abc")
    model.save(tmp_path / "abc.safetensors")
    settings = Settings(
        data=str(tmp_path / "cde.npz"), from_=str(tmp_path / "abc.safetensors"), batch_size=10,
        freeze="dense_2",
    )  # fmt: skip
    (finding,) = (f for f in diagnose_settings(settings) if "random weights" in f.what)
    assert "is frozen with random weights for all but 1 output: they" in finding.what


def test_a_trained_array_that_does_not_move_is_named_in_any_run(data: Path, tmp_path: Path) -> None:
    """A learning rate that changes the biases, which begin at 0, but no kernel."""
    settings = Settings(data=str(data), hidden=(4,), epochs=1, optimizer="sgd", learning_rate=1e-12)
    result = run_training(settings, out=str(tmp_path))
    assert result.changes is not None
    assert list(result.changes.unmoved) == ["dense/kernel", "dense_1/kernel"]
    assert result.changes.sha256 is None
    why = "its steps at the learning rate 1e-12 are too small to change float32"
    assert set(result.changes.unmoved.values()) == {why}
    (finding,) = (f for f in result.findings if f.where.startswith("weight dense/kernel"))
    assert why in finding.what

"""A run that is trained again is the same, or it is said where it is not."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.core.trees import items
from glassnet.runs.manifest import manifest
from glassnet.runs.repeat import RepeatResult, repeat_run
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training
from tests import crashing

needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A small run that has ended."""
    crashing.data_file(tmp_path / "data.npz")
    crashing.train(tmp_path / "run")
    return tmp_path / "run"


def repeated(run: Path) -> RepeatResult:
    return repeat_run(run, out=str(run.parent / "again"))


def edit(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change a JSON file in place."""
    value = json.loads(file.read_text())
    change(value)
    file.write_text(json.dumps(value))


@pytest.mark.parametrize("engine", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_the_same_bits(engine: str, tmp_path: Path) -> None:
    crashing.data_file(tmp_path / "data.npz")
    crashing.train(tmp_path / "run", engine)
    found = repeated(tmp_path / "run")
    assert found.identical, found
    assert not found.manifest_changes
    assert found.largest_difference is None
    models = [folder / "model.safetensors" for folder in (tmp_path / "run", found.repeat.folder)]
    assert models[0].read_bytes() == models[1].read_bytes()
    assert found.repeat.folder == tmp_path / "again/data-1"
    assert as_json(found)["identical"] is True


def test_a_fold_and_a_time_limit_are_repeated_too(tmp_path: Path, messages: list[str]) -> None:
    crashing.data_file(tmp_path / "data.npz")
    crashing.train(tmp_path / "run", folds=3, fold=2, max_time="1h", class_weight="balanced")
    found = repeat_run(tmp_path / "run", out=str(tmp_path / "again"))
    assert found.identical, found
    assert "note: --max-time 1h ends training by the clock" in messages
    config = json.loads((found.repeat.folder / "config.json").read_text())
    assert (config["settings"]["folds"], config["settings"]["fold"]) == (3, 2)


def test_another_number_of_threads_is_named(run: Path) -> None:
    threads = manifest()["threads"]
    if threads in (None, 1):
        pytest.skip("there is one thread only")
    with threadpool_limits(1, user_api="blas"):
        found = repeated(run)
    assert [str(change) for change in found.manifest_changes] == [f"threads: {threads} then, 1 now"]
    assert found.identical  # products of this size have one thread anyway


def test_another_training_is_told_from_its_first_epoch_on(run: Path) -> None:
    edit(run / "config.json", lambda config: config["settings"].update(learning_rate=0.5))
    found = repeated(run)
    assert not found.identical
    assert found.epoch == 0
    assert "test" in found.metrics
    assert found.largest_difference is not None
    place, size = found.largest_difference
    assert size is not None
    assert size > 0.01
    then, now = (dict(items(Model.load(f).params)) for f in (run, found.repeat.folder))
    largest = max(np.abs(then[place]).max(), np.abs(now[place]).max())
    assert size == pytest.approx(np.abs(then[place] - now[place]).max() / largest)
    accuracy = [
        json.loads((folder / "metrics.json").read_text())["test"]["accuracy"]
        for folder in (run, found.repeat.folder)
    ]
    assert found.difference.value == accuracy[1] - accuracy[0]


def test_another_network_has_other_arrays(run: Path) -> None:
    edit(run / "config.json", lambda config: config["settings"].update(hidden=[6, 4]))
    found = repeated(run)
    assert found.largest_difference is not None
    assert found.largest_difference[1] is None
    assert as_json(found)["weights"]["difference"] is None


def test_one_bit_is_found(run: Path) -> None:
    model = Model.load(run)
    weights = model.get_weights()
    weights[0].flat[0] = np.nextafter(weights[0].flat[0], np.float32(9))
    model.set_weights(weights)
    model.save(run / "model.safetensors")
    lines = (run / "history.jsonl").read_text().splitlines()
    last = json.loads(lines[-1])
    last["loss"] = float(np.nextafter(last["loss"], 9))
    (run / "history.jsonl").write_text("\n".join([*lines[:-1], json.dumps(last)]) + "\n")
    found = repeated(run)
    assert len(found.weights) == 1
    assert found.epoch == len(lines) - 1
    assert found.metrics == ()
    assert as_json(found)["first_epoch"] == len(lines)


def test_an_epoch_less_is_found(run: Path) -> None:
    lines = (run / "history.jsonl").read_text().splitlines()
    (run / "history.jsonl").write_text(lines[0] + "\n")
    assert repeated(run).epoch == 1


def test_other_data_are_refused_before_training(run: Path) -> None:
    with np.load(run.parent / "data.npz") as data:
        np.savez(run.parent / "data.npz", **{**data, "x_train": data["x_train"] + 1})
    with pytest.raises(GlassnetError, match="has changed since the run was started"):
        repeated(run)
    assert not (run.parent / "again").exists()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("metrics.json", None, "has not ended.*glassnet resume"),
        ("metrics.json", "{}", "metrics.json: does not have the format that glassnet writes"),
        ("model.safetensors", None, "model.safetensors"),
        ("config.json", '{"imported": "a.keras"}', "does not describe a training"),
        ("config.json", None, "config.json: can't be read"),
    ],
)
def test_what_has_no_result_is_refused_before_training(
    run: Path, file: str, text: str | None, words: str
) -> None:
    if text is None:
        (run / file).unlink()
    else:
        (run / file).write_text(text)
    with pytest.raises(GlassnetError, match=f"(?s){words}"):
        repeated(run)
    assert not (run.parent / "again").exists()


def test_a_run_without_a_manifest_is_refused(run: Path) -> None:
    edit(run / "config.json", lambda config: config.pop("manifest"))
    with pytest.raises(GlassnetError, match="has no manifest"):
        repeated(run)


def test_a_file_named_by_a_relative_path_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the doctor found something in it, and said so with the path as it was typed."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)) * [1, 1, 1e4], np.arange(60) % 2
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, x_test=x[:10] + 1e-3, y_test=y[:10])
    monkeypatch.chdir(tmp_path)
    settings = choose("own.npz", "numbers", hidden=(4,), epochs=2, scaling="none")
    outcome = run_training(settings, out="runs")
    assert any("own.npz" in finding.where for finding in outcome.findings)
    assert repeat_run(outcome.run.folder, out="again").identical

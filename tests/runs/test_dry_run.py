"""A forecast says what there is to know, adds up, and leaves nothing behind."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.strict_json import as_json
from glassnet.core.trees import items
from glassnet.runs import dry_run as forecast
from glassnet.runs.dry_run import KERAS_IS_NOT_TIMED, dry_run
from glassnet.runs.prepare import prepare
from glassnet.runs.settings import Settings
from glassnet.training.callbacks import Record

HIDDEN, ROWS = 32, 1294  # of digits' 1437 training rows, a tenth of each class is held out
SETTINGS = Settings(data="digits", hidden=(HIDDEN,), epochs=4, batch_size=50)
PRODUCTS = 2 * (64 * HIDDEN + HIDDEN * 10)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(forecast, "TIMED_SECONDS", 0.02)
    monkeypatch.chdir(tmp_path)


def test_it_counts_and_adds_up(tmp_path: Path) -> None:
    found = dry_run(SETTINGS)
    said = as_json(found)
    assert list(said) == [
        "configuration", "model", "flops", "memory", "seconds", "cpu_seconds", "findings",
    ]  # fmt: skip
    parameters = 64 * HIDDEN + HIDDEN + HIDDEN * 10 + 10
    assert said["model"]["parameters"] == parameters
    assert PRODUCTS < said["flops"]["forward"] < 1.2 * PRODUCTS  # biases, relu, softmax
    backward = PRODUCTS + 2 * HIDDEN * 10  # no gradient of the data
    assert 1 < said["flops"]["step"] / (50 * (PRODUCTS + backward)) < 1.3
    memory = said["memory"]
    assert memory["parameters"] == 4 * parameters
    assert memory["optimizer"] == 2 * 4 * parameters  # Adam
    assert memory["activations"] > 4 * 50 * (64 + HIDDEN + 10)
    assert memory["peak"] is None or memory["peak"] > memory["data"] > 1797 * 64
    for times in (said["seconds"], said["cpu_seconds"]):
        assert all(value >= 0 for value in times.values())
        steps = math.ceil(ROWS / 50)
        assert times["epoch"] == pytest.approx(steps * times["step"] + times["validation"])
        assert times["training"] == pytest.approx(times["compile"] + 4 * times["epoch"])
        parts = times["prepare"] + times["training"] + times["evaluation"]
        assert times["total"] == pytest.approx(parts)
    assert "4 epochs of" in "\n".join(found.lines())
    assert not list(tmp_path.iterdir())


def test_the_model_is_left_as_it_was_and_the_test_labels_are_not_looked_at() -> None:
    training = prepare(SETTINGS)
    before = {path: leaf.copy() for path, leaf in items(training.model.params)}
    blind = replace(
        training,
        subject=replace(training.subject, test=None),
        data=replace(training.data, dataset=replace(training.data.dataset, y_test=None)),
    )
    times = forecast._predict_times(blind, np.zeros(2))
    assert times["evaluation"][0] > 0
    for path, leaf in items(training.model.params):
        assert np.array_equal(leaf, before[path])
    assert (training.model._step, training.model._slots) == (0, {})


@pytest.mark.parametrize(
    "options",
    [
        {"augment": "shift", "loss": "categorical_crossentropy", "dropout": 0.1},
        {"validation_split": 0.0, "normalization": "batch", "epochs": 1},
        {"optimizer": "muon", "schedule": "constant", "ema": 0.9, "clip": 1.0},
        {"network": "cnn", "filters": (4,), "hidden": None, "batch_size": 2000},  # one step
        {"network": "lstm", "units": 4, "hidden": None},
    ],
)
def test_whatever_can_be_trained_can_be_predicted(options: dict[str, object]) -> None:
    found = dry_run(replace(SETTINGS, **options))  # type: ignore[arg-type]
    assert found.seconds is not None
    assert found.seconds["total"] > found.seconds["training"] > 0
    assert found.flops > 0


def test_the_stopwatch_parts_steps_from_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step takes 1 s, and compiling for each of two batch sizes 4 s on top."""
    clock = iter([0.0, 5.0, 8.0, 13.0, 14.0])
    monkeypatch.setattr(forecast, "_now", lambda: np.full(2, next(clock)))
    monkeypatch.setattr(forecast, "TIMED_SECONDS", 3.5)
    watch = forecast._Stopwatch(partial_batch=True)
    watch.on_train_begin(Record(0, 2))
    watch.on_epoch_begin(Record(0, 2))
    for step in (1, 4, 5):
        watch.on_segment_end(Record(0, 2, step, steps=5))
    assert watch.compiling_segments == [0, 2]
    watch.on_epoch_begin(Record(1, 2))
    with pytest.raises(forecast._TimingFinishedError):
        watch.on_segment_end(Record(1, 2, 1, steps=5))
    assert (watch.step() == 1).all()
    assert (watch.compilation() == 8).all()


def test_a_last_batch_that_was_not_seen_compiles_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    for partial_batch, programs in ((True, 2), (False, 1)):
        clock = iter([0.0, 5.0, 9.0])
        monkeypatch.setattr(forecast, "_now", lambda clock=clock: np.full(2, next(clock)))
        watch = forecast._Stopwatch(partial_batch)
        watch.on_train_begin(Record(0, 2))
        watch.on_epoch_begin(Record(0, 2))
        watch.on_segment_end(Record(0, 2, 1, steps=9))
        with pytest.raises(forecast._TimingFinishedError):
            watch.on_segment_end(Record(0, 2, 5, steps=9))
        assert (watch.compilation() == 4 * programs).all()


def test_jax_compiles_and_keeps_no_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    from jax.experimental.compilation_cache import compilation_cache

    import glassnet.engines.jax  # noqa: F401 (chooses a place, if nobody has)

    place = jax.config.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "kept"))
    compilation_cache.reset_cache()
    try:
        found = dry_run(replace(SETTINGS, engine="jax"))
    finally:
        jax.config.update("jax_compilation_cache_dir", place)
        compilation_cache.reset_cache()
    assert found.cpu_seconds is not None
    assert found.cpu_seconds["compile"] > found.cpu_seconds["step"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert jax.config.jax_persistent_cache_min_compile_time_secs == 0.2


def test_of_a_keras_engine_it_says_that_time_is_not_predicted() -> None:
    found = replace(dry_run(SETTINGS), seconds=None, cpu_seconds=None)
    assert found.lines()[-1] == KERAS_IS_NOT_TIMED
    assert as_json(found)["seconds"] is None

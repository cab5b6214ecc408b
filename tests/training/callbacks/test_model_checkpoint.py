"""ModelCheckpoint: which epochs are written, under which names, and that files are complete."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam
from glassnet.training.callbacks import Callback, ModelCheckpoint, Record
from tests.training.callbacks.played import copied

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3)).astype("f4")
Y = (X[:, 0] > 0).astype(int)


def trained(*callbacks: Callback, optimizer: Any = None, **options: Any) -> Model:
    model = Model([Dense(4, "relu"), Dense(2, "softmax")], (3,), class_names=("no", "yes"))
    model.compile(optimizer or SGD(0.1), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(
        X, Y, batch_size=8, verbose=0, callbacks=callbacks, validation_split=0.25,
        **{"epochs": 3} | options,
    )  # fmt: skip
    return model


def same_weights(a: Model, b: Model) -> bool:
    return all(map(np.array_equal, a.get_weights(), b.get_weights()))


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_each_epoch_s_file_is_the_model_of_that_epoch(tmp_path: Path, engine: str) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    path = tmp_path / "made" / "{epoch:02d}-{val_loss:.2f}.safetensors"
    trained(ModelCheckpoint(path), engine=engine)
    files = sorted(path.parent.iterdir())
    assert [file.name[:3] for file in files] == ["01-", "02-", "03-"]
    for epochs, file in enumerate(files, start=1):
        kept, per_dataset = Model.load(file), trained(epochs=epochs, engine=engine)
        assert same_weights(kept, per_dataset)
        assert kept.class_names == ("no", "yes")
        assert kept.evaluate(X, Y, verbose=0) == per_dataset.evaluate(X, Y, verbose=0)


def test_with_averages_the_file_is_what_was_validated(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    adam = Adam(0.05, use_ema=True, ema_momentum=0.5)
    model = trained(ModelCheckpoint(path), optimizer=adam)
    assert same_weights(Model.load(path), model)


def test_weights_alone_are_for_a_model_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    model = trained(ModelCheckpoint(path, save_weights_only=True))
    with pytest.raises(GlassnetError, match="header lacks"):
        Model.load(path)
    other = trained(epochs=0)
    other.load_weights(path)
    assert same_weights(other, model)
    wrong = Model([Dense(5), Dense(2)], (3,))
    with pytest.raises(GlassnetError, match=r"but \(3, 5\) in the network"):
        wrong.load_weights(path)


def written(callback: ModelCheckpoint, values: list[float], tmp_path: Path) -> list[int]:
    """Return the epochs, from 1, after which a file is written, for these monitored values."""
    model = trained(epochs=0)
    for epoch, value in enumerate(values):
        logs = {callback.monitor: value}
        callback.on_epoch_end(Record(epoch, 9, logs=logs, model=lambda: model.file(model.params)))
    return sorted(int(path.stem) for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "values", "epochs"),
    [
        ({}, [3.0, 4.0], [1, 2]),
        ({"save_best_only": True}, [3.0, 4.0, 2.0, 2.0, float("nan"), 1.0], [1, 3, 6]),
        ({"save_best_only": True, "monitor": "val_accuracy"}, [0.5, 0.4, 0.6], [1, 3]),
        ({"save_best_only": True, "mode": "max"}, [3.0, 4.0], [1, 2]),
        ({"save_best_only": True, "initial_value_threshold": 2.5}, [3.0, 2.0], [2]),
    ],
)
def test_which_epochs_are_written(
    tmp_path: Path, options: dict[str, Any], values: list[float], epochs: list[int]
) -> None:
    callback = ModelCheckpoint(tmp_path / "{epoch}.safetensors", **options)
    assert written(callback, values, tmp_path) == epochs


def test_a_resumed_training_remembers_the_best(tmp_path: Path) -> None:
    path = tmp_path / "{epoch}.safetensors"
    first, second = (ModelCheckpoint(path, save_best_only=True) for _ in range(2))
    written(first, [1.0], tmp_path)
    second.set_state(copied(first.get_state()))
    assert written(second, [2.0, 2.0, 0.5], tmp_path) == [1, 3]


def test_after_so_many_steps(tmp_path: Path) -> None:
    class Pauses(Callback):
        """Notes the steps at which segments end."""

        def __init__(self) -> None:
            self.steps: list[int] = []

        def on_segment_end(self, record: Record) -> None:
            self.steps.append(record.step)

    pauses = Pauses()
    path = tmp_path / "{epoch}-{batch}.safetensors"
    trained(pauses, ModelCheckpoint(path, save_freq=np.int64(1)), epochs=1)
    assert sorted(p.stem for p in tmp_path.iterdir()) == [f"1-{step}" for step in pauses.steps]
    trained(ModelCheckpoint(tmp_path / "late.safetensors", save_freq=9), epochs=2)  # of 8 steps
    assert not (tmp_path / "late.safetensors").exists()


def test_a_resumed_training_counts_its_steps_on(tmp_path: Path) -> None:
    """4 steps of the first epoch and 2 of the second, of an epoch's 4; 2 are left of 8."""
    model = trained(epochs=0)

    def told(callback: ModelCheckpoint, epoch: int, step: int) -> None:
        callback.on_segment_end(Record(epoch, 9, step, model=lambda: model.file(model.params)))

    path = tmp_path / "{epoch}-{batch}.safetensors"
    first, second = (ModelCheckpoint(path, save_freq=8) for _ in range(2))
    told(first, 0, 4)
    first.on_epoch_begin(Record(1, 9))
    told(first, 1, 2)
    second.set_state(copied(first.get_state()))
    told(second, 1, 3)
    told(second, 1, 4)
    assert [file.stem for file in tmp_path.iterdir()] == ["2-4"]


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(
        GlassnetError, match=r"filepath must end in .safetensors or .keras, got 'a.h5'"
    ):
        ModelCheckpoint("a.h5")
    with pytest.raises(GlassnetError, match=r'save_freq must be "epoch" or a number of steps'):
        ModelCheckpoint("a.safetensors", save_freq="batch")
    with pytest.raises(GlassnetError, match="there is no 'val_f1' to monitor"):
        trained(ModelCheckpoint(tmp_path / "a.safetensors", "val_f1", save_best_only=True))
    with pytest.raises(GlassnetError, match=r"can't be formatted: 'mape'.*It may contain epoch"):
        trained(ModelCheckpoint(tmp_path / "{mape}.safetensors"))
    for odd in ("{epoch.foo}", "{epoch[0]}"):
        with pytest.raises(GlassnetError, match="can't be formatted"):
            trained(ModelCheckpoint(tmp_path / f"{odd}.safetensors"))
    (tmp_path / "file").write_text("")
    with pytest.raises(GlassnetError, match=r"file.*can't be written"):
        trained(ModelCheckpoint(tmp_path / "file" / "a.safetensors"))

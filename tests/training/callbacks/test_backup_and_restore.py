"""BackupAndRestore: a training interrupted anywhere ends as if it had not been interrupted."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import BackupAndRestore, GlassnetError, Model
from glassnet.core.trees import items
from glassnet.layers import BatchNormalization, Dense, Dropout, Input
from glassnet.optimizers import SGD, Adam
from glassnet.training import loop
from glassnet.training.callbacks import Callback, EarlyStopping, Record, Request
from glassnet.training.divergence import DivergenceError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 5)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")
ENGINES = [
    "numpy",
    pytest.param("jax", marks=pytest.mark.skipif(not find_spec("jax"), reason="JAX is missing")),
]
on_both = pytest.mark.parametrize("engine", ENGINES)


class CutError(Exception):
    """Stands for a killed process."""


class Cutting(Callback):
    """Ends training at the n-th end of a segment or an epoch."""

    def __init__(self, at: int) -> None:
        self.left = at

    def on_segment_end(self, record: Record) -> None:
        self.left -= 1
        if not self.left:
            raise CutError

    on_epoch_end = on_segment_end  # type: ignore[assignment]


class Halving(Callback):
    """Halves the rate after the first epoch, and counts epochs."""

    def __init__(self) -> None:
        self.epochs = 0

    def on_epoch_end(self, record: Record) -> Request:
        self.epochs += 1
        return Request(learning_rate=record.learning_rate / 2)

    def get_state(self) -> dict[str, Any]:
        return {"epochs": self.epochs}

    def set_state(self, state: Any) -> None:
        self.epochs = state["epochs"]


def model(rate: float = 0.01) -> Model:
    layers = [Dense(8, "tanh"), BatchNormalization(), Dropout(0.2), Dense(1)]
    made = Model(layers, input_shape=(5,))
    made.compile(Adam(rate, use_ema=True, gradient_accumulation_steps=2), "mse", ["mae"])
    return made


def fitted(
    folder: Path | None, engine: str = "numpy", cut: int = 0, **options: Any
) -> tuple[Model, Any, Halving]:
    made, halving = model(), Halving()
    early = EarlyStopping(patience=1, restore_best_weights=True, start_from_epoch=1)
    callbacks: list[Callback] = [early, halving]
    if folder:
        callbacks.append(BackupAndRestore(folder, 4, double_checkpoint=True, **options))
    history = made.fit(
        X, Y, 8, 4, verbose=0, validation_split=0.1, engine=engine,
        callbacks=[*callbacks, Cutting(cut)],
    )  # fmt: skip
    return made, history, halving


def assert_same(found: Any, wanted: Any) -> None:
    """The same history, and weights and slots bit for bit."""
    (a, history, halving), (b, wanted_history, other) = found, wanted
    assert (history.epoch, history.history) == (wanted_history.epoch, wanted_history.history)
    assert halving.epochs == other.epochs == len(history.epoch)
    for one, two in zip(
        items({"w": a._params, **a._slots}), items({"w": b._params, **b._slots}), strict=True
    ):
        assert one[0] == two[0]
        np.testing.assert_array_equal(one[1], two[1])


@on_both
def test_cut_anywhere_it_ends_alike(engine: str, tmp_path: Path) -> None:
    """Running statistics, averages, accumulated gradients, the best weights, a callback's rate."""
    per_dataset = fitted(None, engine)
    for cut in range(2, 20, 1 if engine == "numpy" else 6):
        while True:
            try:
                found = fitted(tmp_path, engine, cut)
                break
            except CutError:
                cut += 3  # later, or it would never end
        assert_same(found, per_dataset)
        assert not list(tmp_path.iterdir())  # removed at the end


@on_both
def test_the_pace_of_segments_changes_no_bit(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Including slots, whose small moments are flushed, and means in the history."""
    results = []
    for steps in (1, 3, 7, 1000):
        monkeypatch.setattr(
            loop._Pace, "update", lambda self, *_, n=steps: setattr(self, "steps", n)
        )
        made = Model([Dense(8, "tanh"), Dropout(0.2), Dense(1)], input_shape=(5,))
        made.compile(SGD(0.1, momentum=0.01), "mse", ["mae"])  # moments soon are below 1e-30
        x = X * [0, 1, 1, 1, 1]
        x[0] = 1
        halving = Halving()
        history = made.fit(x, Y, 8, 3, verbose=0, engine=engine, callbacks=halving)
        results.append((made, history, halving))
    for other in results[1:]:
        assert_same(other, results[0])


def test_one_checkpoint_or_two_and_what_is_left(tmp_path: Path) -> None:
    made = model()
    one = BackupAndRestore(tmp_path / "one", delete_checkpoint=False)
    made.fit(X, Y, epochs=3, verbose=0, callbacks=one)
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["checkpoint.safetensors"]
    two = BackupAndRestore(tmp_path / "two", double_checkpoint=True, delete_checkpoint=False)
    model().fit(X, Y, epochs=3, verbose=0, callbacks=two)
    assert len(list((tmp_path / "two").iterdir())) == 2
    newest = two.newest()
    assert newest is not None
    assert (newest.epoch, newest.step) == (3, 0)


def test_a_damaged_checkpoint_gives_way_to_the_older_one(
    tmp_path: Path, messages: list[str]
) -> None:
    per_dataset = fitted(None)
    with pytest.raises(CutError):
        fitted(tmp_path, cut=10)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    before = [file.read_bytes() for file in files]
    for damaged in files:
        for path, data in zip(files, before, strict=True):
            path.write_bytes(data)
        content = bytearray(damaged.read_bytes())
        content[-1] ^= 1
        damaged.write_bytes(content)
        assert_same(fitted(tmp_path, delete_checkpoint=False), per_dataset)
        assert damaged.name in messages[-1]
        assert "checksum does not match" in messages[-1]
        assert "Resuming from" in messages[-1]
    for path in files:
        path.write_bytes(b"damaged")
    with pytest.raises(GlassnetError, match=r"all checkpoints are damaged: .*Restore one of them"):
        fitted(tmp_path)
    assert [path.read_bytes() for path in files] == [b"damaged"] * 2


@pytest.mark.filterwarnings("ignore:EarlyStopping. patience")  # which never stops, on purpose
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": X + 1}, "belongs to a training on other data"),
        ({"batch_size": 9}, "belongs to a training with batch_size 8; this one has 9"),
        ({"shuffle": False}, "with shuffle True; this one has False"),
        ({"callbacks": [Callback()]}, "with callbacks .*'EarlyStopping'"),
        ({"augment": "noise"}, "with augment None"),
        ({"epochs": 1}, "is after 2 epochs, more than the 1 requested"),
    ],
)
def test_another_training_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    def fit(x: Any = X, callbacks: Any = (), **options: Any) -> None:
        watchers = [*callbacks] or [EarlyStopping("loss", patience=9), Cutting(0)]
        backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
        chosen = {"batch_size": 8, "epochs": 2} | options
        model().fit(x, Y, verbose=0, callbacks=[*watchers, backup], **chosen)

    fit()
    before = [path.read_bytes() for path in tmp_path.iterdir()]
    with pytest.raises(GlassnetError, match=words):
        fit(**change)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == before


def test_other_optimizers_and_engines_are_refused(tmp_path: Path) -> None:
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    model().fit(X, Y, verbose=0, callbacks=backup)
    with pytest.raises(GlassnetError, match=r"with optimizer {'learning_rate': 0\.01}.*0\.02}"):
        model(0.02).fit(X, Y, verbose=0, callbacks=backup)
    other = model()
    other.compile(SGD(0.01), "mse", ["mae"])
    with pytest.raises(GlassnetError, match=r"belongs to a training with optimizer {.*'Adam'"):
        other.fit(X, Y, verbose=0, callbacks=backup)  # whose state has other arrays


def test_other_frozen_layers_are_refused(tmp_path: Path) -> None:
    def fit(frozen: bool) -> None:
        network = Model([Dense(8, "tanh", name="body"), Dense(1)], (5,), seed=int(frozen))
        network.take((5,), Model([Dense(8, name="body"), Dense(1)], (5,)).params)
        network.layers[0].trainable = not frozen
        network.compile("sgd", "mse")
        backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
        network.fit(X, Y, verbose=0, callbacks=backup, epochs=2)

    fit(True)
    with pytest.raises(GlassnetError, match=r"with frozen \['body'\]; this one has None"):
        fit(False)


def test_forged_callback_states_are_one_clear_error(tmp_path: Path) -> None:
    class Forgetful(Halving):
        def get_state(self) -> dict[str, Any]:
            return {"other": 1}

    for _ in range(2):
        backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
        made = model()
        options: dict[str, Any] = {"epochs": 2, "verbose": 0, "callbacks": [Forgetful(), backup]}
        if not any(path.exists() for path in backup.files):
            made.fit(X, Y, **options)
    with pytest.raises(
        GlassnetError, match=r"Forgetful: can't restore its state from the checkpoint .*KeyError"
    ):
        made.fit(X, Y, **options)


def test_when_checkpoints_are_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(
        "glassnet.training.callbacks.backup_and_restore.time.monotonic", lambda: now
    )
    by_steps = BackupAndRestore(tmp_path, 4)
    assert [by_steps.steps_left(step) for step in (0, 3, 4)] == [4, 1, 4]
    assert [by_steps.due(step, epoch_ends=False) for step in (3, 4)] == [False, True]
    assert by_steps.due(3, epoch_ends=True)
    by_epochs = BackupAndRestore(tmp_path)
    assert by_epochs.steps_left(3) is None
    assert by_epochs.due(3, epoch_ends=True)
    assert not by_epochs.due(3, epoch_ends=False)
    assert BackupAndRestore(tmp_path, seconds=0).due(3, epoch_ends=False)
    rare = BackupAndRestore(tmp_path, seconds=10)
    assert rare.due(3, epoch_ends=True)  # the first
    assert not rare.due(3, epoch_ends=False)
    model().fit(X, Y, verbose=0, epochs=2, callbacks=rare)
    assert not rare.due(3, epoch_ends=True)  # within a second of the last
    now = 101.0
    assert rare.due(3, epoch_ends=True)
    assert not rare.due(3, epoch_ends=False)
    now = 110.0
    assert rare.due(3, epoch_ends=False)
    for wrong in ({"save_freq": 0}, {"save_freq": "batch"}, {"seconds": -1}):
        with pytest.raises(GlassnetError, match="must be"):
            BackupAndRestore(tmp_path, **wrong)  # type: ignore[arg-type]


def test_non_finite_weights_never_replace_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CutError):
        fitted(tmp_path, cut=10)
    backup = BackupAndRestore(tmp_path, 1, double_checkpoint=True)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    made = model()
    for _, weight in items(made.params):
        weight[:] = np.nan
    state = loop.State(1, made.params, {})
    with pytest.raises(DivergenceError, match=r"contains NaN.*last checkpoint is kept"):
        backup.write(loop.Position(state, 0, 1))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


class Signalling(Callback):
    """Sends this process a signal within the second epoch."""

    def __init__(self, number: int | None = None) -> None:
        self.number = number

    def on_segment_end(self, record: Record) -> None:
        if self.number and record.epoch == 1 and record.step < record.steps:
            signal.raise_signal(self.number)
            self.number = None


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_signals_leave_a_checkpoint(tmp_path: Path, number: int, raised: Any) -> None:
    def fit(signalled: int | None = None, *callbacks: Callback) -> Model:
        made = model()
        made.fit(X, Y, 8, 3, verbose=0, callbacks=[Signalling(signalled), *callbacks])
        return made

    with pytest.raises(raised) as error:
        fit(number, BackupAndRestore(tmp_path, 4))
    if raised is SystemExit:
        assert error.value.code == 143
    assert list(tmp_path.iterdir())
    backup = BackupAndRestore(tmp_path, 4)
    resumed = fit(None, backup)
    assert backup.restored
    assert backup.restored.epoch == 1
    assert 0 < backup.restored.step < 12
    for a, b in zip(resumed.get_weights(), fit().get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_live_writer_s_file_is_left_alone(tmp_path: Path) -> None:
    live, dead = (tmp_path / f".checkpoint.safetensors.{name}.part" for name in ("live", "dead"))
    live.touch()
    dead.touch()
    os.utime(dead, (0, 0))
    fitted(tmp_path)
    assert live.exists()
    assert not dead.exists()


def test_two_backups_in_one_fit_are_refused(tmp_path: Path) -> None:
    both = [BackupAndRestore(tmp_path / name) for name in "ab"]
    with pytest.raises(GlassnetError, match="BackupAndRestore: there are 2"):
        model().fit(X, Y, verbose=0, callbacks=both)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [float("nan"), np.float32(1)])
def test_a_callback_state_that_is_not_json_names_its_callback(tmp_path: Path, number: Any) -> None:
    class Remembering(Callback):
        def get_state(self) -> dict[str, Any]:
            return {"number": number}

    with pytest.raises(GlassnetError, match=r"Remembering: get_state\(\) .*can't be written to a"):
        model().fit(X, Y, verbose=0, callbacks=[Remembering(), BackupAndRestore(tmp_path)])


class InTheThirdEpoch(Callback):
    """Ends training within the third epoch, after its first steps."""

    def on_segment_end(self, record: Record) -> None:
        if record.epoch == 2 and record.step > 4:
            raise CutError


def test_fewer_epochs_than_were_begun_are_refused(tmp_path: Path) -> None:
    """Otherwise training would end within the third epoch and report two."""

    def fit(epochs: int) -> None:
        watchers = [InTheThirdEpoch(), BackupAndRestore(tmp_path, save_freq=4)]
        model().fit(X[:40], Y[:40], 4, epochs, 0, callbacks=watchers)

    with pytest.raises(CutError):
        fit(5)
    with pytest.raises(GlassnetError, match=r"2 epochs and 4 steps, .*Train for 3 epochs or more"):
        fit(2)


def test_other_shares_of_the_losses_are_refused(tmp_path: Path) -> None:
    x = Input((5,))
    made = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    made.compile("sgd", "mse", loss_weights=[1, 2])
    made.fit(X, [Y, Y], verbose=0, callbacks=backup)
    made.compile("sgd", "mse", loss_weights=[1, 3])
    with pytest.raises(GlassnetError, match="belongs to a training with loss_weights"):
        made.fit(X, [Y, Y], verbose=0, callbacks=backup)

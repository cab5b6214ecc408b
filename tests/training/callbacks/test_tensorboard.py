"""TensorBoard: the written events, read back record by record."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.training.callbacks import TensorBoard

DATA = np.ones((8, 3), "f4"), np.ones((8, 1), "f4")


@pytest.fixture(autouse=True)
def _needs_a_writer() -> None:
    pytest.importorskip("tensorboardX")


def trained(callback: TensorBoard, **options: Any) -> Any:
    model = Model([Dense(2), Dense(1)], (3,))
    model.compile("sgd", "mse")
    return model.fit(
        *DATA, batch_size=4, epochs=3, verbose=0, callbacks=[callback], validation_data=DATA,
        **options,
    )  # fmt: skip


def events(folder: Path) -> list[Any]:
    """Return the events in a folder's only file: length, checksum, bytes, checksum; and so on."""
    from tensorboardX.proto.event_pb2 import Event

    (path,) = folder.iterdir()
    data, found = path.read_bytes(), []
    while data:
        (size,) = struct.unpack("<Q", data[:8])
        found.append(Event.FromString(data[12 : 12 + size]))
        data = data[16 + size :]
    return found


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_epochs_under_keras_s_names(tmp_path: Path) -> None:
    history = trained(TensorBoard(tmp_path, write_steps_per_second=True)).history
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_learning_rate", "epoch_steps_per_second"}
    assert set(validation) == {"epoch_loss"}
    for found, name in ((train, "loss"), (validation, "val_loss")):
        assert found["epoch_loss"] == [
            (epoch, pytest.approx(value)) for epoch, value in enumerate(history[name])
        ]
    assert [value for _, value in train["epoch_learning_rate"]] == pytest.approx([0.01] * 3)
    assert not [
        e for e in events(tmp_path / "train") for v in e.summary.value if v.HasField("histo")
    ]


def test_histograms_of_every_weight_every_second_epoch(tmp_path: Path) -> None:
    trained(TensorBoard(tmp_path, histogram_freq=2))
    found = [
        (value.tag, event.step, value.histo.num)
        for event in events(tmp_path / "train")
        for value in event.summary.value
        if value.HasField("histo")
    ]
    sizes = {"dense/kernel": 6, "dense/bias": 2, "dense_1/kernel": 2, "dense_1/bias": 1}
    assert sorted(found) == sorted(
        (f"{path}/histogram", epoch, size) for path, size in sizes.items() for epoch in (0, 2)
    )


def test_steps_between_epochs(tmp_path: Path) -> None:
    trained(TensorBoard(tmp_path / "a", update_freq="batch"))
    found = scalars(tmp_path / "a" / "train")["batch_loss"]
    assert [step for step, _ in found][-1] == 6
    assert len(found) > 1
    trained(TensorBoard(tmp_path / "b", update_freq=100))
    assert "batch_loss" not in scalars(tmp_path / "b" / "train")


def test_a_training_that_goes_on_hides_what_it_repeats(tmp_path: Path) -> None:
    trained(TensorBoard(tmp_path), initial_epoch=2)
    starts = [e for e in events(tmp_path / "train") if e.HasField("session_log")]
    assert [event.step for event in starts] == [2]


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GlassnetError, match="can't be written"):
        trained(TensorBoard(tmp_path / "file"))
    with pytest.raises(GlassnetError, match="update_freq must be"):
        TensorBoard(update_freq="step")
    monkeypatch.setattr("glassnet.training.callbacks.tensorboard.find_spec", lambda name: None)
    with pytest.raises(GlassnetError, match=r"pip install 'glassnet\[tensorboard\]'"):
        TensorBoard()

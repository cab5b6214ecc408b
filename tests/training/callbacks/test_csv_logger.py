"""CSVLogger: its file; compared with Keras's in interop/keras/on_backend/check_callbacks.py."""

import csv
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import CSVLogger, Record
from tests.training.callbacks.played import copied


def told(callback: CSVLogger, epochs: range) -> None:
    for epoch in epochs:
        callback.on_epoch_end(Record(epoch, 9, logs={"val_loss": epoch / 4, "loss": 1.0}))


def test_a_row_an_epoch_and_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for _ in range(2):
        callback = CSVLogger(path, separator=";")
        callback.on_train_begin(Record(0, 2))
        told(callback, range(2))
    assert path.read_bytes() == b"epoch;loss;val_loss\r\n0;1.0;0.0\r\n1;1.0;0.25\r\n"


def test_a_file_is_appended_to_with_one_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for epochs in (range(1), range(1, 3)):
        callback = CSVLogger(path, append=True)
        callback.on_train_begin(Record(epochs[0], 3))
        told(callback, epochs)
    with open(path, newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1", "2"]


@pytest.mark.parametrize("append", [False, True])
@pytest.mark.parametrize("cut", range(4))
def test_a_resumed_training_writes_the_same_file(tmp_path: Path, append: bool, cut: int) -> None:
    """Also when epochs after the checkpoint were written before the interruption."""
    per_dataset, path = CSVLogger(tmp_path / "whole.csv"), tmp_path / "log.csv"
    per_dataset.on_train_begin(Record(0, 4))
    told(per_dataset, range(4))
    first, second = CSVLogger(path, append=append), CSVLogger(path, append=append)
    first.on_train_begin(Record(0, 4))
    told(first, range(cut))
    get_state = copied(first.get_state())
    told(first, range(cut, 3))
    second.on_train_begin(Record(cut, 4))
    second.set_state(get_state)
    told(second, range(cut, 4))
    assert path.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_file_that_somebody_cut_or_removed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    first, second = CSVLogger(path), CSVLogger(path)
    first.on_train_begin(Record(0, 4))
    told(first, range(2))
    get_state = copied(first.get_state())
    path.write_bytes(b"epoch")
    second.on_train_begin(Record(2, 4))
    second.set_state(get_state)
    with pytest.raises(
        GlassnetError, match=r"log\.csv: is shorter than when training was interrupted"
    ):
        told(second, range(2, 4))
    assert path.read_bytes() == b"epoch"
    path.unlink()
    with pytest.raises(GlassnetError, match=r"log\.csv: can't be read"):
        first.get_state()


def test_what_can_t_be_written_is_said_before_training(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"nowhere.*can't be written"):
        CSVLogger(tmp_path / "nowhere" / "log.csv").on_train_begin(Record(0, 1))
    with pytest.raises(GlassnetError, match="separator must be one character, got ', '"):
        CSVLogger("log.csv", ", ")

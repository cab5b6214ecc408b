"""What a history shows in a notebook."""

import math

from glassnet.training.history import History
from tests.pages.test_html import Read


def test_an_empty_history() -> None:
    assert "History of 0 epochs" in History()._repr_html_()


def test_curves_and_all_numbers() -> None:
    history = History()
    for epoch in range(3):
        history.append(epoch, {"loss": 1 / (epoch + 1), "val_loss": 0.5, "mae": 12345.678}, 0.25)
    read = Read(history._repr_html_())
    assert any(name == "svg" for name, _ in read.tags)
    assert {"0.5000", "12,350", "0.25"} <= set(read.texts)


def test_what_was_not_recorded_in_each_epoch_is_left_out() -> None:
    history = History()
    history.append(0, {"loss": 1.0, "val_loss": math.nan}, 0.1)
    history.append(1, {"loss": math.nan, "val_loss": 0.5}, 0.1)
    history.drop_unvalidated(lambda epoch: epoch == 1)
    assert "val_loss" not in history._repr_html_()

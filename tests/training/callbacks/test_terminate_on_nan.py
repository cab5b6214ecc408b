"""TerminateOnNaN: for logs other than the training loss."""

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Record, Request, TerminateOnNaN


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_validation_number_that_is_none_stops(
    bad: float, capsys: pytest.CaptureFixture[str]
) -> None:
    record = Record(2, 9, logs={"loss": 1.0, "val_loss": bad})
    assert TerminateOnNaN().on_epoch_end(record) == Request(stop=True)
    assert capsys.readouterr().err == f"val_loss became {bad} in epoch 3: training stops\n"
    with pytest.raises(GlassnetError, match=f"val_loss became {bad} in epoch 3"):
        TerminateOnNaN(raise_error=True).on_epoch_end(record)


def test_numbers_are_fine() -> None:
    record = Record(0, 1, logs={"loss": 1e30})
    assert TerminateOnNaN(raise_error=True).on_epoch_end(record) is None

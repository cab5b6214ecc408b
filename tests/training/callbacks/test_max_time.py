"""MaxTime: training ends in time, and keeps the weights trained until then."""

import time
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.training.callbacks import Callback, MaxTime, Record, Request
from glassnet.training.callbacks.max_time import seconds_of
from tests.training.callbacks.played import copied


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(90, 90), ("90", 90), ("90s", 90), ("1.5m", 90), ("1h", 3600), ("1h30m", 5400), ("1m5s", 65)],
)
def test_times_as_people_write_them(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "10x", "-5s", "0", "5m1h", "1.2.3s", ".", None, ()])
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(GlassnetError, match=r"is not a valid time. Write 90s, 10m"):
        MaxTime(text)


class Sleeping(Callback):
    """Makes every segment slow."""

    def on_segment_end(self, record: Record) -> None:
        time.sleep(0.02)


def test_training_stops_within_an_epoch_which_is_validated_and_written_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = Model([Dense(1)], (2,))
    model.compile("sgd", "mse")
    data = np.ones((40, 2)), np.ones((40, 1))
    history = model.fit(
        *data, batch_size=1, epochs=5, verbose=0, validation_data=data,
        callbacks=[Sleeping(), MaxTime(0.001)],
    )  # fmt: skip
    assert history.epoch == [0]
    assert set(history.history) == {"loss", "val_loss"}
    assert [model.evaluate(*data, verbose=0)] == pytest.approx(history.history["val_loss"])
    assert "epoch 1 of 5 stops at step 1 of 40" in capsys.readouterr().err


def test_it_stops_after_a_whole_epoch_and_has_nothing_to_say_after_the_last() -> None:
    callback = MaxTime(1e-9)
    callback.on_train_begin(Record(0, 3))
    assert callback.on_segment_end(Record(0, 3, 4, 4)) is None
    assert callback.on_epoch_end(Record(0, 3, 4, 4)) == Request(stop=True)
    assert callback.on_epoch_end(Record(2, 3, 4, 4)) is None


def test_a_resumed_training_has_what_is_left_of_its_time() -> None:
    first = MaxTime("1h")
    first.set_state({"seconds": 3599.0, "ended": None})
    get_state = copied(first.get_state())
    assert 3599 <= get_state["seconds"] < 3600
    second = MaxTime("1h")
    second.on_train_begin(Record(0, 3))
    assert second.on_epoch_end(Record(0, 3, 4, 4)) is None
    second.set_state({"seconds": 3601.0, "ended": None})
    assert second.on_epoch_end(Record(0, 3, 4, 4)) == Request(stop=True)

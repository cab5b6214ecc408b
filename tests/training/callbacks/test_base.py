"""Callbacks are checked before they are called."""

from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense
from glassnet.model.model import Model
from glassnet.training.callbacks import Callback, EarlyStopping, Record, checked_callbacks
from glassnet.training.history import History


def test_a_callback_asks_for_nothing_unless_it_is_told_to() -> None:
    record, callback = Record(0, 1), Callback()
    for point in ("train_begin", "epoch_begin", "segment_end", "epoch_end", "train_end"):
        assert getattr(callback, f"on_{point}")(record) is None


class Fine(Callback):
    def on_epoch_end(self, record: Record) -> None:
        """Told one record."""


class Misspelled(Callback):
    def on_epoch_ends(self, record: Record) -> None:
        """There is no such point."""


class WithoutRecord(Callback):
    def on_epoch_end(self) -> None:
        """Can't be called with a record."""


def test_callbacks_are_a_list_one_or_none() -> None:
    one, two = Fine(), EarlyStopping("loss")
    assert checked_callbacks(None) == checked_callbacks([]) == []
    assert checked_callbacks(one) == [one]
    assert checked_callbacks((one, two)) == [one, two]


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (Misspelled(), "Misspelled: unknown method 'on_epoch_ends'. Did you mean 'on_epoch_end'"),
        (
            WithoutRecord(),
            r"WithoutRecord: on_epoch_end\(\).* can't be called .*, epoch, logs=None",
        ),
        (History(), "History is not a glassnet callback. fit returns the history"),
        (History, r"History is a class\. Create one: History\("),
        (print, r"builtin_function_or_method is not a glassnet callback.*glassnet\.Callback"),
    ],
)
def test_what_can_not_be_called_is_refused(callback: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        checked_callbacks([callback])


def test_keras_s_own_callbacks_are_named() -> None:
    own = type("EarlyStopping", (), {"__module__": "keras.src.callbacks.early_stopping"})
    with pytest.raises(GlassnetError, match=r"It is Keras's own: use glassnet\.EarlyStopping"):
        checked_callbacks([own()])
    with pytest.raises(GlassnetError, match=r"class Mine\(glassnet\.EarlyStopping\): its methods"):
        checked_callbacks(type("Mine", (own,), {})())


def test_a_record_is_only_to_be_read() -> None:
    numbers = {"loss": 1.0}
    record = Record(0, 1, logs=numbers)
    numbers["loss"] = 0.0
    assert record.logs == {"loss": 1.0}
    with pytest.raises(TypeError, match="does not support item assignment"):
        record.logs["loss"] = 0.0  # type: ignore[index]


class Nods(Callback):
    def on_epoch_end(self, record: Record) -> Any:
        return True


def test_an_answer_that_is_no_request_is_named() -> None:
    model = Model([Dense(1)], input_shape=(2,))
    model.compile("sgd", "mse")
    with pytest.raises(
        GlassnetError, match="Nods: on_epoch_end returned True instead of a Request"
    ):
        model.fit([[1.0, 2.0]], [[1.0]], verbose=0, callbacks=[Nods()])

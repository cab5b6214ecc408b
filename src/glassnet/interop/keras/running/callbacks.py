"""Converting our callbacks to Keras's counterparts, where they exist.

Callbacks that write our files or read our clock (ModelCheckpoint, TensorBoard, MaxTime, ...) have
no counterpart; they are notified during training, as on our engines.
"""

import inspect
from collections.abc import Sequence
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    Record,
    ReduceLROnPlateau,
)
from glassnet.training.learning_rate import Rates

# State that is copied back after training. By exact type: a subclass may do something else.
_STATE: dict[type[Callback], tuple[str, ...]] = {
    EarlyStopping: ("best", "best_epoch", "stopped_epoch"),
    ReduceLROnPlateau: ("best", "wait", "cooldown_counter"),
    LearningRateScheduler: (),
    CSVLogger: (),
}
SET_THE_RATE = (ReduceLROnPlateau, LearningRateScheduler)


def has_counterpart(callback: Callback) -> bool:
    """True if Keras's callback of the same name does the same."""
    return type(callback) in _STATE


def counterpart(callback: Callback, numbers: Sequence[str], rates: Rates) -> Any:
    """Return Keras's callback with the same arguments; raises if Keras would warn, or fail later.

    `numbers` are the names in an epoch's logs.
    """
    import keras

    kind = type(callback).__name__
    if isinstance(callback, EarlyStopping | ReduceLROnPlateau) and callback.monitor not in numbers:
        raise GlassnetError(
            f"there is no {callback.monitor!r} to monitor; there are {', '.join(numbers)}.",
            where=kind,
            fix="Pass validation_data to fit, or monitor another metric.",
        )
    if isinstance(callback, SET_THE_RATE):
        rates.set(rates(0), kind)
    if isinstance(callback, CSVLogger):
        callback.on_train_begin(Record(0, 1))  # creates the file, or raises if it can't
    parameters = inspect.signature(type(callback)).parameters  # each is also an attribute
    options = {name: getattr(callback, name) for name in parameters}
    return getattr(keras.callbacks, kind)(**options)


def take_back(callback: Callback, theirs: Any) -> None:
    """Copy the state of Keras's callback to ours."""
    for name in _STATE[type(callback)]:
        setattr(callback, name, getattr(theirs, name))

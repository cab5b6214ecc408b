"""Our callbacks as Keras's own, where Keras has them.

What writes our files or asks our clock (ModelCheckpoint, TensorBoard, MaxTime, ...) is no decision
about training and has no counterpart here; it is told what happens, as on our engines.
"""

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

# By exact type: a child of one of these may do something else. What Keras's own finds out in
# training is taken back.
_FOUND: dict[type[Callback], tuple[str, ...]] = {
    EarlyStopping: ("best", "best_epoch", "stopped_epoch"),
    ReduceLROnPlateau: ("best", "wait", "cooldown_counter"),
    LearningRateScheduler: (),
    CSVLogger: (),
}
_OPTIONS: dict[type[Callback], tuple[str, ...]] = {
    EarlyStopping: (
        "monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights",
        "start_from_epoch",
    ),
    ReduceLROnPlateau: (
        "monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr",
    ),
    LearningRateScheduler: ("schedule", "verbose"),
    CSVLogger: ("filename", "separator", "append"),
}  # fmt: skip
SET_THE_RATE = (ReduceLROnPlateau, LearningRateScheduler)


def has_counterpart(callback: Callback) -> bool:
    """Whether Keras's own callback does its work."""
    return type(callback) in _FOUND


def counterpart(callback: Callback, numbers: Sequence[str], rates: Rates) -> Any:
    """Keras's own, with the same arguments. Raises where Keras would warn, or fail later.

    `numbers` are the names of an epoch's logs.
    """
    import keras

    name = type(callback).__name__
    if isinstance(callback, EarlyStopping | ReduceLROnPlateau) and callback.monitor not in numbers:
        raise GlassnetError(
            f"there is no {callback.monitor!r} to monitor; there are {', '.join(numbers)}.",
            where=name,
            fix="Pass validation_data to fit, or monitor another metric.",
        )
    if isinstance(callback, SET_THE_RATE):
        rates.set(rates(0), name)
    if isinstance(callback, CSVLogger):
        callback.on_train_begin(Record(0, 1))  # makes the file, or says why it can't
    options = {option: getattr(callback, option) for option in _OPTIONS[type(callback)]}
    return getattr(keras.callbacks, name)(**options)


def take_back(callback: Callback, theirs: Any) -> None:
    """What Keras's own found out."""
    for name in _FOUND[type(callback)]:
        setattr(callback, name, getattr(theirs, name))

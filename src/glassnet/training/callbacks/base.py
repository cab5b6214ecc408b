"""`Callback`, and the `Record` that it gets and the `Request` that it can return.

A callback gets an immutable record of the training and can return a `Request`. There is no other
way to influence training, so that a resumed run repeats it exactly. `get_state` returns the state
of the callback for a checkpoint, and `set_state` restores it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.keras_hints.names import NAMES
from glassnet.core.trees import Tree
from glassnet.training.callbacks.keras_style import (
    add_later_methods,
    methods_in_keras_style,
    require_callable,
)


class Snapshot(Protocol):
    """A copy of the model at one point of its training."""

    @property
    def params(self) -> Tree:
        """The weights."""

    def save(self, path: str | Path) -> None:
        """Write the model file."""

    def save_weights(self, path: str | Path) -> None:
        """Write a file with the weights only."""


def no_model() -> Snapshot:
    """Raise: a record that was created outside of a training has no model."""
    raise GlassnetError("there is no model in this record.", where="Record")


@dataclass(frozen=True)
class Record:
    """The progress of a training. Epochs and steps are counted from 0.

    `logs` are the latest loss and metrics. `model()` returns a copy of the current model, as
    evaluated by validation: if the optimizer averages the weights, with the averages. Changing the
    copy does not change the training.
    """

    epoch: int
    epochs: int
    step: int = 0  # steps done in this epoch
    steps: int = 0  # steps in an epoch; 0 if not known yet
    logs: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0  # since the start of the epoch
    learning_rate: float = 0.0  # of the last step; at the start of an epoch, of the next step
    examples: int = 0  # processed in this epoch
    model: Callable[[], Snapshot] = field(default=no_model, repr=False, compare=False)
    validated: bool = True  # False at the end of an epoch that `validation_freq` leaves out

    def __post_init__(self) -> None:
        object.__setattr__(self, "logs", MappingProxyType(dict(self.logs)))  # read-only


@dataclass(frozen=True)
class Request:
    """A request of a callback: stop training, keep the current weights, or restore the kept ones.

    A stop at the end of a segment also ends the epoch there; it is validated and reported as it
    is. `learning_rate` applies to all following steps; as in Keras, it is an error if the
    optimizer has a schedule. `logs` at the end of an epoch are added to the epoch's logs, for later
    callbacks and the history.
    """

    stop: bool = False
    keep: bool = False
    restore: bool = False
    learning_rate: float | None = None
    logs: Mapping[str, float] = field(default_factory=dict)


class Callback:
    """Base class whose methods do nothing. Override some; return a `Request` or None.

    A method gets one `Record`. Or it has Keras's parameters, as `on_epoch_end(self, epoch,
    logs=None)`: then it is called as by Keras, and what it adds to an epoch's `logs` is added to
    the history.

    `model` is the model: `self.model.stop_training = True` stops a training, and
    `self.model.optimizer.learning_rate` can be set. Its weights are those of the last epoch's end,
    and can't be set; `record.model()` has the current ones. `params` has the numbers of `epochs`
    and `steps`.

    A method for training batches makes every segment one step long, and gives the model the weights
    of each step: small networks then train several times as slowly.
    """

    writes_model: ClassVar[bool] = False  # writes files from which the model is restored
    in_keras_style: frozenset[str] = frozenset()  # the methods with Keras's parameters

    model: Any
    params: dict[str, Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.in_keras_style = methods_in_keras_style(cls, Callback)

    def set_model(self, model: Any) -> None:
        """Set `model`; called before `fit`, `evaluate` and `predict` begin."""
        with suppress(AttributeError):  # it has a `model` of its own, which is read-only
            object.__setattr__(self, "model", model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Set `params`; called with `set_model`."""
        object.__setattr__(self, "params", params)

    def on_train_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before the first epoch."""

    def on_epoch_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before the first step of an epoch."""

    def on_train_batch_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before each step, if defined; `on_batch_begin` is the same."""

    def on_train_batch_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after each step, if defined; `on_batch_end` is the same."""

    def on_segment_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after each segment of steps, a few times per second."""

    def on_epoch_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after an epoch and its validation."""

    def on_train_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after the last epoch, also if training was stopped early."""

    def on_test_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before `evaluate`, and before a validation."""

    def on_test_batch_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before each batch of an evaluation, if defined."""

    def on_test_batch_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after each batch of an evaluation, if defined."""

    def on_test_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after `evaluate`, and after a validation."""

    def on_predict_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before `predict`."""

    def on_predict_batch_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before each batch of `predict`, if defined."""

    def on_predict_batch_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after each batch of `predict`, if defined; `logs` are its "outputs"."""

    def on_predict_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after `predict`."""

    def on_batch_begin(self, *record: Any, **logs: Any) -> Request | None:
        """Called before each step, if defined."""

    def on_batch_end(self, *record: Any, **logs: Any) -> Request | None:
        """Called after each step, if defined."""

    def release(self) -> None:
        """Free what the callback holds; called at the end of a training, also after an error."""

    def get_state(self) -> dict[str, Any]:
        """Return the state that a resumed training needs, as JSON values."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `get_state`; called after `on_train_begin` of a resumed training."""


def saved_state(callback: Callback) -> dict[str, Any]:
    """Return the callback's state; raise if a checkpoint can't hold it."""
    state = callback.get_state()
    try:
        json.dumps(state, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise GlassnetError(
            f"get_state() returned values that can't be written to a checkpoint ({error}).",
            where=type(callback).__name__,
            fix="Return JSON values: float(x) for a NumPy number, repr(x) if x may be NaN.",
        ) from error
    return state


def restored_value(state: Mapping[str, Any], name: str, *kinds: type) -> Any:
    """Return a value of a state; TypeError unless it has one of these types and is not negative."""
    value = state[name]
    if type(value) not in kinds or (type(value) in (int, float) and value < 0):
        raise TypeError(f"{name!r} is {value!r:.80}")
    return value


POINTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


def checked_callbacks(callbacks: Callback | Sequence[Callback] | None) -> list[Callback]:
    """Return the callbacks as a list; raise if one is not a `Callback`, or has a method that would
    never be called or can't be called.
    """
    if not isinstance(callbacks, Sequence):
        callbacks = [callbacks] if callbacks else []
    for callback in callbacks:
        name = type(callback).__name__
        if isinstance(callback, type):
            fix = f"Create one: {callback.__name__}(...)."
            raise GlassnetError(f"{callback.__name__} is a class.", where="callbacks", fix=fix)
        if not isinstance(callback, Callback):
            raise GlassnetError(
                f"{name} is not a glassnet callback.", where="callbacks", fix=_fix(callback)
            )
        add_later_methods(callback, Callback)
        for point in dir(callback):
            if not point.startswith("on_"):
                continue
            if point not in POINTS:
                raise unknown("method", point, POINTS, where=f"callback {name}")
            require_callable(callback, point)
    return [*callbacks]


def _fix(callback: Any) -> str:
    """Return what to write instead of an object that is not a `Callback`."""
    name = type(callback).__name__
    of_keras = [c for c in type(callback).__mro__ if c.__module__.startswith("keras.")]
    if name in NAMES["callbacks"]:
        return NAMES["callbacks"][name]
    if of_keras and of_keras[0] is type(callback):
        return f"It is Keras's own: use glassnet.{name}."
    if of_keras:
        return f"Write class {name}(glassnet.{of_keras[0].__name__}): its methods work unchanged."
    return "Write class Mine(glassnet.Callback) with on_epoch_end(self, epoch, logs=None)."

"""`CallbackList`: calls all callbacks, and collects their requests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks.base import Callback, Record, Request
from glassnet.training.callbacks.keras_style import call, defines

RESERVED = ("epoch", "seconds")  # columns of every history; logs can't have these names


def _not_training(rate: float, name: str) -> None:
    raise GlassnetError("sets the learning rate, but nothing is trained.", where=name)


@dataclass
class CallbackList:
    """Calls all callbacks, and collects their requests.

    `state` returns the state to keep, `set_rate` takes (learning rate, name of the callback), and
    `stop_requested` is True if a callback stopped training by an attribute of the model.
    """

    callbacks: Sequence[Callback]
    state: Callable[[], Any] = lambda: None
    set_rate: Callable[[float, str], None] = _not_training
    stop_requested: Callable[[], bool] = lambda: False
    stopped: bool = False
    saved_states: dict[int, Any] = field(default_factory=dict)  # by the index of the callback
    restored: Any = None

    def defines(self, *points: str) -> bool:
        """True if a callback has one of these methods of its own."""
        return any(defines(c, Callback, point) for c in self.callbacks for point in points)

    def begin(self, model: Any, params: dict[str, Any]) -> None:
        """Let the callbacks know the model, and Keras's params: verbose, epochs and steps."""
        for callback in self.callbacks:
            callback.set_params(params)
            callback.set_model(model)

    def batch(self, point: str, step: int, logs: Callable[[], Mapping[str, Any]]) -> None:
        """Call a method for a batch of an evaluation or prediction, if a callback has it."""
        if self.defines(point):
            self(point, Record(0, 1, step, logs=logs()))

    def __call__(self, point: str, record: Record) -> Record:
        """Call this method of all callbacks; return the record, with the logs that they added."""
        for i, callback in enumerate(self.callbacks):
            request, added = call(callback, Callback, point, record)
            self.stopped |= self.stop_requested()
            if request is None:
                request = Request(logs=added)
            if not isinstance(request, Request):
                what = f"{point} returned {request!r:.80} instead of a Request or None."
                raise GlassnetError(what, where=type(callback).__name__)
            self.stopped |= request.stop
            if request.keep:
                self.saved_states[i] = self.state()
            if request.restore:
                self.restored = self.saved_states.get(i)
            if request.learning_rate is not None:
                self.set_rate(request.learning_rate, type(callback).__name__)
            if reserved := [name for name in RESERVED if name in request.logs]:
                what = f"adds {reserved[0]!r} to the logs, a name that every history has already."
                raise GlassnetError(what, where=type(callback).__name__, fix="Use another name.")
            if request.logs:
                record = replace(record, logs={**record.logs, **request.logs})
        return record

    def restore(
        self,
        stopped: bool,
        saved_states: Mapping[int, Any],
        callback_states: Mapping[int, Mapping[str, Any]],
    ) -> None:
        """Restore the state of every callback, and the weights that it requested to keep."""
        self.stopped, self.saved_states = stopped, dict(saved_states)
        for i, callback in enumerate(self.callbacks):
            try:
                callback.set_state(callback_states.get(i, {}))
            except (KeyError, TypeError, ValueError) as error:
                what = f"can't restore its state from the checkpoint ({error!r})."
                raise GlassnetError(what, where=type(callback).__name__) from error

"""`LambdaCallback`: a callback made of functions."""

from collections.abc import Callable
from typing import Any

from glassnet.core.errors import unknown
from glassnet.training.callbacks.base import POINTS, Callback

Function = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Call these functions, with Keras's arguments: `(epoch, logs)`, `(batch, logs)` or `(logs)`.

    Others, such as `on_test_end`, can be passed by name. Their return values are ignored. Functions
    for training batches are called at every step, with the cost that `Callback` names.
    """

    def __init__(
        self,
        on_epoch_begin: Function = None,
        on_epoch_end: Function = None,
        on_train_begin: Function = None,
        on_train_end: Function = None,
        on_train_batch_begin: Function = None,
        on_train_batch_end: Function = None,
        **others: Function,
    ) -> None:
        functions = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin, "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin, "on_train_batch_end": on_train_batch_end,
            **others,
        }  # fmt: skip
        for point in others:
            if point not in POINTS:
                raise unknown("function", point, POINTS, where="LambdaCallback")
        functions = {point: function for point, function in functions.items() if function}
        vars(self).update(functions)
        self.in_keras_style = frozenset(functions)

"""`TerminateOnNaN`: stops training when a validation metric is NaN or infinite."""

import math

from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import say
from glassnet.training.callbacks.base import Callback, Record, Request


class TerminateOnNaN(Callback):
    """Stop after an epoch in which the validation loss or a metric became NaN or infinite.

    It is not needed for the training loss: a step with a non-finite loss always ends training with
    a DivergenceError. With `raise_error`, the other logs end it with an error too.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_epoch_end(self, record: Record) -> Request | None:
        bad = [name for name, value in record.logs.items() if not math.isfinite(value)]
        if not bad:
            return None
        what = f"{bad[0]} became {record.logs[bad[0]]} in epoch {record.epoch + 1}"
        if self.raise_error:
            raise GlassnetError(f"{what}.", where="TerminateOnNaN", fix="Lower the learning rate.")
        say(f"{what}: training stops")
        return Request(stop=True)

"""`Validation`: evaluates the validation data at the ends of epochs."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.training.callbacks import Record
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.evaluate import Evaluation


@dataclass(frozen=True)
class Validation:
    """Evaluates weights in each epoch that `frequency` names, and tells callbacks."""

    evaluate: Evaluation
    frequency: int | Collection[int] = 1

    def due(self, epoch: int) -> bool:
        """True if this epoch, counted from 0, is validated."""
        if isinstance(self.frequency, int):
            return (epoch + 1) % self.frequency == 0
        return epoch + 1 in self.frequency

    def logs(self, params: Tree, callbacks: CallbackList) -> dict[str, float]:
        """Return loss and metrics, their names with "val_"; tell the callbacks."""
        record = Record(0, 1)
        callbacks("on_test_begin", record)
        logs = self.evaluate(params, callbacks)
        callbacks("on_test_end", replace(record, logs=logs))
        # as Keras: accuracy before loss
        return {f"val_{name}": value for name, value in sorted(logs.items())}


def checked_frequency(value: Any) -> int | frozenset[int]:
    """Return `validation_freq`: every so many epochs, or the epochs counted from 1."""
    if isinstance(value, list | tuple | set | frozenset | range):
        return frozenset(whole_number(epoch, "validation_freq", 1) for epoch in value)
    try:
        return whole_number(value, "validation_freq", 1)
    except GlassnetError as error:
        raise GlassnetError(
            error.what, where=error.where, fix="Or give a list of epochs, counted from 1."
        ) from None

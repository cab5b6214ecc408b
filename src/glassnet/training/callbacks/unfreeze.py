"""`Unfreeze`: trains frozen layers from an epoch on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.engines.state import Engine, EngineObjective, State
from glassnet.engines.unfreezing import UnfreezingEngine
from glassnet.optimizers.base import Optimizer
from glassnet.training.callbacks.base import Callback, Record


class Unfreeze(Callback):
    """Train all layers from this epoch on, counted from 0: the first `epoch` epochs train only
    those that are trainable when `fit` starts.

    It is as if the training stopped there, all layers were set to trainable and the model compiled
    again: the optimizer's state is new for all weights. But the schedule of the learning rate and
    other callbacks span all epochs, and a resumed training continues exactly.
    """

    def __init__(self, epoch: int) -> None:
        self.epoch = whole_number(epoch, "Unfreeze: epoch", 1)
        self.engine: Any = None  # set by `fit`

    def on_epoch_begin(self, record: Record) -> None:
        if record.epoch >= self.epoch:
            self.engine.unfreeze()
            self.model.unfreeze()

    def set_state(self, state: Mapping[str, Any]) -> None:
        if self.engine.unfrozen:  # resumed in the middle of an epoch
            self.model.unfreeze()

    def release(self) -> None:
        self.engine = None


def engine_with(
    callbacks: Sequence[Callback],
    make: Callable[..., Engine],
    objective: EngineObjective,
    unfrozen: Callable[[], EngineObjective],
    optimizer: Optimizer,
    state: State,
) -> Engine:
    """Return the engine for a training with these callbacks: `make(objective=..., state=...)`, or
    with `Unfreeze`, one that can change to the objective that `unfrozen` returns.
    """
    unfreezing = [callback for callback in callbacks if isinstance(callback, Unfreeze)]
    if not unfreezing:
        return make(objective=objective, state=state)
    if len(unfreezing) > 1:
        raise GlassnetError("takes effect only once.", where="Unfreeze", fix="Use one of them.")
    engine: Engine = UnfreezingEngine(make, objective, unfrozen(), optimizer, state)
    unfreezing[0].engine = engine
    return engine

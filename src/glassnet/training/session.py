"""A training session: however it ends, the model gets what was learned."""

from collections.abc import Callable, Mapping, Sequence

from glassnet.core.trees import Tree
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.callbacks.base import Snapshot
from glassnet.training.divergence import lost
from glassnet.training.examples import Examples
from glassnet.training.loop import History, Plan, Position, train
from glassnet.training.signals import deferred_interrupts


def run_session(
    engine: Engine,
    optimizer: Optimizer,
    examples: Examples,
    plan: Plan,
    adopt: Callable[[State], None],
    *,
    validate: Callable[[Tree], Mapping[str, float]] | None,
    model: Callable[[Tree], Snapshot],
    callbacks: Sequence[Callback],
    backup: BackupAndRestore | None,
    start: Position | None,
) -> History:
    """Train, and let the model `adopt` the last state: also after Ctrl-C, SIGTERM or an error.

    It adopts nothing after a second Ctrl-C, and where the weights themselves are lost. Arguments
    otherwise as of `train`. Raises Interrupted or Terminated after the signals.
    """
    with deferred_interrupts(terminations=backup is not None) as interrupts:
        try:
            state, history = train(
                engine, optimizer, examples.x, examples.y, plan,
                validate=validate, model=model, callbacks=callbacks,
                interrupted=lambda: interrupts.asked, backup=backup, start=start,
            )  # fmt: skip
            adopt(state)
        except BaseException as error:
            if not (interrupts.forced or lost(error)):
                adopt(engine.state())
            raise
    interrupts.end_if_asked()
    if backup:
        backup.finish()
    return history

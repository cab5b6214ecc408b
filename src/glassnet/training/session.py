"""A training session: however it ends, the model gets what was learned."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from glassnet.core.trees import Tree
from glassnet.engines.state import Engine, State
from glassnet.optimizers import Optimizer
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.backup_and_restore import backed_up
from glassnet.training.callbacks.base import Snapshot
from glassnet.training.divergence import lost
from glassnet.training.evaluate import evaluate_batches
from glassnet.training.examples import Examples
from glassnet.training.loop import History, Plan, train
from glassnet.training.signals import deferred_interrupts
from glassnet.training.step import Objective


class Trainee(Protocol):
    """The model that is trained, as a session sees it."""

    dtype: str

    def file(self, params: Tree) -> Snapshot:
        """The model with these weights, for callbacks."""

    def outgrow(self) -> None:
        """Forget what suits only the weights from before the training."""

    def adopt(self, state: State) -> None:
        """Take the state that a training ended with."""


def run_session(
    model: Trainee,
    engine: Engine,
    objective: Objective,
    optimizer: Optimizer,
    plan: Plan,
    examples: Examples,
    held_out: Examples | None,
    callbacks: Sequence[Callback],
) -> History:
    """Train, and let the model adopt the last state: also after Ctrl-C, SIGTERM or an error.

    After a second Ctrl-C it adopts nothing, nor where the weights themselves are not finite.
    Raises Interrupted or Terminated after a signal.
    """
    backup, start = backed_up(callbacks, engine, objective, optimizer, plan, examples, held_out)
    validate = held_out and partial(
        evaluate_batches, objective, x=held_out.x, y=held_out.y, dtype=model.dtype
    )
    model.outgrow()
    with deferred_interrupts(terminations=backup is not None) as interrupts:
        try:
            state, history = train(
                engine, optimizer, examples.x, examples.y, plan,
                validate=validate or None, model=model.file, callbacks=callbacks,
                interrupted=lambda: interrupts.asked, backup=backup, start=start,
            )  # fmt: skip
            model.adopt(state)
        except BaseException as error:
            if not (interrupts.forced or lost(error)):
                model.adopt(engine.state())
            raise
    interrupts.end_if_asked()
    if backup:
        backup.finish()
    return history

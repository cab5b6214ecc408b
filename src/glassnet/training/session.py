"""A training session: the model gets the trained weights, also after Ctrl-C or an error."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree
from glassnet.engines.state import Engine, State
from glassnet.layers import Layer
from glassnet.optimizers import Optimizer
from glassnet.training.batches import Batches
from glassnet.training.callbacks import Callback
from glassnet.training.callbacks.backup_and_restore import find_backup
from glassnet.training.callbacks.base import Snapshot
from glassnet.training.callbacks.callback_list import CallbackList
from glassnet.training.divergence import DivergenceError, has_non_finite_weights
from glassnet.training.examples import Examples
from glassnet.training.frozen_body import HeadObjective
from glassnet.training.frozen_features import FeatureSource, with_features
from glassnet.training.history import History
from glassnet.training.loop import train
from glassnet.training.output_specs import Compiled, require_readable
from glassnet.training.signals import deferred_interrupts
from glassnet.training.source import Plan, source_of
from glassnet.training.step import Objective
from glassnet.training.validation import Validation


def warn_unreadable(network: Layer, compiled: Compiled, callbacks: Sequence[Callback]) -> bool:
    """Warn, before the first step, if the model could not be saved after the last one.

    Returns False then. It is an error if a callback writes files from which the model is restored.
    """
    try:
        require_readable(network, compiled)
    except GlassnetError as error:
        if any(callback.writes_model for callback in callbacks):
            raise
        warnings.warn(f"The trained model can't be saved: {error}", stacklevel=3)
        return False
    return True


def require_idle(model: Any) -> None:
    """Raise if the model is being trained, which would overwrite what is done to its weights."""
    if model.in_training:
        raise GlassnetError(
            "is being trained, or shares layers with a model that is: that would overwrite the new "
            "weights.",
            where="Model",
            fix="Change weights before or after `fit`; a callback can only read them.",
        )


@contextmanager
def being_trained(
    model: "Trainee", callbacks: Sequence[Callback], params: dict[str, Any]
) -> Iterator[None]:
    """Let callbacks know the model; meanwhile nothing else can change its weights."""
    model.stop_training, model.in_training = False, True
    try:
        CallbackList(callbacks).begin(model, params)
        yield
    finally:
        model.in_training = False


class Trainee(Protocol):
    """The part of a model that a session uses."""

    dtype: str
    stop_training: bool
    in_training: bool

    def file(self, params: Tree) -> Snapshot:
        """Return the model with these weights, for callbacks."""

    def publish(self, params: Tree) -> None:
        """Set the weights at the end of an epoch, for callbacks and for models that share them."""

    def outgrow(self) -> None:
        """Discard everything that depends on the weights before the training."""

    def adopt(self, state: State) -> None:
        """Take over the final state of a training."""


def run_session(
    model: Trainee,
    engine: Engine,
    objective: Objective,
    optimizer: Optimizer,
    plan: Plan,
    data: Examples | Batches,
    validation: Validation | None,
    callbacks: Sequence[Callback],
    verbose: int = 0,
    head: HeadObjective | None = None,
) -> History:
    """Train; the model then adopts the last state, also after Ctrl-C, SIGTERM or an error.

    After each epoch it has the weights of that epoch. It adopts nothing more after a second Ctrl-C,
    or if the weights themselves are non-finite.
    Raises Interrupted or Terminated after a signal.
    """
    held_out = validation.evaluate.data if validation else None
    backup, start = find_backup(callbacks, engine, objective, optimizer, plan, data, held_out)
    source = source_of(data, plan)
    if head is not None and isinstance(data, Examples):
        source = FeatureSource(data.x, data.y, plan, head, engine)
        validation = with_features(validation, head, engine, plan)
    params = {"verbose": verbose, "epochs": plan.epochs, "steps": source.steps}
    model.outgrow()
    first_rate = optimizer.learning_rate
    with (
        being_trained(model, callbacks, params),
        deferred_interrupts(terminations=backup is not None) as interrupts,
    ):
        try:
            state, history = train(
                engine, optimizer, source,
                validation=validation, model=model.file, publish=model.publish,
                callbacks=callbacks, stopped=lambda: model.stop_training,
                interrupted=lambda: interrupts.received, backup=backup, start=start,
            )  # fmt: skip
            model.adopt(state)
        except BaseException as error:
            if backup:  # the next `fit` resumes, with the rate in the checkpoint
                optimizer.set_learning_rate(first_rate)
            if not (interrupts.forced or has_non_finite_weights(error)):
                with suppress(DivergenceError):  # if even these weights are non-finite
                    model.adopt(engine.state())
            raise
        finally:
            for callback in callbacks:
                callback.release()
    interrupts.raise_if_received()
    if backup and backup.delete_checkpoint:
        backup.delete()
    if validation:
        history.drop_unvalidated(validation.due)
    history.belongs_to(model, params)
    return history

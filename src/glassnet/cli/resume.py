"""`glassnet resume`."""

from typing import Annotated

import typer

from glassnet.cli.options import (
    AsJson,
    CheckpointSeconds,
    CheckpointSteps,
    RunFolder,
    WithReport,
    checkpoints,
)
from glassnet.cli.printing import tell
from glassnet.cli.train_output import before, end


def command(
    run: RunFolder,
    epochs: Annotated[
        int | None,
        typer.Option(help="Train to so many epochs in all, if the learning rate is constant."),
    ] = None,
    checkpoint_seconds: CheckpointSeconds = None,
    checkpoint_steps: CheckpointSteps = None,
    report: WithReport = True,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was interrupted.

    Weights, optimizer, shuffling and history end as if nothing had happened, bit for bit, on the
    engines numpy and jax.
    """
    from glassnet.runs.resume import resume_training

    often = checkpoints(checkpoint_seconds, checkpoint_steps)
    outcome = resume_training(
        run, epochs=epochs, report=tell, before=before(as_json), checkpoints=often
    )
    end(outcome, run, as_json, report)

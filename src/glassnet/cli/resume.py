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
from glassnet.cli.printing import show_result
from glassnet.cli.train_output import fold_lines, header_printer, show_training
from glassnet.core.errors import GlassnetError


def command(
    run: RunFolder,
    epochs: Annotated[
        int | None,
        typer.Option(help="Train to this total number of epochs; with --schedule constant."),
    ] = None,
    checkpoint_seconds: CheckpointSeconds = None,
    checkpoint_steps: CheckpointSteps = None,
    report: WithReport = True,
    as_json: AsJson = False,
) -> None:
    """Resume a run, or a cross-validation with all its folds, that was interrupted.

    On the engines numpy and jax, weights, optimizer state and history end as in an uninterrupted
    run, bit for bit.
    """
    from glassnet.runs.cross_validate import is_cross_validation, resume_folds
    from glassnet.runs.resume import resume_training

    checkpoint_settings = checkpoints(checkpoint_seconds, checkpoint_steps)
    if is_cross_validation(run):
        if epochs is not None:
            raise GlassnetError("is for a single run.", where="--epochs", fix="Name one fold.")
        folds = resume_folds(run, checkpoints=checkpoint_settings)
        show_result(as_json, folds, fold_lines(folds))
        return
    result = resume_training(
        run, epochs=epochs, on_prepared=header_printer(as_json), checkpoints=checkpoint_settings
    )
    show_training(result, run, as_json, report)

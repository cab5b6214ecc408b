"""`glassnet train`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.options import (
    ALL,
    AsJson,
    CheckpointSeconds,
    CheckpointSteps,
    Data,
    DataDir,
    Out,
    RunName,
    WithReport,
    checkpoints,
    offers,
    typed,
)
from glassnet.cli.printing import show_result
from glassnet.cli.train_output import fold_lines, header_lines, header_printer, show_training
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import table
from glassnet.runs.command import as_typed
from glassnet.runs.defaults import defaults_table
from glassnet.runs.settings import Settings, option_name

FEW_ROWS = "With fewer than 10 such batches of training rows, a batch is a tenth of the rows."
EPILOG = "\n\n".join(("\b\nDefaults of the networks:\n" + "\n".join(defaults_table()), FEW_ROWS))


@offers("network", *ALL)
def command(
    context: typer.Context,
    data: Data = "fashion-mnist",
    config: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|FILE",
            help="Start from the settings of a run, or of a .json or .toml file; options that you "
            "type override them.",
        ),
    ] = None,
    name: RunName = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the run of this --name if it exists.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Predict the time and memory of the training; write nothing."
        ),
    ] = False,
    checkpoint_seconds: CheckpointSeconds = None,
    checkpoint_steps: CheckpointSteps = None,
    out: Out = "runs",
    data_dir: DataDir = None,
    report: WithReport = True,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Train a network and evaluate it.

    \b
    glassnet train                                 784-128-10 on Fashion-MNIST
    glassnet train digits --hidden 64,32 --dropout 0.2 --early-stopping 5
    glassnet train my.npz --network cnn --augment flip,shift --engine jax
    glassnet train texts.csv --network lstm        texts with labels
    glassnet train --config runs/digits-1 --epochs 30  an earlier run's settings
    glassnet train --network cnn --dry-run         time and memory; writes nothing
    glassnet train my.npz --from runs/digits-1 --freeze all-but-head

    Holds out a validation split of the training set, trains on the rest, and evaluates on the test
    set once, at the end.
    """  # noqa: D301
    from glassnet.runs.data import chosen_settings
    from glassnet.runs.resume import train_or_resume
    from glassnet.runs.train import run_training

    if config is not None:
        from glassnet.runs.config import configured

        options = configured(config, typed(context, {"data": data, **options}))
        data = options.pop("data", data)
    settings = chosen_settings(data, **options)
    if dry_run:
        _refuse("--dry-run", "predicts one whole training", resume=resume, folds=settings.folds)
        _show_forecast(settings, data_dir, as_json)
        return
    if settings.folds is not None:
        from glassnet.runs.cross_validate import run_folds, train_or_resume_folds

        train_folds = train_or_resume_folds if resume else run_folds
        folds = train_folds(
            settings, out=out, name=name, data_dir=data_dir,
            checkpoints=checkpoints(checkpoint_seconds, checkpoint_steps),
        )  # fmt: skip
        show_result(as_json, folds, fold_lines(folds))
        return
    train = train_or_resume if resume else run_training
    result = train(
        settings, out=out, name=name, data_dir=data_dir,
        on_prepared=header_printer(as_json),
        checkpoints=checkpoints(checkpoint_seconds, checkpoint_steps),
    )  # fmt: skip
    show_training(result, str(Path(out, name or "")), as_json, report)


def _refuse(option: str, what: str, **others: Any) -> None:
    """Raise if an option that can't be combined with this one is used."""
    used = [name for name, value in others.items() if value is not None and value is not False]
    if used:
        names = ", ".join(map(option_name, used))
        raise GlassnetError(f"{what}.", where=f"{option} with {names}", fix=f"Leave {names} out.")


def _show_forecast(settings: Settings, data_dir: str | None, as_json: bool) -> None:
    """Print the predicted time and memory of a training."""
    from glassnet.runs.dry_run import dry_run

    forecast = dry_run(settings, data_dir=data_dir)
    values = forecast.prepared.config["settings"]
    rows = [("setting", "value"), *((name, as_typed(value)) for name, value in values.items())]
    lines = [*table(rows, "<<"), "", *header_lines(forecast.prepared), *forecast.lines()]
    show_result(as_json, forecast, lines)

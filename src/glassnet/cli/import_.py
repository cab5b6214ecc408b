"""`glassnet import`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import TABLE, AsJson, DataDir, Out, RunName, offers
from glassnet.cli.printing import show, show_json, tell


@offers(*TABLE)
def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A .keras file.")],
    data: Annotated[
        str | None,
        typer.Option(help="Data set that the model is for: its class names go into the run."),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="In place of --data: a run that reads the same data in the same way. A network of "
            "words needs it: their ids are in no .keras file.",
        ),
    ] = None,
    scaling: Annotated[
        str, typer.Option(help="unit if training divided the inputs by 255 outside the network.")
    ] = "none",
    name: RunName = None,
    out: Out = "runs",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **table_options: Any,
) -> None:
    """Make a run of a Keras model. Nothing in the file is executed; unknown layers are refused."""
    from glassnet.runs.convert import import_model

    run = import_model(
        file, data, like=like, scaling=scaling, name=name, out=out, data_dir=data_dir, report=tell,
        **table_options,
    )  # fmt: skip
    if as_json:
        show_json({"run": str(run.folder)})
    else:
        show([f"run {run.folder}"])

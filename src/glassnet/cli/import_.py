"""`glassnet import`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import AsJson, DataDir, Out, RunName, offers
from glassnet.cli.printing import show_result
from glassnet.runs.command import TABLE


@offers(*TABLE)
def command(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A .keras file, or an .h5 file of a whole Keras model."
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help="Data set that the model was trained on; sets the class names of the run."
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="A run with the same data and tokenizer, in place of --data. Required with a word "
            "tokenizer, because a .keras file does not hold the vocabulary.",
        ),
    ] = None,
    scaling: Annotated[
        str,
        typer.Option(help="unit if the inputs were divided by 255 outside the network; else none."),
    ] = "none",
    name: RunName = None,
    out: Out = "runs",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **table_options: Any,
) -> None:
    """Create a run from a Keras model. Runs no code from the file; unknown layers are an error."""
    from glassnet.runs.import_ import import_model

    run = import_model(
        file, data, like=like, scaling=scaling, name=name, out=out, data_dir=data_dir,
        **table_options,
    )  # fmt: skip
    show_result(as_json, {"run": run.folder}, [f"run {run.folder}"])

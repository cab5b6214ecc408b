"""`glassnet doctor`."""

from typing import Annotated

import typer

from glassnet.cli import texts
from glassnet.cli.common import AsJson, DataDir, show, show_json


def command(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="[DATA|RUN]", help="Data, as for `glassnet train`, or a run's folder."
        ),
    ] = "fashion-mnist",
    network: Annotated[str | None, typer.Option(help="As for `glassnet train`.")] = None,
    scaling: Annotated[str | None, typer.Option(help="unit, standardize or none.")] = None,
    loss: Annotated[str | None, typer.Option(help="As for `glassnet train`.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest rate.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples in a step.")] = None,
    text_column: texts.TextColumn = None,
    label_column: texts.LabelColumn = None,
    test_file: texts.TestFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with data, network and settings together, where, and how to mend it.

    `train` asks the same before its first epoch. Of a run, also how its training went. Exit code 2
    if training would stop at what was found.
    """
    from glassnet.data import kind_of
    from glassnet.runs.diagnose import examined, examined_run
    from glassnet.runs.run import is_run
    from glassnet.runs.settings import choose

    if is_run(subject):
        found = examined_run(subject, data_dir)
    else:
        settings = choose(
            subject, kind_of(subject), network, scaling=scaling, loss=loss,
            learning_rate=learning_rate, batch_size=batch_size, text_column=text_column,
            label_column=label_column, test_file=test_file,
        )  # fmt: skip
        found = examined(settings, data_dir)
    if as_json:
        show_json({"subject": subject, "findings": found})
    else:
        show([f"{finding.level}: {finding}" for finding in found] or ["nothing found"])
    if any(finding.level == "error" for finding in found):
        raise typer.Exit(2)

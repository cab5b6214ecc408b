"""`glassnet doctor`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import TUNING, AsJson, DataDir, offers, typed
from glassnet.cli.printing import show_result
from glassnet.runs.command import TABLE
from glassnet.runs.settings import option_name


@offers("network", *TABLE, *TUNING, "loss", "scaling", "learning_rate", "batch_size", "epochs")
def command(
    context: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="[DATA|RUN]", help="Data, as for `glassnet train`, or a run's folder."
        ),
    ] = "fashion-mnist",
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **options: Any,
) -> None:
    """Find problems in data, network and settings: what is wrong, where, and how to fix it.

    With --from, also in a fine-tuning.
    `train` runs the same checks before its first epoch. For a run, the training history is checked
    too. Exit code 2 if a finding would stop training.
    """
    from glassnet.core.errors import GlassnetError
    from glassnet.runs.data import chosen_settings
    from glassnet.runs.doctor import diagnose_run, diagnose_settings
    from glassnet.runs.run import is_run

    if is_run(subject):
        if names := ", ".join(map(option_name, typed(context, options))):
            what = f"{subject} is a run, which has its settings already."
            raise GlassnetError(what, where=names, fix="Leave it out, or name the data.")
        findings = diagnose_run(subject, data_dir)
    else:
        settings = chosen_settings(subject, **options)
        findings = diagnose_settings(settings, data_dir)
    lines = [f"{finding.level}: {finding}" for finding in findings] or ["no problems found"]
    show_result(as_json, {"subject": subject, "findings": findings}, lines)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)

"""`glassnet doctor`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import TABLE, AsJson, DataDir, offers
from glassnet.cli.printing import show_result


@offers("network", *TABLE, "loss", "scaling", "learning_rate", "batch_size")
def command(
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

    `train` runs the same checks before its first epoch. For a run, the training history is checked
    too. Exit code 2 if a finding would stop training.
    """
    from glassnet.runs.data import chosen_settings
    from glassnet.runs.doctor import diagnose_run, diagnose_settings
    from glassnet.runs.run import is_run

    if is_run(subject):
        findings = diagnose_run(subject, data_dir)
    else:
        settings = chosen_settings(subject, **options)
        findings = diagnose_settings(settings, data_dir)
    lines = [f"{finding.level}: {finding}" for finding in findings] or ["no problems found"]
    show_result(as_json, {"subject": subject, "findings": findings}, lines)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)

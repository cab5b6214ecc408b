"""`glassnet doctor`."""

from typing import Annotated, Any

import typer

from glassnet.cli.options import TABLE, AsJson, DataDir, offers
from glassnet.cli.printing import show, show_json, tell
from glassnet.runs.settings import choose


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
    **chosen: Any,
) -> None:
    """Say what is wrong with data, network and settings together, where, and how to fix it.

    `train` checks the same before its first epoch. For a run, also how its training went. Exit
    code 2 if training would stop at a finding.
    """
    from glassnet.data import kind_of
    from glassnet.runs.diagnose import examined, examined_run
    from glassnet.runs.run import is_run

    if is_run(subject):
        findings = examined_run(subject, data_dir, tell)
    else:
        settings = choose(subject, kind_of(subject), **chosen)
        findings = examined(settings, data_dir, tell)
    if as_json:
        show_json({"subject": subject, "findings": [finding.to_dict() for finding in findings]})
    else:
        show([f"{finding.level}: {finding}" for finding in findings] or ["nothing found"])
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(2)

"""`glassnet train --dry-run`."""

from typing import TYPE_CHECKING

from glassnet.cli.common import show, show_json
from glassnet.cli.trainings import opening
from glassnet.core.errors import GlassnetError
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.runs.settings import Settings


def foretell(settings: "Settings", data_dir: str | None, as_json: bool, resume: bool) -> None:
    """Show what a training would take."""
    from glassnet.runs.dry_run import dry_run

    for option, given in (("--resume", resume), ("--folds", settings.folds is not None)):
        if given:
            what = f"forecasts one whole training, and {option} asks for another thing."
            raise GlassnetError(what, where="--dry-run", fix=f"Leave {option} out.")
    forecast = dry_run(settings, data_dir=data_dir)
    if as_json:
        show_json(forecast)
        return
    chosen = forecast.prepared.config["settings"]
    rows = [("setting", "value"), *((name, str(value)) for name, value in chosen.items())]
    show([*table(rows, "<<"), "", *opening(forecast.prepared), *forecast.lines()])

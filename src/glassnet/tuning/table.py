"""The trials of a study as rows of text, and as a file `study.csv`."""

import csv
import io
from pathlib import Path
from typing import Any

from glassnet.core.files import write_whole
from glassnet.tuning.study import Study, Trial

CSV_FILE = "study.csv"
COLUMNS = ("number", "state", "score", "epochs", "steps", "seconds")


def write_csv(study: Study, path: Path) -> Path:
    """Write a row for each trial: its number, state, score, epochs, steps, seconds and parameters.

    Numbers are in full precision. A cell is empty if the trial does not have the parameter, or no
    score. A parameter that is named like another column is prefixed with `param.`.
    """
    names = [parameter.name for parameter in study.definition.space.parameters]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    heads = [f"param.{name}" if name in (*COLUMNS, "error") else name for name in names]
    writer.writerow([*COLUMNS, *heads, "error"])
    for trial in study.trials:
        params = [_cell(trial.params.get(name)) for name in names]
        writer.writerow([*map(_cell, columns_of(trial)), *params, trial.error])
    write_whole(path, text.getvalue().encode(errors="surrogateescape"))
    return path


def columns_of(trial: Trial) -> tuple[Any, ...]:
    """Return the values of COLUMNS; None for none."""
    epochs = max(trial.curve, default=0)
    return (trial.number, trial.state, trial.score, epochs, trial.steps, trial.seconds)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)

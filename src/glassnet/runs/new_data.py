"""What a run says of new data that its model reads."""

import os
from typing import Any

from glassnet.core.doubts import doubt
from glassnet.data.parts import PARTS, part_named
from glassnet.runs.run import CONFIG_FILE, Run, is_run


def encoding_of(folder: str) -> str | None:
    """Return the encoding in which a run reads texts; None for that of UTF-8, and for a file.

    Warns if the run is unfinished.
    """
    if not is_run(folder):
        return None
    (run := Run(folder)).warn_if_unfinished()
    encoding: str | None = _settings(run).get("encoding")
    return encoding


def warn_if_trained_on(path: str, folder: str) -> None:
    """Doubt the results on data that a run was trained on: its own, or their part for training."""
    if not is_run(folder):
        return
    data = str(_settings(Run(folder)).get("data"))
    trained_on = [data]
    if os.path.isdir(data):
        trained_on += [
            os.path.join(data, name) for name in os.listdir(data) if part_named(name) in PARTS[:2]
        ]
    if any(os.path.exists(own) and _is_same(path, own) for own in trained_on):
        doubt(
            "is what the run was trained on, so these results are too good.",
            path,
            f"On its test rows alone: glassnet evaluate {folder}.",
        )


def _is_same(path: str, own: str) -> bool:
    return os.path.exists(path) and os.path.samefile(path, own)


def _settings(run: Run) -> dict[str, Any]:
    return run.read(CONFIG_FILE).get("settings") or {}

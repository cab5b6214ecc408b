"""A study in a process of its own, which tests kill.   python -m tests.tuning.program OPTIONS

It writes a line for each epoch that is trained into the file `epochs` of the study's folder, and
the hash of the study into the file `hash`. With the option `alone`, it has no other processes.
"""

import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

SPACE = {
    "learning_rate": {"low": 1e-3, "high": 1e-1, "log": True, "points": 3},
    "hidden": {"low": 4, "high": 16, "layers": [1, 2], "points": 2},
    "dropout": {"low": 0.0, "high": 0.5, "when": {"hidden.layers": [2]}, "points": 2},
}
SMALL = {"batch_size": 128, "epochs": 9, "seeds": 0, "name": "study"}


def main(options: dict[str, Any]) -> None:
    alone = options.pop("alone", False)
    from glassnet.tuning import search, training
    from glassnet.tuning.tune import tune

    class Recorded(training.TrainingObjective):
        """Records the end of each epoch before anything of it is stored."""

        def train(self, number: int, params: Any, share: Fraction, report: Any) -> Any:
            callback: Any = training._Reported
            original = callback.__dict__["on_epoch_end"]

            def on_epoch_end(reported: Any, record: Any) -> Any:
                with open(self.folder / "epochs", "a") as file:
                    file.write(f"{number} {record.epoch + 1} {os.getpid()}\n")
                return original(reported, record)

            callback.on_epoch_end = on_epoch_end
            try:
                return super().train(number, params, share, report)
            finally:
                callback.on_epoch_end = original

    training.TrainingObjective = search.TrainingObjective = Recorded  # type: ignore[misc]
    if alone:  # trains in this process: it starts in half of the time
        search.run_workers = lambda count, function, *arguments, watch: function(*arguments)  # type: ignore[assignment]
    study = tune("digits", SPACE, **SMALL | options)
    Path(study.folder, "hash").write_text(study.sha256)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

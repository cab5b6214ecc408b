"""`glassnet runs`: the runs in a folder, with their settings and results."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.files import read_file
from glassnet.core.strict_json import strict_json
from glassnet.model.file import METRICS_FILE
from glassnet.runs.cross_validate import FOLDS_FILE, is_cross_validation
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.scores import Score, score_of

_MOST = 64 * 2**20  # bytes


@dataclass(frozen=True)
class RunSummary:
    """One run of a folder: what was trained, how far, and how well it predicts."""

    run: str
    data: str = ""
    network: str = ""
    epochs: int = 0  # that are done
    of_epochs: int | None = None
    val_accuracy: float | None = None  # of the last epoch
    score: Score | None = None  # on the test set; for folds, their mean
    state: str = "finished"  # or imported, interrupted, unfinished, or what is wrong with its files
    began: str = ""  # in local time

    @property
    def accuracy(self) -> float | None:
        """The accuracy, if that is the score."""
        return self.score.value if self.score and self.score.name == "accuracy" else None

    def to_dict(self) -> dict[str, Any]:
        score = self.score and self.score._asdict()
        return asdict(self) | {"accuracy": self.accuracy, "score": score}


def runs_in(folder: str | Path) -> list[RunSummary]:
    """Return the runs in a folder, the oldest first; those with damaged files say so in `state`."""
    out = Path(folder)
    if not out.is_dir():
        raise GlassnetError(
            "no such folder.", where=str(folder), fix="Give the folder of your runs with --out."
        )
    return sorted(_summaries(out), key=lambda summary: (summary.began, summary.run))


def _summaries(out: Path) -> Iterator[RunSummary]:
    for path in out.iterdir():
        if (path / CONFIG_FILE).is_file() or is_cross_validation(path):
            try:
                yield _summary(Run(path))
            except GlassnetError as error:
                yield RunSummary(str(path), state=str(error))


def _network(config: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the name of the network; of a fine-tuning, that of its source."""
    source = config.get("from")
    if not isinstance(source, dict):
        return str(settings.get("network", ""))
    return f"{source.get('network') or 'model'}, fine-tuned"


def _summary(run: Run) -> RunSummary:
    folds = is_cross_validation(run.folder)
    source = Run(run.folder / "fold-1") if folds else run
    config = source.read(CONFIG_FILE)
    settings: Mapping[str, Any] = config.get("settings") or {}
    began = datetime.fromtimestamp((source.folder / CONFIG_FILE).stat().st_mtime)
    of_epochs = settings.get("epochs")
    history = run.history() if run.has_history and not folds else []
    ended = (run.folder / FOLDS_FILE).exists() if folds else run.ended
    return RunSummary(
        str(run.folder),
        str(settings.get("data", "")),
        _network(config, settings) + (" in folds" if folds else ""),
        len(history),
        of_epochs if isinstance(of_epochs, int) else None,
        _number(history[-1].get("val_accuracy")) if history else None,
        _score(run, folds) if ended else None,
        "imported" if "imported" in config
        else "finished" if ended
        else "interrupted" if source.resume_hint
        else "unfinished",
        began.isoformat(" "),
    )  # fmt: skip


def _score(run: Run, folds: bool) -> Score | None:
    """Return the score in the results of a run that has ended; of folds, their mean."""
    if not folds:
        score = score_of(run.read(METRICS_FILE).get("test"))
        return score if score and math.isfinite(score.value) else None
    path = run.folder / FOLDS_FILE  # of a folder of runs, not a run
    results: Any = strict_json(read_file(path, _MOST, "Train the folds again."), str(path))
    parts = results.get("folds") if isinstance(results, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    score = score_of(first.get("test")) if isinstance(first, dict) else None
    mean = _number(results.get("accuracy", results.get("mean"))) if score else None
    return None if score is None or mean is None else Score(score.name, mean, score.is_share)


def _number(value: Any) -> float | None:
    return value if isinstance(value, float) and math.isfinite(value) else None

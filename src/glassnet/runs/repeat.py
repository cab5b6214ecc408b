"""`glassnet repeat`: train a run again from its folder, and compare the two bit for bit."""

import logging
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, items
from glassnet.model.file import METRICS_FILE, read_model
from glassnet.runs.manifest import Change, changes
from glassnet.runs.prepare import PreparedTraining
from glassnet.runs.resume import source_hash, training_settings
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.scores import Score, score_of
from glassnet.runs.train import run_training

log = logging.getLogger(__name__)

# What differs in every repetition, in metrics and history; findings hold paths as typed.
_NOT_COMPARED = ("run", "seconds", "time_up", "findings")


@dataclass(frozen=True)
class RepeatResult:
    """A run and its repetition: the differences of their manifests and of their results."""

    original: Run
    repeat: Run
    manifest_changes: tuple[Change, ...]
    weights: dict[str, float | None]  # by array that differs: the difference; None: another shape
    epoch: int | None  # the first one that differs, from 0
    metrics: tuple[str, ...]  # that differ
    difference: Score  # on the test set, repetition minus original
    resume_changes: tuple[Change, ...] = ()  # of the environment, when the original was resumed
    time_limit: str = ""  # where --max-time ended the two, if it did

    @property
    def identical(self) -> bool:
        """True if weights, history and metrics are the same, bit for bit."""
        return not self.weights and self.epoch is None and not self.metrics

    @property
    def largest_difference(self) -> tuple[str, float | None] | None:
        """The array that differs most, and by how much; None if there is no difference."""
        size = {name: np.inf if d is None else d for name, d in self.weights.items()}
        name = max(size, key=size.__getitem__, default=None)
        return None if name is None else (name, self.weights[name])

    def to_dict(self) -> dict[str, Any]:
        place, difference = self.largest_difference or (None, 0.0)
        return {
            "run": self.repeat.folder,
            "repeats": self.original.folder,
            "identical": self.identical,
            "clock": self.time_limit or None,
            "manifest": self.manifest_changes,
            "resumed": self.resume_changes,
            "weights": {"differ": len(self.weights), "farthest": place, "difference": difference},
            "first_epoch": None if self.epoch is None else self.epoch + 1,
            "metrics": self.metrics,
            **(
                {"accuracy_difference": self.difference.value}
                if self.difference.name == "accuracy"
                else {"score": self.difference.name, "score_difference": self.difference.value}
            ),
        }


@dataclass(frozen=True, eq=False)
class _Results:
    """The results of a run, without what differs in every run."""

    weights: Tree
    history: list[dict[str, Any]]
    metrics: dict[str, Any]
    score: Score
    time_up: str | None

    @classmethod
    def of(cls, run: Run) -> "_Results":
        metrics = run.read(METRICS_FILE)
        test = metrics.get("test")
        if (score := score_of(test)) is None:
            raise run.invalid_file(METRICS_FILE)
        weights = dict(items(read_model(run.model).params))
        history = [_comparable(row) for row in run.history()]
        return cls(weights, history, _comparable(metrics), score, metrics.get("time_up"))


def repeat_run(
    folder: str | Path,
    *,
    out: str = "runs",
    name: str | None = None,
    on_prepared: Callable[[PreparedTraining], None] = lambda training: None,
) -> RepeatResult:
    """Train a run again, with its settings on its data, and compare the results.

    Raises GlassnetError, before anything is written, if the run has not ended, was not trained
    here, or its data have changed.
    """
    run = Run(folder)
    config = run.read(CONFIG_FILE)
    settings = training_settings(config, run)
    if not run.ended:
        raise GlassnetError(
            "has not ended: there are no results to compare with.",
            where=str(run.folder),
            fix=f"If it was interrupted: glassnet resume {shlex.quote(str(run.folder))}",
        )
    was = config.get("manifest")
    if not isinstance(was, dict):
        raise GlassnetError("has no manifest.", where=str(run.folder / CONFIG_FILE))
    if settings.from_ is not None and not os.path.exists(settings.from_):
        raise GlassnetError(
            "is gone: the run was fine-tuned from it.",
            where=settings.from_,
            fix=f"Restore the model whose weights have the sha256 {source_hash(config)}.",
        )
    then = _Results.of(run)
    if settings.max_time is not None:
        log.warning(f"note: --max-time {settings.max_time} ends training by the clock")
    outcome = run_training(
        settings, out=out, name=name, data_dir=config["data"].get("folder"),
        on_prepared=on_prepared, sha256=config["data"].get("sha256"),
        source_sha256=source_hash(config),
    )  # fmt: skip
    now = _Results.of(outcome.run)
    return RepeatResult(
        run,
        outcome.run,
        tuple(changes(was, outcome.run.read(CONFIG_FILE)["manifest"])),
        _differing_weights(then.weights, now.weights),
        _first_difference(then.history, now.history),
        tuple(change.field for change in changes(then.metrics, now.metrics)),
        Score(now.score.name, now.score.value - then.score.value, now.score.is_share),
        tuple(_resume_changes(was, config.get("resumed"))),
        _time_limits(then.time_up, now.time_up),
    )


def _resume_changes(was: Mapping[str, Any], resumed: Any) -> Iterator[Change]:
    """Yield the changes of the environment, for each time that the run was resumed."""
    for manifest in resumed if isinstance(resumed, list) else ():
        if isinstance(manifest, dict):
            yield from changes(was, manifest)


def _time_limits(then: str | None, now: str | None) -> str:
    if not then and not now:
        return ""
    then, now = (time or "not reached" for time in (then, now))
    return f"then {then}, now {now}"


def _comparable(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if name not in _NOT_COMPARED}


def _differing_weights(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, float | None]:
    """Return max |b − a| / max(|a|, |b|) of each array that differs in a bit."""
    differences: dict[str, float | None] = {}
    for name in dict.fromkeys((*then, *now)):
        a, b = then.get(name), now.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            differences[name] = None
        elif a.tobytes() != b.tobytes():
            largest = max(np.abs(a).max(), np.abs(b).max())
            differences[name] = float(np.abs(b - a).max() / largest) if largest else 0.0  # 0 and −0
    return differences


def _first_difference(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> int | None:
    """Return the first epoch that differs, or that only one of the two has."""
    pairs = zip(then, now, strict=False)
    differing = (i for i, (a, b) in enumerate(pairs) if a != b)
    first_extra = None if len(then) == len(now) else min(len(then), len(now))
    return next(differing, first_extra)

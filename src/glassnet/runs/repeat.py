"""A run is trained again from its folder alone, and the two are compared bit for bit."""

import logging
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
from glassnet.runs.resume import settings_of_training
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.train import run_training

log = logging.getLogger(__name__)

# What no repetition shares, of metrics and history; findings hold paths as they were typed.
_ELSEWHERE = ("run", "seconds", "time_up", "findings")


@dataclass(frozen=True)
class Repetition:
    """A run beside the one that it repeats: where their manifests and their results differ."""

    run: Run
    again: Run
    changed: tuple[Change, ...]
    weights: dict[str, float | None]  # of the arrays that differ, by how much; None: another shape
    epoch: int | None  # the first one with other numbers, from 0
    metrics: tuple[str, ...]  # that differ
    accuracy: float  # on the test set, now less then
    resumed: tuple[Change, ...] = ()  # where the manifests of the run's own parts differ
    clock: str = ""  # where --max-time ended the one and the other, if it did

    @property
    def identical(self) -> bool:
        """Whether weights, history and metrics are the same, bit for bit."""
        return not self.weights and self.epoch is None and not self.metrics

    @property
    def farthest(self) -> tuple[str, float | None] | None:
        """The array that differs most, and by how much; None if none does."""
        size = {name: np.inf if d is None else d for name, d in self.weights.items()}
        name = max(size, key=size.__getitem__, default=None)
        return None if name is None else (name, self.weights[name])

    def to_dict(self) -> dict[str, Any]:
        place, difference = self.farthest or (None, 0.0)
        return {
            "run": self.again.folder,
            "repeats": self.run.folder,
            "identical": self.identical,
            "clock": self.clock or None,
            "manifest": self.changed,
            "resumed": self.resumed,
            "weights": {"differ": len(self.weights), "farthest": place, "difference": difference},
            "first_epoch": None if self.epoch is None else self.epoch + 1,
            "metrics": self.metrics,
            "accuracy_difference": self.accuracy,
        }


@dataclass(frozen=True, eq=False)
class _Results:
    """What came of a run, without what no other run shares."""

    weights: Tree
    history: list[dict[str, Any]]
    metrics: dict[str, Any]
    accuracy: float
    time_up: str | None

    @classmethod
    def of(cls, run: Run) -> "_Results":
        metrics = run.read(METRICS_FILE)
        test = metrics.get("test")
        accuracy = test.get("accuracy") if isinstance(test, dict) else None
        if not isinstance(accuracy, float):
            raise run.altered(METRICS_FILE)
        weights = dict(items(read_model(run.model).params))
        history = [_shared(row) for row in run.history()]
        return cls(weights, history, _shared(metrics), accuracy, metrics.get("time_up"))


def repeat_run(
    folder: str | Path,
    *,
    out: str = "runs",
    name: str | None = None,
    before: Callable[[PreparedTraining], None] = lambda training: None,
) -> Repetition:
    """Train a run's network anew, with its settings on its data, and compare what comes of it.

    Raises GlassnetError, before anything is written, for a run that has not ended, was not trained
    here, or whose data are no longer what they were.
    """
    run = Run(folder)
    config = run.read(CONFIG_FILE)
    settings = settings_of_training(config, run)
    if not run.ended:
        raise GlassnetError(
            "has not ended: there is no result to compare with.",
            where=str(run.folder),
            fix=f"If it was interrupted: glassnet resume {shlex.quote(str(run.folder))}",
        )
    was = config.get("manifest")
    if not isinstance(was, dict):
        raise GlassnetError("holds no manifest.", where=str(run.folder / CONFIG_FILE))
    then = _Results.of(run)
    if settings.max_time is not None:
        log.warning(
            f"note: --max-time {settings.max_time} lets the clock decide where training ends"
        )
    outcome = run_training(
        settings, out=out, name=name, data_dir=config["data"].get("folder"),
        before=before, sha256=config["data"].get("sha256"),
    )  # fmt: skip
    now = _Results.of(outcome.run)
    return Repetition(
        run,
        outcome.run,
        tuple(changes(was, outcome.run.read(CONFIG_FILE)["manifest"])),
        _differing_weights(then.weights, now.weights),
        _first_difference(then.history, now.history),
        tuple(change.field for change in changes(then.metrics, now.metrics)),
        now.accuracy - then.accuracy,
        tuple(_parts(was, config.get("resumed"))),
        _clock(then.time_up, now.time_up),
    )


def _parts(was: Mapping[str, Any], resumed: Any) -> Iterator[Change]:
    """What changed each time that the run went on in another environment."""
    for manifest in resumed if isinstance(resumed, list) else ():
        if isinstance(manifest, dict):
            yield from changes(was, manifest)


def _clock(then: str | None, now: str | None) -> str:
    if not then and not now:
        return ""
    return f"then {then or 'time was enough'}, now {now or 'time was enough'}"


def _shared(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if name not in _ELSEWHERE}


def _differing_weights(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, float | None]:
    """Of each array with other bits, max |b − a| / max(|a|, |b|)."""
    found: dict[str, float | None] = {}
    for name in dict.fromkeys((*then, *now)):
        a, b = then.get(name), now.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            found[name] = None
        elif a.tobytes() != b.tobytes():
            largest = max(np.abs(a).max(), np.abs(b).max())
            found[name] = float(np.abs(b - a).max() / largest) if largest else 0.0  # 0 and −0
    return found


def _first_difference(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> int | None:
    """The first epoch that differs, or that only one of them has."""
    pairs = zip(then, now, strict=False)
    unlike = (i for i, (a, b) in enumerate(pairs) if a != b)
    longer = None if len(then) == len(now) else min(len(then), len(now))
    return next(unlike, longer)

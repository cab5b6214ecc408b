"""Runs beside each other: what `glassnet compare` says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.comparison import (
    MCNEMAR,
    AccuracyDifference,
    Changes,
    changes,
    half_width,
    holm,
    mcnemar,
    over_seeds,
)
from glassnet.model.file import METRICS_FILE
from glassnet.runs.evaluate import evaluate_classifier
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import CONFIG_FILE, Run

LEVEL = 0.05  # a smaller p counts as a difference
Found = tuple[str, str, AccuracyDifference]  # the names of both
_PLACES = ("data", "test_file", "tensorboard")  # settings that say where things lie


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One of the runs that are compared."""

    name: str
    settings: dict[str, Any]
    found: Evaluation
    said: Array  # the predicted class of each test example, (N,)
    labels: Array
    parameters: int
    seconds: float | None  # of training; None of an imported model

    @property
    def accuracy(self) -> float:
        """On the test set."""
        return self.found.test.accuracy

    @property
    def manner(self) -> dict[str, Any]:
        """How it was trained: its settings but for the seed."""
        return {key: value for key, value in self.settings.items() if key != "seed"}

    @property
    def seed(self) -> Any:
        """What its training drew from; None of an imported model."""
        return self.settings.get("seed")

    def setting(self, name: str) -> str:
        """A setting, for people."""
        value = self.settings.get(name, "default")
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    def to_dict(self) -> dict[str, Any]:
        found = self.found
        return {
            "run": self.name,
            "accuracy": self.accuracy,
            "accuracy_interval": found.test.accuracy_interval,
            "loss": found.test.loss,
            "macro_f1": found.test.macro_f1,
            "top": {"k": found.top, "accuracy": found.top_accuracy},
            "ece": found.bare and found.bare.ece,
            "ece_calibrated": found.calibrated and found.calibrated.ece,
            "parameters": self.parameters,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, eq=False)
class SeedGroup:
    """Runs that differ in their seed only."""

    name: str  # what sets them apart from the other groups; of a single group, nothing
    runs: tuple[ComparedRun, ...]

    @property
    def mean(self) -> float:
        """Of the accuracies."""
        return float(np.mean([run.accuracy for run in self.runs]))

    @property
    def half_width(self) -> float | None:
        """Of the mean's 95% interval over seeds, by Student's t; None of one run."""
        return half_width([run.accuracy for run in self.runs]) if len(self.runs) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        names = [run.name for run in self.runs]
        return {"name": self.name, "runs": names, "mean": self.mean, "half_width": self.half_width}


@dataclass(frozen=True)
class PairwiseResult:
    """What is to be said of two runs, or of two ways of training."""

    first: str
    second: str
    difference: AccuracyDifference
    corrected: float  # p, if there are several comparisons: Holm's

    @property
    def real(self) -> bool:
        """Whether chance alone is no likely reason."""
        return self.corrected < LEVEL

    @property
    def over_seeds(self) -> bool:
        """Whether ways of training were compared, rather than runs."""
        return self.difference.test != MCNEMAR

    def to_dict(self) -> dict[str, Any]:
        difference = vars(self.difference)
        derived = {"corrected_p": self.corrected, "real": self.real}
        return {"first": self.first, "second": self.second, **difference, **derived}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs on the same data, beside each other."""

    runs: tuple[ComparedRun, ...]
    data: dict[str, Any]
    differing: dict[str, list[Any]]  # the settings that are not the same in all, a value for each
    groups: tuple[SeedGroup, ...]
    repeated: dict[str, str]  # runs that are in no group, each with the one whose seed it has
    verdicts: tuple[PairwiseResult, ...]
    changes: tuple[Changes, ...]  # from the first run to each of the others

    @property
    def over_seeds(self) -> bool:
        """Whether ways of training are compared, rather than runs."""
        return _is_of_seeds(self.groups)


def compare_runs(folders: Sequence[str], data_dir: str | None = None) -> Comparison:
    """Judge runs on the test set that they share. Raises if they have none in common, or if it
    changed since.

    Runs are compared two by two with McNemar's test. Where two ways of training have two seeds or
    more in common, the ways are compared instead, by a paired test over these seeds; those with
    fewer, by McNemar's test of a run of each. A seed counts once in a way of training.
    """
    if len(folders) < 2:
        raise GlassnetError("takes two runs or more.", where="compare")
    paths = [Path(folder).resolve() for folder in folders]
    if len(set(paths)) < len(paths):
        raise GlassnetError("a run is named twice.", where="compare")
    data = _shared_data(folders)
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        names = list(folders)
    runs = tuple(
        _contender(folder, name, data_dir) for folder, name in zip(folders, names, strict=True)
    )
    keys = dict.fromkeys(key for run in runs for key in run.settings)
    every = {key: [run.settings.get(key) for run in runs] for key in keys}
    differing = {key: row for key, row in every.items() if any(v != row[0] for v in row)}
    groups, repeated = _grouped(runs, [key for key in differing if key != "seed"])
    verdicts = _of_ways(groups) if _is_of_seeds(groups) else _of_runs(runs)
    first = runs[0]
    class_names = [one.name for one in first.found.test.classes]
    moved = (changes(first.labels, first.said, run.said, class_names) for run in runs[1:])
    return Comparison(runs, data, differing, groups, repeated, verdicts, tuple(moved))


def _shared_data(folders: Sequence[str]) -> dict[str, Any]:
    """What the runs say of their data; of a fold, with its number. Raises if it is not the same."""
    found: list[dict[str, Any]] = []
    for folder in folders:
        run = Run(folder)
        name, _, _, digest = run.trained_on()
        settings = run.read(CONFIG_FILE)["settings"]
        fold = (
            [settings.get(key) for key in ("folds", "fold", "seed")] if "fold" in settings else []
        )
        found.append({"name": Path(name).name, "sha256": digest, "fold": fold})
        if any(found[0][key] != found[-1][key] for key in ("sha256", "fold")):
            raise GlassnetError(
                f"was trained and tested on other data than {folders[0]}.",
                where=folder,
                fix="Only runs that share their test set can be compared.",
            )
    return {key: found[0][key] for key in ("name", "sha256")}


def _contender(folder: str, name: str, data_dir: str | None) -> ComparedRun:
    outputs = RunOutputs(folder, data_dir, same_data=True)
    config = outputs.run.read(CONFIG_FILE)
    seconds = outputs.run.read(METRICS_FILE).get("seconds") if outputs.run.ended else None
    settings = {key: value for key, value in config["settings"].items() if key not in _PLACES}
    if "imported" in config:
        settings["imported"] = config["imported"]
    return ComparedRun(
        name,
        settings,
        evaluate_classifier(outputs),
        outputs.scores().argmax(axis=1),
        outputs.test.labels,
        outputs.model.count_params(),
        seconds if isinstance(seconds, float) else None,
    )


def _grouped(
    runs: Sequence[ComparedRun], differing: Sequence[str]
) -> tuple[tuple[SeedGroup, ...], dict[str, str]]:
    """The runs of each way of training, named for the settings in which it differs, one of a seed;
    and those left out, each with the run that has its seed.
    """
    found: list[dict[Any, ComparedRun]] = []  # by seed
    repeated: dict[str, str] = {}
    for run in runs:
        same = (group for group in found if next(iter(group.values())).manner == run.manner)
        if (group := next(same, None)) is None:
            found.append(group := {})
        if (kept := group.setdefault(run.seed, run)) is not run:
            repeated[run.name] = kept.name
    groups = [tuple(group.values()) for group in found]
    return tuple(SeedGroup(_name(group[0], differing), group) for group in groups), repeated


def _name(run: ComparedRun, differing: Sequence[str]) -> str:
    """How a run was trained, in short; a run's name where that is long."""
    said = ", ".join(f"{key.replace('_', '-')} {run.setting(key)}" for key in differing)
    return said if len(said) <= 60 else run.name


def _is_of_seeds(groups: Sequence[SeedGroup]) -> bool:
    return any(len(_in_common(a, b)) > 1 for a, b in combinations(groups, 2))


def _in_common(first: SeedGroup, second: SeedGroup) -> list[tuple[ComparedRun, ComparedRun]]:
    """Their runs of the same seed."""
    seconds = {run.seed: run for run in second.runs}
    return [(run, seconds[run.seed]) for run in first.runs if run.seed in seconds]


def _of_runs(runs: Sequence[ComparedRun]) -> tuple[PairwiseResult, ...]:
    return _corrected([_of_two(a, b) for a, b in combinations(runs, 2)])


def _of_two(first: ComparedRun, second: ComparedRun) -> Found:
    right = (run.said == run.labels for run in (first, second))
    return first.name, second.name, mcnemar(*right)


def _of_ways(groups: Sequence[SeedGroup]) -> tuple[PairwiseResult, ...]:
    found = []
    for a, b in combinations(groups, 2):
        pairs = _in_common(a, b)
        if len(pairs) > 1:
            first, second = ([run.accuracy for run in runs] for runs in zip(*pairs, strict=True))
            examples = len(pairs[0][0].labels)
            found.append((a.name, b.name, over_seeds(first, second, examples)))
        else:
            found.append(_of_two(*(pairs or [(a.runs[0], b.runs[0])])[0]))
    return _corrected(found)


def _corrected(found: Sequence[Found]) -> tuple[PairwiseResult, ...]:
    """The differences with their p corrected for one another."""
    ps = holm([one.p for _, _, one in found])
    return tuple(PairwiseResult(*one, p) for one, p in zip(found, ps, strict=True))

"""`glassnet compare`: which of two or more runs is better, and whether by more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.intervals import half_width
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.comparison import (
    Changes,
    Difference,
    ErrorChanges,
    changes,
    error_changes,
    holm,
    mae_difference,
    mcnemar,
    ndcg_difference,
    over_seeds,
)
from glassnet.evaluate.recommendation import Recommendation
from glassnet.runs.compared_run import ComparedRun, compared_run
from glassnet.runs.run import CONFIG_FILE, Run

LEVEL = 0.05  # a smaller p is a significant difference
NamedDifference = tuple[str, str, Difference]  # the names of both


@dataclass(frozen=True, eq=False)
class SeedGroup:
    """Runs that differ only in their seed."""

    name: str  # the settings that differ between groups; empty if there is one group
    runs: tuple[ComparedRun, ...]

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(np.mean([run.score.value for run in self.runs]))

    @property
    def half_width(self) -> float | None:
        """Half of the mean's 95% interval over seeds, by Student's t; None for one run."""
        return half_width([run.score.value for run in self.runs]) if len(self.runs) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        names = [run.name for run in self.runs]
        return {"name": self.name, "runs": names, "mean": self.mean, "half_width": self.half_width}


@dataclass(frozen=True)
class PairwiseResult:
    """The comparison of two runs, or of two groups of runs."""

    first: str
    second: str
    difference: Difference
    corrected: float  # p, with Holm's correction if there is more than one comparison

    @property
    def significant(self) -> bool:
        """True if the corrected p is below `LEVEL`."""
        return self.corrected < LEVEL

    @property
    def over_seeds(self) -> bool:
        """True if groups of runs were compared over seeds, rather than two runs."""
        return self.difference.sign_flip_p is not None

    def to_dict(self) -> dict[str, Any]:
        difference = vars(self.difference)
        derived = {"corrected_p": self.corrected, "real": self.significant}
        return {"first": self.first, "second": self.second, **difference, **derived}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs on the same data, compared."""

    runs: tuple[ComparedRun, ...]
    data: dict[str, Any]
    differing: dict[str, list[Any]]  # values of each setting that differs between runs
    groups: tuple[SeedGroup, ...]
    repeated: dict[str, str]  # runs left out of a group: the run that has their settings and seed
    verdicts: tuple[PairwiseResult, ...]
    changes: tuple[Changes | ErrorChanges, ...]  # from the first run to each other; not of labels

    @property
    def over_seeds(self) -> bool:
        """True if groups of runs are compared over seeds, rather than single runs."""
        return _has_common_seeds(self.groups)


def compare_runs(folders: Sequence[str], data_dir: str | None = None) -> Comparison:
    """Compare runs on their common test set. Raises if they have none, or if it has changed.

    Runs are compared pairwise: by McNemar's test for classes and labels, by a paired t-test of the
    absolute errors of the first target for numbers and counts, and of the users' NDCG for
    recommended items. If two groups of runs, each with the same settings but for the seed, have two
    or more seeds in common, groups are compared instead: by a paired test over the common seeds,
    or, with fewer, by the test of one run of each. A seed counts once per group.
    """
    if len(folders) < 2:
        raise GlassnetError("needs at least two runs.", where="compare")
    paths = [Path(folder).resolve() for folder in folders]
    if len(set(paths)) < len(paths):
        raise GlassnetError("a run is named twice.", where="compare")
    data = _shared_data(folders)
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        names = list(folders)
    runs = tuple(
        compared_run(folder, name, data_dir) for folder, name in zip(folders, names, strict=True)
    )
    keys = dict.fromkeys(key for run in runs for key in run.settings)
    every = {key: [run.settings.get(key) for run in runs] for key in keys}
    differing = {key: row for key, row in every.items() if any(v != row[0] for v in row)}
    groups, repeated = _grouped_by_settings(runs, [key for key in differing if key != "seed"])
    differences = (
        _compare_groups(groups)
        if _has_common_seeds(groups)
        else [_compare_two(a, b) for a, b in combinations(runs, 2)]
    )
    ps = holm([difference.p for _, _, difference in differences])  # corrected for all tests
    verdicts = tuple(PairwiseResult(*row, p) for row, p in zip(differences, ps, strict=True))
    changed = [change for run in runs[1:] if (change := _changes(runs[0], run))]
    return Comparison(runs, data, differing, groups, repeated, verdicts, tuple(changed))


def _changes(first: ComparedRun, second: ComparedRun) -> Changes | ErrorChanges | None:
    """Return the differences between the predictions of two runs; None for labels."""
    arrays = first.true, first.predicted, second.predicted
    if isinstance(first.evaluation, Evaluation):
        return changes(*arrays, [score.name for score in first.evaluation.test.classes])
    return None if first.score.is_share else error_changes(*arrays)


def _shared_data(folders: Sequence[str]) -> dict[str, Any]:
    """Return the name and hash of the runs' data. Raises if data or folds differ."""
    records: list[dict[str, Any]] = []
    for folder in folders:
        run = Run(folder)
        reference = run.data_reference()
        settings = run.read(CONFIG_FILE)["settings"]
        keys = ("folds", "fold", "seed") if "fold" in settings else ()
        fold = [settings.get(key) for key in keys]
        name = Path(reference.name).name
        records.append({"name": name, "sha256": reference.sha256, "fold": fold})
        if any(records[0][key] != records[-1][key] for key in ("sha256", "fold")):
            raise GlassnetError(
                f"was trained and tested on different data than {folders[0]}.",
                where=folder,
                fix="Only runs with the same test set can be compared.",
            )
    return {key: records[0][key] for key in ("name", "sha256")}


def _grouped_by_settings(
    runs: Sequence[ComparedRun], differing: Sequence[str]
) -> tuple[tuple[SeedGroup, ...], dict[str, str]]:
    """Group the runs by all settings but the seed, with one run per seed.

    Also return the runs left out: by name, the run that has the same settings and seed.
    """
    by_seed: list[dict[Any, ComparedRun]] = []
    repeated: dict[str, str] = {}
    for run in runs:
        settings = run.settings_without_seed
        same = (g for g in by_seed if next(iter(g.values())).settings_without_seed == settings)
        if (group := next(same, None)) is None:
            by_seed.append(group := {})
        if (first := group.setdefault(run.seed, run)) is not run:
            repeated[run.name] = first.name
    groups = [tuple(group.values()) for group in by_seed]
    return tuple(SeedGroup(_name(group[0], differing), group) for group in groups), repeated


def _name(run: ComparedRun, differing: Sequence[str]) -> str:
    """Return a group's name: the settings that differ, or its first run's name if that is long."""
    name = ", ".join(f"{key.replace('_', '-')} {run.setting(key)}" for key in differing)
    return name if len(name) <= 60 else run.name


def _has_common_seeds(groups: Sequence[SeedGroup]) -> bool:
    return any(len(_pairs_by_seed(a, b)) > 1 for a, b in combinations(groups, 2))


def _pairs_by_seed(first: SeedGroup, second: SeedGroup) -> list[tuple[ComparedRun, ComparedRun]]:
    """Return the pairs of runs with the same seed."""
    seconds = {run.seed: run for run in second.runs}
    return [(run, seconds[run.seed]) for run in first.runs if run.seed in seconds]


def _compare_two(first: ComparedRun, second: ComparedRun) -> NamedDifference:
    if isinstance(first.evaluation, Recommendation):
        difference = ndcg_difference(first.predicted, second.predicted)
    elif first.score.is_share:
        difference = mcnemar(first.correct, second.correct)
    else:
        difference = mae_difference(first.true, first.predicted, second.predicted)
    return first.name, second.name, difference


def _compare_groups(groups: Sequence[SeedGroup]) -> list[NamedDifference]:
    differences = []
    for a, b in combinations(groups, 2):
        pairs = _pairs_by_seed(a, b)
        if len(pairs) > 1:
            first, second = ([run.score.value for run in runs] for runs in zip(*pairs, strict=True))
            one = pairs[0][0]
            rounded = one.score.is_share and not isinstance(one.evaluation, Recommendation)
            examples = len(one.true) if rounded else None
            differences.append((a.name, b.name, over_seeds(first, second, examples)))
        else:
            differences.append(_compare_two(*(pairs or [(a.runs[0], b.runs[0])])[0]))
    return differences

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
from glassnet.evaluate.counts import Counts
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.regression import Regression
from glassnet.runs.compared_run import ComparedRun, compared_run
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.scores import Score

LEVEL = 0.05  # a smaller p is a significant difference
NamedDifference = tuple[str, str, Difference, int]  # the names of both, and the score


@dataclass(frozen=True, eq=False)
class SeedGroup:
    """Runs that differ only in their seed."""

    name: str  # the settings that differ between groups; empty if there is one group
    runs: tuple[ComparedRun, ...]

    def mean(self, score: int = 0) -> float:
        """The mean of a score."""
        return float(np.mean([run.scores[score].value for run in self.runs]))

    def half_width(self, score: int = 0) -> float | None:
        """Half of that mean's 95% interval over seeds, by Student's t; None for one run."""
        values = [run.scores[score].value for run in self.runs]
        return half_width(values) if len(values) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        scores = [
            {"score": score.name, "mean": self.mean(k), "half_width": self.half_width(k)}
            for k, score in enumerate(self.runs[0].scores)
        ]
        names = [run.name for run in self.runs]
        return {"name": self.name, "runs": names, **scores[0], "scores": scores}


@dataclass(frozen=True)
class PairwiseResult:
    """The comparison of two runs, or of two groups of runs, by one of their scores."""

    first: str
    second: str
    difference: Difference
    score: Score  # of the first run, or of a run of the first group
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
        names = {"first": self.first, "second": self.second, "score": self.score.name}
        return {**names, **difference, "corrected_p": self.corrected, "real": self.significant}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs on the same data, compared."""

    runs: tuple[ComparedRun, ...]
    data: dict[str, Any]
    differing: dict[str, list[Any]]  # values of each setting that differs between runs
    groups: tuple[SeedGroup, ...]
    repeated: dict[str, str]  # runs left out of a group: the run that has their settings and seed
    verdicts: tuple[PairwiseResult, ...]
    changes: tuple[tuple[Changes | ErrorChanges, ...], ...]  # from the first run to each other

    def _repr_html_(self) -> str:
        from glassnet.runs.comparison_representation import html_of

        return html_of(self)

    @property
    def over_seeds(self) -> bool:
        """True if groups of runs are compared over seeds, rather than single runs."""
        return _has_common_seeds(self.groups)


def compare_runs(folders: Sequence[str], data_dir: str | None = None) -> Comparison:
    """Compare runs on their common test set. Raises if they have none, or if it has changed.

    Runs are compared pairwise: by McNemar's test for classes and labels, by a paired t-test of the
    absolute errors of each target for numbers and counts, and of the users' NDCG for recommended
    items. If two groups of runs, each with the same settings but for the seed, have two or more
    seeds in common, groups are compared instead: by a paired test over the common seeds, or, with
    fewer, by the test of one run of each. A seed counts once per group. The p-values of all pairs
    and targets together have Holm's correction.
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
        else [
            _compare_two(a, b, k)
            for a, b in combinations(runs, 2)
            for k in range(len(runs[0].scores))
        ]
    )
    ps = holm([difference.p for _, _, difference, _ in differences])  # corrected for all tests
    verdicts = tuple(
        PairwiseResult(first, second, difference, runs[0].scores[k], p)
        for (first, second, difference, k), p in zip(differences, ps, strict=True)
    )
    changed = tuple(_changes(runs[0], run) for run in runs[1:])
    return Comparison(runs, data, differing, groups, repeated, verdicts, changed)


def _changes(first: ComparedRun, second: ComparedRun) -> tuple[Changes | ErrorChanges, ...]:
    """Return the differences between the predictions of two runs, of each target; () for labels."""
    true, a, b = first.true, first.predicted, second.predicted
    if isinstance(first.evaluation, Evaluation):
        names = [score.name for score in first.evaluation.test.classes]
        return (changes(true, a, b, names, first.name_of),)
    if isinstance(first.evaluation, Regression | Counts):
        targets = enumerate([target.name for target in first.evaluation.targets])
        return tuple(
            error_changes(true[:, k], a[:, k], b[:, k], name, first.name_of) for k, name in targets
        )
    return ()


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


def _compare_two(first: ComparedRun, second: ComparedRun, score: int) -> NamedDifference:
    if isinstance(first.evaluation, Recommendation):
        difference = ndcg_difference(first.predicted, second.predicted)
    elif first.score.is_share:
        difference = mcnemar(first.correct, second.correct)
    else:
        arrays = first.true, first.predicted, second.predicted
        difference = mae_difference(*(array[:, score] for array in arrays))
    return first.name, second.name, difference, score


def _compare_groups(groups: Sequence[SeedGroup]) -> list[NamedDifference]:
    differences: list[NamedDifference] = []
    for a, b in combinations(groups, 2):
        pairs, one = _pairs_by_seed(a, b), a.runs[0]
        rounded = one.score.is_share and not isinstance(one.evaluation, Recommendation)
        examples = len(one.true) if rounded else None
        for k in range(len(one.scores)):
            if len(pairs) > 1:
                first, second = (
                    [run.scores[k].value for run in runs] for runs in zip(*pairs, strict=True)
                )
                differences.append((a.name, b.name, over_seeds(first, second, examples), k))
            else:
                differences.append(_compare_two(*(pairs or [(one, b.runs[0])])[0], k))
    return differences

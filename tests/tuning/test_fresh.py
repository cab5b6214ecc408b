"""The comparison of the winner with the default settings on fresh seeds."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial
from scipy.stats import ttest_rel

from glassnet.tuning.fresh import best_trial, verdict
from glassnet.tuning.objective import FreshResult
from glassnet.tuning.tune import tune

WINNER = 3


def trainings(
    winner: Sequence[float | None], default: Sequence[float | None], **changes: Any
) -> list[FrozenTrial]:
    """Trainings with these test scores by seed; None: it failed."""
    result = []
    for settings, scores in ((WINNER, winner), ("default", default)):
        for seed, score in enumerate(scores, 1):
            attributes: dict[str, Any] = {"settings": settings, "seed": seed}
            if score is not None:
                attributes["result"] = asdict(replace(FreshResult(score, score), **changes))
            state = TrialState.FAIL if score is None else TrialState.COMPLETE
            result.append(create_trial(state=state, value=score, user_attrs=attributes))
    return result


def test_better_worse_or_no_evidence_by_hand() -> None:
    """The differences are 0.10, 0.11 and 0.09: mean 0.1, s = 0.01, t = 0.1/(0.01/√3) = 17.32."""
    low, high = [0.80, 0.81, 0.79], [0.90, 0.92, 0.88]
    answer = verdict(trainings(high, low), WINNER)
    assert answer is not None
    assert answer.answer == "better"
    assert answer.difference.mean == pytest.approx(0.1)
    assert answer.difference.p == pytest.approx(ttest_rel(high, low).pvalue)
    assert answer.difference.p == pytest.approx(0.00332, abs=1e-5)
    assert [r.test for r in answer.winner] == high
    worse = verdict(trainings(low, high), WINNER)
    assert worse is not None
    assert worse.answer == "worse"
    mixed = verdict(trainings([0.8, 0.9, 0.7], [0.7, 0.8, 0.9]), WINNER)
    assert mixed is not None
    assert mixed.answer == "no evidence"


def test_of_errors_lower_is_better() -> None:
    answer = verdict(trainings([1.0, 1.1, 0.9], [2.0, 2.2, 1.8], higher_is_better=False), WINNER)
    assert answer is not None
    assert answer.answer == "better"
    assert answer.difference.mean == pytest.approx(-1)


def test_two_equal_differences_of_one_example_are_no_evidence() -> None:
    """An accuracy is a multiple of 1/N: without that, the standard error would be 0."""
    trials = trainings([0.51, 0.61], [0.5, 0.6], is_share=True, count=100)
    answer = verdict(trials, WINNER)
    assert answer is not None
    assert answer.answer == "no evidence"
    same = verdict(trainings([0.5, 0.5], [0.5, 0.5]), WINNER)
    assert same is not None
    assert (same.answer, same.difference.p) == ("no evidence", 1)


def test_only_pairs_are_compared_and_two_are_needed() -> None:
    answer = verdict(trainings([1.0, None, 3.0, 4.0], [0.5, 2.0, None, 3.0]), WINNER)
    assert answer is not None
    assert [r.test for r in answer.winner] == [1.0, 4.0]
    assert [r.test for r in answer.default] == [0.5, 3.0]
    assert verdict(trainings([1.0, 2.0], [1.0, None]), WINNER) is None
    assert verdict(trainings([1.0, 2.0], [1.0, 2.0]), WINNER + 1) is None
    assert verdict([], WINNER) is None


def test_the_best_trial_is_the_first_of_equals() -> None:
    def trial(number: int, value: float | None) -> FrozenTrial:
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        result = create_trial(state=state, value=value)
        result.number = number
        return result

    trials = [trial(0, 1.0), trial(1, 2.0), trial(2, 2.0), trial(3, None), trial(4, 1.0)]
    best, worst = (best_trial(trials, maximize) for maximize in (True, False))
    assert best is trials[1]
    assert worst is trials[0]
    assert best_trial([trial(0, None)], maximize=True) is None


def noise(params: dict[str, Any], seed: int) -> float:
    """A score that depends on parameters and seed by chance only, nearly normal."""
    digest = hashlib.sha256(f"{sorted(params.items())} {seed}".encode()).digest()
    return sum(digest) / len(digest)


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_of_studies_of_noise_few_have_a_better_winner(tmp_path: Path, count: int) -> None:
    space = {"x": {"low": 0.0, "high": 1.0}}
    answers = []
    for seed in range(count):
        study = tune(
            noise, space, method="random", trials=8, round_size=8, seed=1000 * seed,
            default={"x": -1.0}, out=str(tmp_path),
        )  # fmt: skip
        assert study.verdict is not None
        assert len(study.verdict.winner) == 5
        answers.append(study.verdict.answer)
    assert answers.count("better") <= 0.05 * count
    assert answers.count("worse") <= 0.1 * count


def test_a_real_difference_is_better(tmp_path: Path) -> None:
    def score(params: dict[str, Any], seed: int) -> float:
        return params["x"] + noise(params, seed) / 1000

    study = tune(
        score, {"x": {"low": 0.0, "high": 1.0}}, trials=5, default={"x": 0.0}, out=str(tmp_path)
    )
    assert study.verdict is not None
    assert study.verdict.answer == "better"
    assert study.winner is not None
    seeds = {trial.user_attrs["seed"] for trial in study.fresh}
    assert seeds == {1, 2, 3, 4, 5}  # not 0, with which the trials were scored


def test_the_comparison_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    calls: list[tuple[float, int]] = []

    def score(params: dict[str, Any], seed: int) -> float:
        if len(calls) == 9:
            calls.append((-1.0, 0))
            raise KeyboardInterrupt
        calls.append((params["x"], seed))
        return params["x"] + seed % 3

    def run() -> Any:
        space = {"x": {"low": 0.0, "high": 1.0}}
        return tune(score, space, trials=5, default={"x": 0.0}, out=str(tmp_path), name="study")

    with pytest.raises(KeyboardInterrupt):
        run()
    study = run()
    assert study.verdict is not None
    assert len(calls) == 5 + 10 + 1
    assert len(set(calls)) == len(calls)

"""What is to be done next in a study."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial

from glassnet.tuning.rounds import (
    PROGRESS,
    ROUND,
    Progress,
    outcome,
    rounds,
    rungs_of,
    state_of,
)


def trial(number: int, *scores: float, **progress: Any) -> FrozenTrial:
    """A trial that is trained as far as it has scores."""
    attributes = {ROUND: 0, PROGRESS: Progress(scores, **progress).to_dict()}
    result = create_trial(state=TrialState.WAITING, user_attrs=attributes)
    result.number = number
    return result


def test_rungs() -> None:
    assert rungs_of("none", 9) == rungs_of("median", 9) == (1,)
    assert rungs_of("halving", 9) == (Fraction(1, 9), Fraction(1, 3), 1)
    assert rungs_of("halving", 26) == (Fraction(1, 9), Fraction(1, 3), 1)
    assert rungs_of("halving", 27) == (Fraction(1, 27), Fraction(1, 9), Fraction(1, 3), 1)
    assert rungs_of("halving", 3) == rungs_of("halving", 8) == (Fraction(1, 3), 1)


def test_progress_is_read_back_as_it_was_stored() -> None:
    progress = Progress((0.5, 0.75), True, "error", "host-1", 3, 2, 1.5, 10)
    assert Progress.of(trial(0)) == Progress()
    stored = create_trial(state=TrialState.WAITING, user_attrs={PROGRESS: progress.to_dict()})
    assert Progress.of(stored) == progress


def test_the_best_third_is_trained_on() -> None:
    scores = [0.1, 0.9, 0.3, 0.9, 0.2, 0.8, 0.4, 0.5, 0.6]
    now = state_of([trial(i, score) for i, score in enumerate(scores)], 3, maximize=True)
    assert [t.number for t in now.due] == [1, 3, 5]
    assert now.rung == 1
    now = state_of([trial(i, score) for i, score in enumerate(scores)], 3, maximize=False)
    assert [t.number for t in now.due] == [0, 2, 4]


def test_of_equals_the_first_are_trained_on() -> None:
    now = state_of([trial(i, 0.5) for i in range(9)], 3, maximize=True)
    assert [t.number for t in now.due] == [0, 1, 2]


def test_nothing_is_trained_on_before_all_have_reached_the_rung() -> None:
    trials = [trial(0, 0.9), trial(1), trial(2, 0.8)]
    now = state_of(trials, 2, maximize=True)
    assert ([t.number for t in now.due], now.rung, now.ended) == ([1], 0, False)


def test_failed_and_stopped_trials_are_not_due_and_leave_their_places_to_others() -> None:
    trials = [trial(0, error="diverged"), trial(1, 0.1), trial(2, 0.2)]
    now = state_of(trials, 2, maximize=True)
    assert [t.number for t in now.due] == [2]
    now = state_of([trial(i, error="diverged") for i in range(3)], 2, maximize=True)
    assert now.ended
    assert not now.completed
    now = state_of([trial(0, 0.1, stopped=True), trial(1, 0.2)], 1, maximize=True)
    assert now.ended
    assert now.completed == {1}


def test_a_promoted_trial_that_fails_leaves_its_place_to_the_next() -> None:
    scores = [0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4, 0.5, 0.6]
    trials = [trial(i, score) for i, score in enumerate(scores)]
    trials[5] = trial(5, 0.8, error="diverged")
    now = state_of(trials, 3, maximize=True)
    assert [t.number for t in now.due] == [1, 3, 8]
    trials[1], trials[3], trials[8] = trial(1, 0.9, 0.1), trial(3, 0.7, 0.9), trial(8, 0.6, 0.2)
    now = state_of(trials, 3, maximize=True)
    assert ([t.number for t in now.due], now.rung) == ([3], 2)
    trials[3] = trial(3, 0.7, 0.9, error="diverged")  # after the second rung: no change to it
    now = state_of(trials, 3, maximize=True)
    assert ([t.number for t in now.due], now.rung) == ([8], 2)
    trials[8] = trial(8, 0.6, 0.2, 0.3)
    assert state_of(trials, 3, maximize=True).completed == {8}


def test_outcomes() -> None:
    completed = frozenset({1})
    assert outcome(trial(0, error="diverged"), completed) == (TrialState.FAIL, None)
    assert outcome(trial(1, 0.1, 0.2), completed) == (TrialState.COMPLETE, 0.2)
    assert outcome(trial(2, 0.1), completed) == (TrialState.PRUNED, 0.1)
    assert outcome(trial(1, 0.5, error="diverged"), completed) == (TrialState.FAIL, None)


def test_trials_are_grouped_by_round() -> None:
    trials = [trial(0), trial(1), trial(2)]
    for t, number in zip(trials, (-1, 0, 0), strict=True):
        t.user_attrs[ROUND] = number
    assert rounds(trials) == [trials[:1], trials[1:]]
    assert rounds([]) == []


SCORES = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 1.0, float("inf")]))  # None: fails


def ended(
    outcomes: list[list[float | None]], order: st.DataObject, rungs: int, maximize: bool
) -> tuple[list[list[float]], frozenset[int]]:
    """Train a round to its end, at each moment any of the trials that are due."""
    progress = [Progress() for _ in outcomes]
    while True:
        trials = [trial(i) for i in range(len(outcomes))]
        for t, state in zip(trials, progress, strict=True):
            t.user_attrs[PROGRESS] = state.to_dict()
        now = state_of(trials, rungs, maximize)
        if now.ended:
            return [list(state.scores) for state in progress], now.completed
        number = order.draw(st.sampled_from([t.number for t in now.due]))
        scores = progress[number].scores
        assert len(scores) == now.rung  # no step twice, none left out
        score = outcomes[number][now.rung]
        failed = score is None
        progress[number] = Progress(scores if failed else (*scores, score), error="e" * failed)


@given(
    st.integers(3, 10).flatmap(
        lambda size: st.lists(
            st.lists(SCORES, min_size=3, max_size=3), min_size=size, max_size=size
        )
    ),
    st.booleans(),
    st.data(),
)
def test_any_order_of_finishing_gives_the_same_promotions(
    outcomes: list[list[float | None]], maximize: bool, order: st.DataObject
) -> None:
    rungs = len(rungs_of("halving", len(outcomes)))
    assert ended(outcomes, order, rungs, maximize) == ended(outcomes, order, rungs, maximize)


@pytest.mark.parametrize("size", [3, 9, 10, 27])
def test_each_rung_has_a_third_of_the_trials(size: int) -> None:
    rungs = rungs_of("halving", size)
    counts = []
    trials = [trial(i) for i in range(size)]
    while not (now := state_of(trials, len(rungs), maximize=True)).ended:
        counts.append(len(now.due))
        for t in now.due:
            scores = (*Progress.of(t).scores, t.number / 10)
            t.user_attrs[PROGRESS] = Progress(scores).to_dict()
    assert counts == {3: [3, 1], 9: [9, 3, 1], 10: [10, 3, 1], 27: [27, 9, 3, 1]}[size]
    assert now.completed == {size - 1}

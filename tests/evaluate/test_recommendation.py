"""A recommender is compared with popularity and item-kNN, and loses in plain words."""

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.evaluate.recommendation import Recommendation, recommendation

USERS, ITEMS = 200, 40


def world(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Users with items of their own half; returns train, x, y and the half of each user."""
    rng = np.random.default_rng(seed)
    half = np.arange(USERS) % 2
    own = (np.arange(ITEMS)[None] % 2) == half[:, None]
    x = (rng.random((USERS, ITEMS)) < 0.3) & own
    y = own & ~x
    return x.astype(np.uint8), x.astype(np.uint8), y.astype(np.uint8), half


def evaluated(scores: np.ndarray, **changed: np.ndarray) -> Recommendation:
    train, x, y, _ = world()
    known = changed.pop("known", np.ones(USERS, bool))
    arrays = {"train": train, "x": x, "y": y} | changed
    blocks = iter(np.split(scores, range(512, len(scores), 512)))
    return recommendation(lambda block: next(blocks), **arrays, known=known, loss=1.0)


def test_the_best_scores_win() -> None:
    _, _, y, _ = world()
    result = evaluated(y.astype(float))
    network, popularity, knn = result.scores
    assert (network.ndcg.value, network.hit_rate.value, network.mrr.value) == pytest.approx(
        (1, 1, 1)
    )
    assert popularity.ndcg.value < knn.ndcg.value
    assert "The network beats popularity" in "\n".join(result.lines())
    assert result.rows()[1][0] == "network"
    assert result.headline().startswith("NDCG@10 1.000")


def test_the_worst_scores_lose_and_it_says_so() -> None:
    _, _, y, _ = world()
    notes = [*evaluated(-y.astype(float)).notes()]
    assert any(
        note.startswith("The network loses to popularity: NDCG@10 differs") for note in notes
    )
    assert any(note.startswith("The network loses to item-kNN") for note in notes)


def test_popularity_itself_is_not_distinguishable_from_it() -> None:
    train, *_ = world()
    scores = np.broadcast_to(train.sum(axis=0).astype(float), (USERS, ITEMS))
    notes = "\n".join(evaluated(scores).notes())
    assert "not distinguishable from popularity" in notes
    assert "beats" not in notes


def test_intervals_cover_the_mean_of_the_users() -> None:
    rng = np.random.default_rng(1)
    result = evaluated(rng.normal(size=(USERS, ITEMS)))
    for score in result.scores[:1]:
        for estimate in (score.ndcg, score.recall, score.mrr):
            assert estimate.interval is not None
            low, high = estimate.interval
            assert low < estimate.value < high
    half = result.scores[0].ndcg.interval
    assert half is not None
    assert 0.01 < half[1] - half[0] < 0.12


def test_known_and_new_users_are_shown_apart() -> None:
    known = np.arange(USERS) < 50
    result = evaluated(np.ones((USERS, ITEMS)), known=known)
    text = "\n".join(result.notes())
    assert "NDCG@10 of users with training events: network" in text
    assert "NDCG@10 of users without training events: network" in text
    both = 0.25 * result.known["network"].value + 0.75 * result.new["network"].value
    assert both == pytest.approx(result.scores[0].ndcg.value)
    assert not evaluated(np.ones((USERS, ITEMS))).new


def test_non_finite_outputs_are_counted() -> None:
    scores = np.ones((USERS, ITEMS))
    scores[3] = np.nan
    assert "1 user of 200 had a non-finite output" in "\n".join(evaluated(scores).notes())


def test_wrong_arrays_are_refused() -> None:
    _, x, y, _ = world()
    for changed in (
        {"y": y[:, 1:]},
        {"y": np.zeros_like(y)},
        {"y": x},
        {"known": np.ones(3, bool)},
    ):
        with pytest.raises(GlassnetError, match="recommendation"):
            evaluated(np.ones((USERS, ITEMS)), **changed)

"""Permutation importance: by first principles, and against scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.inspection import permutation_importance as peer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Array
from glassnet.explain.permutation import permutation_importance

X = np.random.default_rng(0).normal(size=(300, 4))
KERNEL = np.array([3.0, -2.0, 1.0, 0.0])


def squared_error(x: Array) -> float:
    return float(np.square((x - X) @ KERNEL).mean())


def test_a_linear_network_by_first_principles() -> None:
    """Of all permutations, the mean of (w (x_π(n) − x_n))² is 2 w² var x."""
    groups = {f"column {i}": [i] for i in range(4)}
    results = permutation_importance(squared_error, X, groups, repeats=200)
    assert [one.name for one in results] == list(groups)
    for one, weight, variance in zip(results, KERNEL, X.var(axis=0), strict=True):
        assert one.mean == pytest.approx(2 * weight**2 * variance, rel=0.02)
        assert len(one.increases) == 200
    assert set(results[3].increases) == {0.0}


def test_the_interval_holds_the_mean_of_all_permutations_in_95_of_100() -> None:
    truth, held = 2 * KERNEL[0] ** 2 * X[:, 0].var(), []
    for seed in range(400):
        ((low, high),) = (
            one.interval for one in permutation_importance(squared_error, X, {"a": [0]}, 5, seed)
        )
        held.append(low <= truth <= high)
    assert 0.92 < np.mean(held) < 0.98


def test_the_values_of_a_group_stay_together() -> None:
    """Features 0 and 1 are opposite, and so are their weights: together, they move as one."""
    x = np.stack([X[:, 0], -X[:, 0]], axis=1)

    def error(moved: Array) -> float:
        assert (moved.sum(axis=1) == 0).all()
        assert sorted(moved[:, 0]) == sorted(x[:, 0])
        return float(np.square(moved - x).mean())

    (one,) = permutation_importance(error, x, {"both": (0, 1)})
    assert one.mean > 0


def test_equal_to_scikit_learn() -> None:
    x, y = load_diabetes(return_X_y=True)
    model = Ridge(0.1).fit(x, y)
    groups = {str(i): [i] for i in range(x.shape[1])}
    ours = permutation_importance(
        lambda rows: mean_squared_error(y, model.predict(rows)), x, groups, repeats=150
    )
    theirs = peer(model, x, y, scoring="neg_mean_squared_error", n_repeats=150, random_state=0)
    spread = {one.name: np.std(one.increases) / np.sqrt(150) for one in ours}
    for one in ours:
        difference = abs(one.mean - theirs.importances_mean[int(one.name)])
        assert difference < 4 * np.sqrt(2) * spread[one.name]
    top = [one.name for one in ours[:3]]
    assert top == [str(i) for i in np.argsort(-theirs.importances_mean)[:3]]


def test_a_tuple_of_inputs() -> None:
    images = np.random.default_rng(1).normal(size=(300, 2, 2, 1))

    def error(x: Any) -> float:
        table, pictures = x
        return squared_error(table) + 10 * float(np.abs(pictures - images).mean())

    results = permutation_importance(error, (X, images), {"photo": 1, "rest": [2], "none": [3]})
    assert [one.name for one in results] == ["photo", "rest", "none"]
    (whole,) = permutation_importance(squared_error, X, {"all": 0})
    assert whole.mean == pytest.approx(2 * KERNEL**2 @ X.var(axis=0), rel=0.3)


def test_permutations_are_counted_not_drawn_in_order() -> None:
    def first(groups: dict[str, list[int]], repeats: int, seed: int = 0) -> tuple[float, ...]:
        results = permutation_importance(squared_error, X, groups, repeats, seed)
        return next(one.increases for one in results if one.name == "a")

    short = first({"a": [0]}, 3)
    assert first({"b": [1], "a": [0]}, 6)[:3] == short
    assert first({"a": [0]}, 3, seed=1) != short


def test_what_is_refused() -> None:
    for arguments, message in (
        ((X, {"a": [4]}), r"group a: \[4\] is not among the 4 features"),
        ((X, {"a": []}), r"group a: \[\] is not among the 4 features"),
        ((X, {"a": 1}), "group a: 1 is not among the 1 inputs"),
        ((X, {"a": [0]}, 1), "repeats: must be a whole number ≥ 2"),
    ):
        with pytest.raises(GlassnetError, match=message):
            permutation_importance(squared_error, *arguments)
    with pytest.raises(GlassnetError, match="error: is nan, without any permutation"):
        permutation_importance(lambda _: float("nan"), X, {"a": [0]})
    with pytest.raises(GlassnetError, match="x: has 1 rows"):
        permutation_importance(lambda _: 0.0, X[:1], {"a": [0]})

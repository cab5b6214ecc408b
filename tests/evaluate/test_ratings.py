"""Predicted ratings are compared with biases of users and items, and lose in plain words."""

import numpy as np
import pytest

from glassnet.evaluate.ratings import biases, rating_errors
from glassnet.evaluate.regression import regression


def world(count: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 30, count), rng.integers(0, 20, count)
    taste, quality = rng.normal(size=30), rng.normal(size=20)
    return 3 + taste[users] + quality[items] + 0.1 * rng.normal(size=count), users, items


def test_biases_minimize_the_penalized_squares() -> None:
    """Beside the normal equations, solved at once."""
    y, users, items = world(200)
    one_hot = np.hstack([users[:, None] == np.arange(30), items[:, None] == np.arange(20)]).astype(
        float
    )
    penalties = np.diag([10.0] * 30 + [5.0] * 20)
    exact = np.linalg.solve(one_hot.T @ one_hot + penalties, one_hot.T @ (y - y.mean()))
    np.testing.assert_allclose(biases(y, users, items), y.mean() + one_hot @ exact, atol=1e-3)


def test_users_and_items_without_ratings_have_no_bias() -> None:
    y, users, items = np.array([1.0, 5.0]), np.array([0, 1, 2]), np.array([0, 1, 2])
    assert biases(y, users, items)[2] == 3


@pytest.mark.parametrize(
    ("noise", "sentence"),
    [(0.0, "The network beats the biases"), (1.0, "The network loses to the biases")],
)
def test_the_better_of_the_two_is_named(noise: float, sentence: str) -> None:
    y, users, items = world()
    train, test = y[:2000], y[2000:]
    predictions = test + noise * np.random.default_rng(1).normal(size=1000)
    errors = regression(test, predictions, 0.1, ["stars"], train)
    result = rating_errors(errors, test, predictions, train, users, items)
    assert result.biases.rmse.value < 0.2
    assert sentence in "\n".join(result.lines())
    assert [row[0] for row in result.rows()] == ["target", "stars", "biases"]
    gap = np.square(biases(train, users, items)[2000:] - test) - np.square(predictions - test)
    assert result.advantage.value == pytest.approx(gap.mean())
    assert "biases: RMSE" in result.headline()


def test_the_biases_themselves_are_not_distinguishable() -> None:
    y, users, items = world()
    of_biases = biases(y[:2000], users, items)[2000:]
    errors = regression(y[2000:], of_biases, 0.1, ["stars"], y[:2000])
    result = rating_errors(errors, y[2000:], of_biases, y[:2000], users, items)
    assert "is not distinguishable from the biases" in "\n".join(result.lines())

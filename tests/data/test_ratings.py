"""Ratings of items by users as a data set: what is read, and what is tested."""

import numpy as np
import polars as pl
import pytest

import glassnet as gn
from glassnet.core.errors import GlassnetError
from glassnet.data.ratings import Ratings


def frame(count: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "user": rng.integers(0, 40, count),
            "movie": [f"m{i}" for i in rng.integers(0, 50, count)],
            "stars": rng.integers(1, 6, count),
            "timestamp": rng.permutation(count),
            "genre": ["drama"] * count,
        }
    )


def test_the_user_and_the_item_are_read_and_the_latest_are_tested(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rows = frame()
    data = gn.load(rows, task="items", target="stars")
    assert isinstance(data, Ratings)
    assert (data.kind, data.task, data.x_train.shape, data.x_test.shape) == (
        "ratings", "numbers", (320, 2), (80, 2),
    )  # fmt: skip
    latest = rows.sort("timestamp").tail(80)
    assert data.test.values[:, 0].tolist() == latest["stars"].to_list()
    assert data.test.typed["movie"].to_list() == latest["movie"].to_list()
    users, items = data.users_and_items()
    everything = [*data.train.typed["user"], *data.test.typed["user"]]
    for user, number in zip(everything, users, strict=True):
        assert everything[users.tolist().index(number)] == user
    assert (len(items), items.max() + 1) == (400, rows["movie"].n_unique())
    assert not caplog.text  # that users recur is no fault


def test_without_times_or_with_a_split_other_rows_are_tested() -> None:
    rows = frame().drop("timestamp")
    data = gn.load(rows, user="user", target="stars")
    assert isinstance(data, Ratings)
    assert len(data.x_test) == 80
    marked = frame().with_columns(split=pl.Series(["train"] * 390 + ["test"] * 10))
    data = gn.load(marked, user="user", target="stars")
    assert data.y_test.shape == (10, 1)


@pytest.mark.parametrize("option", ["drop", "group", "label_column", "text_column"])
def test_options_of_other_tables_are_refused(option: str) -> None:
    with pytest.raises(GlassnetError, match="is not for predicting ratings"):
        gn.load(frame(), target="stars", user="user", **{option: "genre"})  # type: ignore[arg-type]


def test_ratings_are_numbers() -> None:
    with pytest.raises(GlassnetError, match="is numbers, one in each row"):
        gn.load(frame(), target="stars", user="user", task="classes")
    with pytest.raises(GlassnetError, match="can't tell which column is the item"):
        gn.load(frame(), target="movie", user="user")

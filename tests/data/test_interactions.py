"""Events of users and items as a data set: what is for training, what is read, what is tested."""

import numpy as np
import polars as pl
import pytest

import glassnet as gn
from glassnet.core.errors import GlassnetError
from glassnet.data import Interactions


def load(events: list[tuple[str, str, int]], **options: object) -> Interactions:
    frame = pl.DataFrame(events, schema=["user", "item", "time"], orient="row")
    data = gn.load(frame, task="items", **options)  # type: ignore[arg-type]
    assert isinstance(data, Interactions)
    return data


# Ten events; the latest fifth, from time 8 on, are of the known user a and of new users.
EVENTS = [
    ("a", "x", 0), ("b", "x", 1), ("a", "y", 2), ("b", "z", 3), ("c", "y", 4), ("c", "z", 5),
    ("b", "y", 6), ("c", "w", 7), ("c", "x", 7), ("d", "y", 7), ("d", "w", 7), ("e", "x", 7),
]  # fmt: skip
LATER = [("a", "x", 8), ("a", "w", 8), ("a", "new", 9)]


def test_the_latest_fifth_is_tested_and_the_rest_named() -> None:
    data = load(EVENTS[::-1] + LATER)
    assert data.events.items == ("w", "x", "y", "z")
    assert data.histories.users == ("a", "b", "c", "d", "e")
    assert data.histories.of_user(0).tolist() == [1, 2]
    assert data.x_train.tolist()[0] == [0, 1, 1, 0]
    np.testing.assert_allclose(data.y_train[0], [0, 0.5, 0.5, 0])
    assert data.weights is not None
    np.testing.assert_allclose(data.weights, np.array([2, 3, 4, 2, 1]) / 2.4)
    assert data.x_test.tolist() == [[0, 1, 1, 0]]  # a, before time 8
    assert data.y_test.tolist() == [[1, 0, 0, 0]]  # w alone: x is repeated, new is unknown
    assert data.known.tolist() == [True]
    assert vars(data.left_out) == {"cold_items": 1, "cold_events": 1, "repeated": 1, "alone": 0}
    text = "\n".join(data.lines())
    assert "left out of the test: 1 test event of 1 items without training events" in text
    assert "left out of the test: 1 repeated test event" in text


def test_of_new_users_the_first_half_is_read() -> None:
    new = [("n", i, 8 + at) for at, i in enumerate("zyxw")]
    early = [(user, item, 0) for user in "fg" for item in "wxyz"]
    data = load(early + EVENTS + new + [("m", "w", 12)])
    assert data.x_test.tolist() == [[0, 0, 1, 1]]  # z and y, of n
    np.testing.assert_allclose(data.y_test, [[0.5, 0.5, 0, 0]])
    assert data.known.tolist() == [False]
    assert data.left_out.alone == 1  # m, of whom nothing is known
    assert "of whom 1 is new" in "\n".join(data.lines())


def test_validation_users_are_asked_for_their_latest_items() -> None:
    users = [f"u{k}" for k in range(8)]
    events = [(user, str((k + t) % 6), t) for t in range(5) for k, user in enumerate(users)]
    data = load(events)  # those of time 4 are the test
    x, y = data.earlier_and_later(np.array([1]))
    assert np.flatnonzero(x[0]).tolist() == [1, 2, 3]
    assert np.flatnonzero(y[0]).tolist() == [4]
    assert np.flatnonzero(data.y_test[1]).tolist() == [5]


def test_without_times_a_fifth_of_each_user_is_tested(caplog: pytest.LogCaptureFixture) -> None:
    frame = pl.DataFrame(
        {"user": [u for u in "abcdef" for _ in range(10)], "item": [*"qrstuvwxyz"] * 6}
    )
    data = gn.load(frame, user="user")
    assert isinstance(data, Interactions)
    assert "has no column of times" in caplog.text
    assert data.histories.counts.tolist() == [8] * 6
    assert ((data.y_test > 0).sum(axis=1) <= 2).all()
    assert not ((data.y_test > 0) & (data.x_test > 0)).any()
    again = gn.load(frame, user="user")
    assert again.sha256 == data.sha256


def test_the_split_may_be_a_column(caplog: pytest.LogCaptureFixture) -> None:
    events = [(u, i, t) for t, i in enumerate("xyz") for u in "abc"]
    frame = pl.DataFrame(events, schema=["user", "item", "time"], orient="row")
    frame = frame.with_columns(
        split=pl.Series(["test" if e[1] == "x" else "train" for e in events])
    )
    with pytest.raises(GlassnetError, match="no test user"):
        gn.load(frame, task="items")  # x is in no training event
    frame = frame.with_columns(split=pl.Series(["train"] * 7 + ["validation", "test"]))
    data = gn.load(frame, task="items")
    assert isinstance(data, Interactions)
    assert data.y_test.tolist() == [[0, 0, 1]]
    assert "marks as validation are trained on, too" in caplog.text


def test_only_events_with_the_least_rating_are_read() -> None:
    frame = pl.DataFrame(EVENTS[::-1] + LATER, schema=["user", "item", "time"], orient="row")
    low = pl.DataFrame([("b", "w", 0), ("a", "z", 8)], schema=frame.schema, orient="row")
    stars = pl.Series([4.0] * len(frame) + [3.5, 0.5])
    rated = pl.concat([frame, low]).with_columns(stars=stars)
    data, same = gn.load(rated, task="items", min_rating=4), gn.load(frame, task="items")
    assert isinstance(data, Interactions)
    np.testing.assert_array_equal(data.x_train, same.x_train)
    np.testing.assert_array_equal(data.y_test, same.y_test)
    assert data.lines()[0] == (
        "recommends item to user; an event is a row with a stars of at least 4, which 2 rows don't "
        "have"
    )
    whole = gn.load(rated, task="items")
    assert isinstance(whole, Interactions)
    assert whole.lines()[0].endswith("every row is an event, whatever its stars")
    with pytest.raises(GlassnetError, match=r"no stars is at least 9.*lower --min-rating"):
        gn.load(rated, task="items", min_rating=9)
    with pytest.raises(GlassnetError, match="needs a column called rating, stars or score"):
        gn.load(frame, task="items", min_rating=4)
    with pytest.raises(GlassnetError, match="is for recommending items"):
        gn.load(rated, target="stars", min_rating=4)


@pytest.mark.parametrize("option", ["drop", "group", "label_column"])
def test_options_of_other_tables_are_refused(option: str) -> None:
    with pytest.raises(GlassnetError, match="is not for recommending items"):
        load(EVENTS + LATER, **{option: "item"})


def test_there_must_be_something_to_recommend() -> None:
    with pytest.raises(GlassnetError, match="only one item"):
        load([("a", "x", 0), ("b", "x", 1), ("c", "x", 2)])
    with pytest.raises(GlassnetError, match="no test user"):
        load([("a", "x", 0), ("b", "y", 1), ("c", "x", 2), ("d", "y", 3), ("e", "x", 4)])

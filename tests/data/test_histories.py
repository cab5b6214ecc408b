"""The items of each user, the earliest first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.histories import Histories

EVENTS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 6)), max_size=40)


def histories_of(events: list[tuple[str, int]]) -> Histories:
    return Histories.of_events([u for u, _ in events], np.array([i for _, i in events], np.int64))


@given(EVENTS)
def test_each_user_has_their_items_once_and_in_the_order_of_the_events(
    events: list[tuple[str, int]],
) -> None:
    histories = histories_of(events)
    expected: dict[str, dict[int, None]] = {}
    for user, item in events:
        expected.setdefault(user, {})[item] = None
    assert histories.users == tuple(sorted(expected))
    for place, user in enumerate(histories.users):
        assert histories.of_user(place).tolist() == [*expected[user]]
    matrix = histories.matrix(7)
    assert matrix.sum() == len(histories.items) == matrix[histories.owners, histories.items].sum()


@given(EVENTS, st.floats(0, 1))
def test_the_split_loses_nothing(events: list[tuple[str, int]], share: float) -> None:
    histories = histories_of(events)
    earlier, later = histories.split(share)
    for user in range(len(histories)):
        parts = [*earlier.of_user(user), *later.of_user(user)]
        assert parts == histories.of_user(user).tolist()
        assert len(later.of_user(user)) >= 1


def test_by_hand() -> None:
    histories = histories_of([("b", 2), ("a", 0), ("b", 1), ("b", 2), ("b", 0)])
    assert histories.users == ("a", "b")
    assert histories.counts.tolist() == [1, 3]
    assert histories.matrix(4).tolist() == [[1, 0, 0, 0], [1, 1, 1, 0]]
    np.testing.assert_allclose(histories.shares(3), [[1, 0, 0], [1 / 3] * 3])
    earlier, later = histories.split(0.8)
    assert (earlier.counts.tolist(), later.counts.tolist()) == ([0, 2], [1, 1])
    assert later.of_user(1).tolist() == [0]
    both = histories.of_users(np.array([1])).joined(histories.of_users(np.array([0])))
    assert both.users == ("b", "a")
    assert both.items.tolist() == [2, 1, 0, 0]
    assert histories.of_users(np.array([], int)).matrix(4).shape == (0, 4)


def test_names_of_users_differ_by_zero_bytes_and_long_ones_take_no_memory_of_others() -> None:
    users = ["a", "a\0", "b" * 10**6] + ["a"] * 10**5  # in an array of texts, 400 GB
    histories = Histories.of_events(users, np.zeros(len(users), np.int64))
    assert histories.users == ("a", "a\0", "b" * 10**6)
    assert histories.counts.tolist() == [1, 1, 1]

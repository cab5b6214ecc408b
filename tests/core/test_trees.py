"""Trees: there and back."""

import string

from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.trees import from_items, items, join_path, leaves, map_leaves

keys = st.text(string.ascii_lowercase, min_size=1, max_size=3)
trees = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=3),
).filter(lambda tree: isinstance(tree, dict))


@given(trees)
def test_items_and_back(tree: dict) -> None:
    assert from_items(dict(items(tree))) == tree
    assert [leaf for _, leaf in items(tree)] == leaves(tree)


@given(trees)
def test_map_leaves_keeps_the_places(tree: dict) -> None:
    doubled = map_leaves(lambda a, b: a + b, tree, tree)
    assert dict(items(doubled)) == {path: 2 * leaf for path, leaf in items(tree)}


def test_paths_join_keys_in_order() -> None:
    tree = {"b": {"kernel": 1, "bias": 2}, "a": 3}
    assert list(items(tree)) == [("b/kernel", 1), ("b/bias", 2), ("a", 3)]
    assert list(from_items({})) == []


def test_a_path_and_a_name() -> None:
    assert [join_path("a/b", "c"), join_path("", "c"), join_path("a", "")] == ["a/b/c", "c", "a"]

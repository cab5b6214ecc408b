"""What is predicted, from the values of the target columns."""

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.tables import Table
from glassnet.data.target_inference import target_of
from glassnet.data.targets import Classes, Counts, Labels, Numbers, Target

N = 60


def target(task: str | None = None, **columns: list[object]) -> tuple[Target, Table]:
    table = Table.numbered(pl.DataFrame(columns), "t.csv")
    return target_of(table, [*columns], task), table


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        (["a", "b", "c"] * 20, "classes", "3 different values"),
        ([True, False] * 30, "classes", "2 different values"),
        (["0", "1", "2"] * 20, "classes", "3 different whole numbers; --task numbers"),
        ([0, 1] * 30, "classes", "2 different whole numbers"),
        ([str(i) for i in range(N)], "numbers", "60 different whole numbers"),
        ([i / 3 for i in range(N)], "numbers", "numbers with decimals"),
        ([f"{i},5" for i in range(N)], "numbers", "numbers with decimals"),
        (["a;b", "b", "a", ""] * 15, "labels", "labels with ';' between them"),
        (["a|b", "b|c", "a", "a|b|c"] * 15, "labels", "labels with '|' between them"),
        (["x; y", "z"] * 30, "classes", "2 different values"),
    ],
)
def test_the_task_follows_from_the_values(cells: list[object], kind: str, reason: str) -> None:
    found, _ = target(y=cells)
    assert found.kind == kind
    assert reason in found.reason


def test_classes() -> None:
    classes, table = target(y=["10", "9", "-1", "10", "9", "-1"] * 5)
    assert classes == Classes(("y",), classes.reason, ("-1", "9", "10"))
    assert classes.values(table)[:3].tolist() == [2, 1, 0]
    other = Table(pl.DataFrame({"y": ["9", "8"]}), np.array([7, 9]), "b.csv")
    with pytest.raises(GlassnetError, match=r"b\.csv: line 9: y is '8', which no training row has"):
        classes.values(other)
    with pytest.raises(GlassnetError, match="60 different labels in 60 rows"):
        target("classes", y=[str(i) for i in range(N)])
    assert target("classes", y=[1.0, 2.0, None] * 9)[0].class_names == ("1", "2")


def test_labels_in_one_column_and_in_several() -> None:
    labels, table = target("labels", y=["a;b", "", "b ; c", None] * 9)
    assert isinstance(labels, Labels)
    assert (labels.labels, labels.separator, labels.may_be_empty) == (("a", "b", "c"), ";", True)
    assert labels.values(table)[:4].tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 1], [0, 0, 0]]
    with pytest.raises(GlassnetError, match=r"row 0: has the label 'd', which no training"):
        labels.values(Table.numbered(pl.DataFrame({"y": ["a;d"]}), "t"))
    labels, table = target(a=["1", "0"] * 9, b=["yes", "no"] * 9, c=[1.0, 0.0] * 9)
    assert labels.names == labels.class_names == ("a", "b", "c")
    assert labels.values(table)[:2].tolist() == [[1, 1, 1], [0, 0, 0]]
    with pytest.raises(GlassnetError, match=r"row 1: b is 'maybe', neither 1 nor 0"):
        labels.values(
            Table.numbered(pl.DataFrame({"a": [1, 0], "b": ["1", "maybe"], "c": [1, 0]}), "t")
        )


def test_numbers_are_standardized_and_back() -> None:
    numbers, table = target(p=[1.0, 3.0, 5.5] * 9, q=["1.000,5", "2,5", "3"] * 9)
    assert isinstance(numbers, Numbers)
    assert numbers.forms == (".", ",.")
    values = numbers.values(table)
    assert values[:2].tolist() == [[1, 1000.5], [3, 2.5]]
    numbers = numbers.fitted(values)
    y = numbers.encoded(values)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-6)
    np.testing.assert_allclose(numbers.decoded(y), values, rtol=1e-4)
    with pytest.raises(GlassnetError, match=r"t: row 0: p is 'x', not a number"):
        numbers.values(Table.numbered(pl.DataFrame({"p": ["x"], "q": ["1"]}), "t"))


def test_counts() -> None:
    counts, table = target("counts", n=[0, 3, 1] * 9)
    assert isinstance(counts, Counts)
    assert counts.decoded(counts.encoded(counts.values(table)))[:3].tolist() == [[0], [3], [1]]
    for wrong in (-1, 1.5):
        with pytest.raises(GlassnetError, match=r"row 0: n is .*, not a count"):
            counts.values(Table.numbered(pl.DataFrame({"n": [wrong]}), "t"))


@pytest.mark.parametrize(
    ("task", "columns", "words"),
    [
        ("regression", {"y": ["1"]}, "unknown task 'regression'. It is called numbers."),
        (None, {"a": ["x", "y"], "b": [1, 2]}, "'a' holds neither numbers nor yes and no"),
        ("classes", {"a": ["x"], "b": ["y"]}, "one column holds the classes"),
        ("labels", {"a": ["x", "y"]}, "has no labels with ; or | between them"),
    ],
)
def test_wrong_tasks(task: str | None, columns: dict[str, list[object]], words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        target(task, **columns)

"""Columns of tables are matched by name: DataFrames, Arrow tables, structured arrays."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Dense, Input, Model, explain_example, find_learning_rate
from glassnet.core.columns import columns_in_order
from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors
from glassnet.layers import Concatenate

NAMES = ("height", "weight", "age", "wealth")
ORDER = [2, 0, 3, 1]
X = np.random.default_rng(0).normal(0, 1, (60, 4)).astype(np.float32) * np.array(
    [0.5, 1, 1.5, 2], np.float32
)
Y = (X[:, 0] > 0).astype(int)


class Frame:
    """The least that every DataFrame has: named columns, and values as an array."""

    def __init__(self, values: Any, columns: Any) -> None:
        self.values, self.columns = np.asarray(values), columns

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values.astype(dtype or self.values.dtype)

    def __len__(self) -> int:
        return len(self.values)


def pandas(values: Any, names: Any) -> Any:
    return pytest.importorskip("pandas").DataFrame(np.asarray(values), columns=list(names))


def polars(values: Any, names: Any) -> Any:
    return pytest.importorskip("polars").DataFrame(np.asarray(values), schema=list(names))


def arrow(values: Any, names: Any) -> Any:
    table = pytest.importorskip("pyarrow").table
    return table(dict(zip(names, np.asarray(values).T, strict=True)))


def structured(values: Any, names: Any) -> Any:
    table = np.zeros(len(values), [(name, np.float64) for name in names])
    for name, column in zip(names, np.asarray(values).T, strict=True):
        table[name] = column
    return table


KINDS = pytest.mark.parametrize("table", [Frame, pandas, polars, arrow, structured])
Table = Callable[[Any, Any], Any]


def compiled(**options: Any) -> Model:
    model = Model([Dense(8, "relu"), Dense(2, "softmax")], **options)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return model


def swapped(table: Table, x: Any = X) -> Any:
    """The same rows with the columns in another order."""
    return table(x[:, ORDER], [NAMES[i] for i in ORDER])


@KINDS
def test_columns_in_another_order_are_matched_by_name(table: Table, tmp_path: Path) -> None:
    model, plain = compiled(), compiled()
    held_out = swapped(table, X[:10]), Y[:10]
    history = model.fit(table(X, NAMES), Y, epochs=2, verbose=0, validation_data=held_out)
    expected = plain.fit(X, Y, epochs=2, verbose=0, validation_data=(X[:10], Y[:10]))
    assert history.history == expected.history
    model.save(tmp_path / "m.safetensors")
    for one in (model, Model.load(tmp_path / "m.safetensors")):
        assert one.columns == (NAMES,)
        for x in (X, table(X, NAMES), swapped(table)):
            np.testing.assert_array_equal(one.predict(x), plain.predict(X))
            assert one.evaluate(x, Y, verbose=0) == plain.evaluate(X, Y, verbose=0)
        one.fit(swapped(table), Y, verbose=0)  # the order of the first training stays
        assert one.columns == (NAMES,)


@KINDS
@pytest.mark.parametrize(("names", "words"), [
    (("height", "weight", "age", "income"), "unknown column 'income'"),
    (("height", "weight", "age"), "has no column 'wealth', which the model was trained on"),
    ((*NAMES, "more"), "unknown column 'more'"),
])  # fmt: skip
def test_missing_and_unknown_columns_are_refused(table: Table, names: Any, words: str) -> None:
    model = compiled()
    model.fit(table(X, NAMES), Y, verbose=0)
    x = table(np.ones((3, len(names))), names)
    calls = [lambda: model.predict(x), lambda: model.evaluate(x, Y[:3]),
             lambda: model.fit(x, Y[:3]), lambda: find_learning_rate(model, x, Y[:3]),
             lambda: model.fit(X, Y, validation_data=(x, Y[:3]))]  # fmt: skip
    for call in calls:
        with pytest.raises(GlassnetError, match=words):
            call()


def test_duplicates_are_refused() -> None:
    for table in (Frame, pandas):
        with pytest.raises(GlassnetError, match="more than one column 'age'"):
            compiled().fit(table(X, ("age", "b", "age", "c")), Y)


def test_columns_numbered_by_default_are_matched_by_position() -> None:
    model, plain, numbered = compiled(), compiled(), Frame(X, range(4))
    model.fit(numbered, Y, verbose=0)
    plain.fit(X, Y, verbose=0)
    expected = plain.predict(X)
    for x in (X, numbered, Frame(X, NAMES), Frame(X[:, ORDER], ORDER)):
        np.testing.assert_array_equal(model.predict(x), expected)
    named = compiled()
    named.fit(Frame(X, NAMES), Y, verbose=0)
    np.testing.assert_array_equal(named.predict(numbered), expected)


def test_a_model_of_arrays_takes_tables_and_keeps_its_bytes(tmp_path: Path) -> None:
    model = compiled()
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.predict(Frame(X, NAMES)), model.predict(X))
    model.evaluate(Frame(X, NAMES), Y, verbose=0)
    assert model.columns == (None,)
    model.save(tmp_path / "m.safetensors")
    with open_tensors(tmp_path / "m.safetensors") as stored:
        assert not {"columns", "target_columns"} & set(stored.header["about"])


def test_the_file_is_the_same_for_the_same_names(tmp_path: Path) -> None:
    hashes = set()
    for name in "ab":
        model = compiled()
        model.fit(Frame(X, NAMES), Y, verbose=0)
        model.save(tmp_path / f"{name}.safetensors")
        hashes.add(hashlib.sha256((tmp_path / f"{name}.safetensors").read_bytes()).hexdigest())
        Model.load(tmp_path / f"{name}.safetensors").save(tmp_path / "again.safetensors")
        hashes.add(hashlib.sha256((tmp_path / "again.safetensors").read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("columns", [3, [3], ["a"], [["a", "a"]], [[1.5]], [None, None], {"a": 1}])
def test_columns_in_a_file_are_checked(columns: Any, tmp_path: Path) -> None:
    model = compiled()
    model.fit(Frame(X, NAMES), Y, verbose=0)
    for key in ("columns", "target_columns"):
        file = model.file(model.params)
        file.about[key] = columns  # type: ignore[index]
        file.save(tmp_path / "m.safetensors")
        with pytest.raises(GlassnetError, match="column"):
            Model.load(tmp_path / "m.safetensors")


def test_multiple_inputs_as_list_and_as_dict() -> None:
    a, b = Input((2,), name="left"), Input((2,), name="right")
    model = Model(inputs=[a, b], outputs=Dense(2, "softmax")(Concatenate()([a, b])))
    model.compile("adam", "sparse_categorical_crossentropy")
    left, right = Frame(X[:, :2], NAMES[:2]), X[:, 2:]
    model.fit({"right": right, "left": left}, Y, verbose=0)
    assert model.columns == (NAMES[:2], None)
    expected = model.predict([X[:, :2], right])
    other = Frame(X[:, [1, 0]], NAMES[1::-1])
    np.testing.assert_array_equal(model.predict({"left": other, "right": right}), expected)
    np.testing.assert_array_equal(model.predict([other, right]), expected)
    with pytest.raises(GlassnetError, match=r"x\[0\]: unknown column 'age'"):
        model.predict([Frame(X[:, :2], NAMES[1:3]), right])


def test_targets_are_matched_by_name_too(tmp_path: Path) -> None:
    """A table of two values to predict, whose columns are in another order for evaluation."""
    targets = X[:, :2]
    model = Model([Dense(2)])
    model.compile("adam", "mse")
    model.fit(X, Frame(targets, ("p", "q")), verbose=0)
    expected = model.evaluate(X, targets, verbose=0)
    assert model.evaluate(X, Frame(targets[:, ::-1], ("q", "p")), verbose=0) == expected
    model.save(tmp_path / "m.safetensors")
    model = Model.load(tmp_path / "m.safetensors")
    assert model.evaluate(X, Frame(targets[:, ::-1], ("q", "p")), verbose=0) == expected
    with pytest.raises(GlassnetError, match="y: unknown column 'r'"):
        model.evaluate(X, Frame(targets, ("p", "r")))
    single = Model([Dense(1)])
    single.compile("adam", "mse")
    single.fit(X, Frame(targets[:, :1], ("p",)), verbose=0)
    single.evaluate(X, Frame(targets[:, :1], ("price",)), verbose=0)  # one column has one meaning


def test_explanations_match_a_row_by_name() -> None:
    model = compiled()
    model.fit(Frame(X, NAMES), Y, epochs=3, verbose=0)
    expected = explain_example(model, X[0], training=(X, Y))
    row = {NAMES[i]: float(X[0, i]) for i in ORDER}
    rows: list[Any] = [row, structured(X[:1, ORDER], [NAMES[i] for i in ORDER])[0]]
    for one in rows:
        why = explain_example(model, one, training=(swapped(Frame), Y))
        np.testing.assert_allclose(why.values, expected.values, rtol=1e-4)
    series = pandas(X[:, ORDER], [NAMES[i] for i in ORDER]).iloc[0]
    np.testing.assert_allclose(
        explain_example(model, series, training=(X, Y)).values, expected.values, rtol=1e-4
    )


def test_a_structured_array_of_texts_is_refused_by_column() -> None:
    table = np.zeros(3, [("age", float), ("city", "U9")])
    with pytest.raises(GlassnetError, match="column 'city' holds <U9"):
        compiled().fit(table, Y[:3])


def test_models_that_share_weights_know_no_names_and_say_so() -> None:
    """What is trained on a table matches by name; a model derived from it can't, and warns."""
    rows = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    table = np.rec.fromarrays(rows.T, names="a,b")
    model = Model([Dense(2, "tanh"), Dense(1)], (2,))
    model.compile("sgd", "mse")
    model.fit(table, rows[:, :1], verbose=0)
    np.testing.assert_array_equal(model.predict(table[["b", "a"]]), model.predict(table))
    model.build((2,))
    np.testing.assert_array_equal(model.predict(table[["b", "a"]]), model.predict(table))
    part = Model(model.inputs, model.nodes["dense"])
    part.predict(rows)
    with pytest.warns(UserWarning, match="x has named columns, but the model was not trained on"):
        part.predict(table)


def test_wide_tables_are_matched_and_saved(tmp_path: Path) -> None:
    """With the square of the number of columns, this would take hours."""
    names = [f"cg{i:08}" for i in range(200_000)]
    table = np.zeros((2, len(names)), "float32")
    table[:, 0] = 1
    own = tuple(reversed(names))
    ordered = columns_in_order(Frame(table, own), tuple(names), "x")
    assert ordered[0, -1] == 1
    model = Model([Dense(1)], (len(names),))
    model.columns = (tuple(names),)
    model.save(tmp_path / "m.safetensors")
    assert Model.load(tmp_path / "m.safetensors").columns == (tuple(names),)

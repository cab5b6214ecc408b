"""`Model.evaluate` on raw rows: frames of every library, with the target in them or beside them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, load
from glassnet.data.sources.tables import Table
from glassnet.evaluate.labeled_rows import labeled_rows
from glassnet.model.model import Model
from glassnet.runs.build import describe_data

RNG = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "n": RNG.normal(size=60), "color": ["red", "blue", None] * 20, "kind": ["x", "y"] * 30,
        "price": RNG.normal(100, 20, 60), "rooms": RNG.normal(4, 1, 60),
        "p": [0, 1] * 30, "q": [1, 1, 0] * 20, "tags": ["u;v", "u", "v;w", ""] * 15,
    }
)  # fmt: skip
HEADS = {
    "classes": ("sparse_categorical_crossentropy", "softmax"),
    "labels": ("binary_crossentropy", "sigmoid"), "numbers": ("mse", "linear"),
}  # fmt: skip


def model_of(target: str | list[str], loss: str | None = None) -> tuple[Model, Rows]:
    rest = [name for name in FRAME.columns if name not in {"n", "color", *np.atleast_1d(target)}]
    data = load(FRAME, target=target, drop=rest)
    assert isinstance(data, Rows)
    default, activation = HEADS[data.task]
    model = Model(
        "mlp", data.x_train.shape[1:], classes=data.outputs, hidden=(4,), seed=1,
        features=data.preprocessing.features, output_activation=activation,
    )  # fmt: skip
    model.compile("adam", loss or default, ["accuracy"] if data.task == "classes" else [])
    describe_data(model, data)
    return model, data


@pytest.mark.parametrize("target", ["kind", "price", ["price", "rooms"], "tags", ["p", "q"]])
def test_raw_rows_have_the_results_of_their_features(target: Any, tmp_path: Path) -> None:
    model, data = model_of(target)
    expected = model.evaluate(data.x_test, data.y_test, verbose=0, return_dict=True)
    tested = FRAME[data.test.numbers.tolist()]
    tested.write_csv(tmp_path / "new.csv")
    names, rest = list(data.target.columns), tested.drop(data.target.columns)
    y = tested.select(names)
    for x, beside in (
        (tested, None), (tested.to_pandas(), None), (tested.to_arrow(), None),
        (str(tmp_path / "new.csv"), None), (tmp_path / "new.csv", None),
        (rest, y), (rest.to_pandas(), y.to_pandas().set_axis(range(9, 9 + len(y)))),
        (rest, y.to_numpy()), (rest, [*y.iter_rows()]), (rest, y.to_numpy().astype(object)),
        *([(rest, y[names[0]]), (rest, y[names[0]].to_pandas()), (rest, y[names[0]].to_list())]
          if len(names) == 1 else []),
    ):  # fmt: skip
        result = model.evaluate(x, beside, verbose=0, return_dict=True)
        assert result == pytest.approx(expected, rel=1e-5)
    assert model.evaluate(rest, y, verbose=0) == pytest.approx(
        [*expected.values()] if len(expected) > 1 else expected["loss"], rel=1e-5
    )


def test_one_hot_targets_of_the_loss() -> None:
    model, data = model_of("kind", "categorical_crossentropy")
    sparse, _ = model_of("kind")
    assert model.evaluate(FRAME, verbose=0) == pytest.approx(sparse.evaluate(FRAME, verbose=0))
    assert labeled_rows(model, Table.numbered(FRAME, "t"), "m").y.shape == (60, data.outputs)


def test_weights_are_those_of_all_rows_also_if_some_have_no_target() -> None:
    model, data = model_of("price")
    weights = RNG.random(60)
    missing = pl.when(pl.int_range(60) % 5 != 0).then(pl.col("price")).alias("price")
    kept = np.arange(60) % 5 != 0
    x = data.preprocessing.x(data.preprocessing.typed(Table.numbered(FRAME, "t")))[kept]
    y = data.target.encoded(FRAME["price"].to_numpy()[kept, None])
    expected = model.evaluate(x, y, sample_weight=weights[kept], verbose=0)
    frame = FRAME.with_columns(missing)
    assert model.evaluate(frame, sample_weight=weights, verbose=0) == pytest.approx(expected)
    beside = frame["price"].to_pandas()  # NaN where it is missing
    weighted = model.evaluate(FRAME.drop("price"), beside, sample_weight=weights, verbose=0)
    assert weighted == pytest.approx(expected)
    with pytest.raises(GlassnetError, match=r"sample_weight: has shape \(48,\), but there are 60"):
        model.evaluate(frame, sample_weight=weights[kept])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (FRAME.drop("kind"), None, "x: has no column 'kind', which is to be predicted; it has n"),
        (FRAME.drop("n"), None, "x: has no column 'n', which the model reads"),
        (FRAME.head(0), None, "x: has no rows"),
        (FRAME, FRAME["kind"], "x: has the column 'kind', and y does, too. Omit y"),
        (FRAME.drop("kind"), FRAME["kind"][:9], r"y: has shape \(9,\), but x has 60 rows"),
        (FRAME.drop("kind"), FRAME.select("kind")[:9], "y: has 9 rows, but x has 60"),
        (FRAME.drop("kind"), FRAME.select("p"), "y: has no column 'kind'"),
        (FRAME.drop("kind"), ["z"] * 60, "x: row 0: kind is 'z', which no training row has"),
        (FRAME.drop("kind"), [0, 1] * 30, "x: row 0: kind is '0', which no training row has"),
        ("new.csv", ["x"], "x: is the path of rows with their targets. Omit y"),
        ("photo.txt", None, r"photo\.txt: is not a table"),
        ([{"n": 1}], None, r"x\[0\]: is a dict, but raw rows are taken as a DataFrame"),
    ],
)
def test_what_can_not_be_evaluated(x: Any, y: Any, message: str) -> None:
    model, _ = model_of("kind")
    with pytest.raises(GlassnetError, match=message):
        model.evaluate(x, y, verbose=0)


def test_models_that_do_not_read_rows_are_refused() -> None:
    model, _ = model_of("kind")
    del model.about["rows"]
    with pytest.raises(GlassnetError, match="m: was not trained on rows with a target"):
        labeled_rows(model, Table.numbered(FRAME, "t"), "m")
    model.about["kind"] = "interactions"
    with pytest.raises(GlassnetError, match=r"m: recommends items: .* --test-file NEW"):
        labeled_rows(model, Table.numbered(FRAME, "t"), "m")


def test_an_index_of_pandas_is_not_read() -> None:
    model, _ = model_of("price")
    frame = pd.DataFrame(FRAME.to_dict(as_series=False))
    expected = model.evaluate(frame, verbose=0)
    assert model.evaluate(frame.set_axis(range(60, 0, -1)), verbose=0) == expected


def test_an_index_that_says_another_order_is_refused() -> None:
    model, _ = model_of("price")
    frame = pd.DataFrame(FRAME.to_dict(as_series=False))
    mixed, y = frame.sample(frac=1, random_state=0), frame["price"]
    x = mixed.drop(columns="price")
    with pytest.raises(GlassnetError, match=r"y: has the rows of x in another order.*y\.loc"):
        model.evaluate(x, y, verbose=0)
    assert model.evaluate(x, y.loc[x.index], verbose=0) == model.evaluate(mixed, verbose=0)
    assert model.evaluate(x[:0:-1], y[1:].set_axis(range(100, 159)), verbose=0) > 0

"""Predictions for raw rows: what they are called, and that they don't depend on their number."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, load
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Counts
from glassnet.evaluate.conformal import ConformalIntervals
from glassnet.evaluate.intervals import fit_intervals
from glassnet.evaluate.probabilities import answers
from glassnet.evaluate.rows import RowPredictions, predict_table
from glassnet.model.model import Model
from glassnet.runs.build import describe_data

RNG = np.random.default_rng(0)
FRAME = pl.DataFrame(
    {
        "n": RNG.normal(size=60), "k": ["a", "b", "c"] * 20,
        "city": [f"c{i % 40}" for i in range(60)],
        "kind": ["x", "y"] * 30, "price": RNG.normal(100, 20, 60),
        "p": [0, 1] * 30, "q": [1, 1, 0] * 20, "tags": ["u;v", "u", "v;w", ""] * 15,
    }
)  # fmt: skip


def predictions(target: Any, loss: str, activation: str) -> tuple[RowPredictions, Model, Rows]:
    rest = [
        name for name in FRAME.columns if name not in {"n", "k", "city", *np.atleast_1d(target)}
    ]
    data = load(FRAME, target=target, drop=rest, columns={"city": "category"})
    assert isinstance(data, Rows)
    model = Model(
        "mlp", data.x_train.shape[1:], classes=data.outputs, hidden=(4,), seed=1,
        features=data.preprocessing.features, output_activation=activation,
    )  # fmt: skip
    model.compile("adam", loss)
    describe_data(model, data)
    return predict_table(model, Table.numbered(FRAME, "t"), "m"), model, data


def test_classes() -> None:
    result, model, data = predictions("kind", "sparse_categorical_crossentropy", "softmax")
    assert result.frame.columns == ["predicted_kind", "probability", "p(x)", "p(y)"]
    p = answers(model, data.preprocessing.x(data.preprocessing.typed(result.table)), "m")[0]
    np.testing.assert_array_equal(result.outputs, p)
    likelier = np.where(p[:, 0] >= p[:, 1], "x", "y")
    assert result.frame["predicted_kind"].to_list() == likelier.tolist()
    np.testing.assert_array_equal(result.frame["probability"], p.max(axis=1))
    first = result.to_dict()[0]
    assert {*first} == {"row", "predicted_kind", "probability", "probabilities"}


def test_numbers_in_their_unit() -> None:
    result, model, data = predictions("price", "mse", "linear")
    outputs = model.predict(data.preprocessing.x(data.preprocessing.typed(result.table)))
    target: Any = data.target
    expected = outputs[:, 0] * target.scale[0] + target.mean[0]
    np.testing.assert_allclose(result.frame["predicted_price"], expected, rtol=1e-6)
    assert "probabilities" not in result.to_dict()[0]


def test_prediction_intervals_stand_beside_numbers() -> None:
    result, model, _ = predictions(["n", "price"], "mse", "linear")
    assert result.frame.columns == ["predicted_n", "predicted_price"]
    fit_intervals(model, result.outputs + np.array([0.5, 20.0]), result.outputs)
    frame = predict_table(model, result.table, "m").frame
    ends = "predicted_price_from", "predicted_price_to"
    assert frame.columns[3:] == ["predicted_price", *ends]
    for end, distance in zip(ends, (-20, 20), strict=True):
        np.testing.assert_allclose(frame[end], frame["predicted_price"] + distance)


def test_no_interval_of_what_is_not_negative_begins_below_0() -> None:
    result, *_ = predictions("price", "mse", "linear")
    target = Counts(("price",), "chosen", (".",))
    intervals = [ConformalIntervals(0.9, (), (2.0,), 99, nonnegative=True)]
    counts = RowPredictions(result.table, target, np.array([[1.0], [5.0]]), intervals)
    assert counts.frame["predicted_price_from"].to_list() == [0.0, 3.0]
    assert counts.frame["predicted_price_to"].to_list() == [3.0, 7.0]


def test_labels() -> None:
    result, *_ = predictions("tags", "binary_crossentropy", "sigmoid")
    assert result.frame.columns == ["predicted_tags", "p(u)", "p(v)", "p(w)"]
    for row, text in zip(result.outputs, result.frame["predicted_tags"], strict=True):
        assert text == ";".join(name for name, p in zip("uvw", row, strict=True) if p >= 0.5)
    result, *_ = predictions(["p", "q"], "binary_crossentropy", "sigmoid")
    assert result.frame.columns == ["predicted_p", "predicted_q", "p(p)", "p(q)"]
    assert (result.frame["predicted_q"] == (result.outputs[:, 1] >= 0.5)).all()


def test_a_model_file_predicts_the_same_in_any_number_of_rows(tmp_path: Any) -> None:
    _, model, _ = predictions("kind", "sparse_categorical_crossentropy", "softmax")
    model.save(tmp_path / "m.safetensors")
    loaded = Model.load(tmp_path / "m.safetensors")
    frame = pd.DataFrame(FRAME.to_dict(as_series=False))
    whole = loaded.predict(frame)
    assert isinstance(whole, pd.DataFrame)
    parts = pd.concat([loaded.predict(frame[i : i + 7]) for i in range(0, 60, 7)])
    np.testing.assert_allclose(whole["p(x)"], parts["p(x)"], atol=1e-6)
    assert whole["predicted_kind"].tolist() == parts["predicted_kind"].tolist()
    columns = frame[["city", "n", "k"]]  # in another order, without the target
    pd.testing.assert_frame_equal(loaded.predict(columns), whole)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([{"n": 1}], r"x\[0\]: is a dict, but raw rows are taken as a DataFrame"),
        ("rows.csv", "x: is a str, but raw rows"),
        (["a.png", "b.png"], r"x\[0\]: is a str, but raw rows"),
    ],
)
def test_rows_that_are_no_frame(x: Any, words: str) -> None:
    _, model, data = predictions("kind", "sparse_categorical_crossentropy", "softmax")
    with pytest.raises(GlassnetError, match=words):
        model.predict(x)
    assert model.predict(data.x_train[:2].tolist()).shape == (2, 2)


@pytest.mark.parametrize("change", [{"columns": []}, {"target": None}])
def test_a_damaged_preprocessing_is_refused(change: dict[str, Any]) -> None:
    _, model, _ = predictions("kind", "sparse_categorical_crossentropy", "softmax")
    model.about["rows"] = model.about["rows"] | change
    with pytest.raises(ValueError, match="rows"):
        model.predict(FRAME)

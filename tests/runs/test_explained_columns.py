"""Explanations of rows of tables: columns by their names, numbers in their unit."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.core.errors import GlassnetError
from glassnet.data import Rows
from glassnet.evaluate.regression import signed
from glassnet.explain.example import explain_example
from glassnet.runs.data import chosen_settings
from glassnet.runs.explain import Query, explain_raw, explain_row
from glassnet.runs.explained_example import figure_of
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.train import run_training

RNG = np.random.default_rng(0)
SIZE, COLOR = RNG.normal(5, 2, 200), RNG.choice(["red", "blue", "green"], 200)
FRAME = pl.DataFrame({"size": SIZE, "color": COLOR}).with_columns(
    price=300 * pl.col("size") + 1000, weight=pl.col("size") * 2, big=(pl.col("size") > 5) * 1,
    red=(pl.col("color") == "red") * 1, visits=pl.col("size").abs().round().cast(int),
)  # fmt: skip


def outputs(place: Path, target: list[str], **options: object) -> RunOutputs:
    others = [n for n in ("price", "weight", "big", "red", "visits") if n not in target]
    FRAME.drop(others).write_csv(place / "rows.csv")
    settings = chosen_settings(
        str(place / "rows.csv"), "mlp", hidden=(8,), epochs=8, target=target, **options
    )
    return RunOutputs(str(run_training(settings, out=str(place)).run.folder))


def test_what_columns_add_sums_to_the_value(tmp_path: Path) -> None:
    run = outputs(tmp_path, ["price", "weight"])
    data = run.training_data.dataset
    assert isinstance(data, Rows)
    explained = explain_row(run, 3, Query(of="price"))
    values = [data.target.decoded(run.model.predict(x))[0, 0]  # type: ignore[union-attr]
              for x in (data.x_test[3:4], data.x_train.mean(axis=0, keepdims=True))]  # fmt: skip
    added = explained.to_dict()["columns"]
    assert {*added} == {"size", "color"}
    assert sum(added.values()) == pytest.approx(values[0] - values[1], rel=0.02)
    assert explained.prediction == f"the network predicts price {values[0]:,.0f}"
    assert explained.question() == "Why this price?"
    line = data.test.numbers[3]
    assert explained.subject.startswith(f"test row 3, line {line} (")
    price = (tmp_path / "rows.csv").read_text().splitlines()[line - 1].split(",")[2]
    assert float(price) == data.test.values[3][0]
    lines = explained.lines()
    baseline = f"{values[1]:,.0f} for the baseline: the mean training row"
    assert lines[1] == f"price: {values[0]:,.0f}; {baseline}"
    cell = next(c.cell for c in explained.columns if c.name == "size")
    assert f"{data.test.typed['size'][3]:.6g}".startswith(cell[:4])
    row = next(line for line in lines if line.startswith("size  "))
    assert row.split()[1:] == [cell, signed(added["size"])]
    labels = [t.get_text() for a in figure_of(explained).axes for t in a.get_yticklabels()]
    assert f"size = {cell}" in labels
    raw = tmp_path / "raw.csv"
    rows = (tmp_path / "rows.csv").read_text().splitlines()
    raw.write_text("\n".join([rows[0], rows[1], rows[line - 1]]))
    same = explain_raw(str(run.run.folder), str(raw), 1, Query(of="price"))
    assert same.subject == "raw.csv, line 3"
    assert same.to_dict()["columns"] == pytest.approx(added)
    options = ["--row", "1", "--of", "price", "--json"]
    done = CliRunner().invoke(
        app, ["explain", str(run.run.folder), "-", *options], input=raw.read_text()
    )
    answer = json.loads(done.stdout)
    assert answer["subject"] == "stdin, line 3"
    assert answer["columns"] == pytest.approx(added)
    frame = pl.read_csv(raw)[1:]
    for table in (frame, frame.to_pandas()):
        result = explain_example(run.model, table, of=0)
        assert result.columns == pytest.approx(added)
    for query, words in (
        (Query("nearest"), "nearest: compares classes, but the network predicts numbers"),
        (Query("contrast"), "contrast: compares classes"),
        (Query(of="prize"), "unknown target 'prize'. Did you mean 'price'"),
    ):
        with pytest.raises(GlassnetError, match=words):
            explain_row(run, 3, query)


@pytest.mark.parametrize("network", ["mlp", "tabular"])
def test_embedded_categories_are_explained(tmp_path: Path, network: str) -> None:
    """Their baseline is the mean vector of the training rows; the price depends on the code."""
    codes = np.array([i % 40 for i in range(200)])
    frame = pl.DataFrame({"size": SIZE, "code": [f"c{c}" for c in codes]})
    frame.with_columns(price=SIZE + 9.0 * (codes < 20)).write_csv(tmp_path / "rows.csv")
    options = {"hidden": (16,), "epochs": 60, "target": ["price"], "learning_rate": 0.01}
    settings = chosen_settings(str(tmp_path / "rows.csv"), network, **options)
    run = RunOutputs(str(run_training(settings, out=str(tmp_path)).run.folder))
    rows = run.training_data.dataset
    assert isinstance(rows, Rows)
    training = rows.x_train[run.training_data.rows[0]]
    np.testing.assert_allclose(
        rows.preprocessing.means[0], training[:, 0].mean(dtype=float), atol=1e-6
    )
    assert rows.preprocessing.counts[0] == (*np.bincount(training[:, 1].astype(int), minlength=41),)
    for row in range(3):
        explained = explain_row(run, row)
        code = int(rows.test.typed["code"][row][1:])
        added = explained.to_dict()["columns"]
        assert (added["code"] > 0) == (code < 20)
        assert explained.values is not None
        change = explained.values[0] - explained.values[1]
        assert sum(added.values()) == pytest.approx(change, rel=0.01)
        assert explained.explanation.baseline == "the mean training row"


def test_models_of_older_versions_take_the_mean_of_the_training_rows(tmp_path: Path) -> None:
    run = outputs(tmp_path, ["price"])
    before = explain_row(run, 0).to_dict()["columns"]
    run.model.about["rows"] = {
        k: v for k, v in run.model.about["rows"].items() if k not in ("means", "counts")
    }
    assert explain_row(run, 0).to_dict()["columns"] == pytest.approx(before, rel=0.3)
    result = explain_example(run.model, FRAME[:1].select("size", "color"))
    assert "older version" in result.baseline


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        (["visits"], {"task": "counts"}, "the network predicts visits "),
        (["big", "red"], {}, "the network predicts (big|red) with "),
    ],
)
def test_every_task(tmp_path: Path, target: list[str], options: dict[str, str], words: str) -> None:
    run = outputs(tmp_path, target, **options)
    done = CliRunner().invoke(app, ["explain", str(run.run.folder), "--row", "2", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert {*answer["columns"]} == {*answer["cells"]} == {"size", "color"}
    explained = explain_row(run, 2)
    assert re.match(words, explained.prediction)
    assert answer["prediction"] == explained.prediction

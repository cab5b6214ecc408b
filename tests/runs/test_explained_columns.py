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
from glassnet.runs.data import chosen_settings
from glassnet.runs.explain import Query, explain_row, figure_of
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
    assert [*added] == ["size", "color"]
    assert sum(added.values()) == pytest.approx(values[0] - values[1], rel=0.02)
    assert explained.prediction == f"the network predicts price {values[0]:,.0f}"
    assert explained.question() == "Why this price?"
    line = data.test.numbers[3]
    assert explained.subject.startswith(f"test row 3, line {line} (")
    price = (tmp_path / "rows.csv").read_text().splitlines()[line - 1].split(",")[2]
    assert float(price) == data.test.values[3][0]
    line = next(line for line in explained.lines() if line.startswith("added to"))
    assert line.startswith("added to the mean training row's value: size ")
    labels = [t.get_text() for a in figure_of(explained).axes for t in a.get_yticklabels()]
    assert {"size", *data.preprocessing.features.names} <= {*labels}
    for query, words in (
        (Query("nearest"), "nearest: compares classes, but the network predicts numbers"),
        (Query("contrast"), "contrast: compares classes"),
        (Query(of="prize"), "unknown target 'prize'. Did you mean 'price'"),
    ):
        with pytest.raises(GlassnetError, match=words):
            explain_row(run, 3, query)


@pytest.mark.parametrize("network", ["mlp", "tabular"])
def test_embedded_categories_are_refused(tmp_path: Path, network: str) -> None:
    many = pl.Series("code", [f"c{i % 40}" for i in range(len(FRAME))])
    FRAME.select("size", "price").with_columns(many).write_csv(tmp_path / "rows.csv")
    options = {"hidden": (4,), "epochs": 1, "target": ["price"]}
    settings = chosen_settings(str(tmp_path / "rows.csv"), network, **options)
    run = RunOutputs(str(run_training(settings, out=str(tmp_path)).run.folder))
    with pytest.raises(GlassnetError, match="embeds columns with many categories"):
        explain_row(run, 0)


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
    assert [*answer["columns"]] == ["size", "color"]
    explained = explain_row(run, 2)
    assert re.match(words, explained.prediction)
    assert answer["prediction"] == explained.prediction

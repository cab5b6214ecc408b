"""`glassnet evaluate RUN NEW`: the same results for the same rows, whatever file they are in."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image
from typer.testing import CliRunner

from glassnet.cli import app
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import Rows, load
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.regression import Regression
from glassnet.model.model import Model
from glassnet.runs.data import chosen_settings
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.evaluate_rows import evaluate_rows
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training
from tests.clips import tone, write

RNG = np.random.default_rng(0)
SIZE, RED = RNG.normal(5, 2, 200), RNG.random(200) < 0.5
FRAME = pl.DataFrame(
    {
        "size": SIZE.round(3), "color": np.where(RED, "red", "blue"),
        "kind": np.where(SIZE + RED + RNG.normal(0, 1, 200) > 5.5, "big", "small"),
        "price": np.maximum(0, 3 * SIZE - 9 + RNG.normal(0, 2, 200)).round(2),
        "weight": (SIZE + RNG.normal(0, 1, 200)).round(2),
        "visits": RNG.poisson(np.exp(SIZE / 4)),
        "tags": [
            ";".join(["big"] * int(size > 5) + ["red"] * int(red))
            for size, red in zip(SIZE, RED, strict=True)
        ],
    }
)  # fmt: skip
TARGETS = {
    "classes": ["kind"], "numbers": ["price", "weight"], "counts": ["visits"], "labels": ["tags"],
}  # fmt: skip


def trained(data: Path, name: str, *args: Any, **options: Any) -> str:
    """A run beside its data."""
    settings = chosen_settings(str(data), *args, epochs=2, **options)
    return str(run_training(settings, out=str(data.parent), name=name).run.folder)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run for each task, and the rows that they are tested on in files of their own."""
    place = tmp_path_factory.mktemp("tables")
    FRAME.write_csv(place / "data.csv")
    for task, target in TARGETS.items():
        others = [n for n in FRAME.columns[2:] if n not in target]
        options = {"target": target, "drop": others, "task": task, "hidden": (8,)}
        trained(place / "data.csv", task, "mlp", **options)
        data = load(place / "data.csv", target=target, drop=others, task=task)
        tested = FRAME[data.numbering("test")[1] - 2]
        tested.write_csv(place / f"{task}.csv")
        tested.write_parquet(place / f"{task}.parquet")
        tested.reverse().write_ndjson(place / f"{task}.jsonl")
    return place


def results(result: Any) -> dict[str, Any]:
    """The results but for the names of rows; the loss is rounded."""
    values: dict[str, Any] = json.loads(json.dumps(as_json(result)))
    for part in (values, values.get("test", {})):
        part.pop("worst", None)
        part.pop("mistakes", None)
        if "loss" in part:
            part["loss"] = pytest.approx(part["loss"], rel=1e-5)
    return values


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_the_test_rows_in_another_file_have_the_test_results(
    tables: Path, task: str, end: str
) -> None:
    run, new = str(tables / task), tables / f"{task}.{end}"
    rows = evaluate_rows(run, str(new))
    assert (rows.path, rows.left_out) == (str(new), 0)
    expected = evaluate_run(run)
    assert results(rows.result) == results(expected)
    if isinstance(expected, Regression):
        assert isinstance(rows.result, Regression)
        assert all(t.coverage for t in rows.result.targets)
        for one, other in zip(rows.result.worst, expected.worst, strict=True):
            assert one.row == other.row
            assert one.place == (f"line {one.row + 2}" if end == "csv" else f"row {one.row}")
            assert other.place.startswith(f"test row {other.row}, line ")


@pytest.mark.parametrize("task", TARGETS)
def test_the_order_of_the_rows_does_not_matter_and_rows_without_a_target_are_left_out(
    tables: Path, tmp_path: Path, task: str, messages: list[str]
) -> None:
    run = str(tables / task)
    reverse = evaluate_rows(run, str(tables / f"{task}.jsonl"))
    whole = evaluate_rows(run, str(tables / f"{task}.csv"))
    for one, other in zip(_numbers(reverse.result), _numbers(whole.result), strict=True):
        assert one == pytest.approx(other, rel=1e-5)
    if task == "labels":
        return  # an empty cell is a row with none of them
    target = TARGETS[task][0]
    frame = pl.read_csv(tables / f"{task}.csv").with_row_index()
    without = frame.with_columns(pl.when(pl.col("index") != 3).then(pl.col(target)).alias(target))
    without.drop("index").write_csv(tmp_path / "some.csv")
    some = evaluate_rows(run, str(tmp_path / "some.csv"))
    assert (some.rows, some.left_out) == (whole.rows - 1, 1)
    assert any("some.csv: line 5" in message and "left out" in message for message in messages)


def _numbers(result: Any) -> list[float]:
    if isinstance(result, Evaluation):
        return [result.test.accuracy, result.test.loss, result.top_accuracy]
    if hasattr(result, "targets"):
        return [result.loss, *(t.mae.value for t in result.targets)]
    return [result.loss, result.exact]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop("price"), r"new\.csv: has no column 'price', which is to be predicted"),
        (lambda t: t.drop("size"), r"new\.csv: has no column 'size', which the model reads"),
        (
            lambda t: t.drop("size", "color"),
            r"has no column 'size', 'color', which",
        ),
        (lambda t: t.head(0), r"new\.csv: has no rows"),
        (lambda t: t.with_columns(price=pl.lit(None)), r"new\.csv: no row has the target 'price'"),
        (
            lambda t: t.cast({"price": pl.String}).with_columns(
                price=pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("dear")).otherwise("price")
            ),
            r"new\.csv: line 6: price is 'dear', not a number",
        ),
    ],
)
def test_what_can_not_be_evaluated_is_named(
    tables: Path, tmp_path: Path, change: Any, message: str
) -> None:
    change(pl.read_csv(tables / "numbers.csv")).write_csv(tmp_path / "new.csv")
    with pytest.raises(GlassnetError, match=message):
        evaluate_rows(str(tables / "numbers"), str(tmp_path / "new.csv"))


def test_another_class_is_named_with_its_line(tables: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(tables / "classes.csv").vstack(FRAME[:1].with_columns(kind=pl.lit("Big")))
    rows.write_csv(tmp_path / "new.csv")
    message = rf"new\.csv: line {len(rows) + 1}: kind is 'Big', which no training row has"
    with pytest.raises(GlassnetError, match=message):
        evaluate_rows(str(tables / "classes"), str(tmp_path / "new.csv"))
    with pytest.raises(GlassnetError, match=r"none\.csv: .*No such file"):
        evaluate_rows(str(tables / "classes"), str(tmp_path / "none.csv"))
    with pytest.raises(GlassnetError, match="is a folder, but the model predicts price, weight"):
        evaluate_rows(str(tables / "numbers"), str(tmp_path))
    with pytest.raises(GlassnetError, match="--top: is for classes, not for numbers"):
        evaluate_rows(str(tables / "numbers"), str(tables / "numbers.csv"), top=2)


def test_the_training_data_are_not_needed(tables: Path, tmp_path: Path) -> None:
    model, expected = tables / "numbers/model.safetensors", str(tables / "numbers.csv")
    (tmp_path / "alone.safetensors").write_bytes(model.read_bytes())
    alone = evaluate_rows(str(tmp_path / "alone.safetensors"), expected)
    assert results(alone.result) == results(evaluate_rows(str(tables / "numbers"), expected).result)


def test_the_command(tables: Path) -> None:
    def told(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["evaluate", *arguments])
        assert done.exit_code == 0, done.exception
        return done.stdout

    run, new = str(tables / "classes"), str(tables / "classes.csv")
    lines, own = told(run, new).splitlines(), told(run).splitlines()
    assert lines[-1].startswith(f"{new}: accuracy ")
    assert lines[-1].removeprefix(f"{new}:") == own[-1].removeprefix("test")
    heading = next(row for row, line in enumerate(lines) if "most confident mistakes" in line)
    assert lines[heading + 2].startswith("line ")
    assert own[heading + 2].startswith("test row ")
    assert ", line " in own[heading + 2]
    found, expected = json.loads(told(run, new, "--json")), json.loads(told(run, "--json"))
    assert found.pop("data") == {"path": new, "rows": len(pl.read_csv(new)), "left_out": 0}
    assert list(found) == list(expected)
    assert found["test"]["accuracy"] == expected["test"]["accuracy"]
    found = json.loads(told(str(tables / "numbers"), str(tables / "numbers.csv"), "--json"))
    assert list(found) == ["run", "data", "test"]
    done = CliRunner().invoke(app, ["evaluate", run, new, "--calibrate"])
    assert "not for new rows" in str(done.exception)


def test_folders_of_pictures_and_tables_with_their_paths(tmp_path: Path) -> None:
    for part, count in (("train", 12), ("test", 6)):
        for at, label in enumerate(("dark", "light")):
            (tmp_path / "data" / part / label).mkdir(parents=True)
            for i in range(count):
                pixels = RNG.integers(60 * at, 160 + 60 * at, (8, 8, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / "data" / part / label / f"{i}.png")
    run, new = trained(tmp_path / "data", "run", "mlp", hidden=(4,)), tmp_path / "data/test"
    rows, expected = evaluate_rows(run, str(new)), evaluate_run(run)
    assert results(rows.result) == results(expected)
    assert isinstance(rows.result, Evaluation)
    for one in rows.result.mistakes:
        assert one.place == one.file
        assert (new / str(one.file)).is_file()
    data = load(tmp_path / "data")
    assert isinstance(data, Rows)
    frame = pl.DataFrame({"file": data.test.typed["file"], "label": [
        data.class_names[y] for y in data.y_test]})  # fmt: skip
    frame.write_csv(tmp_path / "paths.csv")
    assert results(evaluate_rows(run, str(tmp_path / "paths.csv")).result) == results(expected)
    one_class = tmp_path / "one"
    (one_class / "light").mkdir(parents=True)
    Image.fromarray(np.full((8, 8, 3), 200, np.uint8)).save(one_class / "light/a.png")
    assert evaluate_rows(run, str(one_class)).rows == 1
    (one_class / "light").rename(one_class / "grey")
    with pytest.raises(GlassnetError, match=r"grey/a\.png: label is 'grey', which no training row"):
        evaluate_rows(run, str(one_class))
    with pytest.raises(GlassnetError, match="has the folders 'test', 'train', which are parts"):
        evaluate_rows(run, str(tmp_path / "data"))


def test_photos_of_arrays_and_a_table_with_a_picture(tmp_path: Path) -> None:
    x = RNG.integers(0, 200, (60, 8, 8)).astype(np.uint8)
    y = np.arange(60) % 2
    x[y == 1] += 50
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])
    run = trained(tmp_path / "own.npz", "photos", "mlp", hidden=(4,))
    for i in range(20):
        (tmp_path / f"new/{y[i]}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(x[i]).save(tmp_path / f"new/{y[i]}/{i}.png")
    found, expected = evaluate_rows(run, str(tmp_path / "new")).result, evaluate_run(run)
    assert _numbers(found) == pytest.approx(_numbers(expected), rel=1e-5)
    with pytest.raises(GlassnetError, match=r"new: file 1/1\.png: label is '1', which no"):
        evaluate_rows(_renamed(run, tmp_path), str(tmp_path / "new"))
    names = [f"new/{y[i]}/{i}.png" for i in range(20)]
    for i in range(20, 60):
        Image.fromarray(x[i]).save(tmp_path / f"{i}.png")
    whole = pl.DataFrame({
        "photo": [*names, *(f"{i}.png" for i in range(20, 60))], "width": RNG.normal(size=60),
        "price": x.mean(axis=(1, 2)), "split": ["test"] * 20 + ["train"] * 40,
    })  # fmt: skip
    whole.write_csv(tmp_path / "mixed.csv")
    run = trained(tmp_path / "mixed.csv", "mixed", target=["price"])
    whole[:20].write_csv(tmp_path / "new.csv")
    assert results(evaluate_rows(run, str(tmp_path / "new.csv")).result) == results(
        evaluate_run(run)
    )


def _renamed(run: str, folder: Path) -> str:
    """The model of a run with other names of its classes."""
    model = Model.load(run)
    model.class_names = ("0", "b")
    model.save(folder / "renamed.safetensors")
    return str(folder / "renamed.safetensors")


def test_folders_of_clips(tmp_path: Path) -> None:
    for part, count in (("train", 8), ("test", 3)):
        for label, hz in (("low", 300), ("high", 900)):
            for i in range(count):
                write(tmp_path / f"data/{part}/{label}/{i}.wav", tone(hz + 9 * i))
    run = trained(tmp_path / "data", "run", "cnn", filters=(2,))
    assert results(evaluate_rows(run, str(tmp_path / "data/test")).result) == results(
        evaluate_run(run)
    )


def test_texts_in_tables_and_folders(tmp_path: Path) -> None:
    words = {"good": "a lovely film indeed", "bad": "an awful film indeed"}
    rows = [(f"{words[k]} {i}", k) for i in range(30) for k in words]
    pl.DataFrame(rows, ["text", "label"], orient="row").write_csv(tmp_path / "data.csv")
    options: Any = {"network": "gru", "units": 3, "depth": 1, "embedding": 4, "epochs": 1}
    settings = Settings(data=str(tmp_path / "data.csv"), **options)
    run = str(run_training(settings, out=str(tmp_path), name="run").run.folder)
    numbers = load(tmp_path / "data.csv").numbering("test")[1]
    assert numbers is not None
    tested = [rows[line - 2] for line in numbers]
    pl.DataFrame(tested, ["text", "label"], orient="row").write_csv(tmp_path / "new.csv")
    table = evaluate_rows(run, str(tmp_path / "new.csv"))
    assert results(table.result) == results(evaluate_run(run))
    for i, (text, label) in enumerate(tested):
        (tmp_path / "new" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "new" / label / f"{i}.txt").write_text(text)
    folder = evaluate_rows(run, str(tmp_path / "new")).result
    assert isinstance(folder, Evaluation)
    assert isinstance(table.result, Evaluation)
    assert folder.test.accuracy == table.result.test.accuracy
    for one in folder.mistakes:
        assert Path(str(one.file)).suffix == ".txt"
        assert str(one.text) == (tmp_path / "new" / str(one.file)).read_text()

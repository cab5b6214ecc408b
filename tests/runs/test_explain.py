"""Explanations of a model, of a run's rows and of photos, and their pictures."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from typer.testing import CliRunner

from glassnet import Dense, Flatten, GlassnetError, Model, explain_example
from glassnet.cli import app
from glassnet.data import load
from glassnet.report.report import write_report
from glassnet.runs.data import chosen_settings
from glassnet.runs.explain import Query, explain_raw, explain_row
from glassnet.runs.explained_example import ExplainedExample, draw_explanation, figure_of
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    settings = Settings(data="digits", hidden=(16,), epochs=8, batch_size=16, learning_rate=0.01)
    outcome = run_training(settings, out=str(tmp_path_factory.mktemp("runs")))
    return str(outcome.run.folder)


def test_the_edit_of_a_row_flips_the_answer_of_the_model_in_the_file(run: str) -> None:
    model, data = Model.load(run), load("digits")
    for row in range(5):
        found = explain_row(RunOutputs(run), row, Query("contrast")).explanation
        assert model.predict(data.x_test[row][None]).argmax() == found.target
        assert found.counterfactual is not None
        edited = found.counterfactual.edited.astype("uint8")  # whole numbers, as the data are
        assert (edited == found.counterfactual.edited).all()
        assert model.predict(edited[None]).argmax() == found.against
        assert found.evidence.completeness_error is not None
        assert found.evidence.completeness_error <= 0.01


@pytest.mark.parametrize("method", ["contrast", "nearest", "saliency"])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_command_draws_and_tells(run: str, tmp_path: Path, method: str, suffix: str) -> None:
    out = str(tmp_path / f"why{suffix}")
    done = CliRunner().invoke(app, ["explain", run, "--row", "3", "--method", method, "--out", out])
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.stdout.splitlines()[0].startswith("test row 3 (")
    assert done.stdout.splitlines()[-1] == out
    assert Path(out).stat().st_size > 5000


def test_the_command_answers_in_json(run: str) -> None:
    done = CliRunner().invoke(app, ["explain", run, "--of", "3", "--against", "8", "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    said = json.loads(done.stdout)
    assert (said["method"], said["target"], said["against"]) == ("contrast", 3, 8)
    assert Path(said["picture"]).exists()
    assert np.shape(said["values"]) == (8, 8)


def test_a_photo(run: str, tmp_path: Path) -> None:
    digit = load("digits").x_test[0]
    Image.fromarray((digit * 15).astype("uint8")).resize((64, 64)).save(tmp_path / "mine.png")
    found = explain_raw(run, str(tmp_path / "mine.png"))
    assert found.subject == "mine.png"
    assert found.explanation.method == "integrated-gradients"
    assert explain_raw(
        run, str(tmp_path / "mine.png"), query=Query("nearest")
    ).explanation.neighbors


def test_rows_that_are_not_there(run: str) -> None:
    with pytest.raises(GlassnetError, match="rows 0 to"):
        explain_row(RunOutputs(run), 10_000)
    with pytest.raises(GlassnetError, match="a picture has none"):
        CliRunner().invoke(app, ["explain", run, "x.png", "--row", "1"], catch_exceptions=False)


def test_a_table_is_explained_from_the_mean_row(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(10, 1, (200, 5))
    y = (x[:, 2] > 10).astype(int)
    model = Model([Dense(8, "relu"), Dense(2, "softmax")], class_names=("low", "high"))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x - 10, y, epochs=60, verbose=0)
    row = int(x[:, 2].argmax())
    found = explain_example(model, (x - 10)[row], of="high", against="low", training=((x - 10), y))
    assert found.values is not None
    assert np.abs(found.values).argmax() == 2
    assert found.counterfactual is not None
    with pytest.raises(GlassnetError, match="Known: high, low"):
        explain_example(model, x[row], of="hihg")
    with pytest.raises(GlassnetError, match="without a batch axis"):
        explain_example(model, x)


def test_rows_of_a_table_are_drawn_as_bars(tmp_path: Path) -> None:
    model = Model([Flatten(), Dense(3, "softmax")], input_shape=(4,), seed=1)
    x = np.arange(4, dtype="float32")
    found = explain_example(model, x, "contrast", bounds=(0, 9))
    explained = ExplainedExample("a row", x, ("a", "b", "c"), "it says a", found)
    assert draw_explanation(explained, tmp_path / "row.png").stat().st_size > 5000


def test_a_recommender_says_what_can_be_done() -> None:
    model = Model([Dense(3, "softmax")], input_shape=(3,), seed=1)
    model.about["kind"] = "interactions"
    with pytest.raises(GlassnetError, match=r"recommends items.*predict RUN --user NAME"):
        explain_example(model, np.zeros(3))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("texts")
    rows = [f"a {('lovely', 'awful')[i % 2]} film on day {i % 9},{'+-'[i % 2]}" for i in range(120)]
    (place / "films.csv").write_text("\n".join(["text,label", *rows]))
    options = {"width": 16, "depth": 1, "heads": 2, "epochs": 8, "batch_size": 16}
    settings = chosen_settings(str(place / "films.csv"), "text-transformer", **options)
    run_training(settings, out=str(place), name="run")
    return place


def test_texts_are_explained_word_by_word(texts: Path) -> None:
    run = str(texts / "run")
    explained = explain_raw(run, "An AWFUL unseen film")
    assert explained.subject == "the text"
    (column,) = explained.columns
    assert [word for word, _ in column.words] == [
        "an (unknown)",
        "awful",
        "unseen (unknown)",
        "film",
    ]
    known = explain_raw(run, "a awful film on day 3").columns[0].words
    assert max(known, key=lambda pair: abs(pair[1]))[0] == "awful"
    result = explained.explanation
    assert result.scores is not None
    assert column.added == pytest.approx(result.scores[0] - result.scores[1], rel=0.01)
    assert explained.baseline_lines()[0].endswith("the same tokens with vectors of 0")
    (texts / "mine.txt").write_text("An AWFUL unseen film")
    same = explain_raw(run, str(texts / "mine.txt"))
    assert (same.subject, same.columns[0].words) == ("mine.txt", column.words)
    row = explain_row(RunOutputs(run), 0)
    data = RunOutputs(run).test
    assert row.columns[0].cell == data.texts[0]
    raw = explain_raw(run, data.texts[0]).columns[0]
    assert raw.words == row.columns[0].words
    frame = pl.DataFrame({"text": ["An AWFUL unseen film"]})
    values = explain_example(Model.load(run), frame).values
    np.testing.assert_allclose(values[: len(column.words)], [v for _, v in column.words])
    with pytest.raises(GlassnetError, match="has 2 rows"):
        explain_example(Model.load(run), pl.concat([frame, frame]))


@pytest.mark.parametrize("method", ["nearest", "contrast", "saliency", "occlusion"])
def test_texts_are_drawn(texts: Path, tmp_path: Path, method: str) -> None:
    outputs = RunOutputs(str(texts / "run"))
    explained = explain_row(outputs, 1, Query(method))
    assert draw_explanation(explained, tmp_path / "why.png").stat().st_size > 5000
    labels = {t.get_text() for a in figure_of(explained).axes for t in a.get_yticklabels()}
    if method == "nearest":
        assert explained.explanation.neighbors is not None
        row = explained.explanation.neighbors.rows[0]
        assert any(label.startswith(f"row {row}, line ") for label in labels)
    else:
        assert {"film", "on"} <= labels


def test_the_report_of_texts_explains_their_words(texts: Path) -> None:
    html = write_report(str(texts / "run")).read_text()
    assert "There are no explanations" not in html
    assert "the same tokens with vectors of 0" in html
    assert "steps of the search for an edit" not in html


def test_the_nearest_rows_of_a_table_have_their_lines(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(60, 2)).round(3)
    lines = [f"{a},{b},{'xy'[int(a > b)]}" for a, b in numbers]
    (tmp_path / "a.csv").write_text("\n".join(["a,b,kind", *lines]))
    settings = chosen_settings(str(tmp_path / "a.csv"), "mlp", target=("kind",), epochs=1)
    folder = str(run_training(settings, out=str(tmp_path)).run.folder)
    explained, data = explain_row(RunOutputs(folder), 2, Query("nearest")), load(tmp_path / "a.csv")
    near, line_of = explained.explanation.neighbors, data.numbering("train")[1]
    assert near
    assert line_of is not None
    for row, line in zip(near.rows, explained.lines()[1:], strict=False):
        assert line.startswith(f"training row {row}, line {line_of[row]}: ")
    assert explained.subject.startswith(f"test row 2, line {data.test_name(2).split()[-1]} (")
    labels = {t.get_text() for a in figure_of(explained).axes for t in a.get_yticklabels()}
    assert any(label.startswith(f"row {near.rows[0]}, line ") for label in labels)

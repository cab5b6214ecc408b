"""Cross-validation through runs, groups kept together, weights that count."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.data import load
from glassnet.runs.cross_validate import resume_folds, run_folds, train_or_resume_folds
from glassnet.runs.data import TrainingData, load_dataset
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.repeat import repeat_run
from glassnet.runs.settings import Settings, choose
from glassnet.runs.train import Checkpoints, run_training
from glassnet.training.callbacks.progress_bar import Progress


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Ten groups of twelve rows, three classes, weights that leave out the first group."""
    rng = np.random.default_rng(0)
    x, y, groups = rng.normal(size=(120, 5)), np.tile(np.arange(3), 40), np.arange(120) // 12
    path = tmp_path / "table.npz"
    np.savez(
        path, x_train=x + y[:, None], y_train=y, x_test=x[:30], y_test=y[:30],
        groups_train=groups.astype(str), weights_train=(groups > 0).astype(float),
    )  # fmt: skip
    return str(path)


def test_every_row_is_tested_once_by_a_model_that_never_saw_it(tmp_path: Path) -> None:
    settings = choose("digits", "numbers", epochs=2, folds=3, hidden=(8,))
    found = run_folds(settings, out=str(tmp_path), name="cv")
    whole = load("digits")
    assert sum(outcome.count for outcome in found.results) == len(whole.x_train)
    assert [o.run.folder.name for o in found.results] == ["fold-1", "fold-2", "fold-3"]
    written = json.loads((tmp_path / "cv" / "folds.json").read_text())
    accuracies = [fold["test"]["accuracy"] for fold in written["folds"]]
    assert written["accuracy"] == pytest.approx(np.mean(accuracies))
    # Student's t for 2 degrees of freedom: 4.303
    assert written["accuracy_half_width"] == pytest.approx(
        4.302653 * np.std(accuracies, ddof=1) / 3**0.5
    )
    parts = [load_dataset(replace(settings, fold=number)) for number in (1, 2, 3)]
    tested = np.concatenate([part.x_test for part in parts])
    assert sorted(map(bytes, tested)) == sorted(map(bytes, whole.x_train))
    assert all(part.sha256 == whole.sha256 for part in parts)


def test_groups_stay_together_in_folds_and_in_the_validation_split(table: str) -> None:
    group_of = {bytes(row): g for row, g in zip(*_rows(table), strict=True)}
    settings = Settings(data=table, folds=5, fold=2, validation_split=0.2)
    data = TrainingData.load(settings)
    sides = [
        {group_of[bytes(row)] for row in rows}
        for rows in (data.train.x, data.validation.x, data.test.x)
    ]
    assert all(sides)
    assert sum(map(len, sides)) == len(set.union(*sides)) == 10


def _rows(table: str) -> tuple[np.ndarray, np.ndarray]:
    data = load(table)
    assert data.groups is not None
    return data.x_train, data.groups


def test_rows_that_do_not_count_teach_nothing(table: str, tmp_path: Path) -> None:
    settings = choose(table, "numbers", epochs=2, hidden=(), validation_split=0.0, scaling="none")
    first = run_training(settings, out=str(tmp_path)).model
    with np.load(table) as stored:
        arrays = dict(stored)
    arrays["x_train"][:12] *= -3  # the group of weight 0
    np.savez(table, **arrays)
    second = run_training(settings, out=str(tmp_path)).model
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_texts_are_shared_out_with_their_words(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"word{i % 7} text {i},{'ab'[i % 2]}" for i in range(60)]
    path.write_text("\n".join(["text,label", *lines]))
    data = load_dataset(Settings(data=str(path), folds=4, fold=4))
    assert (len(data.texts_train), len(data.texts_test)) == (36, 12)  # a fifth was set aside before
    again = data.tokenized(data.tokenizer)
    np.testing.assert_array_equal(again.x_test, data.x_test)


@pytest.mark.parametrize(
    ("choices", "what"),
    [
        ({"folds": 1}, "from 2 to"),
        ({"folds": 10**6}, "from 2 to"),
        ({"data": "python-reference", "folds": 3}, "long text"),
    ],
)
def test_what_can_not_be_shared_out(choices: dict, what: str, tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=what):
        run_folds(Settings(**{"data": "digits"} | choices), out=str(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_a_fold_is_tested_again_on_its_own_rows(tmp_path: Path) -> None:
    settings = choose("digits", "numbers", epochs=1, folds=3, hidden=())
    found = run_folds(settings, out=str(tmp_path), name="cv")
    for outcome in found.results:
        again = evaluate_run(str(outcome.run.folder))
        assert again.test.loss == pytest.approx(outcome.metrics["test"]["loss"], rel=1e-6)
        assert as_json(replace(again.test, loss=0)) == {**outcome.metrics["test"], "loss": 0}


def test_a_fold_that_is_not_there() -> None:
    with pytest.raises(GlassnetError, match="fold 4 of 3 does not exist"):
        load_dataset(Settings(data="digits", folds=3, fold=4))


def test_interrupted_folds_are_resumed_as_a_whole_with_the_same_bits(
    tmp_path: Path, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fold 1 has ended, fold 2 is interrupted in its second epoch, fold 3 has not begun."""
    settings = Settings(data="digits", hidden=(6,), dropout=0.2, epochs=3, folds=3, batch_size=64)
    whole = run_folds(settings, out=str(tmp_path), name="whole", checkpoints=Checkpoints(steps=5))

    def interrupt(*_: object) -> None:
        if (tmp_path / "a/fold-2/history.jsonl").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "on_epoch_begin", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_folds(settings, out=str(tmp_path), name="a", checkpoints=Checkpoints(steps=5))
    monkeypatch.undo()
    assert "has no mean: fold 2 of 3 was not finished" in messages[-2]
    assert messages[-1] == f"to resume: glassnet resume {tmp_path / 'a'}"
    assert not (tmp_path / "a" / "folds.json").exists()

    ended = (tmp_path / "a/fold-1/metrics.json").stat().st_mtime_ns
    resumed = resume_folds(tmp_path / "a")
    assert (tmp_path / "a/fold-1/metrics.json").stat().st_mtime_ns == ended
    assert resumed.scores == whole.scores
    assert [f.trained_on for f in resumed.results] == [f.trained_on for f in whole.results]
    for number in (1, 2, 3):
        models = [tmp_path / run / f"fold-{number}/model.safetensors" for run in ("a", "whole")]
        assert models[0].read_bytes() == models[1].read_bytes()
    again = train_or_resume_folds(settings, out=str(tmp_path), name="a", data_dir=None)
    assert again.scores == whole.scores
    with pytest.raises(GlassnetError, match="was started with epochs 3, not 4"):
        train_or_resume_folds(
            replace(settings, epochs=4), out=str(tmp_path), name="a", data_dir=None
        )


@pytest.mark.parametrize(
    ("rows", "folds", "groups"),
    [(100, 3, None), (100, 3, 25), (40, 4, None), (60, 2, None), (901, 3, None)],
)
def test_all_folds_have_one_default_batch_size_whatever_fold_is_first(
    rows: int, folds: int, groups: int | None, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(rows, 5)), np.arange(rows) % 2
    more = {} if groups is None else {"groups_train": np.arange(rows) * groups // rows}
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x[:9], y_test=y[:9], **more)
    settings = choose(
        str(tmp_path / "a.npz"), "numbers", epochs=2, folds=folds, hidden=(4,), dropout=0.2
    )
    whole = run_folds(settings, out=str(tmp_path), name="whole")
    configs = [fold.run.read("config.json")["settings"] for fold in whole.results]
    sizes = [len(TrainingData.load(replace(settings, fold=i + 1)).train) for i in range(folds)]
    least = min(sizes) // 10
    fitting = (n for n in range(least, 64) if n == 1 or all(size % n != 1 for size in sizes))
    assert {config["batch_size"] for config in configs} == {next(fitting)}

    shutil.copytree(tmp_path / "whole", tmp_path / "a")
    for name in ["folds.json", *(f"fold-{number}" for number in range(2, folds + 1))]:
        path = tmp_path / "a" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    train_or_resume_folds(settings, out=str(tmp_path), name="a", data_dir=None)
    for number in range(1, folds + 1):
        models = [tmp_path / run / f"fold-{number}/model.safetensors" for run in ("a", "whole")]
        assert models[0].read_bytes() == models[1].read_bytes()
    assert repeat_run(tmp_path / f"a/fold-{folds}", out=str(tmp_path), name="again").identical


def test_what_a_kill_left_before_the_first_fold_began_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a/fold-1").mkdir(parents=True)
    settings = Settings(data="digits", hidden=(), epochs=1, folds=2)
    assert len(run_folds(settings, out=str(tmp_path), name="a").results) == 2

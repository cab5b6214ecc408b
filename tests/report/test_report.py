"""Reports of every kind of run: complete, self-contained and accessible."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.model.file import METRICS_FILE
from glassnet.report.report import write_report
from glassnet.runs.data import chosen_settings
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training
from tests import crashing
from tests.pages.test_html import Read

PICTURES = {"network": "cnn", "filters": (2, 4), "epochs": 1}
TEXTS = {
    "network": "gru", "units": 3, "embedding": 4, "epochs": 1,
    "text_column": "what", "label_column": "kind",
}  # fmt: skip
CORPUS = {"network": "char-lm", "width": 4, "heads": 1, "depth": 1, "max_length": 16, "epochs": 1}
RUNS = {
    "pictures": ("digits", "numbers", PICTURES),
    "texts": ("said.csv", "texts", TEXTS | {"batch_size": 64}),  # too few steps to be right
    "corpus": ("book.txt", "corpus", CORPUS),
    "folder": ("noise", "images", PICTURES),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = [f"{('an awful', '<b>a</b>')[i % 2]} film {i},{'-+'[i % 2]},x" for i in range(60)]
    (folder / "said.csv").write_text("\n".join(["what,kind,body", *rows]))
    (folder / "book.txt").write_text("the cat sat on the mat. " * 100)
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 255, (60, 8, 8))):
        path = folder / "noise" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    return folder


@pytest.fixture(scope="module", params=RUNS)
def html(request: pytest.FixtureRequest, folder: Path) -> str:
    data, kind, chosen = RUNS[request.param]
    name = data if data == "digits" else str(folder / data)
    settings = choose(name, kind, **chosen)
    run = run_training(settings, out=str(folder / "runs"), name=request.param).run
    return write_report(str(run.folder)).read_text(encoding="utf-8")


def test_it_is_self_contained(html: str) -> None:
    read = Read(html)
    for name, attributes in read.tags:
        assert name != "script"
        for key in ("src", "href", "xlink:href"):
            target = attributes.get(key) or "#"
            assert target.startswith(("#", "data:")), (name, target)
        assert not any(key.startswith("on") for key in attributes)
    assert "url(http" not in html
    assert "@import" not in html


def test_screen_readers_can_read_it(html: str) -> None:
    read = Read(html)
    assert all(a.get("aria-label") for name, a in read.tags if name == "svg")
    names = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(names) == len(set(names))
    links = {a["href"] for name, a in read.tags if name == "a"}
    assert {(link or "")[1:] for link in links} <= set(names)
    levels = [int(name[1]) for name, _ in read.tags if re.fullmatch(r"h\d", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_is_complete(html: str) -> None:
    text = "\n".join(Read(html).texts)
    for heading in ("Training", "The network", "Model card", "Settings and manifest"):
        assert heading in text
    assert "[More Information Needed]" not in text
    assert "glassnet repeat" in text
    assert "sha256" in text


def test_the_card_counts_the_validation_examples(html: str) -> None:
    read = Read(html)
    assert re.search(r"[1-9]\d* held-out training examples", "\n".join(read.texts))


@pytest.mark.parametrize("html", ["texts"], indirect=True)
def test_texts_are_shown_as_they_are(html: str) -> None:
    assert "<b>a</b> film" not in html
    assert "<b>a</b> film" in "".join(Read(html).texts)


def test_a_folder_that_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"config\.json: can't be read"):
        write_report(str(tmp_path))


@pytest.mark.parametrize(
    "change", [{"findings": ["bad"]}, {"findings": 3}, {"seconds": "x"}, {"changes": {}}]
)
def test_invalid_metrics_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    crashing.data_file(tmp_path / "data.npz")
    run = crashing.train(tmp_path / "run", epochs=1).run
    run.write(METRICS_FILE, run.read(METRICS_FILE) | change)
    with pytest.raises(
        GlassnetError, match=r"metrics\.json: does not have the format that glassnet writes"
    ):
        write_report(str(run.folder))


def test_classes_may_have_any_names(tmp_path: Path) -> None:
    names = ["$\\frac$", "外套", 'id="a" <b>', "1.23456 & more"]
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 255, (80, 6, 6)).astype("uint8"), np.arange(80) % 4
    np.savez(
        tmp_path / "odd.npz", x_train=x[:60], y_train=y[:60], x_test=x[60:], y_test=y[60:],
        class_names=np.array(names),
    )  # fmt: skip
    settings = choose(str(tmp_path / "odd.npz"), "numbers", hidden=(4,), epochs=1)
    run = run_training(settings, out=str(tmp_path)).run
    text = "".join(Read(write_report(str(run.folder)).read_text(encoding="utf-8")).texts)
    for name in names:
        assert text.count(name) > 3, name


def test_mistakes_name_the_files_of_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(60):  # noise: some are predicted wrongly
        path = tmp_path / "noise" / "ab"[i % 2] / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (6, 6), np.uint8)).save(path)
    settings = chosen_settings(str(tmp_path / "noise"), "mlp", hidden=(4,), epochs=1)
    run = run_training(settings, out=str(tmp_path)).run
    mistakes = evaluate_run(str(run.folder)).mistakes  # type: ignore[union-attr]
    assert mistakes
    text = "\n".join(Read(write_report(str(run.folder)).read_text(encoding="utf-8")).texts)
    assert all(text.count(one.file or "") >= 1 for one in mistakes)


def test_a_slow_network_s_report_says_that_less_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = choose("digits", "numbers", epochs=1, hidden=(4,))
    folder = str(run_training(settings, out=str(tmp_path), name="run").run.folder)
    less = "The network is slow, so less is computed"
    assert less not in write_report(folder).read_text(encoding="utf-8")
    monkeypatch.setattr("glassnet.report.explanations._SECONDS", 0.0)
    assert less in write_report(folder).read_text(encoding="utf-8")

"""Texts made byte by byte."""

from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.text.datasets import make_corpus
from glassnet.model.model import Model
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.runs.generate import generate
from glassnet.runs.settings import Settings

ALPHABET = b"abcdefghijklmnopqrstuvwxyz" * 40


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network that knows the alphabet, in windows of 7 that begin with each letter."""
    data = make_corpus("abc", ALPHABET, ALPHABET[:100], "here", window=7)
    settings = Settings(
        network="char-lm", width=16, depth=1, heads=2, dropout=0.0, learning_rate=0.01, epochs=40,
        batch_size=16, validation_split=0.0,
    )  # fmt: skip
    model = new_model(TrainingData(settings, data))
    model.fit(data.x_train, data.y_train, 16, 40, verbose=0)
    path = tmp_path_factory.mktemp("run") / "model.safetensors"
    model.save(path)
    return str(path)


def test_it_goes_on_where_the_prompt_ends_and_beyond_its_window(run: str) -> None:
    assert generate(run, "abc", 30, temperature=0) == "abcdefghijklmnopqrstuvwxyzabcdefg"
    assert generate(run, "x", 3, temperature=0) == "xyza"


def test_seeds_and_temperatures(run: str) -> None:
    hot = [generate(run, "abc", 40, temperature=5.0, seed=seed) for seed in (1, 1, 2)]
    assert hot[0] == hot[1] != hot[2]
    assert generate(run, "abc", 20, temperature=0.01) == generate(run, "abc", 20, temperature=0)


def test_any_bytes_make_a_text(run: str) -> None:
    text = generate(run, "é\udcff", 60, temperature=100)
    text.encode()
    assert text.startswith("é")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"length": 0}, "--length"),
        ({"temperature": -1.0}, "--temperature"),
        ({"temperature": float("nan")}, "--temperature"),
        ({"seed": -1}, "--seed"),
        ({"prompt": ""}, "--prompt"),
    ],
)
def test_wrong_options(run: str, options: dict, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        generate(run, **options)


def test_networks_that_do_not_continue_texts(tmp_path: Path, run: str) -> None:
    other = Model("mlp", (4,), classes=2)
    other.save(tmp_path / "model.safetensors")
    with pytest.raises(GlassnetError, match="was not trained on texts"):
        generate(str(tmp_path))
    model = Model.load(run)
    model.about["tokenizer"]["length"] = 9
    model.save(tmp_path / "wrong.safetensors")
    with pytest.raises(GlassnetError, match="rows of 9 tokens, but its network takes"):
        generate(str(tmp_path / "wrong.safetensors"))


def test_the_coldest_temperature_takes_the_likeliest(run: str) -> None:
    assert generate(run, "abc", 9, temperature=1e-310) == generate(run, "abc", 9, temperature=0)

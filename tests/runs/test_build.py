"""Data and settings become rows, ids and a compiled model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.data import Texts, load
from glassnet.data.dataset import make_dataset
from glassnet.data.text.datasets import make_corpus, make_texts
from glassnet.data.text.tokenizer import ByteTokenizer, WordTokenizer
from glassnet.layers import Rescaling, Sequential
from glassnet.model.model import Model
from glassnet.runs.build import new_model
from glassnet.runs.data import TrainingData
from glassnet.runs.settings import Settings, choose

TEXTS = [(f"word{i} and {'good' if i % 2 else 'bad'}", i % 2) for i in range(40)]


@pytest.fixture
def texts() -> Texts:
    return make_texts("t", TEXTS, TEXTS[:6], ("no", "yes"), "here", ByteTokenizer(40))


LSTM = Settings(network="lstm", units=4)
CHAR = Settings(network="char-lm", width=8, depth=1, heads=2)


def test_words_are_learned_from_the_rows_that_are_trained_on(texts: Texts) -> None:
    data = TrainingData(LSTM, texts).read()
    assert isinstance(data.dataset, Texts)
    assert isinstance(data.dataset.tokenizer, WordTokenizer)
    known = set(data.dataset.tokenizer.words.split(" "))
    assert known == {"and", "good", "bad", *(f"word{i}" for i in data.train.rows)}
    assert len(data.validation) == 4
    assert not known & {f"word{i}" for i in data.validation.rows}


def test_long_texts_are_cut_and_counted(texts: Texts, messages: list[str]) -> None:
    data = TrainingData(replace(LSTM, tokenizer="byte", max_length=12), texts).read()
    assert data.dataset.x_train.shape == (40, 12)
    longer = sum(len(text) > 12 for text, _ in [*TEXTS, *TEXTS[:6]])
    assert messages == [f"{longer} of 46 texts are truncated to 12 bytes"]


def test_the_end_of_a_long_text_is_watched() -> None:
    corpus = make_corpus("c", bytes(range(200)) * 5, bytes(100), "here", window=50)
    data = TrainingData(CHAR, corpus).read()
    assert data.train.rows.tolist() == list(range(17))
    assert data.validation.rows.tolist() == [17, 18]
    shorter = TrainingData(replace(CHAR, max_length=20), corpus).read()
    assert shorter.dataset.x_train.shape == (49, 20)
    model = new_model(data)
    assert model.output_shape == (50, 256)
    assert model.about["tokenizer"] == {"class": "ByteTokenizer", "length": 50}
    with pytest.raises(GlassnetError, match="--loss"):
        _ = TrainingData(replace(CHAR, loss="mean_squared_error"), corpus).test


def test_pictures_keep_a_seeded_stratified_split() -> None:
    data = TrainingData.load(Settings(data="digits"))
    rows = [*data.train.rows, *data.validation.rows]
    assert sorted(rows) == list(range(len(data.dataset.x_train)))
    assert (np.bincount(data.validation.labels) >= 14).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (replace(LSTM, tokenizer="wrd"), "Did you mean 'word'"),
        (replace(LSTM, vocabulary=3, tokenizer="byte"), "--vocabulary: is for the word"),
        (Settings(network="cnn"), "choose one of rnn, lstm, gru, text-transformer"),
    ],
)
def test_wrong_choices_for_texts(texts: Texts, settings: Settings, words: str) -> None:
    with pytest.raises(GlassnetError, match=f"(?i){words}"):
        TrainingData(settings, texts).read()


@pytest.mark.parametrize("option", [{"tokenizer": "byte"}, {"max_length": 3}, {"vocabulary": 3}])
def test_texts_options_are_for_texts(option: dict) -> None:
    with pytest.raises(GlassnetError, match="is for texts; digits has none"):
        TrainingData(Settings(**option), load("digits")).read()


def test_a_long_text_is_read_as_bytes() -> None:
    corpus = make_corpus("c", bytes(500), bytes(100), "here", window=50)
    for option in ({"tokenizer": "word"}, {"vocabulary": 9}):
        with pytest.raises(GlassnetError, match="one long text is always read as bytes"):
            TrainingData(replace(CHAR, **option), corpus).read()


def test_settings_reach_the_network_and_the_optimizer() -> None:
    data = load("digits")
    settings = Settings(network="gru", units=7, optimizer="rmsprop", momentum=0.5)
    model = new_model(TrainingData(settings, data))
    assert model.network.layers[1].units == 7
    assert (type(model.optimizer).__name__, model.optimizer.momentum) == ("RMSprop", 0.5)
    with pytest.raises(
        GlassnetError, match="gru: has no option 'hidden'; mlp, tabular, lenet, recommender have it"
    ):
        new_model(TrainingData(Settings(network="gru", hidden=(3,)), data))
    with pytest.raises(GlassnetError, match="--momentum"):
        new_model(TrainingData(Settings(momentum=0.5), data))


@pytest.mark.parametrize("size", [1e-300, 1e-41])
def test_numbers_that_float32_can_not_scale_are_refused(size: float) -> None:
    x = np.arange(40).reshape(20, 2) * size
    data = make_dataset("tiny", x, np.arange(20) % 2, x, np.arange(20) % 2, ("a", "b"), "here")
    with pytest.raises(GlassnetError, match="--scaling: can't scale values from 0 to"):
        new_model(TrainingData(Settings(validation_split=0.0), data))


def test_each_column_of_a_table_is_standardized_by_itself() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal([5.0, -900.0], [0.1, 1e4], (60, 2)), np.arange(60) % 2
    data = make_dataset("uneven", x[:40], y[:40], x, y, ("a", "b"), "here")
    settings = Settings(scaling="standardize", hidden=(), validation_split=0.0)
    model = new_model(TrainingData(settings, data))
    model.fit(x[:40].astype("float32"), y[:40], epochs=1, verbose=0)
    scaled = Model(Sequential(model.network.layers[:2]), (2,))
    scaled.set_weights(model.get_weights()[:3])
    found = scaled.predict(x[:40].astype("float32"))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-4)

    huge = make_dataset("huge", x * 1e20, y, x, y, ("a", "b"), "here")
    with pytest.raises(GlassnetError, match="--scaling: can't scale values"):
        new_model(TrainingData(settings, huge))
    pictures = load("digits")
    model = new_model(TrainingData(settings, pictures))
    assert isinstance(model.network.layers[1], Rescaling)


def test_scalings_are_checked_for_texts_too(texts: Texts) -> None:
    with pytest.raises(GlassnetError, match="unknown scaling 'bogus'"):
        new_model(TrainingData(replace(LSTM, scaling="bogus"), texts))
    for scaling in ("unit", "bogus"):
        with pytest.raises(
            GlassnetError,
            match=r"--scaling: is for arrays of numbers; a\.csv contains texts",
        ):
            choose("a.csv", "texts", scaling=scaling)


def test_the_default_schedule_by_hand(tmp_path: Path) -> None:
    """77 rows in batches of 10 are 8 steps an epoch, with the smaller last; 10% are warm-up."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(77, 2)).astype("float32"), np.arange(77) % 2
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    settings = Settings(
        data=str(tmp_path / "d.npz"), epochs=3, batch_size=10, learning_rate=0.02,
        validation_split=0.0,
    )  # fmt: skip
    optimizer = new_model(TrainingData.load(settings)).optimizer
    assert optimizer is not None
    cosine = [0.01 * (1 + np.cos(np.pi * step / 22)) for step in range(23)]
    rates = [optimizer.rate(step) for step in range(25)]
    assert rates == pytest.approx([0.0, 0.01, *cosine], abs=1e-12)


def test_only_kernels_decay() -> None:
    settings = Settings(data="digits", weight_decay=0.1, normalization="batch", hidden=(4,))
    model = new_model(TrainingData.load(settings))
    rules = {
        path: model.optimizer.rule_for(path, leaf.shape)  # type: ignore[union-attr]
        for path, leaf in items(model.params)
    }
    decays = {path.rpartition("/")[2]: rule.weight_decay for path, rule in rules.items()}
    assert decays["kernel"] == 0.1
    assert {"bias", "gamma", "beta"} <= set(decays)
    assert not any(decays[name] for name in ("bias", "gamma", "beta"))


@pytest.mark.parametrize(
    ("schedule", "highest", "last"),
    [("constant", 0.02, 0.02), ("cosine", 0.02, 1e-6), ("one-cycle", 0.02, 1e-6)],
)
def test_schedules_end_with_the_training(schedule: str, highest: float, last: float) -> None:
    settings = Settings(
        data="digits", schedule=schedule, learning_rate=0.02, epochs=4, batch_size=32
    )
    data = TrainingData.load(settings)
    optimizer = new_model(data).optimizer
    assert optimizer is not None
    steps = settings.epochs * -(-len(data.train) // settings.batch_size)
    rates = [optimizer.rate(step) for step in range(steps)]
    assert max(rates) == pytest.approx(highest, rel=1e-3)
    assert rates[-1] == pytest.approx(last, abs=1e-4)

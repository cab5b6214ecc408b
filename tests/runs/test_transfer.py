"""What a training that starts from a model takes over from it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import BatchNormalization, Dense, Flatten, Normalization, Rescaling
from glassnet.layers.low_rank import adapters_of
from glassnet.model.model import Model
from glassnet.runs.source import Source, Transfer
from glassnet.runs.transfer import adapt_layers, form_of, freeze_layers, transferred

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 6, 6)).astype("uint8")
TABLE = np.random.default_rng(1).normal(size=(40, 4)).astype("float32") * [1, 10, 5, 2] + 3
NAMES = ("cat", "dog", "owl")


def images(**about: Any) -> Model:
    layers = [Flatten(), Rescaling(1 / 255), Dense(8, "relu"), BatchNormalization()]
    model = Model([*layers, Dense(3, "softmax")], (6, 6), class_names=NAMES)
    form = {"height": 6, "width": 6, "low": 0.0, "high": 255.0, "background": "none"}
    model.about = {"preprocessing": form | about}
    return model


def start(model: Model, x: Any = IMAGES, names: tuple[str, ...] = NAMES, **options: Any) -> Model:
    return transferred(Source("source", model), x, len(names), "softmax", names, **options)


def test_the_same_classes_keep_the_head(messages: list[str]) -> None:
    model = images()
    new = start(model)
    np.testing.assert_array_equal(new.predict(IMAGES), model.predict(IMAGES))
    assert "layer 'dense_1' is kept" in messages[0]
    record = Transfer.of(new)
    assert record is not None
    assert record.common_classes == NAMES
    assert (record.new, record.scaling) == ((), "")
    assert record.taken == ("dense", "batch_normalization", "dense_1")


def test_classes_are_matched_by_name_and_not_by_position(messages: list[str]) -> None:
    model = images()
    new = start(model, names=("owl", "cat", "dog"))
    np.testing.assert_allclose(new.predict(IMAGES), model.predict(IMAGES)[:, [2, 0, 1]], rtol=1e-6)
    assert "in another order" in messages[0]


def test_common_classes_keep_their_outputs(messages: list[str]) -> None:
    model = images()
    new = start(model, names=("bee", "owl"))
    old, kernel = (m.params["dense_1"]["kernel"] for m in (model, new))
    np.testing.assert_array_equal(kernel[:, 1], old[:, 2])
    assert not np.isin(kernel[:, 0], old).any()
    assert "keeps 1 output; new are bee" in messages[0]
    record = Transfer.of(new)
    assert record is not None
    assert (record.common_classes, record.new) == (("owl",), ("dense_1",))


@pytest.mark.parametrize(("old", "new"), [(NAMES, ("a", "b", "c")), ((), NAMES)])
def test_other_classes_get_a_new_head(
    old: tuple[str, ...], new: tuple[str, ...], messages: list[str]
) -> None:
    model = images()
    model.class_names = old
    made = start(model, names=new, seed=1)
    assert not np.isin(made.params["dense_1"]["kernel"], model.params["dense_1"]["kernel"]).any()
    assert "is new" in messages[0]


def test_other_values_are_scaled_to_the_same_range(messages: list[str]) -> None:
    model = images()
    new = start(model, IMAGES / 255)
    np.testing.assert_allclose(new.predict(IMAGES / 255), model.predict(IMAGES), rtol=1e-4)
    (line,) = (line for line in messages if "scaling is fitted again" in line)
    assert "from 0 to 1, those of the source from 0 to 255" in line
    record = Transfer.of(new)
    assert record is not None
    assert record.scaling in line
    kept: Any = start(model, IMAGES).network.at("rescaling")
    assert (kept.scale, kept.offset) == (1 / 255, 0)


def test_a_normalization_is_kept_unless_the_columns_are_elsewhere(messages: list[str]) -> None:
    model = Model([Normalization(), Dense(5, "relu"), Dense(3, "softmax")], (4,))
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(TABLE, np.arange(40) % 3, verbose=0)
    kept = start(model, TABLE + 1)
    mean = model.params["normalization"]["mean"]
    np.testing.assert_array_equal(kept.params["normalization"]["mean"], mean)
    again = start(model, TABLE * 1000)
    assert again.params["normalization"]["count"] == 0  # it is fitted before the first step
    assert "means up to" in messages[-1]


def test_photos_are_prepared_as_the_source_s_if_the_images_are_alike(messages: list[str]) -> None:
    x = np.zeros((20, 6, 6), "uint8")
    x[:, 2:4, 2:4] = 200
    dark = Source("source", images(background="dark"))
    form = form_of(dark, x)
    assert form is not None
    assert form == dark.preprocessing
    assert not messages
    light = form_of(dark, 255 - x)
    assert light is not None
    assert light.background == "light"
    assert "because the images have a light background" in messages[0]


@pytest.mark.parametrize(
    ("shape", "path", "words"),
    [
        ((30, 8, 8), "run", r"takes examples of shape \(6, 6\); these have \(8, 8\)"),
        ((30, 6, 6, 1), "run", r"Reshape the examples to \(6, 6\)"),
        ((30, 6, 6, 1), "x.keras", "glassnet import"),
    ],
)
def test_another_shape_is_refused(shape: tuple[int, ...], path: str, words: str) -> None:
    with pytest.raises(GlassnetError, match=words):
        transferred(Source(path, images()), np.zeros(shape), 3, "softmax", NAMES)


def test_the_source_stays_as_it_is() -> None:
    model = images()
    before = {path: leaf.tobytes() for path, leaf in items(model.params)}
    new = start(model, names=("a", "b"))
    freeze_layers(new, "dense")
    new.compile("sgd", "sparse_categorical_crossentropy")
    new.fit(IMAGES, np.arange(30) % 2, verbose=0)
    assert {path: leaf.tobytes() for path, leaf in items(model.params)} == before
    assert model.frozen_layers == frozenset()


@pytest.mark.parametrize(
    ("patterns", "trained"),
    [
        ("all-but-head", {"dense_1"}),
        ("dense", {"batch_normalization", "dense_1"}),
        ("batch*, dense", {"dense_1"}),
    ],
)
def test_layers_are_frozen_by_patterns(patterns: str, trained: set[str]) -> None:
    model = images()
    freeze_layers(model, patterns)
    assert {weight.path.split("/")[0] for weight in model.trainable_weights} == trained


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    model = images()
    with pytest.raises(GlassnetError, match=r"matches 'conv\*'\. There are dense, batch_norm"):
        freeze_layers(model, "dense,conv*")
    assert model.frozen_layers == frozenset()


def test_adapters_are_on_all_layers_but_the_head_and_frozen_ones() -> None:
    model = images()
    adapt_layers(model, 2)
    paths = {path for path, _ in items(model.params) if "lora" in path}
    assert {path.split("/")[0] for path in paths} == {"dense"}
    frozen = images()
    freeze_layers(frozen, "all-but-head")
    with pytest.raises(GlassnetError, match="no layer can have adapters"):
        adapt_layers(frozen, 2)


def test_a_layer_with_the_name_of_the_head_or_of_a_frozen_one_gets_adapters() -> None:
    inner = Model([Dense(4, name="own"), Dense(4, name="frozen"), Dense(3, name="head")], (4,))
    model = Model([Dense(4, name="frozen"), Dense(4, name="head"), inner], (4,))
    freeze_layers(model, ["sequential/frozen"])
    adapt_layers(model, 1)
    assert set(adapters_of(model.network)) == {"frozen", "head", "sequential/own"}


def test_adapters_of_the_source_are_merged() -> None:
    model = images()
    adapt_layers(model, 2)
    model.params["dense"]["lora_kernel_b"][:] = 0.1
    new = start(model)
    np.testing.assert_allclose(new.predict(IMAGES), model.predict(IMAGES), rtol=1e-5)
    assert not any("lora" in path for path, _ in items(new.params))


def test_the_record_is_in_the_file(tmp_path: Path) -> None:
    new = start(images(), names=("a", "b"))
    new.save(tmp_path / "model.safetensors")
    assert Transfer.of(Model.load(tmp_path / "model.safetensors")) == Transfer.of(new)
    assert Transfer.of(images()) is None

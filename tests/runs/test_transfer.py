"""What a training that starts from a model takes over from it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers import BatchNormalization, Dense, Flatten, Normalization, Rescaling
from glassnet.model.model import Model
from glassnet.runs.source import Source, Transfer
from glassnet.runs.transfer import form_of, kept_outputs, transferred

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


NUMBERS = ("0", "1", "2")


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ((), (), [0, 1, 2]),
        ((), NUMBERS, [0, 1, 2]),  # a .keras file, and data without names
        (NUMBERS, NUMBERS, [0, 1, 2]),
        (NUMBERS, ("2", "1", "0"), [2, 1, 0]),
        (NUMBERS, (*NUMBERS, "3"), []),
        (NUMBERS, NUMBERS[:2], []),
        (NUMBERS, ("2", "3", "4"), []),
        ((), NAMES, []),
        (NAMES, (), []),
        (NAMES, NUMBERS, []),
        (("4", "5", "6"), ("5", "6", "7"), [1, 2]),
    ],
)  # fmt: skip
def test_classes_without_names_are_the_same_only_if_all_are(
    old: tuple[str, ...], new: tuple[str, ...], kept: list[int]
) -> None:
    columns = kept_outputs(old, 3, new, len(new) or 3)
    assert columns == dict(enumerate(kept))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (NUMBERS, NUMBERS, "is kept: the source has 3 outputs, too, and there are no names"),
        (NUMBERS, NUMBERS[:2], "is new: the source has 3 outputs, not 2, and there are no names"),
        (NAMES, NUMBERS, "is new: the source's classes have names, these have none"),
        ((), NAMES, "is new: the source's classes have no names"),
        (NAMES, ("a", "b"), "is new: no class has the same name"),
    ],
)
def test_what_becomes_of_the_head_is_said(
    old: tuple[str, ...], new: tuple[str, ...], words: str, messages: list[str]
) -> None:
    model = images()
    model.class_names = old
    record = Transfer.of(start(model, names=new))
    assert record is not None
    assert words in messages[0]
    assert (record.new == ()) == ("is kept" in words)
    assert record.common_classes == (new if "is kept" in words else ())


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
    form = form_of(dark, x, objects=True)
    assert form is not None
    assert form == dark.preprocessing
    assert not messages
    light = form_of(dark, 255 - x, objects=True)
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
    new.layers[2].trainable = False
    new.compile("sgd", "sparse_categorical_crossentropy")
    new.fit(IMAGES, np.arange(30) % 2, verbose=0)
    assert {path: leaf.tobytes() for path, leaf in items(model.params)} == before
    assert model.frozen_layers == frozenset()


def test_adapters_of_the_source_are_merged() -> None:
    model = images()
    model.enable_lora(2, layers="dense")
    model.params["dense"]["lora_kernel_b"][:] = 0.1
    new = start(model)
    np.testing.assert_allclose(new.predict(IMAGES), model.predict(IMAGES), rtol=1e-5)
    assert not any("lora" in path for path, _ in items(new.params))


def test_the_record_is_in_the_file(tmp_path: Path) -> None:
    new = start(images(), names=("a", "b"))
    new.save(tmp_path / "model.safetensors")
    assert Transfer.of(Model.load(tmp_path / "model.safetensors")) == Transfer.of(new)
    assert Transfer.of(images()) is None

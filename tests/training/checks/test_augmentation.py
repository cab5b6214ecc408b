"""Training on augmented batches: Model.fit's `augment`, on both engines."""

from typing import Any

import numpy as np
import pytest

from glassnet import Adam, Dense, Flatten, GlassnetError, Model, Rescaling, to_categorical
from glassnet.data.augmentation import MixUp, RandomShift

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (40, 8, 8), dtype=np.uint8)
Y = RNG.integers(0, 3, 40)


def fitted(
    augment: Any, engine: str = "numpy", y: Any = Y, loss: str = "sparse_categorical_crossentropy"
) -> Model:
    model = Model([Rescaling(1 / 255), Flatten(), Dense(3, "softmax")], (8, 8), seed=1)
    model.compile(Adam(0.01), loss, ["accuracy"])
    model.fit(X, y, 16, 3, verbose=0, augment=augment, engine=engine)
    return model


def kernels(*models: Model) -> list[np.ndarray]:
    return [model.params["dense"]["kernel"] for model in models]


@pytest.mark.parametrize("augment", ["flip,shift", "mixup", "cutmix,erasing,rotation"])
def test_engines_train_on_the_same_augmented_images(augment: str) -> None:
    pytest.importorskip("jax")
    plain, numpy, jax = kernels(fitted(None), fitted(augment), fitted(augment, "jax"))
    assert (plain != numpy).any()
    np.testing.assert_allclose(numpy, jax, atol=2e-5)


def test_labels_and_one_hot_targets_are_mixed_alike() -> None:
    one_hot = fitted("mixup", y=to_categorical(Y, 3), loss="categorical_crossentropy")
    np.testing.assert_allclose(*kernels(fitted("mixup"), one_hot), atol=1e-6)


def test_evaluation_uses_the_original_images() -> None:
    model = fitted("flip,shift")
    first = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0) == first
    np.testing.assert_array_equal(model.predict(X), model.predict(X))


def test_what_does_not_go_together_is_refused_before_the_first_step() -> None:
    model = Model([Flatten(), Dense(3, "softmax")], (8, 8))
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()[0]
    for options, message in (
        ({"augment": "mixup", "sample_weight": np.ones(40)}, "weighted examples can't be mixed"),
        ({"augment": RandomShift(9)}, "would move all of an image"),
        ({"augment": "blur"}, "unknown augmentation 'blur'"),
    ):
        with pytest.raises(GlassnetError, match=message):
            model.fit(X, Y, verbose=0, **options)  # type: ignore[arg-type]
    np.testing.assert_array_equal(model.get_weights()[0], before)
    table = Model([Dense(3, "softmax")])
    table.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(GlassnetError, match="RandomFlip: takes images"):
        table.fit(X.reshape(40, 64), Y, augment="flip")
    table.fit(X.reshape(40, 64) / 255, Y, verbose=0, augment=MixUp())

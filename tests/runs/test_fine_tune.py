"""`fine_tune`: in one call, from a model in memory or in a file."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.doctor import DoctorWarning
from glassnet.layers import BatchNormalization, Dense, Input
from glassnet.losses import BinaryCrossentropy
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam
from glassnet.runs.defaults import FINE_TUNING
from glassnet.runs.fine_tune import fine_tune
from glassnet.training.callbacks import TerminateOnNaN

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5)).astype("float32")
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def body(units: int = 3, activation: str = "softmax", **options: Any) -> Model:
    return Model([Dense(8, "tanh"), Dense(units, activation)], (5,), seed=1, **options)


def tuned(source: Any, y: Any = Y, **options: Any) -> Model:
    return fine_tune(source, X, y, **{"epochs": 2, "verbose": 0, "learning_rate": 0.05} | options)


def test_it_learns_and_returns_a_new_model() -> None:
    source = body(5)
    before = [weight.tobytes() for weight in source.get_weights()]
    model = tuned(source, epochs=30, validation_split=0.2, batch_size=8)
    assert model.history is not None
    assert len(model.history.history["val_accuracy"]) == 30
    assert model.history.history["accuracy"][-1] > 0.9
    assert model.output_shape == (3,)
    assert [weight.tobytes() for weight in source.get_weights()] == before
    assert glassnet.fine_tune is fine_tune


def test_from_a_file(tmp_path: Path) -> None:
    body(5).save(tmp_path / "model.safetensors")
    a, b = tuned(tmp_path / "model.safetensors"), tuned(body(5))
    for one, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("y", "loss", "shape"),
    [
        (Y, "SparseCategoricalCrossentropy", (3,)),
        (np.eye(3)[Y], "CategoricalCrossentropy", (3,)),
        (X[:, 0], "MeanSquaredError", (1,)),
        (X[:, :2], "MeanSquaredError", (2,)),
        ((Y > 1).astype("float32"), "BinaryCrossentropy", (1,)),
        (X[:, :2] > 0, "BinaryCrossentropy", (2,)),
    ],
)
def test_the_loss_follows_from_the_targets(y: Any, loss: str, shape: tuple[int, ...]) -> None:
    model = tuned(body(7), y)
    assert type(model.loss).__name__ == loss
    assert model.output_shape == shape


def test_the_loss_of_the_source_is_kept_if_it_takes_the_targets() -> None:
    binary = body(1, "sigmoid")
    binary.compile("sgd", BinaryCrossentropy(label_smoothing=0.1))
    assert tuned(binary, Y > 1).loss == binary.loss
    values = body(1, "linear")
    values.compile("sgd", "mae")
    model = tuned(values, X[:, 0], epochs=0)
    assert model.loss == values.loss
    np.testing.assert_array_equal(model.predict(X), values.predict(X))  # the head is kept
    assert type(tuned(values, X[:, 0], loss="mse").loss).__name__ == "MeanSquaredError"


def test_class_names_keep_the_outputs_of_the_same_names() -> None:
    source = body(class_names=("a", "b", "c"))
    assert not same_head(tuned(source, epochs=0), source)  # are these its classes?
    model = tuned(source, epochs=0, class_names=("c", "a", "b"))
    np.testing.assert_allclose(model.predict(X), source.predict(X)[:, [2, 0, 1]], rtol=1e-6)
    assert model.class_names == ("c", "a", "b")


def same_head(model: Model, source: Model) -> bool:
    a, b = (m.params["dense_1"]["kernel"] for m in (model, source))
    return a.shape == b.shape and np.array_equal(a, b)


def test_without_names_the_head_is_kept_if_there_are_as_many_classes(capsys: Any) -> None:
    source = body()
    assert same_head(tuned(source, epochs=0, verbose=2), source)
    assert "from the model: layer 'dense_1' is kept" in capsys.readouterr().err
    assert not same_head(tuned(source, epochs=0, class_names=("a", "b", "c")), source)
    assert not same_head(tuned(body(4), epochs=0), source)
    assert not capsys.readouterr().err  # verbose=0


def test_what_is_frozen_in_the_source_stays_frozen(capsys: Any) -> None:
    source = tuned(body(), freeze="all-but-head")
    again = tuned(source, verbose=2)
    assert again.frozen_layers == {"dense"}
    assert "1 layer stays frozen as in the source" in capsys.readouterr().err
    assert not tuned(source, freeze=()).frozen_layers


def warned(source: Model, x: Any = X, y: Any = Y, **options: Any) -> str:
    with pytest.warns(DoctorWarning) as caught:
        fine_tune(source, x, y, **{"epochs": 2, "verbose": 0} | options)
    assert {one.filename for one in caught} == {__file__}  # the line that calls it
    return "\n".join(str(one.message) for one in caught)


def test_the_doctor_s_warnings_of_fine_tuning() -> None:
    layers = [Dense(8, use_bias=False), BatchNormalization(), Dense(3, "softmax")]
    source = Model(layers, (5,))
    source.compile("adam", "sparse_categorical_crossentropy")
    source.fit(X, Y, epochs=40, verbose=0)
    frozen = warned(source, X * 100, freeze="all-but-head")
    assert "layer batch_normalization: standardizes by statistics of other data" in frozen
    high = warned(source, learning_rate=1.0, validation_split=0.2)
    assert "the validation loss: was" in high
    assert "learning_rate: is too high" in warned(source, learning_rate=99.0, optimizer="sgd")
    others = warned(source, y=(Y + 1) % 3)
    assert "the head: keeps its outputs, because there are as many as in the source" in others


def test_another_training_inside_has_no_origin() -> None:
    class Trains(glassnet.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            other = body()
            other.compile(SGD(99.0), "sparse_categorical_crossentropy")
            other.fit(X, Y, verbose=0)  # without a warning

    tuned(body(), callbacks=Trains())


def test_freezing_and_unfreezing() -> None:
    source = body()
    kernel = source.params["dense"]["kernel"]
    frozen = tuned(source, freeze="all-but-head")
    np.testing.assert_array_equal(frozen.params["dense"]["kernel"], kernel)
    later = tuned(source, unfreeze_at=1, callbacks=TerminateOnNaN())
    assert not np.array_equal(later.params["dense"]["kernel"], kernel)
    assert not later.frozen_layers
    np.testing.assert_array_equal(tuned(source, freeze=["dense"]).params["dense"]["kernel"], kernel)


def test_layer_decay_and_adapters() -> None:
    assert tuned(body(), layer_decay=0.5, optimizer=SGD(0.1)).compiled.optimizer.layer_decay == 0.5
    model = tuned(body(), lora=2)
    assert [path for path, _ in items(model.params) if "lora" in path]


def test_the_learning_rate_is_the_optimizer_s_unless_it_is_given() -> None:
    def rate(**options: Any) -> float:
        model = fine_tune(body(), X, Y, epochs=0, verbose=0, **options)
        return float(model.compiled.optimizer.rate(0))

    assert rate(optimizer=Adam(0.5)) == 0.5
    assert rate(optimizer=Adam(0.5), learning_rate=0.25) == 0.25
    assert rate() == FINE_TUNING.learning_rate


def test_the_engines_agree() -> None:
    pytest.importorskip("jax")
    a, b = (tuned(body(), unfreeze_at=1, engine=name) for name in ("numpy", "jax"))
    for one, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_what_it_can_t_do_is_refused() -> None:
    a, b = Input((5,)), Input((5,))
    with pytest.raises(GlassnetError, match="multiple inputs"):
        tuned(Model([a, b], Dense(2)(a + b)))
    with pytest.raises(GlassnetError, match="has no weights yet"):
        tuned(Model([Dense(2)]))
    with pytest.raises(GlassnetError, match="arrays, not data in batches"):
        fine_tune(body(), iter([(X, Y)]), None)
    with pytest.raises(GlassnetError, match=r"takes examples of shape \(5,\)"):
        fine_tune(body(), X[:, :3], Y)


@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (np.where(Y > 1, "cat", "dog"), {}, "must contain numbers. Convert names to numbers"),
        (Y[:0], {}, "y: has no rows"),
        (Y, {"freeze": True}, "freeze: must be names of layers"),
        (Y, {"freeze": "*"}, "freeze: no layer is left to train"),
        (Y, {"unfreeze_at": 2}, "unfreeze_at: must be below the number of epochs, 2; got 2"),
        (Y, {"lora": 0}, "lora: must be a whole number"),
        (Y, {"lora": 2, "unfreeze_at": 1}, "lora: does not combine with unfreeze_at"),
        (Y, {"lora": 9}, "rank 9 saves nothing"),
        (Y, {"freez": 1}, "fine_tune: unknown argument 'freez'. Did you mean 'freeze'? Known: aug"),
        (Y, {"merge_lora": True}, "takes no merge_lora. Call model.merge_lora() on the model"),
    ],
)
def test_mistakes_are_explained(y: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=re.escape(words)):
        tuned(body(), y, **options)


def test_whole_numbers_are_ambiguous_after_a_regression() -> None:
    values = body(1, "linear")
    values.compile("sgd", "mse")
    with pytest.raises(GlassnetError, match=r"contains whole numbers.*MeanSquaredError"):
        tuned(values, Y)
    assert tuned(values, Y, loss="sparse_categorical_crossentropy").output_shape == (3,)

"""Model: Keras's habits, end to end."""

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.layers import Dense, Dropout, Flatten, Normalization, Sequential
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.model.model import Model
from glassnet.optimizers import SGD, Adam, CosineDecay
from glassnet.training.callbacks import Callback, EarlyStopping, Record

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 2, 3)).astype(np.float32)
Y = (X[:, 0, 0] > 0).astype(int) + (X[:, 1, 1] > 0)


def model(**options: Any) -> Model:
    layers = [Flatten(), Normalization(), Dense(8, "relu"), Dropout(0.1), Dense(3, "softmax")]
    return Model(layers, **options)


def trained(epochs: int = 2, **options: Any) -> Model:
    made = model(**options)
    made.compile(Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"])
    made.fit(X, Y, epochs=epochs, verbose=0)
    return made


# -- making --------------------------------------------------------------------------------------


def test_weights_are_made_when_built_or_when_data_come() -> None:
    assert not model().built
    early, late = model(input_shape=(2, 3)), model()
    late.compile("sgd", "sparse_categorical_crossentropy")
    late.fit(X, Y, epochs=0, verbose=0)
    assert early.input_shape == late.input_shape == (2, 3)
    assert early.output_shape == late.output_shape == (3,)
    np.testing.assert_array_equal(early.params["dense"]["kernel"], late.params["dense"]["kernel"])


def test_seed_and_dtype() -> None:
    kernels = [
        model(input_shape=(2, 3), seed=seed, dtype=dtype).params["dense"]["kernel"]
        for seed, dtype in ((0, "float32"), (1, "float32"), (0, "float64"))
    ]
    assert (kernels[0] != kernels[1]).all()
    assert kernels[2].dtype == np.float64
    np.testing.assert_array_equal(kernels[2].astype(np.float32), kernels[0])


def test_the_default_network_has_the_seeds_number_of_weights() -> None:
    made = Model("mlp", input_shape=(28, 28), classes=10)
    assert made.count_params() == 101_770
    assert made.output_shape == (10,)


def test_a_recipe_is_told_the_shape_that_the_model_is_told() -> None:
    assert Model("cnn", (28, 28), classes=10).input_shape == (28, 28)
    with pytest.raises(GlassnetError, match=r"lenet: .*height, width"):
        Model("lenet", (28,), classes=10)
    with pytest.raises(GlassnetError, match="lenet: needs shape="):
        Model("lenet", classes=10)


def test_weights_go_in_and_out() -> None:
    a, b = model(input_shape=(2, 3)), model(input_shape=(2, 3), seed=1)
    b.set_weights(a.get_weights())
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    a.get_weights()[3][...] = np.nan  # copies
    assert np.isfinite(a.predict(X)).all()


def test_summary_is_keras_s_table() -> None:
    lines: list[str] = []
    layers = [Flatten(), Dense(128, "relu"), Dense(10, "softmax", name="out")]
    Model(layers, input_shape=(28, 28)).summary(lines.append)
    (text,) = lines
    for row in (
        ("Layer (type)", "Output Shape", "Param #"),
        ("flatten (Flatten)", "(None, 784)", "0"),
        ("dense (Dense)", "(None, 128)", "100,480"),
        ("out (Dense)", "(None, 10)", "1,290"),
    ):
        lines = [" ".join(line.split()) for line in text.splitlines()]
        assert sum(line.startswith(" ".join(row)) for line in lines) == 1
    assert "Total params: 101,770" in text
    assert "Trainable params: 101,770" in text
    assert "Non-trainable params: 0" in text


def test_summary_prints_and_counts_what_training_leaves_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model(input_shape=(2, 3)).summary()
    printed = capsys.readouterr().out
    assert "Trainable params: 83" in printed
    assert "Non-trainable params: 13" in printed
    Model(Dense(2), input_shape=(3,)).summary()
    assert "dense (Dense)  (None, 2)" in capsys.readouterr().out


# -- training ------------------------------------------------------------------------------------


def test_digits_are_really_learned() -> None:
    from sklearn.datasets import load_digits

    data = load_digits()
    x, y = data.images.astype(np.uint8), data.target
    made = Model([Flatten(), Normalization(), Dense(64, "relu"), Dense(10, "softmax")])
    steps = 30 * 1348 // 32
    made.compile(Adam(CosineDecay(0.005, steps)), "sparse_categorical_crossentropy", ["accuracy"])
    history = made.fit(
        x, y, epochs=30, validation_split=0.25, stratify=True, verbose=0,
        callbacks=[EarlyStopping(patience=8, restore_best_weights=True)],
    )  # fmt: skip
    assert max(history.history["val_accuracy"]) > 0.95
    assert history.history["loss"][-1] < 0.1 * history.history["loss"][0]
    assert (made.predict(x).argmax(axis=1) == y).mean() > 0.97


@pytest.mark.parametrize(
    ("loss", "last", "targets"),
    [
        ("sparse_categorical_crossentropy", "softmax", Y),
        ("categorical_crossentropy", "softmax", np.eye(3)[Y]),
        ("binary_crossentropy", "sigmoid", np.eye(3)[Y]),
        ("mse", None, np.eye(3)[Y]),
        ("mae", "sigmoid", np.eye(3)[Y]),
        ("squared_error", "sigmoid", np.eye(3)[Y]),
        ("categorical_focal_crossentropy", "softmax", np.eye(3)[Y]),
        ("sparse_categorical_focal_crossentropy", "softmax", Y),
        ("binary_focal_crossentropy", "sigmoid", np.eye(3)[Y]),
        ("kl_divergence", "softmax", np.eye(3)[Y]),
        ("poisson", "softplus", np.eye(3)[Y]),
        ("huber", None, np.eye(3)[Y]),
        ("log_cosh", None, np.eye(3)[Y]),
        ("cosine_similarity", None, np.eye(3)[Y]),
        ("hinge", None, 2 * np.eye(3)[Y] - 1),
        ("squared_hinge", None, np.eye(3)[Y]),
        ("categorical_hinge", None, np.eye(3)[Y]),
        (SparseCategoricalCrossentropy(label_smoothing=0.1), "softmax", Y),
        (SparseCategoricalCrossentropy(from_logits=True), None, Y),
    ],
    ids=str,
)
def test_every_loss_trains_and_is_evaluated(loss: Any, last: str, targets: np.ndarray) -> None:
    made = Model([Flatten(), Dense(16, "tanh"), Dense(3, last)])
    made.compile(Adam(0.02), loss, ["accuracy"])
    history = made.fit(X, targets, epochs=30, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] - 0.2 * abs(history["loss"][0])
    assert history["accuracy"][-1] > 0.75
    found = made.evaluate(X, targets, verbose=0, return_dict=True)
    assert list(found) == ["loss", "accuracy"]
    assert list(found.values()) == made.evaluate(X, targets, verbose=0)
    assert found["accuracy"] > 0.75


def test_a_single_output_answers_yes_or_no() -> None:
    made = Model([Flatten(), Dense(1, "sigmoid")])
    made.compile(Adam(0.05), "binary_crossentropy", ["accuracy"])
    history = made.fit(X, Y > 0, epochs=30, verbose=0).history
    assert history["accuracy"][-1] > 0.75


def test_validation_data_and_the_last_rows() -> None:
    split, given = (model(input_shape=(2, 3)) for _ in range(2))
    for made in (split, given):
        made.compile("adam", "sparse_categorical_crossentropy")
    first = split.fit(X, Y, validation_split=0.25, verbose=0)
    second = given.fit(X[:45], Y[:45], validation_data=(X[45:], Y[45:]), verbose=0)
    assert first.history == second.history


def test_stratified_validation_has_every_class() -> None:
    order = np.argsort(Y)  # sorted labels: the last rows are all of one class
    made = model()
    made.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    kept: list[int] = []

    class Size(Callback):
        def on_epoch_begin(self, record: Record) -> None:
            kept.append(record.steps)

    history = made.fit(
        X[order], Y[order], batch_size=1, validation_split=0.2, stratify=True, verbose=0,
        callbacks=[Size()],
    )  # fmt: skip
    assert kept == [48]
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_bytes_are_cast_batch_by_batch() -> None:
    x = (np.abs(X) * 50).astype(np.uint8)
    as_bytes, as_floats = model(), model()
    for made, data in ((as_bytes, x), (as_floats, x.astype(np.float32))):
        made.compile("adam", "sparse_categorical_crossentropy")
        made.fit(data, Y, verbose=0)
    np.testing.assert_array_equal(as_bytes.predict(x), as_floats.predict(x.astype(np.float32)))


def test_fit_tells_on_stderr_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    made = trained()
    made.fit(X, Y)
    made.evaluate(X, Y)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("epoch 1/1  accuracy 0.")


def faulty(fault: str) -> None:
    made = model()
    x, y, options = X, Y, {}
    match fault:
        case "not compiled":
            made.fit(X, Y)
        case "no loss":
            made.compile("adam")
        case "metric":
            made.compile("adam", "mse", ["acuracy"])
        case "mismatch":
            made.compile("adam", SparseCategoricalCrossentropy(from_logits=True))
        case "not built":
            made.predict(X)
        case "no rows":
            x, y = X[:0], Y[:0]
        case "batch size":
            options = {"batch_size": 0}
        case "epochs":
            options = {"epochs": -1}
        case "split":
            options = {"validation_split": 1.5}
        case "validation data":
            options = {"validation_data": (X[:, :1], Y)}
        case "validation labels":
            options = {"validation_data": (X, Y + 1)}
        case "watched":
            options = {"callbacks": [EarlyStopping()]}
        case "other shape":
            made.build((3, 2))
        case "weights":
            made.build((2, 3))
            made.set_weights([np.zeros(3)])
        case "weight":
            made.build((2, 3))
            made.set_weights([np.zeros(7) for _ in made.get_weights()])
    made.compile("adam", "sparse_categorical_crossentropy")
    made.fit(x, y, verbose=0, **options)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("not compiled", r"Model: is not compiled\. Call compile"),
        ("no loss", r"Model: compile needs a loss\. One of: bce, binary_crossentropy"),
        ("metric", "unknown metric 'acuracy'"),
        ("mismatch", "expects logits"),
        ("not built", r"Model: has no weights yet\. Call build"),
        ("no rows", "x: has no rows"),
        ("batch size", "batch_size: must be a whole number ≥ 1, got 0"),
        ("epochs", "epochs: must be a whole number ≥ 0, got -1"),
        ("split", r"validation_split: must lie between 0 and 1, got 1\.5"),
        ("validation data", r"validation_x: has shape \(60, 1, 3\)"),
        ("validation labels", "validation_y: row .* has label 3"),
        ("watched", "EarlyStopping: there is no 'val_loss'"),
        ("other shape", r"x: has shape \(60, 2, 3\), but the network takes \(N, 3, 2\)"),
        ("weights", "weights: got 1 arrays for 7 weights"),
        ("weight", r"normalization/mean: has shape \(6,\), got \(7,\)"),
    ],
)
def test_faults(fault: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        faulty(fault)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("mpl",), {}, "unknown network 'mpl'. Did you mean 'mlp'"),
        (("mlp",), {}, "mlp: needs classes="),
        (("mlp",), {"classes": 3, "hiden": (3,)}, "unknown option 'hiden'. Did you mean 'hidden'"),
        (([],), {"classes": 3}, "unknown argument 'classes'"),
        (([3],), {}, "entry 0 is 3, not a layer"),
        (([Flatten()],), {"dtype": "float16"}, "dtype must be float32 or float64"),
        (([Flatten()],), {"seed": -1}, "seed: must be a whole number ≥ 0, got -1"),
    ],
)
def test_refusals(arguments: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        Model(*arguments, **options)


# -- using ---------------------------------------------------------------------------------------


def test_predictions_are_probabilities_in_the_model_s_dtype() -> None:
    y = trained().predict(X)
    assert y.shape == (60, 3)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)


def test_a_row_alone_is_the_row_in_the_batch() -> None:
    made = trained()
    whole = made.predict(X)
    for i in range(len(X)):
        np.testing.assert_allclose(made.predict(X[i : i + 1])[0], whole[i], atol=1e-6)
    np.testing.assert_allclose(made.predict(X, batch_size=7), whole, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "uint8", "bool"])
def test_any_numbers_will_do(dtype: str) -> None:
    made, x = trained(), (X > 0).astype(dtype)
    np.testing.assert_allclose(made.predict(x), made.predict(x.astype(np.float32)), atol=1e-6)
    np.testing.assert_array_equal(made.predict(x.tolist()), made.predict(x))


@pytest.mark.parametrize("batch_size", [1000, 7])
def test_nan_is_refused_with_its_row(batch_size: int) -> None:
    x = X.copy()
    x[5, 1, 2] = np.nan
    with pytest.raises(GlassnetError, match=r"x: 1 of 60 rows contain NaN.*first is row 5"):
        trained().predict(x, batch_size)


@pytest.mark.parametrize("x", [X[0], X[:, :1], np.zeros((3, 6))])
def test_another_shape_is_refused(x: np.ndarray) -> None:
    with pytest.raises(GlassnetError, match=r"x: has shape .*the network takes \(N, 2, 3\)"):
        trained().predict(x)


def test_two_threads_predict_what_one_predicts() -> None:
    made = trained()
    parts = [X[i : i + 10] for i in range(50)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(made.predict, parts * 4))
    for found, part in zip(together, parts * 4, strict=True):
        np.testing.assert_array_equal(found, made.predict(part))


# -- keeping -------------------------------------------------------------------------------------


def test_save_and_load(tmp_path: Path) -> None:
    made = trained(class_names=("a", "b", "c"), seed=3)
    made.about["note"] = "hello"
    made.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path)
    np.testing.assert_array_equal(loaded.predict(X), made.predict(X))
    assert loaded.class_names == ("a", "b", "c")
    assert (loaded.seed, loaded.metrics, loaded.about) == (3, ("accuracy",), {"note": "hello"})
    assert (loaded.optimizer, loaded.loss) == (made.optimizer, made.loss)
    assert loaded.evaluate(X, Y, verbose=0) == made.evaluate(X, Y, verbose=0)
    loaded.fit(X, Y, verbose=0)  # its weights can be trained on


def test_the_same_training_gives_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    trained().save(first)
    trained().save(second)
    assert first.read_bytes() == second.read_bytes()
    Model.load(first).save(second)
    assert first.read_bytes() == second.read_bytes()


def test_a_model_that_was_not_compiled_is_saved_too(tmp_path: Path) -> None:
    made = Model(Sequential((Flatten(), Dense(2))), input_shape=(2, 3))
    made.save(tmp_path / "model")
    loaded = Model.load(tmp_path / "model")
    assert loaded.optimizer is None
    np.testing.assert_array_equal(loaded.predict(X), made.predict(X))


def test_training_moves_the_given_rate() -> None:
    """One step of plain gradient descent, by hand."""
    made = Model(Dense(1, use_bias=False), input_shape=(1,), dtype="float64")
    made.set_weights([np.array([[2.0]])])
    made.compile(SGD(0.1), "mse")
    made.fit(np.array([[3.0]]), np.array([[0.0]]), verbose=0)
    assert made.get_weights()[0] == pytest.approx(2 - 0.1 * 2 * 6 * 3)


def test_compiling_again_starts_the_optimizer_anew() -> None:
    """A new optimizer counts its steps from 0: schedules and Adam's corrections depend on them."""
    x, y = np.random.default_rng(0).normal(size=(64, 4)), np.arange(64) % 3

    def trained(again: bool) -> list[np.ndarray]:
        model = Model([Dense(3, "softmax")], input_shape=(4,))
        start = model.get_weights()
        for _ in range(1 + again):
            model.set_weights(start)
            model.compile(Adam(CosineDecay(0.01, 10)), "sparse_categorical_crossentropy")
            model.fit(x, y, epochs=3, verbose=0)
        return model.get_weights()

    for once, twice in zip(trained(False), trained(True), strict=True):
        assert (once == twice).all()


def test_what_is_set_is_checked_as_in_the_constructor() -> None:
    model = Model([Dense(2)], input_shape=(4,))
    model.class_names = ("a", "b")
    for names in (("a", "b", "c"), ("a", "a"), ("a", "\x1b")):
        with pytest.raises(GlassnetError):
            model.class_names = names
    for name in ("network", "dtype", "seed"):
        with pytest.raises(GlassnetError, match=f"{name} can't be set"):
            setattr(model, name, getattr(model, name))
    assert model.class_names == ("a", "b")


def test_building_again_keeps_the_weights_or_is_refused() -> None:
    model = Model([Dense(2)], input_shape=(4,))
    model.set_weights([np.ones((4, 2)), np.ones(2)])
    model.build((4,))
    np.testing.assert_array_equal(model.predict(np.ones((1, 4))), [[5, 5]])
    with pytest.raises(GlassnetError, match=r"already has weights.*dense/kernel.*\(4, 2\)"):
        model.build((3,))
    assert model.input_shape == (4,)


def test_a_diverging_training_is_an_error_and_leaves_the_weights_of_the_step_before() -> None:
    model = Model([Dense(3)], input_shape=(4,))
    model.compile(SGD(1e9), "mse")
    with pytest.raises(GlassnetError, match=r"epoch \d, step \d+.*rate"):
        model.fit(np.ones((64, 4)), np.ones((64, 3)), epochs=9, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_model_that_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    model = Model([Dense(1)], input_shape=(2,))
    model.params["dense"]["kernel"][:] = np.nan
    with pytest.raises(GlassnetError, match="NaN"):
        model.save(tmp_path / "m.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:EarlyStopping. patience")  # which never stops, on purpose
def test_two_callbacks_keep_their_own_best_weights() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(60, 4)), rng.integers(0, 2, 60)
    model = Model([Dense(30, "tanh"), Dense(2, "softmax")])
    model.compile(Adam(0.05), "sparse_categorical_crossentropy")
    other = EarlyStopping("loss", patience=99)
    best = EarlyStopping("val_loss", patience=99, restore_best_weights=True)
    model.fit(x, y, epochs=30, verbose=0, validation_split=0.3, callbacks=[other, best])
    tail = slice(42, None)
    assert model.evaluate(x[tail], y[tail], verbose=0) == pytest.approx(best.best, rel=1e-5)


def test_stratify_with_one_yes_or_no_output() -> None:
    x, y = np.ones((100, 2)), np.repeat([0, 1], [90, 10])
    model = Model([Dense(1, "sigmoid")], input_shape=(2,))
    model.compile("sgd", "binary_crossentropy", ["auc"])
    history = model.fit(x, y, validation_split=0.2, stratify=True, verbose=0).history
    assert history["val_auc"] == [0.5]


def test_what_keras_users_type() -> None:
    x, y = np.zeros((8, 3), np.float32), np.zeros(8, int)
    model = Model([Dense(np.int64(2), "softmax", kernel_regularizer="l2")], seed=np.int64(1))
    model.compile("adam", "sparse_categorical_crossentropy", metrics="accuracy")
    stop = EarlyStopping("loss", verbose=1)
    model.fit(x, y, batch_size=None, callbacks=None, verbose=0)
    model.fit(x, y, batch_size=np.int64(4), epochs=3, callbacks=stop, verbose=0)
    assert model.predict(x, verbose=0).shape == (8, 2)
    assert len(model.evaluate(x, y, 4, verbose=0)) == 2
    with pytest.raises(AttributeError, match=r"Model\(\["):
        Sequential([Dense(2)]).compile("adam")
    with pytest.raises(GlassnetError, match="pair"):
        model.fit(x, y, validation_data=(x, y, y, y), verbose=0)
    with pytest.raises(GlassnetError, match="initial_epoch"):
        model.fit(x, y, initial_epoch=-1, verbose=0)


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c"), ("a", "\x1b[31m"), ("a", "a")])
def test_class_names_must_fit_and_be_readable(names: tuple[str, ...]) -> None:
    with pytest.raises(GlassnetError, match="name"):
        Model([Dense(2)], input_shape=(3,), class_names=names)


def test_an_objective_is_made_once_and_stays_behind_when_the_model_is_copied() -> None:
    made = trained()
    objective = made.objective()
    objective.compiled["an engine's program"] = (_ for _ in ())  # which nothing can copy
    assert made.objective() is objective
    copy = deepcopy(made)
    assert copy.objective() is not objective
    assert not copy.objective().compiled


def test_what_training_is_made_of_needs_compile() -> None:
    made = Model([Dense(2)], input_shape=(3,))
    for ask in (lambda: made.compiled, made.objective, lambda: made.examples(X, Y)):
        with pytest.raises(GlassnetError, match="is not compiled"):
            ask()
    made.compile("sgd", "mse")
    assert made.compiled.optimizer is made.optimizer


def test_adapted_weights_are_those_of_the_data_and_change_nothing() -> None:
    made = Model([Normalization(), Dense(2)], input_shape=(3,))
    before = made.params["normalization"]["mean"].copy()
    adapted = made.adapted(X[:, 0])
    np.testing.assert_allclose(adapted["normalization"]["mean"], X[:, 0].mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(made.params["normalization"]["mean"], before)


def test_weights_loaded_keep_the_optimizer_and_a_loaded_model_says_that_its_state_is_new(
    tmp_path: Path, messages: list[str]
) -> None:
    x = np.random.default_rng(0).normal(size=(12, 4))
    y = np.tanh(x[:, :2])

    def fitted(model: Model) -> Model:
        model.fit(x, y, verbose=0, shuffle=False)
        return model

    models = [Model([Dense(2, "tanh")], (4,)) for _ in range(2)]
    for model in models:
        model.compile(Adam(0.1), "mse")
        fitted(model)
    models[1].save_weights(tmp_path / "w.safetensors")
    models[1].load_weights(tmp_path / "w.safetensors")
    for ours, theirs in zip(*(fitted(m).get_weights() for m in models), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not messages
    models[0].save(tmp_path / "m.safetensors")
    loaded = fitted(fitted(Model.load(tmp_path / "m.safetensors")))
    assert len([m for m in messages if "starts with a new state" in m]) == 1
    loaded.compile("adam", "mse")
    fitted(loaded)
    assert len(messages) == 1

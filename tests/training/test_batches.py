"""Data in batches: every kind trains as the same arrays do, and what does not fit is named."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import (
    BackupAndRestore,
    Callback,
    Dense,
    GlassnetError,
    Input,
    Model,
    Normalization,
    PyDataset,
    Request,
)
from glassnet.layers import Concatenate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
WEIGHTS = RNG.uniform(0.5, 2, 50)
SIZE = 8
XY = {"x": X, "y": Y}


def model(seed: int = 1) -> Model:
    network = Model([Dense(6, "relu"), Dense(3, "softmax")], seed=seed)
    network.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    return network


def batch(i: int, *more: Any) -> tuple[Any, ...]:
    rows = slice(i * SIZE, (i + 1) * SIZE)
    return (X[rows], Y[rows], *(array[rows] for array in more))


def generator(times: int = 1) -> Iterator[Any]:
    for _ in range(times):
        yield from (batch(i) for i in range(7))


class Repeatable:
    def __iter__(self) -> Iterator[Any]:
        return generator()


class Numbered(PyDataset):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.read: list[int] = []
        self.calls: list[str] = []

    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> Any:
        self.read.append(index)
        return batch(index)

    def on_epoch_begin(self) -> None:
        self.calls.append("begin")

    def on_epoch_end(self) -> None:
        self.calls.append("end")


def fitted(x: Any, y: Any = None, engine: str = "numpy", **options: Any) -> tuple[Model, Any]:
    network = model()
    size = {} if y is None else {"batch_size": SIZE}
    options = {"epochs": 3, "shuffle": False, "verbose": 0, "engine": engine} | size | options
    return network, network.fit(x, y, **options).history


def assert_same(one: tuple[Model, Any], two: tuple[Model, Any]) -> None:
    assert one[1] == two[1]
    for a, b in zip(one[0].get_weights(), two[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("x", "options"),
    [
        (lambda: generator(3), {"steps_per_epoch": 7}),
        (Repeatable, {}),
        (Numbered, {}),
        (lambda: Numbered(workers=3, max_queue_size=2), {}),
    ],
    ids=["generator", "iterable", "PyDataset", "threads"],
)
@pytest.mark.parametrize("engine", ["numpy", pytest.param("jax", marks=pytest.mark.slow)])
def test_batches_train_as_the_same_arrays(x: Any, options: Any, engine: str) -> None:
    """Bit for bit, with a smaller last batch."""
    if engine == "jax":
        pytest.importorskip("jax")
    assert_same(fitted(x(), engine=engine, **options), fitted(X, Y, engine))


def test_the_batches_of_a_pydataset_are_shuffled_and_it_is_told_of_epochs() -> None:
    data = Numbered()
    model().fit(data, epochs=2, verbose=0)
    first, second = data.read[1:8], data.read[8:]  # batch 0 was read to build the network
    assert data.read[0] == 0
    assert first != second
    assert sorted(first) == sorted(second) == list(range(7))
    assert data.calls == ["begin", "end"] * 2


def test_steps_per_epoch_continue_a_pass() -> None:
    """Of 7 batches in epochs of 3: 0 1 2, 3 4 5, and then, with a warning as in Keras, 6 alone."""
    data = Numbered()
    with pytest.warns(UserWarning, match=r"ended after step 1 of 3 in epoch 3"):
        one = fitted(data, steps_per_epoch=3, epochs=4)
    assert data.read == [0, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2]
    with pytest.warns(UserWarning, match=r"ended after step 1 of 3"):
        assert_same(one, fitted(X, Y, steps_per_epoch=3, epochs=4))
    with pytest.warns(UserWarning, match=r"ended after step 1 of 3"):
        assert_same(one, fitted(Repeatable(), steps_per_epoch=3, epochs=4))


def test_a_generator_that_ends_early_ends_the_training() -> None:
    with (
        pytest.warns(UserWarning, match=r"ended after step 3 of 5 in epoch 3"),
        pytest.warns(UserWarning, match=r"has no batches for epoch 4: training ends here"),
    ):
        network, history = fitted((batch(i % 7) for i in range(13)), steps_per_epoch=5, epochs=9)
    assert len(history["loss"]) == 3
    assert network.history is not None
    assert network.history.params["steps"] == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": generator(), "epochs": 2}, "^x: can be read once, but .* in 2 epochs.*steps_"),
        ({"x": iter([])}, "^x: has no batches"),
        ({"x": Numbered(), "y": Y}, r"^y: is for arrays, but .* of a Numbered.*\(x, y\)"),
        ({"x": Numbered(), "batch_size": 8}, "^batch_size: is for arrays.*leave it out"),
        ({"x": Numbered(), "sample_weight": Y}, r"^sample_weight: .*\(x, y, weights\)"),
        ({"x": Numbered(), "validation_split": 0.5}, "^validation_split: .*validation_data"),
        ({"x": Numbered(), "stratify": True}, "^stratify: "),
        ({**XY, "validation_data": Numbered(), "validation_batch_size": 2}, "^validation_batch_"),
        ({**XY, "validation_data": generator(), "epochs": 2}, "^validation_data: can be read once"),
        ({"x": iter([(X,)])}, "^batch 1 of x: y: is missing"),
        ({"x": iter([(X, Y, None, X)])}, "^batch 1 of x: is a tuple of 4"),
        ({"x": iter([batch(0), (X[:, :3], Y)])}, r"^batch 2 of x: x: has shape \(50, 3\)"),
        ({"x": iter([batch(0), (X, Y + 1)])}, "^batch 2 of x: y: row .* has label 3"),
        ({"x": iter([batch(0), (X, Y, WEIGHTS)])}, "^batch 2 of x: sample_weight: has weights, or"),
        ({"x": iter([(X[0], Y[0])])}, "^batch 1 of x: "),
        ({"x": generator(), "callbacks": BackupAndRestore("nowhere")}, "^BackupAndRestore: can't"),
        ({**XY, "steps_per_epoch": 0}, "^steps_per_epoch: must be a whole number ≥ 1"),
        ({**XY, "validation_freq": 0}, "^validation_freq: .*a list of epochs"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        model().fit(**options, verbose=0)


def test_a_wrong_batch_loses_nothing() -> None:
    """The model keeps the steps before it."""
    network, batches = model(), [batch(0)] * 20 + [(X, Y + 5)]
    with pytest.raises(GlassnetError, match=r"batch 21 of x"):
        network.fit(iter(batches), verbose=0)
    assert network.evaluate(X, Y, verbose=0) != model_built().evaluate(X, Y, verbose=0)


def model_built() -> Model:
    network = model()
    network.build((4,))
    return network


def test_weights_and_class_weights_are_those_of_arrays() -> None:
    weights = {0: 2.0, 2: 0.5}
    batches = fitted((batch(i, WEIGHTS) for i in range(7)), epochs=1, class_weight=weights)
    assert_same(batches, fitted(X, Y, epochs=1, class_weight=weights, sample_weight=WEIGHTS))


def test_augmented_batches_are_those_of_arrays() -> None:
    images, labels = RNG.uniform(size=(24, 6, 6)), np.arange(24) % 3

    def trained(*data: Any, **options: Any) -> list[Any]:
        network = Model("mlp", (6, 6), classes=3)
        network.compile("sgd", "sparse_categorical_crossentropy")
        network.fit(*data, shuffle=False, augment="flip,shift", verbose=0, **options)
        return network.get_weights()

    parts = ((images[i : i + 8], labels[i : i + 8]) for i in (0, 8, 16))
    for a, b in zip(trained(parts), trained(images, labels, batch_size=8), strict=True):
        np.testing.assert_array_equal(a, b)


def test_sequences_of_different_lengths_train() -> None:
    network = Model([Dense(3, "softmax")], (5, 2))
    network.accepted_shape = (None, 2)
    network.compile("adam", "sparse_categorical_crossentropy")
    sizes = [(4, 5), (4, 7), (3, 7), (6, 2)]
    batches = [(RNG.normal(size=(n, t, 2)), np.zeros((n, t), int)) for n, t in sizes]
    network.fit(iter(batches), verbose=0)
    outputs = [network.predict(x) for x, _ in batches]
    assert [o.shape for o in outputs] == [(n, t, 3) for n, t in sizes]


def test_multiple_inputs_and_outputs_are_dicts_or_tuples() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    hidden = Concatenate()([a, b])
    outputs = [Dense(1, name="left")(hidden), Dense(1, name="right")(hidden)]
    weights = []
    for x in ({"a": X[:, :2], "b": X[:, 2:]}, (X[:, :2], X[:, 2:])):
        for y in ({"left": Y, "right": -Y}, (Y, -Y)):
            network = Model(inputs=[a, b], outputs=outputs).clone()
            network.compile("sgd", "mse")
            network.fit(iter([(x, y)]), verbose=0)
            weights.append(network.get_weights())
            assert network.evaluate(iter([(x, y)]), verbose=0) == network.evaluate(x, y, verbose=0)
            for one, two in zip(network.predict(iter([(x, y)])), network.predict(x), strict=True):
                np.testing.assert_array_equal(one, two)
    for other in weights[1:]:
        for one, two in zip(weights[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


def test_evaluate_and_predict_take_batches_and_steps() -> None:
    network = model_built()
    assert network.evaluate(Repeatable(), verbose=0) == network.evaluate(X, Y, SIZE, verbose=0)
    wanted = network.evaluate(X[:16], Y[:16], SIZE, verbose=0)
    assert network.evaluate(Numbered(), steps=2, verbose=0) == wanted
    assert network.evaluate(X, Y, SIZE, steps=2, verbose=0) == wanted
    np.testing.assert_allclose(network.predict(generator()), network.predict(X), rtol=1e-6)
    np.testing.assert_array_equal(network.predict(iter([X[:3]])), network.predict(X[:3]))
    assert network.predict(Repeatable(), steps=2).shape == (16, 3)
    assert network.predict(X, batch_size=8, steps=2).shape == (16, 3)
    with pytest.warns(UserWarning, match=r"x has only 7 batches, of 9 steps"):
        assert network.predict(Repeatable(), steps=9).shape == (50, 3)
    with pytest.raises(GlassnetError, match=r"^x: has no batches left"):
        network.predict(iter([]))
    with pytest.raises(GlassnetError, match=r"^batch 2 of x: x: has shape"):
        network.predict(iter([X, X[:, 1:]]))


@pytest.mark.parametrize("held_out", [Repeatable, Numbered])
def test_validation_batches(held_out: Any) -> None:
    _, history = fitted(X, Y, validation_data=held_out())
    _, wanted = fitted(X, Y, validation_data=(X, Y), validation_batch_size=SIZE)
    assert history == wanted
    _, history = fitted(held_out(), validation_data=(X, Y), validation_steps=2)
    _, wanted = fitted(X, Y, validation_data=(X[:16], Y[:16]), validation_batch_size=SIZE)
    assert history == wanted
    _, history = fitted(X, Y, validation_data=held_out(), validation_steps=2)
    assert history == wanted


def test_a_validation_generator_continues() -> None:
    parts = (batch(i) for i in range(6))
    _, history = fitted(X, Y, validation_data=parts, validation_steps=2)
    assert len({*history["val_loss"]}) == 3
    assert next(parts, None) is None


@pytest.mark.parametrize("frequency", [2, [2, 4], (4, 2)])
def test_validation_frequency(frequency: Any) -> None:
    _, history = fitted(X, Y, epochs=5, validation_data=(X, Y), validation_freq=frequency)
    assert (len(history["loss"]), len(history["val_loss"])) == (5, 2)


def test_normalization_adapts_to_repeatable_batches() -> None:
    def adapted(x: Any, y: Any = None) -> Any:
        network = Model([Normalization(), Dense(3, "softmax")])
        network.compile("sgd", "sparse_categorical_crossentropy")
        network.fit(x, y, verbose=0)
        return network.params["normalization"]

    np.testing.assert_allclose(adapted(Numbered())["mean"], adapted(X, Y)["mean"], rtol=1e-5)
    assert adapted(Repeatable())["count"] == 50
    with pytest.raises(GlassnetError, match=r"Normalization: adapts to all inputs"):
        adapted(generator())


class Stop(Callback):
    def __init__(self, step: int) -> None:
        self.left = step

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("data", [Repeatable, Numbered, "arrays"])
@pytest.mark.parametrize("options", [{}, {"steps_per_epoch": 3}, {"shuffle": True}])
@pytest.mark.filterwarnings("ignore:x ended")
def test_a_resumed_training_is_the_same(tmp_path: Path, data: Any, options: Any) -> None:
    arrays = data == "arrays"

    def run(*callbacks: Callback) -> tuple[Model, Any]:
        x, y = (X, Y) if arrays else (data(), None)
        return fitted(x, y, epochs=4, callbacks=callbacks, **options)

    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path, save_freq=8), Stop(9))
    resumed = run(BackupAndRestore(tmp_path, save_freq=8), Stop(100))
    assert_same(resumed, run())


def test_other_data_do_not_resume(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fitted(Repeatable(), callbacks=[BackupAndRestore(tmp_path, save_freq=1), Stop(3)])
    with pytest.raises(GlassnetError, match=r"on other data.*Batches must come in the same order"):
        fitted(Others(), callbacks=[BackupAndRestore(tmp_path, save_freq=1), Stop(3)])


class Others(Repeatable):
    def __iter__(self) -> Iterator[Any]:
        return ((x + 1, y) for x, y in generator())


class Endless(PyDataset):
    num_batches = None

    def __getitem__(self, index: int) -> Any:
        return batch(index % 7)


def test_endless_data_need_a_number_of_steps() -> None:
    with pytest.raises(GlassnetError, match=r"^x: has no end. Pass steps_per_epoch=N"):
        model().fit(Endless(), verbose=0)
    with pytest.raises(GlassnetError, match=r"^x: has no end. Pass steps=N"):
        model_built().evaluate(Endless())
    with pytest.raises(GlassnetError, match=r"^x: has no end. Pass steps=N"):
        model_built().predict(Endless())
    assert_same(fitted(Endless(), steps_per_epoch=7), fitted(generator(3), steps_per_epoch=7))


def test_iterators_without_an_end_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.training.batches.LONG", 5)
    with pytest.warns(
        UserWarning, match=r"x: 5 batches were read. If it has no end, pass steps_per"
    ):
        model().fit(generator(2), verbose=0)
    with pytest.warns(UserWarning, match=r"If it has no end, pass steps=N"):
        model_built().predict(generator())
    model().fit(generator(2), steps_per_epoch=7, epochs=2, verbose=0)


class torch_dataset(Repeatable):  # noqa: N801 - stands for torch.utils.data.Dataset
    __module__ = "torch.utils.data.dataset"


torch_dataset.__name__ = "Dataset"


def test_single_examples_of_pytorch_are_named() -> None:
    with pytest.raises(GlassnetError, match=r"PyTorch Dataset Mine.*DataLoader"):
        model().fit(type("Mine", (torch_dataset,), {})())


def test_pytorch_loaders_and_tensors() -> None:
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    with pytest.raises(GlassnetError, match=r"PyTorch Dataset TensorDataset.*DataLoader"):
        model().fit(data)
    loader = torch.utils.data.DataLoader(data, batch_size=SIZE)
    assert_same(fitted(loader), fitted(X, Y))
    assert_same(fitted(torch.tensor(X, requires_grad=True), torch.tensor(Y)), fitted(X, Y))


@pytest.mark.slow  # TensorFlow is slow to import
def test_tensorflow_data_sets() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(SIZE)
    assert_same(fitted(data), fitted(X, Y))
    network = model_built()
    np.testing.assert_allclose(network.predict(data), network.predict(X), rtol=1e-6)
    with pytest.raises(GlassnetError, match=r"^x: has no end"):
        model().fit(data.repeat(), verbose=0)


LARGE = """
import resource, sys
import numpy as np
from glassnet import Dense, Model, PyDataset

class Large(PyDataset):  # 240 MB of float32
    def __len__(self):
        return 60
    def __getitem__(self, index):
        return np.full((100, 10_000), index / 1e6, "float32"), np.zeros(100)

model = Model([Dense(1)], input_shape=(10_000,))
model.compile("sgd", "mse")
x, y = Large()[0]
model.fit(x, y, verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
model.fit(Large(), validation_data=Large(), verbose=0)
model.predict(Large())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_memory_holds_the_batches_of_one_segment() -> None:
    """240 MB pass through in 16 MB at a time."""
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 120


def test_all_segments_run_in_the_same_compiled_programs() -> None:
    """One for full batches, one for the last, however many steps a segment has."""
    pytest.importorskip("jax")
    one = fitted(Numbered(), engine="jax", epochs=20)
    assert len(one[0].objective().compiled) == 2
    assert_same(one, fitted(X, Y, "jax", epochs=20))


def test_the_steps_of_an_epoch_are_learned() -> None:
    """Of an iterable of unknown length, they are known at the end of its first epoch."""
    steps: list[tuple[int, int]] = []

    class Notes(Callback):
        def on_train_batch_end(self, record: Any) -> None:
            steps.append((record.step, record.steps))

    fitted(Repeatable(), epochs=2, callbacks=[Notes()])
    assert steps[:7] == [*((i, 0) for i in range(1, 7)), (7, 7)]
    assert steps[7:] == [(i, 7) for i in range(1, 8)]


def test_requests_of_callbacks_are_followed_at_every_batch() -> None:
    class Second(Callback):
        def on_train_batch_end(self, record: Any) -> Request:
            return Request(stop=record.step == 2)

    network, _ = fitted(Repeatable(), callbacks=[Second()])
    assert network.history is not None
    assert network.history.epoch == [0]


def test_a_first_batch_of_none_is_no_end_of_the_data() -> None:
    with pytest.raises(GlassnetError, match=r"^batch 1 of x: x: has dtype object"):
        model().fit(iter([None]), verbose=0)

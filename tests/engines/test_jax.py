"""The compiled engine gives the same values as the reference engine."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX is not installed")

from glassnet import losses, optimizers
from glassnet.core.registry import names
from glassnet.core.trees import Tree, items
from glassnet.engines import engine
from glassnet.engines.jax import LONGEST, MOST_COMPILED
from glassnet.engines.state import initial_state
from glassnet.layers import (
    GRU,
    Activation,
    Attention,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Embedding,
    GlobalMaxPooling2D,
    Input,
    Layer,
    LayerNormalization,
    Maximum,
    MaxPooling2D,
    Normalization,
    Rescaling,
    Sequential,
    UpSampling2D,
)
from glassnet.layers.regularizers import L1L2
from glassnet.metrics.accuracies import sparse_accuracy
from glassnet.model.model import Model
from glassnet.ops.activations import ACTIVATIONS
from glassnet.optimizers import SGD, Adam, CosineDecay, Optimizer, RMSprop
from glassnet.training.criterion import Criterion
from glassnet.training.output_activation import fuse_output_activation
from glassnet.training.step import Objective
from tests.engines.given import (
    KERAS,
    STEPS,
    WITH_INFINITY,
    advance,
    begun,
    constraint_of,
    ids,
    optimizer_of,
    stops_at_infinity,
)

RNG = np.random.default_rng(5)
X = RNG.normal(size=(70, 6))
LABELS = RNG.integers(0, 3, 70)
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}


def network(*activations: str, rate: float = 0.0) -> Sequential:
    penalty = L1L2(1e-4, 1e-3)
    hidden = [Dense(8, name, kernel_regularizer=penalty) for name in activations or ("tanh",)]
    return Sequential((Normalization(), *hidden, Dropout(rate), Dense(3, "softmax")))


def both(
    net: Sequential, loss: str, optimizer: Optimizer, dtype: str, steps: int = 12, seed: int = 3
) -> tuple[list[Tree], list[np.ndarray]]:
    """The weights and losses after the same steps on the NumPy and the JAX engine."""
    params, _ = net.init(np.random.default_rng(0), (6,), dtype)
    params = net.adapted(params, lambda: [X.astype(dtype)])
    trained, chosen = fuse_output_activation(net, losses.get(loss))
    objective = Objective(trained, Criterion(chosen), net.weights((6,)))
    y = LABELS if chosen.labels else np.eye(3, dtype=dtype)[LABELS]
    rows = [np.random.default_rng(i).integers(0, 70, 16) for i in range(steps)] + [np.arange(5)]
    states, seen = [], []
    for name in ("numpy", "jax"):
        running = engine(
            name, objective, optimizer, initial_state(objective, optimizer, params), seed
        )
        found = running.run(X.astype(dtype), y, rows, [optimizer.rate(i) for i in range(steps + 1)])
        states.append(running.state().params)
        seen.append(found.losses)
        assert running.step == steps + 1
        assert found.sizes.tolist() == [16] * steps + [5]
    return states, seen


def agree(states: list[Tree], seen: list[np.ndarray], dtype: str) -> None:
    limit = TOLERANCE[dtype]
    np.testing.assert_allclose(seen[1], seen[0], rtol=1e-6, atol=limit)
    for (path, a), (other, b) in zip(items(states[0]), items(states[1]), strict=True):
        assert path == other
        assert a.dtype == b.dtype == dtype
        np.testing.assert_allclose(b, a, atol=limit, err_msg=path)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("start", range(6))
def test_every_activation(start: int, dtype: str) -> None:
    net = network(*sorted(ACTIVATIONS)[start::6])  # five or so in one network: compiling takes long
    agree(*both(net, "categorical_crossentropy", SGD(0.1), dtype), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", sorted({*names("loss")} - {"ctc"}))  # of sequences: test_losses
def test_every_loss(loss: str, dtype: str) -> None:
    slow = 1e-9 if loss in ("mape", "mean_absolute_percentage_error") else 0.1  # divided by 0 + ε
    agree(*both(network(), loss, SGD(slow), dtype), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "optimizer",
    [
        *(optimizers.get(name) for name in names("optimizer")),
        Adam(amsgrad=True, clipnorm=0.1, weight_decay=0.1, exclude_from_weight_decay=("bias",)),
        RMSprop(global_clipnorm=0.1, gradient_accumulation_steps=3, use_ema=True),
        SGD(0.1, clipvalue=0.01, use_ema=True, ema_overwrite_frequency=4),
        SGD(0.1, momentum=0.9, nesterov=True),
        RMSprop(momentum=0.5, centered=True),
        SGD(CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=3)),
    ],
    ids=lambda optimizer: repr(optimizer)[:40],
)
def test_every_optimizer(optimizer: Optimizer, dtype: str) -> None:
    agree(*both(network(), "categorical_crossentropy", optimizer, dtype), dtype)


@pytest.mark.parametrize("run", KERAS["runs"], ids=ids)
def test_given_gradients_give_the_same_state(run: dict[str, Any]) -> None:
    """Weights, slots, averages and accumulators match Keras, however steps are grouped."""
    optimizer, constraint = optimizer_of(run), constraint_of(run)
    reference, compiled = (begun(name, optimizer, constraint) for name in ("numpy", "jax"))
    advance(reference, optimizer, STEPS)
    for steps in (7, 1, STEPS - 8):
        advance(compiled, optimizer, steps)
        compiled.load(compiled.state())
    wanted, found = reference.state(), compiled.state()
    assert set(wanted.slots) == set(found.slots)
    trees = [(wanted.params, found.params)]
    trees += [(tree, found.slots[name]) for name, tree in wanted.slots.items()]
    for a, b in trees:
        for (path, one), (other, two) in zip(items(a), items(b), strict=True):
            assert path == other
            np.testing.assert_allclose(two, one, rtol=1e-11, atol=1e-12, err_msg=path)


@pytest.mark.parametrize("run", WITH_INFINITY, ids=ids)
def test_an_infinite_gradient_is_found_whatever_the_rule_makes_of_it(run: dict[str, Any]) -> None:
    stops_at_infinity("jax", run)


@pytest.mark.parametrize("seed", [0, 7, 2**40 + 1])
def test_dropout_draws_the_same_numbers(seed: int) -> None:
    states = both(network(rate=0.5), "mse", SGD(0.1), "float64", seed=seed)
    agree(*states, "float64")
    other = both(network(rate=0.5), "mse", SGD(0.1), "float64", seed=seed + 1)
    assert abs(states[1][0] - other[1][0]).max() > 1e-6


def test_more_steps_than_one_call_takes() -> None:
    agree(*both(network(), "mse", SGD(0.01), "float64", steps=LONGEST + 3), "float64")


def test_model_fit_gives_the_same_history_and_is_reproducible() -> None:
    y = LABELS

    def fitted(name: str) -> tuple[Model, dict[str, list[float]]]:
        model = Model(network(rate=0.2), seed=1)
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        history = model.fit(
            X, y, batch_size=16, epochs=3, verbose=0, validation_split=0.2, engine=name
        )
        model.fit(X, y, batch_size=16, epochs=1, verbose=0, engine=name)  # slots are kept
        return model, history.history

    reference, expected = fitted("numpy")
    compiled, found = fitted("jax")
    again, _ = fitted("jax")
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-5)
    for a, b, c in zip(
        reference.get_weights(), compiled.get_weights(), again.get_weights(), strict=True
    ):
        np.testing.assert_allclose(b, a, atol=1e-5)
        assert (b == c).all()


def test_metrics_are_those_of_each_batch() -> None:
    net = network()
    params, _ = net.init(np.random.default_rng(0), (6,))
    trained, loss = fuse_output_activation(net, losses.get("sparse_categorical_crossentropy"))
    objective = Objective(
        trained, Criterion(loss, {"accuracy": sparse_accuracy}), net.weights((6,))
    )
    running = engine("jax", objective, SGD(0.1), initial_state(objective, SGD(0.1), params), 0)
    found = running.run(X.astype("float32"), LABELS, [np.arange(16), np.arange(7)], [0.1, 0.1])
    assert found.metrics["accuracy"].shape == (2,)
    expected = trained.forward(params, X[:16].astype("float32"))[0].argmax(1) == LABELS[:16]
    assert found.metrics["accuracy"][0] == pytest.approx(expected.mean())


def test_importing_glassnet_and_training_on_numpy_import_no_jax() -> None:
    program = (
        "import sys, numpy as np, glassnet as g\n"
        "m = g.Model([g.Dense(2)]); m.compile('sgd', 'mse')\n"
        "m.fit(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0)\n"
        "assert not {'jax', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_missing_extra_is_one_line_with_the_command() -> None:
    program = (
        "import sys; sys.modules['jax'] = None\n"
        "from glassnet.cli import main\n"
        "sys.argv = ['glassnet', 'train', 'digits', '--engine', 'jax']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].endswith("pip install 'glassnet[jax]'")
    assert "Traceback" not in done.stderr


def test_integers_that_int32_cannot_hold() -> None:
    x = np.arange(40).reshape(20, 2) * 10**10
    y = np.arange(20) % 2

    def losses_of(name: str) -> list[float]:
        model = Model([Normalization(), Dense(2, "softmax")])
        model.compile(SGD(0.1), "sparse_categorical_crossentropy")
        return model.fit(x, y, epochs=2, verbose=0, engine=name).history["loss"]

    np.testing.assert_allclose(losses_of("jax"), losses_of("numpy"), atol=1e-5)


def test_adam_with_beta_2_next_to_1() -> None:
    optimizer = optimizers.Adam(beta_2=1 - 1e-8)
    agree(*both(network(), "categorical_crossentropy", optimizer, "float32"), "float32")


def test_a_model_trained_on_jax_can_be_copied() -> None:
    import pickle

    model = Model([Dense(2)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0, engine="jax")
    copy = pickle.loads(pickle.dumps(model))
    assert (copy.predict(np.ones((1, 3))) == model.predict(np.ones((1, 3)))).all()


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_a_weight_may_be_a_single_number(name: str) -> None:
    steps = Input((3, 2))
    model = Model(steps, Attention(use_scale=True, score_mode="concat")([steps, steps]))
    x = np.random.default_rng(0).normal(size=(8, 3, 2))
    model.compile(SGD(0.5), "mse")
    model.fit(x, np.zeros_like(x), verbose=0, engine=name)
    assert all(weight.shape == () and weight != 1 for weight in model.get_weights())


def test_padding_counts_on_neither() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 5, (20, 6)), rng.integers(0, 3, (20, 6))
    weights = rng.uniform(0, 2, (20, 6))
    x[:12, 3:] = 0
    found = []
    for name in ("numpy", "jax"):
        layers = [Embedding(5, 4, mask_zero=True), GRU(4, return_sequences=True)]
        model = Model([*layers, Dense(3, "softmax")], (6,), dtype="float64")
        model.compile(SGD(0.5), "sparse_categorical_crossentropy", ["accuracy"], ["accuracy"])
        history = model.fit(x, y, 8, 2, 0, sample_weight=weights, engine=name).history
        found.append([*history.values(), model.evaluate(x, y, verbose=0)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)  # on JAX, metric means are in float32


@pytest.mark.parametrize("before", [DepthwiseConv2D(3), Conv2D(3, 3, activation="relu")], ids=ids)
@pytest.mark.parametrize(
    "after",
    [
        GlobalMaxPooling2D(), MaxPooling2D(2), MaxPooling2D(3, 1, "same"), AveragePooling2D(2),
        UpSampling2D(interpolation="bilinear"), LayerNormalization(), BatchNormalization(),
        Activation("leaky_relu"), Activation("elu"), Maximum(),
    ],
    ids=ids,
)  # fmt: skip
def test_what_xla_computes_twice_need_not_be_rounded_alike(before: Layer, after: Layer) -> None:
    """Layers one after the other are one program: a value may be computed again where it is used.

    So no derivative may hang on two results of one computation being equal.
    """
    found = []
    for name in ("numpy", "jax"):
        rng, x = np.random.default_rng(0), Input((8, 8, 3))
        node = before(x)
        node = after(node, Rescaling(0.9)(node)) if isinstance(after, Maximum) else after(node)
        model = Model(inputs=x, outputs=node, dtype="float64")
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        model.compile(SGD(1.0), "mse")
        data = (rng.normal(size=(8, *shape)) for shape in ((8, 8, 3), model.output_shape))
        model.fit(*data, verbose=0, engine=name)
        found.append(model.get_weights())
    for one, two in zip(*found, strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-12)


def programs(model: Model) -> int:
    return len(model.objective().compiled)


def test_data_sets_of_similar_length_share_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With full batches there is one program, and one more for each size of a last batch."""
    monkeypatch.setattr("glassnet.engines.jax.MOST_COMPILED", 9)
    model = Model([Dense(3, "softmax")], (6,), seed=1)
    model.compile("sgd", "sparse_categorical_crossentropy")
    for rows, count in ((40, 1), (64, 1), (48, 1), (43, 2), (59, 2), (70, 4), (67, 4)):
        model.fit(X[:rows], LABELS[:rows], 8, verbose=0, engine="jax")
        assert programs(model) == count, rows


@pytest.mark.parametrize("rows", [64, 70])
def test_padding_and_the_copied_last_batch_change_no_bit(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.engines import jax as engine_module

    def fitted() -> list[np.ndarray]:
        model = Model(network(rate=0.3), seed=1)
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(X[:rows], LABELS[:rows], 16, 3, verbose=0, engine="jax")
        return model.get_weights()

    padded = fitted()
    monkeypatch.setattr(engine_module, "PADDED_BYTES", 0)
    for a, b in zip(padded, fitted(), strict=True):
        assert (a == b).all()


def test_models_that_are_trained_in_turn_do_not_compile_again() -> None:
    models = [Model([Dense(3, "softmax")], (6,), seed=seed) for seed in range(3)]
    kept: list[set[int]] = []
    for _ in range(2):
        for model in models:
            if model.optimizer is None:
                model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(X[:40], LABELS[:40], 32, verbose=0, engine="jax")  # and a smaller last batch
        kept.append({id(p) for model in models for p in model.objective().compiled.values()})
    assert len(kept[0]) == 6
    assert kept[0] == kept[1]


def test_few_programs_stay_compiled_and_none_after_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import gc
    import weakref

    one = Model([Dense(3, "softmax")], (6,))
    one.compile("sgd", "sparse_categorical_crossentropy")
    for rows in range(MOST_COMPILED + 2):  # a program for each size of the batch
        one.fit(X[: 32 + rows], LABELS[: 32 + rows], 32 + rows, verbose=0, engine="jax")
    assert programs(one) == MOST_COMPILED
    monkeypatch.setattr("glassnet.engines.jax.MOST_IN_PROCESS", 4)
    models = []
    for seed in range(6):
        model = Model([Dense(3, "softmax")], (6,), seed=seed)
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(X[:32], LABELS[:32], verbose=0, engine="jax")
        models.append(model)
    assert [programs(model) for model in models] == [0, 0, 1, 1, 1, 1]
    models[0].fit(X[:32], LABELS[:32], verbose=0, engine="jax")  # compiles again
    live = weakref.ref(next(iter(models[-1].objective().compiled.values())))
    assert live() is not None
    del models, model
    gc.collect()
    assert live() is None


MEMORY = """
import numpy as np
from glassnet import SGD, Dense, Model
rng, grown = np.random.default_rng(0), []
model = Model([Dense(5, "relu"), Dense(3, "softmax")], input_shape=(4,))
model.compile(SGD(0.1), "sparse_categorical_crossentropy")
for rows in (100, 105, *rng.integers(30, 900, FITS)):
    x = rng.normal(size=(rows, 4)).astype("float32")
    model.fit(x, np.arange(rows) % 3, batch_size=10, verbose=0, engine="jax")
    grown.append(int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20)
print(grown[-1] - grown[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("fits", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_memory_does_not_grow_with_the_number_of_fits(fits: int) -> None:
    program = MEMORY.replace("FITS", str(fits))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 50

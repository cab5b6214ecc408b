"""Engine parity: engines that agree pass; where they differ, the place is named."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX is not installed")

from glassnet import layers, losses, optimizers
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.core.trees import items, map_leaves
from glassnet.engines.jax import JaxEngine
from glassnet.layers import Dense, Sequential
from glassnet.layers.regularizers import L1
from glassnet.losses import Loss
from glassnet.optimizers import SGD, Adam, Optimizer, RMSprop
from glassnet.training.criterion import Criterion
from glassnet.training.step import Objective
from glassnet.verify.twin.compare import EngineParity, twin
from glassnet.verify.twin.steppers import Setup

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6))
LABELS = RNG.integers(0, 3, 64)


def setup(
    dtype: str = "float64",
    loss: str = "sparse_categorical_crossentropy",
    optimizer: Optimizer | None = None,
    activation: str = "tanh",
) -> Setup:
    network = Sequential((Dense(8, activation), Dense(3, "softmax")))
    params, _ = network.init(np.random.default_rng(1), (6,), dtype)
    return Setup(network, (6,), params, losses.get(loss), optimizer or Adam(), dtype)


def batches(given: Setup, steps: int = 20) -> Any:
    def make() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for step in range(steps):
            rows = np.random.default_rng(step).integers(0, 64, 16)
            y = LABELS if given.loss.labels else np.eye(3, dtype=given.dtype)[LABELS]
            yield X[rows].astype(given.dtype), y[rows]

    return make


def compare(
    given: Setup, engines: tuple[str, ...] = ("numpy", "jax"), steps: int = 20
) -> EngineParity:
    return twin(given, engines, batches(given, steps))[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numpy_and_jax_agree(dtype: str) -> None:
    verdict = compare(setup(dtype))
    assert verdict.agrees
    assert verdict.steps == 20
    assert {d.kind for d in verdict.largest} == {"activations", "loss", "gradients", "weights"}
    assert max(d.size for d in verdict.largest) < {"float32": 1e-5, "float64": 1e-13}[dtype]
    json.dumps(as_json(verdict))


class Broken(JaxEngine):
    """An engine with a planted fault."""

    fault: Any = None

    def __init__(self, objective: Objective, optimizer: Optimizer, *rest: Any) -> None:
        super().__init__(*self.fault(objective, optimizer), *rest)


def planted(monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    """Let the JAX engine run something else than it was given."""
    monkeypatch.setattr(Broken, "fault", staticmethod(fault))
    monkeypatch.setattr("glassnet.engines.jax.JaxEngine", Broken)


@pytest.mark.parametrize(
    ("given", "wrong", "dtype"),
    [
        # In float32 these two are as small as rounding in the first steps: float64 is for them.
        (Adam(), {"epsilon": 1e-8}, "float64"),
        (Adam(), {"beta_2": 0.99}, "float64"),
        (RMSprop(), {"rho": 0.95}, "float64"),
        (RMSprop(), {"rho": 0.95}, "float32"),
        (SGD(0.1, 0.9), {"nesterov": True}, "float64"),
        (SGD(0.1, 0.9), {"nesterov": True}, "float32"),
    ],
    ids=str,
)
def test_a_wrong_default_of_an_optimizer_is_named(
    monkeypatch: pytest.MonkeyPatch, given: Optimizer, wrong: dict[str, Any], dtype: str
) -> None:
    planted(monkeypatch, lambda objective, optimizer: (objective, replace(optimizer, **wrong)))
    verdict = compare(setup(dtype, optimizer=given))
    assert not verdict.agrees
    assert verdict.first is not None
    assert f"optimizer {type(given).__name__}" in verdict.blame


@pytest.mark.parametrize("place", ["dense/kernel", "dense/bias", "dense_1/kernel"])
def test_a_wrong_pullback_is_named(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    class Wrong(Objective):
        def value_and_gradients(self, *arguments: Any) -> Any:
            loss, measured, grads = super().value_and_gradients(*arguments)
            flat = dict(items(grads))
            layer, name = place.split("/")
            grads[layer][name] = flat[place] * 1.001
            return loss, measured, grads

    def fault(objective: Objective, optimizer: Optimizer) -> tuple[Objective, Optimizer]:
        return Wrong(objective.network, objective.criterion, objective.weights), optimizer

    planted(monkeypatch, fault)
    verdict = compare(setup())
    assert not verdict.agrees
    assert verdict.first is not None
    assert (verdict.first.step, verdict.first.kind, verdict.first.place) == (1, "gradients", place)
    assert f"backward pass at {place}" in verdict.blame


def test_a_wrong_forward_pass_and_a_wrong_loss_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def other_layer(objective: Objective, optimizer: Optimizer) -> tuple[Objective, Optimizer]:
        first, last = objective.network.layers  # type: ignore[attr-defined]
        layers = (replace(first, activation="relu"), last)
        return replace(objective, network=Sequential(layers)), optimizer

    planted(monkeypatch, other_layer)
    assert "forward pass of layer dense" in compare(setup()).blame

    def other_loss(objective: Objective, optimizer: Optimizer) -> tuple[Objective, Optimizer]:
        class Half(type(objective.criterion.loss)):  # type: ignore[misc]
            def forward(self, *given: Any) -> Any:
                value, back = Loss.forward(self, *given)
                return value / 2, back

        return replace(objective, criterion=Criterion(Half(from_logits=True))), optimizer

    planted(monkeypatch, other_loss)
    assert compare(setup()).blame.endswith("the loss")


def test_a_relu_that_rounding_switches_is_counted_and_taken_again() -> None:
    """Inputs of exactly opposite rows give sums that are 0 but for rounding."""
    given = setup("float32", activation="relu")
    params = map_leaves(np.copy, given.params)
    kernel = params["dense"]["kernel"]
    kernel[3:] = -kernel[:3]  # x = (a, a) makes x @ kernel 0, up to the order of summation
    given = replace(given, params=params, optimizer=SGD(1e-12))  # and it stays so

    def rows() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for step in range(30):
            a = np.random.default_rng(step).normal(size=(64, 3))
            zero = np.hstack([a, a])
            zero[1:, 3:] += 1  # one row of 64 is next to 0
            yield zero.astype("float32"), LABELS

    verdict = twin(given, ("numpy", "jax"), rows)[0]
    assert verdict.first is None
    assert verdict.steps == 30
    assert verdict.switches > 15
    assert verdict.excused == 0
    assert verdict.agrees


def test_refusals() -> None:
    given = setup()
    for engines, words in (
        (("numpy",), "two engines"),
        (("numpy", "jaks"), "Did you mean 'jax'"),
        (("keras:jax", "numpy"), "Put one of these first"),
    ):
        with pytest.raises(GlassnetError, match=words):
            twin(given, engines, batches(given))


def cli(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = "from glassnet.cli import main\nif __name__ == '__main__': main()"
    return subprocess.run(
        [sys.executable, "-c", program, "twin", "digits", "--hidden", "8", *arguments],
        capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_line() -> None:
    done = cli("--steps", "5", "--json")
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)["verdicts"]
    assert [(v["dtype"], v["agrees"], v["steps"]) for v in verdicts] == [
        ("float32", True, 5),
        ("float64", True, 5),
    ]
    strict = cli("--steps", "3", "--dtype", "float32", "--tolerance", "0")
    assert strict.returncode == 1
    assert "DIFFER" in strict.stdout
    assert cli("--dtype", "float16").returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_keras_agrees_with_every_activation_loss_and_optimizer(backend: str) -> None:
    pytest.importorskip("keras")
    pytest.importorskip(backend)
    cases = [setup(activation=a) for a in ("relu", "gelu", "leaky_relu", "elu", "softplus", "silu")]
    cases += [
        setup(loss=loss) for loss in ("categorical_crossentropy", "mse", "mae", "squared_error")
    ]
    cases += [setup(optimizer=optimizers.get(name)) for name in ("sgd", "rmsprop")]
    cases += [setup("float32"), setup("float32", activation="relu")]
    for given in cases:
        verdict = compare(given, ("numpy", f"keras:{backend}"), steps=100)
        assert verdict.agrees, (given, verdict.blame)


def test_keras_on_tensorflow_agrees() -> None:
    pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    for dtype in ("float32", "float64"):
        given = setup(dtype, activation="relu")
        verdict = compare(given, ("numpy", "keras:tensorflow"), steps=100)
        assert verdict.agrees, verdict.blame


def test_a_fault_cannot_hide_behind_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine whose every ReLU lets a trace through, with another derivative."""

    class Wrong(Objective):
        def value_and_gradients(self, *arguments: Any) -> Any:
            loss, measured, grads = super().value_and_gradients(*arguments)
            return loss, measured, map_leaves(lambda g: 1000 * g, grads)

    def fault(objective: Objective, optimizer: Optimizer) -> tuple[Objective, Optimizer]:
        return Wrong(objective.network, objective.criterion, objective.weights), optimizer

    planted(monkeypatch, fault)
    look = JaxEngine.trace

    def leaky(self: Any, x: Any, y: Any) -> Any:
        seen, grads = look(self, x, y)
        seen["dense"] = seen["dense"] + 1e-12
        return seen, grads

    monkeypatch.setattr(JaxEngine, "trace", leaky)
    verdict = compare(setup(activation="relu", optimizer=SGD(0.1)))
    assert not verdict.agrees
    assert verdict.first is not None


def test_a_weight_under_l1_may_switch_its_sign() -> None:
    network = Sequential((Dense(16, "tanh", kernel_regularizer=L1(0.01)), Dense(3, "softmax")))
    params, _ = network.init(np.random.default_rng(1), (6,), "float32")
    given = replace(setup("float32"), network=network, params=params)
    verdict = compare(given, steps=100)
    assert verdict.agrees, verdict.blame


def test_a_small_gradient_twice_too_large_is_seen_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Wrong(Objective):
        def value_and_gradients(self, *arguments: Any) -> Any:
            loss, measured, grads = super().value_and_gradients(*arguments)
            grads["dense"]["bias"] = grads["dense"]["bias"] * 1.001
            return loss, measured, grads

    def fault(objective: Objective, optimizer: Optimizer) -> tuple[Objective, Optimizer]:
        return Wrong(objective.network, objective.criterion, objective.weights), optimizer

    planted(monkeypatch, fault)
    assert not compare(setup("float32")).agrees


@pytest.mark.parametrize("tolerance", [float("inf"), float("nan"), -1.0])
def test_tolerances_that_prove_nothing(tolerance: float) -> None:
    given = setup()
    with pytest.raises(GlassnetError, match="tolerance"):
        twin(given, ("numpy", "jax"), batches(given), tolerance)
    with pytest.raises(GlassnetError, match="twice"):
        twin(given, ("numpy", "numpy"), batches(given))


@pytest.mark.slow
def test_a_graph_with_statistics_pools_and_attention_agrees() -> None:
    """Shared, nested, merged, masked by causality: everything is compared, by the same paths."""
    engines = ["numpy", "jax"]
    if find_spec("keras") and find_spec("tensorflow"):
        engines.append("keras:tensorflow")
    x = layers.Input((8, 8, 2))
    conv = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")
    block = layers.Residual((layers.Conv2D(4, 1), layers.BatchNormalization()), name="block")
    h = layers.MaxPooling2D(2)(block(conv(layers.Conv2D(4, 1)(x))))
    h = layers.Maximum()(h, conv(h))
    h = layers.Reshape((16, 4))(h)
    h = layers.LSTM(3)(layers.MultiHeadAttention(2, 2, causal=True)(h))
    network = layers.Graph.between(x, layers.Dense(3, "softmax")(h))
    rng = np.random.default_rng(0)
    images, labels = rng.normal(size=(5, 16, 8, 8, 2)), rng.integers(0, 3, (5, 16))
    for dtype in ("float32", "float64"):
        params, _ = network.init(np.random.default_rng(1), (8, 8, 2), dtype)
        given = replace(setup(dtype), network=network, input_shape=(8, 8, 2), params=params)

        def rows(dtype: str = dtype) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield from zip(images.astype(dtype), labels, strict=True)

        for verdict in twin(given, engines, rows):
            assert verdict.agrees, verdict.blame
            assert verdict.excused == 0
            places = {(d.kind, d.place) for d in verdict.largest}
            assert ("activations", "conv:1") in places
            assert ("gradients", "block/body/conv2d/kernel") in places
            assert ("weights", "block/body/batch_normalization/moving_variance") in places

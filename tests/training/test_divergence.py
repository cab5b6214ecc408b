"""A non-finite step is detected before it is done, on every engine, and its cause is named."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from glassnet.core.trees import Array, Tree, items
from glassnet.engines import engine
from glassnet.engines.state import initial_state
from glassnet.layers import BatchNormalization, CallContext, Dense, Layer, Sequential
from glassnet.losses import MeanSquaredError
from glassnet.optimizers import SGD, Adam, Optimizer
from glassnet.training.divergence import DivergenceError
from glassnet.training.loop import train
from glassnet.training.output_specs import OutputSpec, objective_of
from glassnet.training.source import ArraySource, Plan

ENGINES = ("numpy", pytest.param("jax", marks=pytest.mark.filterwarnings("ignore")))
X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = X[:, :2]


@dataclass(frozen=True)
class Spoiled(Layer):
    """The identity, but with the gradient NaN where an example is larger than 100."""

    def forward(self, params: Tree, x: Array, context: CallContext | None = None) -> Any:
        xp = x.__array_namespace__()
        return x, lambda dy: (xp.where(abs(x).max() > 100, dy * float("nan"), dy), {})


def network(*more: Layer) -> Sequential:
    return Sequential((Dense(4, "relu"), BatchNormalization(), *more, Dense(2)))


def begun(name: str, made: Layer, optimizer: Optimizer) -> Any:
    if name == "jax":
        pytest.importorskip("jax")
    params, _ = made.init(np.random.default_rng(0), (3,))
    objective = objective_of(made, OutputSpec(MeanSquaredError()), made.weights((3,)), (2,))
    return engine(name, objective, optimizer, initial_state(objective, optimizer, params), 0)


def flat(state: Any) -> dict[str, Array]:
    """Return all arrays of a state."""
    slots = {f"{n}:{p}": a for n, tree in state.slots.items() for p, a in items(tree)}
    return dict(items(state.params)) | slots


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("optimizer", [Adam(), Adam(gradient_accumulation_steps=2)])
def test_the_state_is_that_of_the_step_before(name: str, optimizer: Optimizer) -> None:
    """Weights, moments and running statistics, bit for bit, however the steps were grouped."""
    x = X.copy()
    x[25] = np.inf  # in the seventh batch of four
    batches = [np.arange(i, i + 4) for i in range(0, 40, 4)]
    per_dataset, part = (begun(name, network(), optimizer) for _ in range(2))
    found = per_dataset.run(x, Y, batches, [0.01] * 10)
    part.run(x, Y, batches[:6], [0.01] * 6)
    assert not found.finite
    assert len(found.losses) == len(found.sizes) == 7
    assert np.isfinite(found.losses[:6]).all()
    assert per_dataset.step == part.step == 6
    after, before = flat(per_dataset.state()), flat(part.state())
    assert list(after) == list(before)
    assert all((after[path] == before[path]).all() for path in after)


def huge_input(x: Array, y: Array) -> None:
    x[25] = np.inf


def huge_activation(x: Array, y: Array) -> None:
    x[25] = 3e38


def huge_target(x: Array, y: Array) -> None:
    y[25] = 3e38


def huge_gradient(x: Array, y: Array) -> None:
    x[25] = 200


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    ("spoil", "kind", "words"),
    [
        (huge_input, "input", "the input is the first array that contains infinity (3 of 12 val"),
        (huge_activation, "activation", "the output of layer dense is the first"),
        (huge_target, "loss", "the loss is the first array that is infinite"),
        (huge_gradient, "gradient", "the gradient of dense/"),
    ],
)
def test_the_first_bad_array_is_named(
    name: str, spoil: Callable[[Array, Array], None], kind: str, words: str
) -> None:
    x, y = X.copy(), Y.copy()
    spoil(x, y)
    made = Sequential((Dense(4), Spoiled(), Dense(2)))
    running = begun(name, made, SGD(1e-6))
    with pytest.raises(DivergenceError) as caught:
        train(running, SGD(1e-6), ArraySource(x, y, Plan(1, 4, shuffle=False)))
    assert (caught.value.kind, caught.value.where) == (kind, "epoch 1, step 7")
    assert words in str(caught.value)
    assert "The weights are those before this step." in str(caught.value)
    assert running.step == 6


@pytest.mark.parametrize("name", ENGINES)
def test_a_weight_that_overflowed_in_the_step_before(name: str) -> None:
    running = begun(name, Sequential((Dense(2),)), SGD(1e38))
    with pytest.raises(DivergenceError) as caught:
        train(running, SGD(1e38), ArraySource(X * 100, Y, Plan(1, 4, shuffle=False)))
    assert caught.value.kind == "weight"
    assert caught.value.array == "dense/kernel"


def test_a_gradient_whose_square_overflows_is_still_one() -> None:
    running = begun("numpy", Sequential((Dense(2),)), SGD(1e-30))
    assert running.run(X * 1e20, Y, [np.arange(4)], [1e-30]).finite is False  # the loss overflows
    huge: Iterable[Array] = [np.full((2, 2), 1e25, np.float32)]
    from glassnet.engines.groups import ParameterBlock

    group = ParameterBlock(SGD(), {"w": np.zeros((2, 2), np.float32)}, {})
    for value in huge:
        group.gradients["w"][...] = value
        with np.errstate(over="ignore"):
            assert group.finite()

"""The NumPy engine: block by block and in place, it does what the pure rule does."""

import numpy as np
import pytest

from glassnet.engines import numpy as engine_module
from glassnet.engines.numpy import NumpyEngine
from glassnet.engines.state import State
from glassnet.layers import Call, Dense, Dropout, Normalization, Sequential
from glassnet.layers.regularizers import L2
from glassnet.losses import MeanSquaredError
from glassnet.optimizers import SGD, Adam, Optimizer, RMSprop
from glassnet.training.step import Task
from glassnet.trees import Tree, from_items, items, map_leaves

NETWORK = Sequential((Normalization(), Dense(300, "tanh", kernel_regularizer=L2()), Dense(9)))
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((24, 120)), RNG.standard_normal((24, 9))
BATCHES = [np.arange(i, i + 8) for i in (0, 8, 16)] * 8
RULES = [SGD(0.1), SGD(0.1, 0.9, True), RMSprop(0.01, momentum=0.5, centered=True), Adam(0.01)]


def task() -> Task:
    return Task(NETWORK, MeanSquaredError(), {}, NETWORK.weights((120,)))


def start(optimizer: Optimizer, dtype: str = "float32") -> State:
    params, _ = NETWORK.init(np.random.default_rng(1), (120,), dtype)
    trained = from_items({p: w for p, w in items(params) if p in task().trained})
    return State(0, params, {name: map_leaves(np.zeros_like, trained) for name in optimizer.slots})


def data(dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    return X.astype(dtype), Y.astype(dtype)


def whole(optimizer: Optimizer, steps: int) -> Tree:
    """The pure rule applied to whole arrays, without the engine (and without flushing)."""
    (x, y), state = data(), start(optimizer)
    params, slots = dict(items(state.params)), {}
    for step, rows in enumerate(BATCHES[:steps]):
        call = Call(training=True, step=step, wrt_x=False)
        _, _, grads = task().gradients(from_items(params), x[rows], y[rows], call)
        for path, gradient in items(grads):
            before = slots.get(path, tuple(np.zeros_like(gradient) for _ in optimizer.slots))
            params[path], slots[path] = optimizer.update(
                gradient, before, params[path], optimizer.rate(step), step + 1
            )
    return from_items(params)


@pytest.mark.parametrize("optimizer", RULES, ids=str)
def test_blocks_in_place_are_the_pure_rule_bit_for_bit(optimizer: Optimizer) -> None:
    engine = NumpyEngine(task(), optimizer, start(optimizer), seed=0)
    assert len(engine._vector) > engine_module.BLOCK  # more than one block
    engine.run(*data(), BATCHES, [optimizer.rate(0)] * len(BATCHES))
    wanted = dict(items(whole(optimizer, len(BATCHES))))
    for path, leaf in items(engine.params):
        np.testing.assert_array_equal(leaf, wanted[path], err_msg=path)


@pytest.mark.parametrize("optimizer", RULES, ids=str)
def test_a_state_handed_over_goes_on_bit_for_bit(optimizer: Optimizer) -> None:
    through = NumpyEngine(task(), optimizer, start(optimizer), seed=0)
    through.run(*data(), BATCHES, [0.01] * 24)
    first = NumpyEngine(task(), optimizer, start(optimizer), seed=0)
    first.run(*data(), BATCHES[:10], [0.01] * 10)
    second = NumpyEngine(task(), optimizer, first.state(), seed=0)
    second.run(*data(), BATCHES[10:], [0.01] * 14)
    assert second.step == through.step == 24
    for a, b in zip(items(second.params), items(through.params), strict=True):
        np.testing.assert_array_equal(a[1], b[1])


def test_measures_and_states_are_copies() -> None:
    engine = NumpyEngine(task(), Adam(), start(Adam()), seed=0)
    before = engine.state()
    kept = {path: leaf.copy() for path, leaf in items(before.params)}
    measures = engine.run(*data(), BATCHES[:2], [0.1, 0.1])
    assert measures.sizes.tolist() == [8, 8]
    assert measures.losses.shape == (2,)
    for path, leaf in items(before.params):
        np.testing.assert_array_equal(leaf, kept[path])
    assert any((dict(items(engine.params))[path] != leaf).any() for path, leaf in kept.items())


def test_what_is_not_trainable_stays_and_the_given_state_too() -> None:
    state = start(Adam())
    before = {path: leaf.copy() for path, leaf in items(state.params)}
    engine = NumpyEngine(task(), Adam(), state, seed=0)
    engine.run(*data(), BATCHES, [0.1] * 24)
    for path, leaf in items(state.params):
        np.testing.assert_array_equal(leaf, before[path])
        assert path.startswith("normalization") == np.array_equal(
            leaf, dict(items(engine.params))[path]
        )


@pytest.mark.parametrize("optimizer", [SGD(0.01, 0.5), RMSprop(rho=0.5), Adam()], ids=str)
def test_denormals_are_kept_away(optimizer: Optimizer) -> None:
    """An input that is 0 from some step on: its moments shrink, but never to denormals."""
    x, y = data()
    engine = NumpyEngine(task(), optimizer, start(optimizer), seed=0)
    engine.run(x, y, BATCHES[:3], [0.01] * 3)
    dark = x * 0
    smallest = np.finfo(np.float32).tiny
    for _ in range(60):
        engine.run(dark, y, BATCHES[:16], [0.01] * 16)
        for slot in engine.state().slots.values():
            values = np.abs(slot["dense"]["kernel"])
            assert not ((values > 0) & (values < smallest)).any()


def test_every_step_drops_other_places_and_a_step_repeated_the_same() -> None:
    """With all inputs 1, a kernel's gradient is 0 where its input was dropped."""
    network = Sequential((Dropout(0.5), Dense(1)))
    params, _ = network.init(np.random.default_rng(0), (200,), "float32")
    whole = Task(network, MeanSquaredError(), {}, network.weights((200,)))

    def moved(step: int) -> tuple[bool, ...]:
        engine = NumpyEngine(whole, SGD(0.1), State(step, params, {}), seed=3)
        engine.run(np.ones((1, 200)), np.zeros((1, 1)), [np.arange(1)], [0.1])
        return tuple((engine.params["dense"]["kernel"] != params["dense"]["kernel"]).ravel())

    assert moved(0) == moved(0)
    assert len({moved(step) for step in range(5)}) == 5
    assert sum(moved(0)) == pytest.approx(100, abs=40)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_stays_in_the_dtype_of_the_weights(dtype: str) -> None:
    optimizer = Adam(np.float64(0.01))
    engine = NumpyEngine(task(), optimizer, start(optimizer, dtype), seed=0)
    engine.run(*data("float64"), BATCHES[:2], [optimizer.rate(0)] * 2)
    state = engine.state()
    for tree in (state.params, *state.slots.values()):
        assert {leaf.dtype.name for _, leaf in items(tree)} == {dtype}

"""The NumPy engine, which updates block by block and in place, matches the pure rules."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import Tree, from_items, items
from glassnet.engines import numpy as numpy_engine
from glassnet.engines.groups import BLOCK
from glassnet.engines.numpy import THREADED, NumpyEngine, suitable_threads
from glassnet.engines.state import State, initial_state
from glassnet.layers import (
    CallContext,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Normalization,
    Sequential,
)
from glassnet.layers.constraints import MaxNorm
from glassnet.layers.regularizers import L2
from glassnet.losses import MeanSquaredError
from glassnet.optimizers import SGD, Adagrad, Adam, AdamW, Lamb, Muon, Nadam, Optimizer, RMSprop
from glassnet.training.criterion import Criterion
from glassnet.training.step import Objective
from tests.engines.given import (
    KERAS,
    START,
    STEPS,
    WITH_INFINITY,
    advance,
    begun,
    constraint_of,
    ids,
    optimizer_of,
    stops_at_infinity,
)

NETWORK = Sequential((Normalization(), Dense(300, "tanh", kernel_regularizer=L2()), Dense(9)))
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((24, 120)), RNG.standard_normal((24, 9))
BATCHES = [np.arange(i, i + 8) for i in (0, 8, 16)] * 8
RULES = [
    SGD(0.1),
    SGD(0.1, 0.9, True),
    RMSprop(0.01, momentum=0.5, centered=True),
    Adam(0.01),
    Adagrad(0.01),
    Nadam(0.01),
    AdamW(0.01, 0.1, exclude_from_weight_decay=("bias",)),
    Lamb(0.01),
    Muon(0.01, exclude_layers=("dense_1",)),
]
EVERYTHING = AdamW(
    0.01, clipnorm=0.5, use_ema=True, ema_overwrite_frequency=2, gradient_accumulation_steps=3,
    exclude_from_weight_decay=("bias",), amsgrad=True,
)  # fmt: skip
FADING = SGD(0.01, weight_decay=100.0, use_ema=True, ema_momentum=0.5)  # weights are soon 0


def objective() -> Objective:
    return Objective(NETWORK, Criterion(MeanSquaredError()), NETWORK.weights((120,)))


def start(optimizer: Optimizer, dtype: str = "float32") -> State:
    params, _ = NETWORK.init(np.random.default_rng(1), (120,), dtype)
    return initial_state(objective(), optimizer, params)


def data(dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    return X.astype(dtype), Y.astype(dtype)


def whole(optimizer: Optimizer, steps: int) -> Tree:
    """The pure rules applied to whole arrays, without the engine (and without flushing)."""
    (x, y), state = data(), start(optimizer)
    params = dict(items(state.params))
    kept = {name: dict(items(tree)) for name, tree in state.slots.items()}
    for step, rows in enumerate(BATCHES[:steps]):
        call = CallContext(training=True, step=step, wrt_x=False)
        _, _, grads = objective().value_and_gradients(from_items(params), x[rows], y[rows], call)
        for path, gradient in items(grads):
            rule = optimizer.rule_for(path, gradient.shape)
            slots = tuple(kept[name][path] for name in rule.slots)
            rate = optimizer.rate(step)
            params[path], slots = rule.step(gradient, slots, params[path], rate, step + 1)
            for name, slot in zip(rule.slots, slots, strict=True):
                kept[name][path] = slot
    return from_items(params)


@pytest.mark.parametrize("optimizer", RULES, ids=ids)
def test_blocks_in_place_are_the_pure_rule_bit_for_bit(optimizer: Optimizer) -> None:
    engine = NumpyEngine(objective(), optimizer, start(optimizer), seed=0)
    assert sum(leaf.size for _, leaf in items(engine.params)) > BLOCK  # more than one block
    engine.run(*data(), BATCHES, [optimizer.rate(0)] * len(BATCHES))
    with threadpool_limits(1, "blas"):  # as in the engine: Muon's products, too
        wanted = dict(items(whole(optimizer, len(BATCHES))))
    for path, leaf in items(engine.params):
        np.testing.assert_array_equal(leaf, wanted[path], err_msg=path)


@pytest.mark.parametrize("run", KERAS["runs"], ids=ids)
@pytest.mark.parametrize(("dtype", "limit"), [("float64", 1e-13), ("float32", 1e-4)])
def test_like_keras_at_every_step(run: dict[str, Any], dtype: str, limit: float) -> None:
    """Rules, schedules, clipping, decay, accumulation, averages, constraints, and their order."""
    optimizer = optimizer_of(run)
    engine = begun("numpy", optimizer, constraint_of(run), dtype)
    for expected in run["path"]:
        advance(engine, optimizer)
        np.testing.assert_allclose(engine.params["hidden"]["kernel"], expected, limit, limit)
    state = engine.state()
    averages = dict(items(state.averaged().params)) if "average" in run else {}
    for path, leaf in items(state.params):
        assert leaf.dtype == dtype
        np.testing.assert_allclose(leaf, run["end"][path], limit, limit, err_msg=path)
        if averages:
            np.testing.assert_allclose(averages[path], run["average"][path], limit, limit)


@pytest.mark.parametrize("run", WITH_INFINITY, ids=ids)
def test_an_infinite_gradient_is_found_whatever_the_rule_makes_of_it(run: dict[str, Any]) -> None:
    stops_at_infinity("numpy", run)


@pytest.mark.parametrize("run", KERAS["runs"], ids=ids)
@pytest.mark.parametrize("cut", [1, 7])
def test_a_state_is_all_that_is_needed_to_go_on(run: dict[str, Any], cut: int) -> None:
    """Also in the middle of an accumulation; the order of the slots is preserved."""
    optimizer, constraint = optimizer_of(run), constraint_of(run)
    through, first, second = (begun("numpy", optimizer, constraint) for _ in range(3))
    advance(through, optimizer, STEPS)
    advance(first, optimizer, cut)
    second.load(first.state())
    advance(second, optimizer, STEPS - cut)
    wanted, found = through.state(), second.state()
    assert found.step == wanted.step == STEPS
    for a, b in zip(
        (wanted.params, *wanted.slots.values()), (found.params, *found.slots.values()), strict=True
    ):
        assert list(dict(items(a))) == list(dict(items(b)))
        for path, leaf in items(a):
            np.testing.assert_array_equal(dict(items(b))[path], leaf, err_msg=path)
    assert list(wanted.slots) == list(found.slots)


def test_the_slots_of_a_state() -> None:
    paths = list(START)
    slots = begun("numpy", EVERYTHING).state().slots
    names = {"momentum", "velocity", "velocity_hat", "average", "gradient_accumulator"}
    assert set(slots) == names
    assert all([path for path, _ in items(tree)] == paths for tree in slots.values())
    muon = begun("numpy", Muon()).state().slots
    assert [path for path, _ in items(muon["momentum"])] == paths
    assert [path for path, _ in items(muon["velocity"])] == ["hidden/bias", "embedding/embeddings"]


def test_without_averages_the_state_is_its_own_average() -> None:
    state = begun("numpy", Adam()).state()
    for path, leaf in items(state.averaged().params):
        np.testing.assert_array_equal(leaf, dict(items(state.params))[path])


def test_weights_stay_within_their_constraint() -> None:
    network = Sequential((Dense(9, kernel_constraint=MaxNorm(0.2)), Dense(9)))
    params, _ = network.init(np.random.default_rng(0), (120,), "float32")
    made = Objective(network, Criterion(MeanSquaredError()), network.weights((120,)))
    engine = NumpyEngine(made, SGD(0.5), initial_state(made, SGD(0.5), params), 0)
    for batch in BATCHES:
        engine.run(*data(), [batch], [0.5])
        norms = np.linalg.norm(engine.params["dense"]["kernel"], axis=0)
        assert norms.max() <= 0.2 * (1 + 1e-6)
    assert np.linalg.norm(engine.params["dense_1"]["kernel"], axis=0).max() > 0.3


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.sampled_from([{}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}]))
def test_k_batches_are_one_k_times_as_large(steps: int, clipping: dict[str, float]) -> None:
    """With equal batch sizes and a mean loss; the weights do not change in between."""
    x, y = data("float64")
    batches = [np.arange(4 * i, 4 * i + 4) for i in range(steps)]
    large, small = Adam(0.01, **clipping), Adam(0.01, gradient_accumulation_steps=steps, **clipping)
    one = NumpyEngine(objective(), large, start(large, "float64"), 0)
    many = NumpyEngine(objective(), small, start(small, "float64"), 0)
    one.run(x, y, [np.concatenate(batches)], [0.01])
    before = many.state()
    many.run(x, y, batches[:-1], [0.01] * (steps - 1))
    for (_, a), (_, b) in zip(items(before.params), items(many.params), strict=True):
        np.testing.assert_array_equal(a, b)
    many.run(x, y, batches[-1:], [0.01])
    for (path, a), (_, b) in zip(items(one.params), items(many.params), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9, err_msg=path)


@pytest.mark.parametrize("optimizer", [*RULES, EVERYTHING], ids=ids)
def test_a_state_handed_over_goes_on_bit_for_bit(optimizer: Optimizer) -> None:
    through = NumpyEngine(objective(), optimizer, start(optimizer), seed=0)
    through.run(*data(), BATCHES, [0.01] * 24)
    first = NumpyEngine(objective(), optimizer, start(optimizer), seed=0)
    first.run(*data(), BATCHES[:10], [0.01] * 10)
    second = NumpyEngine(objective(), optimizer, first.state(), seed=0)
    second.run(*data(), BATCHES[10:], [0.01] * 14)
    assert second.step == through.step == 24
    for a, b in zip(items(second.params), items(through.params), strict=True):
        np.testing.assert_array_equal(a[1], b[1])


def test_measures_and_states_are_copies() -> None:
    engine = NumpyEngine(objective(), Adam(), start(Adam()), seed=0)
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
    engine = NumpyEngine(objective(), Adam(), state, seed=0)
    engine.run(*data(), BATCHES, [0.1] * 24)
    for path, leaf in items(state.params):
        np.testing.assert_array_equal(leaf, before[path])
        assert path.startswith("normalization") == np.array_equal(
            leaf, dict(items(engine.params))[path]
        )


@pytest.mark.parametrize("optimizer", [SGD(0.01, 0.5), RMSprop(rho=0.5), Adam(), FADING], ids=ids)
def test_denormals_are_kept_away(optimizer: Optimizer) -> None:
    """With an input that becomes 0, moments and averages shrink, but not to denormal numbers."""
    x, y = data()
    engine = NumpyEngine(objective(), optimizer, start(optimizer), seed=0)
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
    whole = Objective(network, Criterion(MeanSquaredError()), network.weights((200,)))

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
    engine = NumpyEngine(objective(), optimizer, start(optimizer, dtype), seed=0)
    engine.run(*data("float64"), BATCHES[:2], [optimizer.rate(0)] * 2)
    state = engine.state()
    for tree in (state.params, *state.slots.values()):
        assert {leaf.dtype.name for _, leaf in items(tree)} == {dtype}


def test_a_weight_without_a_gradient_is_refused() -> None:
    network = Sequential((Dense(2), Embedding(5, 3), Flatten(), Dense(1)))
    params, _ = network.init(np.random.default_rng(0), (2,))
    objective = Objective(network, Criterion(MeanSquaredError()), network.weights((2,)))
    running = NumpyEngine(objective, SGD(), initial_state(objective, SGD(), params), 0)
    with pytest.raises(GlassnetError, match="weight 'dense/kernel': gets no gradient"):
        running.run(np.zeros((4, 2)), np.ones((4, 1)), [np.arange(4)], [0.1])


def test_only_large_products_get_more_threads_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    products = []

    def watched(product: int) -> Any:
        products.append(product)
        return suitable_threads(product)

    monkeypatch.setattr(numpy_engine, "suitable_threads", watched)
    engine = NumpyEngine(objective(), SGD(), start(SGD()), seed=0)
    engine.run(*data("float64"), [np.arange(3), np.arange(2)], [0.1, 0.1])
    assert products == [3 * 120 * 300, 2 * 120 * 300]
    with threadpool_limits(2, user_api="blas"):
        for product, threads in ((THREADED - 1, 1), (THREADED, 2)):
            with suitable_threads(product):
                pools = [pool for pool in threadpool_info() if "numpy" in pool["filepath"]]
                assert [pool["num_threads"] for pool in pools] == [threads]

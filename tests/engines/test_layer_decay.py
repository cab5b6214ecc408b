"""`layer_decay`: each layer trains at its own rate, by its depth, under every optimizer."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import BackupAndRestore, GlassnetError, Model
from glassnet.core.trees import items
from glassnet.engines.layer_decay import depths, rate_factors
from glassnet.layers import (
    LSTM,
    Add,
    BatchNormalization,
    Concatenate,
    Dense,
    Dropout,
    Input,
    LayerNormalization,
    MultiHeadAttention,
    Residual,
)
from glassnet.optimizers import SGD, Adafactor, Adam, AdamW, CosineDecay, Muon, Optimizer
from tests.engines.given import (
    KERAS,
    ROWS,
    STEPS,
    Y,
    advance,
    begun,
    constraint_of,
    ids,
    optimizer_of,
)

ON_BOTH = pytest.mark.parametrize(
    "engine",
    [
        "numpy",
        pytest.param(
            "jax", marks=pytest.mark.skipif(not find_spec("jax"), reason="JAX is missing")
        ),
    ],
)


def by_layer(model: Model) -> dict[str, int]:
    """The depth of each layer with weights, all of whose weights have the same."""
    numbers: dict[str, set[int]] = {}
    for path, depth in depths(model.network, model.params).items():
        numbers.setdefault(path.rpartition("/")[0], set()).add(depth)
    assert all(len(each) == 1 for each in numbers.values())
    return {path: each.pop() for path, each in numbers.items()}


# -- depth -----------------------------------------------------------------------------------------


def test_layers_with_a_kernel_count_and_a_normalization_goes_with_the_one_before_it() -> None:
    model = Model(
        [Dense(4, name="a"), BatchNormalization(name="n"), Dropout(0.1), Dense(4, name="b"),
         LayerNormalization(name="m"), Dense(2, name="head")],
        (3,),
    )  # fmt: skip
    assert by_layer(model) == {"a": 2, "n": 2, "b": 1, "m": 1, "head": 0}
    factors = rate_factors(model.network, model.params, 0.5)
    assert factors["a/kernel"] == factors["n/gamma"] == 0.25
    assert factors["head/bias"] == 1
    assert rate_factors(model.network, model.params, None) == {}


def test_the_longest_way_through_a_graph_counts() -> None:
    x = Input((4,))
    start = Dense(4, name="start")(x)
    long = Dense(4, name="long_2")(Dense(4, name="long_1")(start))
    short = Dense(4, name="short")(start)
    y = Dense(1, name="head")(Add()(long, short))
    depth = by_layer(Model(inputs=x, outputs=y))
    assert depth == {"start": 3, "long_1": 2, "long_2": 1, "short": 1, "head": 0}


def test_of_a_shared_layer_the_call_furthest_from_the_output_counts() -> None:
    x, shared = Input((4,)), Dense(4, name="shared")
    y = Dense(1, name="head")(shared(Dense(4, name="between")(shared(x))))
    assert by_layer(Model(inputs=x, outputs=y)) == {"shared": 3, "between": 2, "head": 0}


def test_multiple_inputs_and_outputs_of_models_inside() -> None:
    a, b = Input((3,)), Input((5,))
    joined = Concatenate()(Dense(2, name="of_a")(a), Dense(2, name="of_b")(b))
    side = Dense(2, name="side")(joined)
    inner = Model(inputs=[a, b], outputs=[side, Dense(2, name="main")(side)], name="inner")
    c, d = Input((3,)), Input((5,))
    one, two = inner(c, d)
    outer = Model(inputs=[c, d], outputs=[one, Dense(1, name="head")(two)])
    assert by_layer(outer) == {
        "inner/of_a": 3, "inner/of_b": 3, "inner/side": 2, "inner/main": 1, "head": 0,
    }  # fmt: skip


def test_models_inside_are_counted_by_layers_and_merging_blocks_once() -> None:
    body = Model([Dense(4, name="a"), Dense(4, name="b")], (4,), name="body")
    block = Residual((Dense(8, "relu"), Dense(4)), name="block")
    model = Model([body, block, Dense(2, name="head")], (4,))
    assert by_layer(model) == {
        "body/a": 3, "body/b": 2, "block/body/dense": 1, "block/body/dense_1": 1, "head": 0,
    }  # fmt: skip


def test_attention_and_recurrent_layers_are_one_layer_each() -> None:
    x = Input((5, 4))
    attended = MultiHeadAttention(2, 2, name="attention")(
        x, LSTM(4, return_sequences=True, name="lstm")(x)
    )
    model = Model(inputs=x, outputs=Dense(1, name="head")(attended))
    assert set(depths(model.network, model.params).values()) == {0, 1, 2}


def test_frozen_layers_count() -> None:
    """So unfreezing one changes no other layer's rate."""
    model = Model([Dense(4), Dense(4), Dense(2)], (3,))
    before = depths(model.network, model.params)
    model.layers[1].trainable = False
    assert depths(model.network, model.params) == before
    model.compile(SGD(0.1, layer_decay=0.5), "mse")
    objective = model.objective()
    assert "dense_1/kernel" not in objective.trained
    assert rate_factors(objective.network, objective.weights, 0.5)["dense/kernel"] == 0.25


# -- rates -----------------------------------------------------------------------------------------


def two_layers(optimizer: Optimizer) -> tuple[Any, Any]:
    """The moves of the two kernels in the first step."""
    model = Model([Dense(3, "tanh"), Dense(1)], (2,), seed=3, dtype="float64")
    model.compile(optimizer, "mse")
    before = model.get_weights()
    x = np.array([[1.0, -2.0], [0.5, 1.5]])
    model.fit(x, np.array([[1.0], [-0.5]]), verbose=0, shuffle=False)
    moves = [after - start for start, after in zip(before, model.get_weights(), strict=True)]
    return moves[0], moves[2]


@pytest.mark.parametrize("optimizer", [SGD, Adam, lambda **decay: AdamW(weight_decay=0.5, **decay)])
def test_the_layer_before_the_head_moves_by_the_factor(optimizer: Any) -> None:
    first, head = two_layers(optimizer())
    slower, same = two_layers(optimizer(layer_decay=0.8))
    np.testing.assert_allclose(slower, 0.8 * first, rtol=1e-12)  # weight decay included
    np.testing.assert_array_equal(same, head)


@pytest.mark.parametrize("run", KERAS["runs"], ids=ids)
def test_each_layer_trains_as_at_its_rate_times_the_factor(run: dict[str, Any]) -> None:
    """Bit for bit: with accumulation, clipping, averages, constraints, schedules, any rule."""
    optimizer, constraint = optimizer_of(run), constraint_of(run)
    decaying = begun("numpy", replace(optimizer, layer_decay=0.8), constraint)
    batches = [np.array([step]) for step in range(STEPS)]
    rates = [optimizer.rate(step) for step in range(STEPS)]
    decaying.run(ROWS, Y, batches, rates)
    for depth, layer in enumerate(("last", "embedding", "hidden")):
        plain = begun("numpy", optimizer, constraint)
        plain.run(ROWS, Y, batches, [rate * 0.8**depth for rate in rates])
        for slot, tree in [("weight", plain.state().params), *plain.state().slots.items()]:
            mine = decaying.state().slots[slot] if slot != "weight" else decaying.params
            for path, leaf in items(tree):
                if path.startswith(layer):
                    np.testing.assert_array_equal(dict(items(mine))[path], leaf, f"{slot} {path}")


@pytest.mark.skipif(not find_spec("jax"), reason="JAX is missing")
@pytest.mark.parametrize(
    "optimizer",
    [
        AdamW(CosineDecay(0.1, 20), 0.1, clipnorm=0.5, use_ema=True, gradient_accumulation_steps=3,
              layer_decay=0.7),
        Muon(0.01, exclude_layers=("last",), layer_decay=0.7),
        Adafactor(0.1, layer_decay=0.7),
    ],
    ids=ids,
)  # fmt: skip
def test_jax_is_numpy(optimizer: Optimizer) -> None:
    engines = [begun(name, optimizer) for name in ("numpy", "jax")]
    for engine in engines:
        advance(engine, optimizer, 20)
    for (path, one), (_, two) in zip(*(items(e.params) for e in engines), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-11, atol=1e-13, err_msg=path)


# In PyTorch 2.13: three layers in three parameter groups of rates 0.1 * 0.8**2, 0.1 * 0.8 and 0.1;
# three steps of SGD(momentum=0.9, nesterov=True), and of AdamW(weight_decay=0.01, eps=0).
START_OF_PYTORCH = [
    [[0.5, -0.25], [0.75, 1.0]], [0.1, -0.2], [[1.0, 0.5], [-0.5, 0.25]], [0.0, 0.3],
    [[0.6], [-0.9]], [0.05],
]  # fmt: skip
PYTORCH = {
    SGD(0.1, 0.9, True, layer_decay=0.8): [
        [[0.507231332135, 0.0238048046], [0.734262105202, 0.964273543795]],
        [0.114293436901, -0.448765200753],
        [[0.816559890462, 0.802554935938], [-0.545005703345, 0.318211673631]],
        [0.377852541265, -0.335813011277], [[0.221232226036], [-0.985440046592]], [0.872975986249],
    ],
    AdamW(0.1, 0.01, epsilon=0.0, layer_decay=0.8): [
        [[0.39769319134, -0.05762035862], [0.558835932723, 0.807652295186]],
        [0.218395531067, -0.391263741233],
        [[0.77473208189, 0.716604317058], [-0.738809449597, 0.488678844118]],
        [0.231315025511, 0.06663319503], [[0.359068828098], [-0.704372351009]], [0.342876067629],
    ],
}  # fmt: skip


@pytest.mark.parametrize("optimizer", PYTORCH, ids=ids)
def test_the_parameter_groups_of_pytorch(optimizer: Optimizer) -> None:
    model = Model([Dense(2, "tanh"), Dense(2, "tanh"), Dense(1)], (2,), dtype="float64")
    model.set_weights([np.array(start) for start in START_OF_PYTORCH])
    model.compile(optimizer, "mse")
    x = np.array([[1.0, -2.0], [0.5, 1.5], [-1.0, 0.25]])
    y = np.array([[1.0], [-0.5], [2.0]])
    model.fit(x, y, epochs=3, verbose=0, shuffle=False)
    for ours, theirs in zip(model.get_weights(), PYTORCH[optimizer], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-11)


# -- files and checkpoints -------------------------------------------------------------------------

RNG = np.random.default_rng(0)
X_FILE, Y_FILE = RNG.standard_normal((40, 3)), RNG.standard_normal((40, 1))


def trained(epochs: int, decay: float, **fit: Any) -> Model:
    model = Model([Dense(4, "tanh"), Dense(1)], (3,), seed=1)
    model.compile(Adam(0.01, layer_decay=decay), "mse")
    model.fit(X_FILE, Y_FILE, epochs=epochs, verbose=0, **fit)
    return model


@ON_BOTH
def test_a_resumed_training_has_the_same_rates(engine: str, tmp_path: Path) -> None:
    backup = BackupAndRestore(tmp_path, delete_checkpoint=False)
    trained(2, 0.5, engine=engine, callbacks=[backup])
    with pytest.raises(
        GlassnetError, match=r"optimizer {'layer_decay': 0\.5}; this one has .*: 0\.6}"
    ):
        trained(4, 0.6, engine=engine, callbacks=[backup])
    resumed = trained(4, 0.5, engine=engine, callbacks=[backup])
    whole = trained(4, 0.5, engine=engine)
    for one, two in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_model_file_holds_it_and_a_loaded_model_trains_with_it(tmp_path: Path) -> None:
    model = trained(1, 0.5)
    model.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path / "model.safetensors")
    assert loaded.optimizer == Adam(0.01, layer_decay=0.5)
    assert loaded.optimizer != Adam(0.01)


def test_a_rate_set_by_assignment_is_that_of_the_head() -> None:
    model, slow = trained(0, 0.5), Model([Dense(4, "tanh"), Dense(1)], (3,), seed=1)
    slow.compile(Adam(0.001, layer_decay=0.5), "mse")
    assert model.optimizer is not None
    model.optimizer.set_learning_rate(0.001)
    for each in (model, slow):
        each.train_on_batch(X_FILE, Y_FILE)
    for one, two in zip(model.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("decay", [0.0, -0.5, 2.6, float("nan")])
def test_what_is_not_a_share_is_refused(decay: float) -> None:
    with pytest.raises(GlassnetError, match=r"layer_decay.*divided by that of the layer after"):
        SGD(layer_decay=decay)

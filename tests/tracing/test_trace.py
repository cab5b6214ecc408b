from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import networks, optimizers
from glassnet.core.errors import GlassnetError
from glassnet.tracing.result import Trace
from glassnet.tracing.values import NotComputed, Values

RNG = np.random.default_rng(0)
SPARSE = "sparse_categorical_crossentropy"


def model(*layers: Any, shape: Any = (5,), optimizer: Any = "adam", loss: Any = SPARSE) -> gn.Model:
    one = gn.Sequential(list(layers))
    one.build(shape)
    one.compile(optimizer, loss)
    return one


def small(**options: Any) -> gn.Model:
    return model(gn.Dense(8, "relu"), gn.Dropout(0.3), gn.Dense(3, "softmax"), **options)


def proved(trace: Trace, numbers: int = 100, derivatives: int = 12) -> Trace:
    proofs = trace.check(numbers, derivatives)
    proofs.require()
    assert proofs.ok
    assert all(proof.count for proof in proofs.each)
    return trace


X, Y = RNG.random((4, 5)), np.array([0, 2, 1, 1])


def test_an_example_forward_backward_and_update() -> None:
    one = small()
    trace = proved(gn.trace(one, X[0], 0))
    dense = trace.layer("dense")
    assert isinstance(dense.output, Values)
    assert dense.output.shape == (8,)
    assert dense.output[3].result.name == "output of dense[3]"
    np.testing.assert_allclose(trace.prediction.value, one.predict(X[:1])[0], atol=1e-6)
    loss = one.evaluate(X[:1], Y[:1], verbose=0)
    assert float(trace.loss.value) == pytest.approx(loss, abs=1e-6)


RULES = [n for n in optimizers.__all__ if hasattr(getattr(optimizers, n), "update")]


@pytest.mark.parametrize("rule", [name for name in RULES if name != "Optimizer"])
def test_the_step_of_every_optimizer_is_that_of_training(rule: str) -> None:
    kind = getattr(optimizers, rule)
    one = model(gn.Dense(6, "tanh"), gn.Dense(3, "softmax"), optimizer=kind())
    one.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    trace = gn.trace(one, X, Y, training=True)
    assert not any("first step" in note for note in trace.notes)
    new = trace.layer("dense").new_weights["kernel"]
    one.fit(X, Y, batch_size=4, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_allclose(new.value, one.params["dense"]["kernel"], rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"clipnorm": 0.01},
        {"clipvalue": 0.01},
        {"global_clipnorm": 0.01},
        {"weight_decay": 0.1},
        {"use_ema": True},
        {"layer_decay": 0.5},
    ],
    ids=str,
)
def test_what_an_optimizer_does_besides_its_rule_is_in_the_step(options: Any) -> None:
    one = model(gn.Dense(6, "tanh"), gn.Dense(3, "softmax"), optimizer=gn.Adam(0.01, **options))
    trace = gn.trace(one, X, Y, training=True)
    proved(trace, 100, 6)
    one.fit(X, Y, batch_size=4, epochs=1, shuffle=False, verbose=0)
    new = trace.layer("dense").new_weights["kernel"]
    if not options.get("use_ema"):  # after `fit`, the averages are the weights
        np.testing.assert_allclose(new.value, one.params["dense"]["kernel"], rtol=1e-4, atol=1e-6)


def test_a_step_that_only_sums_gradients_updates_nothing() -> None:
    one = small(optimizer=gn.SGD(0.1, gradient_accumulation_steps=2))
    dense = gn.trace(one, X[0], 0).layer("dense")
    assert str(dense.new_weights["kernel"]) == (
        "not computed: this step only sums gradients; a later one updates the weights"
    )
    assert dense.new_slots["gradient_accumulator of kernel"].shape == (5, 8)


def test_training_drops_and_normalizes_and_moves_the_statistics() -> None:
    one = model(gn.Dense(8), gn.BatchNormalization(), gn.Dropout(0.5), gn.Dense(3, "softmax"))
    still = gn.trace(one, X[0], 0)
    assert "outside training, it changes nothing" in still.layer("dropout").notes
    reason = still.layer("batch_normalization").new_weights["moving_mean"]
    assert isinstance(reason, NotComputed)
    assert "training=True" in reason.reason
    trace = proved(gn.trace(one, X, Y, training=True))
    dropped = trace.layer("dropout").output.value
    assert 0 < (dropped == 0).mean() < 1
    assert isinstance(trace.layer("batch_normalization").new_weights["moving_mean"], Values)
    assert str(trace.layer("batch_normalization").d_weights["moving_mean"]).startswith(
        "not computed: it follows the data"
    )


def test_what_is_not_computed_is_never_0() -> None:
    one = model(gn.Embedding(9, 4), gn.GlobalAveragePooling1D(), gn.Dense(3, "softmax"), shape=(6,))
    trace = proved(gn.trace(one, np.array([1, 2, 0, 3, 8, 8]), 1))
    reason = trace.layer("embedding").d_input
    assert isinstance(reason, NotComputed)
    assert "indices" in reason.reason
    assert not reason
    one = small()
    one.layers[0].trainable = False
    one.compile("adam", SPARSE)
    frozen = gn.trace(one, X[0], 0).layer("dense")
    assert str(frozen.d_weights["kernel"]) == "not computed: dense is frozen: trainable=False"
    assert str(frozen.new_weights["bias"]) == "not computed: dense is frozen: trainable=False"


def test_multiple_inputs_and_outputs() -> None:
    a, b = gn.Input((4,), name="a"), gn.Input((3,), name="b")
    shared = gn.Dense(5, "tanh", name="shared")
    both = gn.Concatenate()([shared(a), gn.Dense(2)(b)])
    one = gn.Model([a, b], [gn.Dense(3, "softmax", name="p")(both), gn.Dense(1, name="q")(both)])
    one.compile("adam", loss=[SPARSE, "mse"])
    trace = proved(gn.trace(one, [RNG.random(4), RNG.random(3)], [1, [0.5]]))
    assert {"x.a", "x.b", "y.0", "y.1"} <= set(trace.program.inputs)
    assert [part.shape for part in trace.prediction] == [(3,), (1,)]
    assert trace.values("x.a")[2].result.name == "x.a[2]"


def test_penalties_are_part_of_the_loss_and_its_derivatives() -> None:
    one = model(
        gn.Dense(6, "tanh", kernel_regularizer=gn.L1L2(0.01, 0.02), activity_regularizer="l2"),
        gn.Dense(3, "softmax"),
    )
    proved(gn.trace(one, X[0], 2), derivatives=20)


RECIPES: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "mlp": ((6, 6), {"hidden": (5,)}),
    "lenet": ((12, 12, 1), {}),
    "cnn": ((8, 8, 1), {"filters": (4, 6)}),
    "resnet": ((8, 8, 1), {}),
    "vit": ((8, 8, 1), {"depth": 1, "width": 8}),
    "rnn": ((5, 4), {"units": 6}),
    "lstm": ((5, 4), {"units": 6}),
    "gru": ((5, 4), {"units": 6}),
    "mobilenet-v2": ((32, 32, 3), {}),
    "efficientnet-lite0": ((32, 32, 3), {}),
}
LARGE = ("resnet", "mobilenet-v2", "efficientnet-lite0")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in LARGE else n for n in RECIPES]
)
def test_networks(name: str) -> None:
    shape, options = RECIPES[name]
    network = networks.recipe_for(name, {"classes": 3, "shape": shape}, **options)
    one = gn.Model(network)
    one.build(shape)
    one.compile("adam", SPARSE)
    trace = gn.trace(one, RNG.random(shape), 1)
    proofs = trace.check(60, 3 if name in LARGE else 8)
    proofs.require()


def test_a_text_transformer_whose_tokens_are_masked() -> None:
    data = {"classes": 3, "shape": (7,), "vocabulary": 20}
    one = gn.Model(networks.recipe_for("text-transformer", data, width=8, depth=1))
    one.build((7,))
    one.compile("adam", SPARSE)
    proved(gn.trace(one, np.array([4, 3, 9, 1, 0, 0, 0]), 1))


def test_a_function_of_one_s_own_written_with_numpy() -> None:
    def swish(x: Any) -> Any:
        gate = 1 / (1 + np.exp(-x))
        return x * gate, lambda dy: dy * (gate + x * gate * (1 - gate))

    one = model(gn.Dense(4, swish), gn.Dense(3, "softmax"))
    trace = proved(gn.trace(one, X[0], 1))
    assert "test_trace.py" in trace.layer("dense").output[0].where


def test_numbers_are_opened_by_name() -> None:
    trace = gn.trace(small(), X[0], 0)
    lines = trace.explain("output of dense[2]")
    assert lines[0].startswith("output of dense[2] = ")
    assert "relative error" in lines[-1]
    assert trace.explain("new dense/kernel[1, 2]")[1].strip().startswith("return w - alpha * m")
    assert trace.explain("loss")[0].startswith("loss = ")
    with pytest.raises(GlassnetError, match="Did you mean 'dense/kernel'"):
        trace.explain("dense/kernl[1, 2]")
    with pytest.raises(GlassnetError, match=r"no entry \[1\]"):
        trace.explain("dense/kernel[1]")
    with pytest.raises(GlassnetError, match="no position of whole numbers"):
        trace.explain("dense/kernel[a, b]")


def test_a_model_that_is_not_compiled_or_has_no_target_is_refused() -> None:
    with pytest.raises(GlassnetError, match="is not compiled"):
        gn.trace(gn.Sequential([gn.Dense(2)]), X[0], 0)
    with pytest.raises(GlassnetError, match="needs the target"):
        gn.trace(small(), X[0])
    with pytest.raises(GlassnetError, match="row 0 has label 7"):
        gn.trace(small(), X[0], 7)


def test_the_learning_rate_can_be_set_and_a_warm_up_from_0_is_not_shown_as_no_step() -> None:
    one = small(optimizer=gn.SGD(gn.CosineDecay(0.0, 100, warmup_target=0.1, warmup_steps=10)))
    trace = gn.trace(one, X[0], 0)
    assert float(trace.values("learning rate").value) == pytest.approx(0.1)
    assert "largest of its schedule" in trace.notes[-1]
    trace = gn.trace(one, X[0], 0, learning_rate=0.5)
    kernel = trace.layer("dense_1")
    step = kernel.weights["kernel"].value - kernel.new_weights["kernel"].value
    np.testing.assert_allclose(step, 0.5 * kernel.d_weights["kernel"].value, rtol=1e-10)


def test_the_derivative_of_a_function_without_a_pullback_is_by_jax() -> None:
    pytest.importorskip("jax")
    one = model(gn.Dense(4, lambda x: x * x), gn.Dense(3, "softmax"))
    trace = proved(gn.trace(one, X[0], 1), derivatives=20)
    sources = [o.source for o in trace.program.operations if o.kind == "constant"]
    assert any(source and source.target == "derivative_by_jax" for source in sources)
    kernel = trace.program.inputs["dense/kernel"]
    with pytest.raises(GlassnetError, match="decide otherwise"):  # the constant would stay
        trace.program.run({kernel: trace.program.operations[kernel].value + 1})


def test_inside_time_distributed_the_first_axis_is_that_of_the_steps() -> None:
    one = model(
        gn.TimeDistributed(gn.Dense(3)), gn.Flatten(), gn.Dense(1), shape=(4, 2), loss="mse"
    )
    trace = proved(gn.trace(one, RNG.random((4, 2)), np.ones(1)))
    inner = trace.layer("time_distributed/layer").output
    assert inner.shape == (4, 3)
    assert inner[3, 1].result.name == "output of time_distributed/layer[3, 1]"
    assert trace.explain("output of time_distributed/layer[3, 1]")


def test_a_schedule_that_has_ended_at_0_updates_nothing() -> None:
    one = small(optimizer=gn.SGD(gn.PolynomialDecay(0.1, decay_steps=2, end_learning_rate=0.0)))
    one.fit(X, Y, batch_size=1, epochs=1, verbose=0)
    dense = gn.trace(one, X[0], 0).layer("dense")
    np.testing.assert_array_equal(dense.new_weights["kernel"].value, dense.weights["kernel"].value)


def test_the_derivative_of_a_state_that_is_an_output_too_is_not_its_dy() -> None:
    x = gn.Input((3, 2))
    y, h, c = gn.LSTM(4, return_state=True)(x)
    one = gn.Model(x, gn.Dense(1)(gn.Concatenate()([y, h, c])))
    one.compile("sgd", "mse")
    trace = proved(gn.trace(one, RNG.random((1, 3, 2)), np.ones((1, 1))), 200, 60)
    slope = trace.layer("lstm").output[2].derivative(1)
    assert isinstance(slope.backward, NotComputed)
    assert slope.measured.value


@pytest.mark.parametrize("loss", [gn.CategoricalCrossentropy(label_smoothing=0.1), "msle"])
def test_what_a_loss_computes_of_the_target_is_float64_in_both(loss: Any) -> None:
    proved(gn.trace(small(loss=loss), X[:2], np.array([[0, 1, 0], [0.3, 0.7, 0]])))


def test_a_bias_before_batch_normalization_has_no_slope_that_can_be_measured() -> None:
    one = model(gn.Dense(4), gn.BatchNormalization(), gn.Dense(2), loss="mse")
    assert gn.trace(one, X, np.ones((4, 2)), training=True).check(50, 60).ok


def test_numbers_that_are_not_finite_are_followed() -> None:
    one = model(gn.Dense(20, "exponential"), gn.Dense(20), gn.Dense(2), shape=(20,), loss="mse")
    trace = gn.trace(one, np.full(20, 5e3), np.ones(2))  # infinity, then infinity − infinity
    output = trace.layer("dense").output
    assert isinstance(output, Values)
    assert np.isinf(output.value).sum() > 2
    unit = int(np.isinf(output.value).argmax())
    for name in ("output of dense", "output of dense_1", "dy of dense"):
        assert trace.explain(f"{name}[{unit}]")
    assert trace.explain("loss")
    assert trace.explain("x[3]")[-1].endswith("none, as the loss is not finite")
    assert "not finite" in output.derivative(unit).measured.missing


def test_a_wrong_number_that_is_nan_fails_the_check() -> None:
    one = model(gn.Dense(3), gn.Dense(2), loss="mse")
    trace = gn.trace(one, X[0], np.ones(2))
    gradient = trace.layer("dense").d_weights["bias"]
    assert isinstance(gradient, Values)
    gradient.value[:] = np.nan
    assert not trace.check(300, 100).each[2].ok


def test_inputs_by_name_are_one_example_too() -> None:
    a, b = gn.Input((4,), name="a"), gn.Input((3,), name="b")
    one = gn.Model([a, b], gn.Dense(2)(gn.Concatenate()([a, b])))
    one.compile("sgd", "mse")
    trace = proved(gn.trace(one, {"b": np.ones(3), "a": np.zeros(4)}, np.ones(2)))
    assert trace.number("x.b[-1]")[0].derivative(-1).of == "x.b[2]"

"""What all optimizers share: learning rates, names, options, and the parts around the rule."""

import json
from typing import Any

import numpy as np
import pytest

from glassnet import optimizers
from glassnet.core import registry
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.optimizers import SGD, Adagrad, Adam, AdamW, CosineDecay, Muon, RMSprop
from glassnet.optimizers.base import flush

WEIGHTS = {"dense/kernel": np.ones((2, 3)), "dense/bias": np.zeros(3)}


def test_names_and_defaults_are_keras_s() -> None:
    assert registry.names("optimizer") == [
        "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "ftrl", "lamb", "lion",
        "muon", "nadam", "rmsprop", "schedulefreeadamw", "sgd",
    ]  # fmt: skip
    assert optimizers.get("adam") == Adam(0.001, 0.9, 0.999, 1e-7, False)
    assert optimizers.get("adamw") == AdamW(0.001, 0.004, 0.9, 0.999, 1e-7, False)
    assert optimizers.get("rmsprop") == RMSprop(0.001, 0.9, 0.0, 1e-7, False)
    assert optimizers.get("sgd") == SGD(0.01, 0.0, False)


@pytest.mark.parametrize(
    "optimizer",
    [
        *(optimizers.get(name) for name in registry.names("optimizer")),
        SGD(CosineDecay(0.1, 10), clipnorm=1.0, use_ema=True, ema_overwrite_frequency=3),
        AdamW(exclude_from_weight_decay=("bias", "gamma"), gradient_accumulation_steps=4),
        Muon(exclude_layers=("dense_1",), rms_rate=None),
        Adam(layer_decay=0.8),
    ],
    ids=lambda optimizer: repr(optimizer)[:30],
)
def test_there_and_back_through_json(optimizer: Any) -> None:
    described = json.loads(json.dumps(registry.describe(optimizer)))
    assert registry.build("optimizer", described) == optimizer


def test_a_description_without_the_options_is_understood() -> None:
    described = {"class": "SGD", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True}
    assert registry.build("optimizer", described) == SGD(0.1, 0.9, True)


@pytest.mark.parametrize("rate", [0.5, np.float64(0.5), np.float32(0.5)])
def test_the_rate_is_a_plain_number(rate: float) -> None:
    assert type(SGD(rate).rate(3)) is float
    assert SGD(rate).rate(3) == 0.5


def test_the_rate_follows_a_schedule() -> None:
    optimizer = Adam(CosineDecay(0.1, 12))  # 0.1 (1 + cos(π step / 12)) / 2
    rates = [optimizer.rate(step) for step in (0, 4, 6, 8, 12, 99)]
    assert rates == pytest.approx([0.1, 0.075, 0.05, 0.025, 0.0, 0.0], abs=1e-12)


def test_what_is_remembered_at_the_beginning() -> None:
    assert Adam().init_state(WEIGHTS).keys() == {"momentum", "velocity"}
    assert Adam(amsgrad=True).init_state(WEIGHTS).keys() == {"momentum", "velocity", "velocity_hat"}
    slots = Adagrad(use_ema=True, gradient_accumulation_steps=2).init_state(WEIGHTS)
    for path, weight in WEIGHTS.items():
        kept = {name: dict(items(tree))[path] for name, tree in slots.items()}
        np.testing.assert_array_equal(kept.pop("accumulator"), np.full_like(weight, 0.1))
        np.testing.assert_array_equal(kept.pop("average"), weight)
        np.testing.assert_array_equal(kept.pop("gradient_accumulator"), np.zeros_like(weight))
        assert not kept


def test_decay_leaves_out_weights_by_parts_of_their_own_names() -> None:
    optimizer = SGD(0.1, weight_decay=0.5, exclude_from_weight_decay=["ias", "dense"])  # type: ignore[arg-type]
    assert (
        optimizer.rule_for("dense/kernel", (2, 3)) == optimizer
    )  # the layer's name does not count
    spared = optimizer.rule_for("dense/bias", (3,))
    assert not spared.weight_decay
    assert spared == optimizer.rule_for("other/bias", (7,))  # so that they share a group
    one = np.ones(1)
    assert optimizer.step(0 * one, (), one, 0.1, 1)[0] == 1 - 0.5 * 0.1
    assert spared.step(0 * one, (), one, 0.1, 1)[0] == 1


def test_decay_is_by_the_rate_of_the_step() -> None:
    optimizer = Adam(CosineDecay(0.1, 10), weight_decay=0.5)
    moved, _ = optimizer.step(np.zeros(1), (np.zeros(1), np.zeros(1)), np.ones(1), 0.02, 9)
    assert moved == pytest.approx(1 - 0.5 * 0.02, rel=1e-15)


def test_the_average_is_the_weight_at_first_and_follows_it_then() -> None:
    optimizer = SGD(use_ema=True, ema_momentum=0.75)
    one, two = np.ones(2), np.full(2, 2.0)
    weight, average = optimizer.average(np.full(2, 99.0), one, 1)
    assert (weight == one).all()
    assert (average == one).all()
    weight, average = optimizer.average(one, two, 2)
    assert (weight == two).all()
    assert (average == 1.25).all()


def test_the_average_takes_the_weight_s_place_every_so_many_steps() -> None:
    optimizer = SGD(use_ema=True, ema_momentum=0.75, ema_overwrite_frequency=3)
    for step in range(2, 9):
        weight, average = optimizer.average(np.zeros(2), np.ones(2), step)
        assert (average == 0.25).all()
        assert (weight == (0.25 if step % 3 == 0 else 1)).all()


def test_steps_of_accumulation_are_one_step_of_the_rule() -> None:
    optimizer = SGD(gradient_accumulation_steps=3)
    assert [optimizer.updates_at(step) for step in range(6)] == [False, False, True] * 2
    assert [optimizer.update_number(step) for step in range(6)] == [1, 1, 1, 2, 2, 2]
    assert optimizer.process_gradients({"a": np.array([3.0, 6.0])})["a"].tolist() == [1, 2]
    assert [SGD().updates_at(step) for step in range(3)] == [True] * 3
    assert [SGD().update_number(step) for step in range(3)] == [1, 2, 3]


def test_the_mean_gradient_is_clipped_and_not_its_parts() -> None:
    optimizer = SGD(gradient_accumulation_steps=2, clipvalue=1.0)
    assert optimizer.process_gradients({"a": np.array([1.5, -8.0])})["a"].tolist() == [0.75, -1]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_flush_takes_away_denormals_and_nothing_else(dtype: str) -> None:
    slot = np.array([1e-31, -1e-31, 1e-40, 0, 1e-29, -1e-29, 5, -np.inf], dtype)
    flushed = flush(slot)
    assert flushed.dtype == dtype
    np.testing.assert_array_equal(flushed, [0, 0, 0, 0, *slot[4:]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "SGD: learning_rate must be a number > 0, got 0"),
        ({"clipnorm": 0.0}, "SGD: clipnorm must be a number > 0, got 0"),
        ({"clipvalue": -1.0}, "clipvalue must be a number > 0"),
        ({"global_clipnorm": float("inf")}, "global_clipnorm must be a number > 0, got inf"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "takes only one of .*; got clipnorm and clipvalue"),
        ({"weight_decay": -0.1}, "weight_decay must be a number ≥ 0, got -0.1"),
        ({"weight_decay": float("nan")}, "weight_decay must be a number ≥ 0, got nan"),
        ({"exclude_from_weight_decay": "bias"}, "must be a list of parts of names, got 'bias'"),
        ({"exclude_from_weight_decay": [""]}, "must be a list of parts of names"),
        ({"exclude_from_weight_decay": [3]}, "must be a list of parts of names"),
        ({"use_ema": True, "ema_momentum": 1.0}, r"ema_momentum must be in \[0, 1\), got 1"),
        ({"ema_overwrite_frequency": 3}, "needs the average. Set use_ema=True"),
        (
            {"use_ema": True, "ema_overwrite_frequency": 0},
            "SGD: ema_overwrite_frequency: must be a whole number ≥ 1, got 0",
        ),
        ({"gradient_accumulation_steps": 1}, "must be a whole number ≥ 2, got 1"),
        ({"gradient_accumulation_steps": 2.5}, "must be a whole number ≥ 2, got 2.5"),
    ],
    ids=str,
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        SGD(**options)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'adam'"):
        optimizers.get("adamm")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Adam(epsilon=-1.0), "Adam: epsilon must be a number ≥ 0, got -1.0"),
        (lambda: RMSprop(epsilon=-3), "RMSprop: epsilon must be"),
        (lambda: Adam(epsilon=float("nan")), "Adam: epsilon must be"),
        (lambda: Adam(beta_1=None), "Adam: beta_1: must be a finite number, got None"),  # type: ignore[arg-type]
        (lambda: Adam("0.1"), "Adam: learning_rate: must be"),  # type: ignore[arg-type]
        (lambda: Adam(clipnorm=True), "Adam: clipnorm: must be"),
        (lambda: Adam(use_ema="no"), "use_ema: must be True or False, got 'no'"),  # type: ignore[arg-type]
        (lambda: Adagrad(initial_accumulator_value=float("inf")), "must be a finite number"),
        (lambda: Muon(muon_a=float("nan")), "Muon: muon_a: must be a finite number"),
        (lambda: Adam(beta1=0.9), "Adam: unknown argument 'beta1'. Did you mean 'beta_1'"),  # type: ignore[call-arg]
    ],
)
def test_arguments_that_mean_nothing(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        make()

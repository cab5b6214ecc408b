"""Configurations: there and back, and nothing that is not in the tables."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import layers, losses, metrics, optimizers
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe, names, register, require_registered, resolve
from glassnet.layers import constraints
from glassnet.layers.initializers import Orthogonal, RandomUniform, VarianceScaling
from glassnet.layers.regularizers import L1L2
from glassnet.ops.activations import ACTIVATIONS

rates = st.floats(0, 0.99)
positive = st.floats(1e-9, 1e9)
units = st.integers(1, 10**6)
activations = st.none() | st.sampled_from(sorted(ACTIVATIONS))
kernel_initializers = st.one_of(
    st.sampled_from(names("initializer")),
    st.builds(Orthogonal, positive),
    st.builds(RandomUniform, st.floats(-1, 0), st.floats(0, 1)),
    st.builds(VarianceScaling, positive, st.sampled_from(["fan_in", "fan_out", "fan_avg"])),
)
penalties = st.none() | st.builds(L1L2, rates, rates)
simple = st.one_of(
    st.builds(
        layers.Dense, units, activations, st.booleans(), kernel_initializers,
        kernel_regularizer=penalties,
    ),
    st.builds(layers.Activation, st.sampled_from(sorted(ACTIVATIONS))),
    st.builds(layers.Dropout, rates),
    st.builds(layers.Flatten),
    st.builds(layers.Rescaling, positive, positive),
    st.builds(layers.Normalization, st.none() | st.integers(-3, -1)),
)  # fmt: skip
networks = st.recursive(
    simple, lambda inner: st.builds(layers.Sequential, st.lists(inner, max_size=3)), max_leaves=6
)
learning_rates = positive | st.builds(
    optimizers.CosineDecay,
    positive,
    units,
    rates,
    warmup_target=st.none() | positive,
    warmup_steps=st.integers(0, 9),
)
parts = st.one_of(
    st.tuples(st.just("layer"), networks),
    st.tuples(st.just("loss"), st.sampled_from(names("loss")).map(losses.get)),
    st.tuples(
        st.just("optimizer"),
        st.one_of(
            st.builds(optimizers.SGD, learning_rates, rates, st.booleans()),
            st.builds(optimizers.RMSprop, learning_rates, rates, rates, positive, st.booleans()),
            st.builds(optimizers.Adam, learning_rates, rates, rates, positive),
        ),
    ),
)


@given(parts)
def test_there_and_back_through_json(kind_and_part: tuple[str, Any]) -> None:
    kind, part = kind_and_part
    assert build(kind, json.loads(json.dumps(describe(part), allow_nan=False))) == part


def nested(depth: int) -> dict[str, Any]:
    data: dict[str, Any] = {"class": "Flatten"}
    for _ in range(depth):
        data = {"class": "Sequential", "layers": [data]}
    return data


def test_thirty_levels_are_fine_and_thirty_three_are_not() -> None:
    assert describe(build("layer", nested(30)))["class"] == "Sequential"
    for depth in (33, 400):
        with pytest.raises(GlassnetError, match="nested more than 32 deep"):
            build("layer", nested(depth))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "expected a layer as an object with a class"),
        ([], "expected a layer as an object"),
        ({}, "expected a layer as an object"),
        ({"class": 3}, "expected a layer as an object"),
        ({"class": "Dens", "units": 3}, "unknown layer 'Dens'. Did you mean 'Dense'"),
        ({"class": "Adam"}, "unknown layer 'Adam'"),
        ({"class": "os.system"}, "unknown layer 'os.system'"),
        ({"class": "Layer"}, "unknown layer 'Layer'"),
        ({"class": "Dense"}, "Dense lacks its 'units'"),
        ({"class": "Dense", "units": 3, "unit": 4}, "unknown field of Dense 'unit'"),
        ({"class": "Dense", "units": 3, "learns": True}, "unknown field of Dense 'learns'"),
        ({"class": "Dense", "units": 3, "__init__": 1}, "unknown field of Dense '__init__'"),
        ({"class": "Dense", "units": "3"}, r"Dense\.units: '3' is not"),
        ({"class": "Dense", "units": 3.0}, r"Dense\.units: 3\.0 is not"),
        ({"class": "Dense", "units": True}, r"Dense\.units: True is not"),
        ({"class": "Dense", "units": None}, r"Dense\.units: None is not"),
        ({"class": "Dense", "units": -1}, "units: must be a whole number ≥ 1, got -1"),
        ({"class": "Dense", "units": 3, "use_bias": 1}, r"Dense\.use_bias: 1 is not"),
        ({"class": "Dense", "units": 3, "activation": "rel"}, "Did you mean 'relu'"),
        ({"class": "Dense", "units": 3, "activation": ["relu"]}, r"Dense\.activation"),
        ({"class": "Dense", "units": 3, "name": 7}, r"Dense\.name: 7 is not"),
        (
            {"class": "Dense", "units": 3, "kernel_initializer": {"class": "Dense", "units": 3}},
            "unknown initializer 'Dense'",
        ),
        (
            {"class": "Dense", "units": 3, "kernel_regularizer": {"class": "L1L2", "l1": -1}},
            "l1 must be a number ≥ 0",
        ),
        ({"class": "Dropout", "rate": math.nan}, r"Dropout\.rate: nan is not a finite number"),
        ({"class": "Dropout", "rate": math.inf}, r"Dropout\.rate: inf is not a finite number"),
        ({"class": "Dropout", "rate": 10**400}, r"Dropout\.rate: 10+ is not a finite number"),
        ({"class": "Dropout", "rate": "0.5"}, r"Dropout\.rate: '0\.5' is not"),
        ({"class": "Dropout", "rate": 1.5}, r"rate must be in \[0, 1\)"),
        ({"class": "Sequential", "layers": {}}, r"Sequential\.layers: \{\} is not"),
        ({"class": "Sequential", "layers": [3]}, r"Sequential\.layers: 3 is not"),
        ({"class": "Sequential", "layers": [{"class": "SGD"}]}, "unknown layer 'SGD'"),
    ],
)  # fmt: skip
def test_refused(data: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        build("layer", data)


@register("tokenizer")
@dataclass(frozen=True)
class Frame:
    widths: int | tuple[int, int] | tuple[tuple[int, int], ...] | tuple[str, ...]
    one: tuple[int, int] = (0, 0)


@pytest.mark.parametrize("widths", [3, (1, 2), ((1, 2), (3, 4), (5, 6)), ("a",), ()])
def test_any_tuple_of_a_union_is_taken(widths: Any) -> None:
    made = build("tokenizer", json.loads(json.dumps(describe(Frame(widths)))))
    assert made == Frame(widths)


def test_what_is_none_of_the_tuples_is_refused() -> None:
    with pytest.raises(GlassnetError, match=r"Frame\.widths: \[1, 'a'\] is not"):
        build("tokenizer", {"class": "Frame", "widths": [1, "a"]})
    with pytest.raises(GlassnetError, match=r"Frame\.one: expected 2 values, got 3"):
        build("tokenizer", {"class": "Frame", "widths": 1, "one": [1, 2, 3]})


def test_whole_numbers_may_stand_for_floats() -> None:
    rate = build("layer", {"class": "Dropout", "rate": 0}).rate
    assert isinstance(rate, float)


def test_numpy_numbers_are_written_as_python_s() -> None:
    described = describe(layers.Rescaling(np.float32(0.5), np.float64(1)))
    assert json.loads(json.dumps(described))["scale"] == 0.5


@pytest.mark.parametrize("value", [3, None, layers.Flatten(), layers.Dense, object()])
def test_resolve_refuses_what_is_no_part_of_the_kind(value: Any) -> None:
    with pytest.raises(GlassnetError, match="is not a loss"):
        resolve("loss", value)


def test_a_class_becomes_a_frozen_dataclass_and_needs_a_name_of_its_own(
    own_registry: None,
) -> None:
    @register("layer")
    class Plain(layers.Dense):
        slope: float = 0.5

    assert build("layer", describe(Plain(2, slope=2))) == Plain(2, slope=2)

    @dataclass
    class Changing:
        rate: float = 0.0

    Dense = dataclass(frozen=True)(type("Dense", (layers.Layer,), {"__module__": "mine"}))
    with pytest.raises(GlassnetError, match="is not a frozen dataclass"):
        register("tokenizer")(Changing)
    with pytest.raises(GlassnetError, match=r"glassnet.layers.dense has a layer of this name"):
        register("layer")(Dense)
    assert build("layer", describe(layers.Dense(2))) == layers.Dense(2)


@pytest.mark.parametrize(
    ("base", "kind", "use"),
    [
        (losses.Loss, "loss", losses.get),
        (optimizers.SGD, "optimizer", optimizers.get),
        (RandomUniform, "initializer", lambda part: layers.Dense(2, kernel_initializer=part)),
        (L1L2, "regularizer", lambda part: layers.Dense(2, kernel_regularizer=part)),
        (constraints.NonNeg, "constraint", lambda part: layers.Dense(2, kernel_constraint=part)),
        (metrics.Accuracy, "metric", metrics.get),
    ],
)
def test_own_parts_are_refused_until_they_are_registered(
    own_registry: None, base: Any, kind: str, use: Any
) -> None:
    own = dataclass(frozen=True)(type(f"Own{kind}", (base,), {}))
    with pytest.raises(GlassnetError, match=rf'Own{kind} is not registered.*@register."{kind}"'):
        use(own())
    register(kind)(own)
    use(own())


def test_what_was_made_before_a_class_was_defined_again_can_still_be_written(
    own_registry: None,
) -> None:
    """As after a notebook's cell has run again."""

    def cell() -> Any:
        @register("tokenizer")
        @dataclass(frozen=True)
        class Mine:
            size: int = 1

        return Mine(2)

    old, new = cell(), cell()
    assert type(old) is not type(new)
    require_registered(old)
    assert build("tokenizer", describe(old)) == new

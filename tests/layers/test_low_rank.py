"""Low-rank adapters of layers: the same as a merged kernel, in place, shared, refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.core.trees import Tree, items
from glassnet.layers import Dense, EinsumDense, Embedding, Input, MultiHeadAttention
from glassnet.layers.low_rank import LowRankLayer, adapters_of, merged
from glassnet.verify.cases.base import random_weights

X, INDICES = np.random.default_rng(6).normal(size=(2, 5, 6)), np.array([[1, 0], [3, 1]])
LAYERS: list[tuple[LowRankLayer, Any]] = [
    (Dense(4, "tanh", lora_rank=2, lora_alpha=3.0), X),
    (EinsumDense("abc,cde->abde", (5, 2, 3), None, "de", lora_rank=2), X),
    (EinsumDense("abc,dc->abd", (5, 3), lora_rank=1, lora_alpha=0.5), X),
    (Embedding(4, 3, lora_rank=2, lora_alpha=1.0), INDICES),
    (MultiHeadAttention(2, 3, lora_rank=2, lora_alpha=5.0), X),
    (MultiHeadAttention(2, 3, lora_rank=1, lora_projections=("key", "value")), X),
]
every_layer = pytest.mark.parametrize(("layer", "x"), LAYERS, ids=lambda v: type(v).__name__)
NEW: list[tuple[Callable[[], LowRankLayer], tuple[int, ...]]] = [
    (lambda: Dense(4), (6,)),
    (lambda: EinsumDense("abc,cd->abd", (5, 4), None, "d"), (5, 6)),
    (lambda: Embedding(4, 3), (5,)),
    (lambda: MultiHeadAttention(2, 3), (5, 6)),
]
every_class = pytest.mark.parametrize(("make", "shape"), NEW)


def built(layer: LowRankLayer, *shape: int) -> LowRankLayer:
    layer.build((None, *shape))
    return layer


def weights(layer: LowRankLayer) -> dict[str, Any]:
    return {variable.path: variable.numpy() for variable in layer.variables}


@every_layer
def test_it_computes_what_the_merged_layer_computes(layer: LowRankLayer, x: Any) -> None:
    params = random_weights(layer, x)
    plain, tree = merged(layer, params)
    assert not adapters_of(plain)
    assert [*dict(items(tree))] == [*dict(items(plain.weights(x.shape[1:])))]
    y = layer.forward(params, x)[0]
    np.testing.assert_allclose(y, plain.forward(tree, x)[0], rtol=1e-12)
    base = {path: params_at(params, path) for path in dict(items(tree))}
    changed = [p for p, w in items(tree) if not np.array_equal(w, base[p])]
    assert changed == list(adapters_of(layer)[""][2])


def params_at(tree: Tree, path: str) -> Any:
    return dict(items(tree))[path]


@every_layer
def test_exactly_the_trainable_weights_get_gradients(layer: LowRankLayer, x: Any) -> None:
    y, back = layer.forward(random_weights(layer, x), x)
    _, grads = back(np.cos(y))
    specs = dict(items(layer.weights(x.shape[1:])))
    assert {path for path, _ in items(grads)} == {p for p, w in specs.items() if w.trainable}
    assert {p for p, w in specs.items() if not w.trainable} == {*adapters_of(layer)[""][2]}


def test_shapes_are_those_of_keras() -> None:
    shapes = {p: w.shape for p, w in items(MultiHeadAttention(2, 3, lora_rank=4).weights((5, 6)))}
    assert shapes["query/lora_kernel_a"] == (6, 2, 4)
    assert shapes["query/lora_kernel_b"] == (4, 3)
    assert shapes["attention_output/lora_kernel_a"] == (2, 3, 4)
    assert shapes["attention_output/lora_kernel_b"] == (4, 6)
    assert [*Dense(4, lora_rank=2).weights((6,))] == [
        "kernel", "bias", "lora_kernel_a", "lora_kernel_b",
    ]  # fmt: skip


def test_the_penalty_is_that_of_the_adapters() -> None:
    tree = Dense(4, kernel_regularizer="l2", lora_rank=2).weights((6,))
    assert tree["kernel"].regularizer is None
    assert tree["lora_kernel_a"].regularizer == tree["lora_kernel_b"].regularizer == g.L2()


@every_class
def test_enabling_keeps_outputs_and_freezes_only_what_is_adapted(make: Any, shape: Any) -> None:
    layer = built(make(), *shape)
    before = weights(layer)
    layer.enable_lora(2, lora_alpha=3.0)
    after = weights(layer)
    for path, value in before.items():
        np.testing.assert_array_equal(after[path], value)
    new = {path: value for path, value in after.items() if path not in before}
    assert all((value == 0).all() for path, value in new.items() if path.endswith("_b"))
    assert all(np.abs(value).min() > 0 for path, value in new.items() if path.endswith("_a"))
    fixed = {path.split("/", 1)[1] for path in after} - {
        v.path.split("/", 1)[1] for v in layer.trainable_weights
    }
    assert fixed == {*adapters_of(layer)[""][2]}
    assert (layer.lora_enabled, layer.lora_rank, layer.lora_alpha) == (True, 2, 3.0)


@every_class
def test_merging_undoes_enabling(make: Any, shape: Any) -> None:
    layer = built(make(), *shape)
    before, description = weights(layer), describe(layer)
    layer.enable_lora(2)
    layer.merge_lora()
    assert describe(layer) == description
    assert [*weights(layer)] == [*before]
    for path, value in weights(layer).items():
        np.testing.assert_array_equal(value, before[path])
    assert not layer.non_trainable_weights
    with pytest.raises(GlassnetError, match="merge_lora: has no adapters"):
        layer.merge_lora()
    layer.enable_lora(1)  # and again


def test_a_merged_layer_is_not_the_base() -> None:
    layer = built(Dense(4), 6)
    base = layer.kernel.numpy()
    layer.enable_lora(2, lora_alpha=6.0, b_initializer="ones")
    a, b = (weights(layer)[f"dense/lora_kernel_{name}"].astype("float64") for name in "ab")
    layer.merge_lora()
    np.testing.assert_allclose(layer.kernel.numpy() - base, 3 * a @ b, atol=1e-6)
    assert np.abs(3 * a @ b).min() > 0.01


def test_two_layers_start_with_different_adapters() -> None:
    first, second = built(Dense(4), 6), built(Dense(4), 6)
    first.enable_lora(2)
    second.enable_lora(2)
    assert not np.array_equal(first.lora_kernel_a, second.lora_kernel_a)


def test_every_projection_of_attention_can_be_chosen() -> None:
    for name in ("query", "key", "value", "attention_output"):
        layer = built(MultiHeadAttention(2, 3), 5, 6)
        layer.enable_lora(2, projections=(name,))
        assert adapters_of(layer)[""][2] == (f"{name}/kernel",)
        assert sum("lora" in path for path in weights(layer)) == 2
        layer.merge_lora()
        layer.enable_lora(1)  # which again reaches all of them
        assert len(adapters_of(layer)[""][2]) == 4


def test_a_call_with_arguments_sees_adapters_that_come_later() -> None:
    x, attention = Input((5, 6)), MultiHeadAttention(2, 3)
    model = g.Model(x, attention(x, x, use_causal_mask=True))
    rows = X.astype("float32")
    before = model.predict(rows)
    attention.enable_lora(2, lora_alpha=8.0, b_initializer="ones")
    adapted = model.predict(rows)
    assert np.abs(adapted - before).max() > 0.1
    attention.merge_lora()
    np.testing.assert_allclose(model.predict(rows), adapted, rtol=1e-4)


def test_all_models_with_the_layer_have_its_adapters() -> None:
    shared, rows = Dense(4, name="shared"), X[:, 0].astype("float32")
    first = g.Model([shared, Dense(2)], input_shape=(6,))
    second = g.Model([g.Rescaling(2.0), shared], input_shape=(6,))
    shared.enable_lora(2, b_initializer="ones")
    for model in (first, second):
        names = [variable.name for variable in model.trainable_variables]
        assert "lora_kernel_a" in names
        assert [v.path for v in model.non_trainable_variables] == ["shared/kernel"]
    kernel = merged(shared, {v.name: v.numpy() for v in shared.variables})[1]["kernel"]
    np.testing.assert_allclose(second.predict(rows), 2 * rows @ kernel, atol=1e-5)


def test_a_copy_has_adapters_of_its_own() -> None:
    layer = built(Dense(4), 6)
    layer.enable_lora(2)
    copy = layer.clone()
    copy.merge_lora()
    assert layer.lora_enabled
    assert len(layer.variables) == 4
    assert len(copy.variables) == 2


@every_layer
def test_a_description_has_the_fields_and_old_ones_stay_as_they_are(layer: Any, x: Any) -> None:
    assert build("layer", describe(layer)) == layer
    plain, _ = merged(layer, random_weights(layer, x))
    assert not [name for name in describe(plain) if name.startswith("lora_r")]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(4).enable_lora(2), "layer 'dense': enable_lora: has no weights yet"),
        (lambda: Dense(4, lora_rank=0), "Dense: lora_rank: must be a whole number ≥ 1"),
        (lambda: Dense(4, lora_alpha=2.0), "lora_alpha: is set, but there is no lora_rank"),
        (
            lambda: MultiHeadAttention(2, 3, lora_projections=("query",)),
            "lora_projections: is set, but there is no lora_rank",
        ),
        (lambda: Dense(4, lora_rank=2, lora_alpha=0.0), "lora_alpha: must be above 0"),
        (lambda: Dense(4, lora_rank=2, kernel_constraint="non_neg"), "has a kernel_constraint"),
        (
            lambda: built(Embedding(4, 3, embeddings_constraint="unit_norm"), 2).enable_lora(1),
            "has a embeddings_constraint",
        ),
        (
            lambda: MultiHeadAttention(2, 3, lora_rank=1, lora_projections=("output",)),
            "lora_projections: must be some of query, key, value, attention_output",
        ),
        (lambda: built(Dense(4, lora_rank=2), 6).enable_lora(2), "has adapters already"),
        (lambda: built(Dense(4, trainable=False), 6).enable_lora(2), "is frozen: adapters would"),
        (lambda: built(Dense(4), 6).enable_lora(2, a_initializer="he"), "unknown initializer"),
        (lambda: g.Conv2D(4, 3).enable_lora(2), "Dense, EinsumDense, Embedding and MultiHead"),
    ],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((GlassnetError, AttributeError), match=message):
        make()


def test_a_refusal_changes_nothing() -> None:
    layer = built(MultiHeadAttention(2, 3), 5, 6)
    before, description = weights(layer), describe(layer)
    with pytest.raises(GlassnetError, match="unknown initializer"):
        layer.enable_lora(2, b_initializer="zeroes")
    assert describe(layer) == description
    assert [*weights(layer)] == [*before]

"""Graphs: drawing them, their errors, shared layers, multiple inputs and outputs, masks."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.core.trees import items
from glassnet.layers import (
    GRU,
    INFERENCE,
    Add,
    CallContext,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Graph,
    Input,
    Layer,
    MultiHeadAttention,
    Multiply,
    Normalization,
    PositionEmbedding,
    Residual,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.functional import Node
from glassnet.verify.gradcheck import gradcheck

RNG = np.random.default_rng(0)
X = RNG.standard_normal((5, 4))


TWICE = Input((7,))


def drawn() -> Graph:
    """A branch around a shared layer: y = d1(d(x) + d(d(x)))."""
    x, shared = Input((4,)), Dense(4, "tanh")
    once = shared(x)
    return Graph.between(x, Dense(2)(Add()(once, shared(once))))


def test_wiring_counts_inputs_first_then_the_calls_in_order() -> None:
    graph = drawn()
    assert [name for name, _ in graph.parts] == ["dense", "add", "dense_1"]
    assert graph.wiring == ((0, (0,)), (0, (1,)), (1, (1, 2)), (2, (3,)))
    assert [call.place for call in graph.calls] == ["dense", "dense:1", "add", "dense_1"]


def test_a_chain_computes_what_sequential_does() -> None:
    layers = (Flatten(), Dense(3, "relu"), Dense(2))
    chain, x = Sequential(layers), Input((2, 2))
    node = x
    for layer in layers:
        node = layer(node)
    graph = Graph.between(x, node)
    params, _ = chain.init(np.random.default_rng(1), (2, 2), "float64")
    data, dy = X[:, :4].reshape(5, 2, 2), RNG.standard_normal((5, 2))
    for context in (INFERENCE, CallContext(True, wrt_x=False)):
        (a, back_a), (b, back_b) = (n.forward(params, data, context) for n in (chain, graph))
        np.testing.assert_array_equal(a, b)
        (dx_a, grads_a), (dx_b, grads_b) = back_a(dy), back_b(dy)
        assert (dx_a is None) == (dx_b is None) == (not context.wrt_x)
        if dx_a is not None:
            np.testing.assert_array_equal(dx_a, dx_b)
        wanted = dict(items(grads_a))
        assert {path for path, _ in items(grads_b)} == set(wanted)
        for path, gradient in items(grads_b):
            np.testing.assert_array_equal(gradient, wanted[path])


def test_equal_layers_are_two_layers_and_one_layer_called_twice_is_one() -> None:
    x = Input((4,))
    two = Graph.between(x, Add()(Dense(3)(x), Dense(3)(x)))
    shared = Dense(3)
    one = Graph.between(x, Add()(shared(x), shared(x)))
    assert list(two.weights((4,))) == ["dense", "dense_1"]
    assert list(one.weights((4,))) == ["dense"]


def test_every_call_of_a_shared_layer_draws_its_own_numbers_and_is_recorded() -> None:
    x, shared = Input((200,)), Dropout(0.5)
    graph = Graph.between(x, Concatenate()(shared(x), shared(x)))
    context = CallContext(training=True, record={})
    graph.forward({}, np.ones((1, 200)), context)
    assert context.record is not None
    assert set(context.record) == {"dropout", "dropout:1", "concatenate"}
    assert (context.record["dropout"] != context.record["dropout:1"]).any()


def test_it_is_rebuilt_from_its_description() -> None:
    assert build("layer", describe(drawn())) == drawn()


def test_several_inputs_and_outputs_are_tuples() -> None:
    a, b = Input((3,)), Input((2,))
    graph = Graph.between([a, b], [Dense(2)(Concatenate()([a, b])), Dense(1)(b)])
    assert graph.output_shape(((3,), (2,))) == ((2,), (1,))
    params, _ = graph.init(np.random.default_rng(0), ((3,), (2,)), "float64")
    y, back = graph.forward(params, (X[:, :3], X[:, :2]))
    dx, grads = back((np.ones((5, 2)), np.zeros((5, 1))))
    assert [part.shape for part in y] == [(5, 2), (5, 1)]
    assert [part.shape for part in dx] == [(5, 3), (5, 2)]
    assert list(grads) == ["dense", "dense_1"]


def test_scales_are_fitted_to_what_reaches_them() -> None:
    x = Input((4,))
    graph = Graph.between(x, Add()(Normalization(name="b")(Normalization(name="a")(x)), x))
    params, _ = graph.init(np.random.default_rng(0), (4,), "float64")
    adapted = graph.adapted(params, lambda: [3 * X[:2] + 7, 3 * X[2:] + 7])
    np.testing.assert_allclose(adapted["a"]["mean"], (3 * X + 7).mean(axis=0))
    np.testing.assert_allclose(adapted["b"]["mean"], 0, atol=1e-12)
    np.testing.assert_allclose(adapted["b"]["variance"], 1)


@dataclass(frozen=True)
class Counter(Layer):
    """Adds 1 to its weight `seen` in each call."""

    keeps_steps: ClassVar[bool] = True

    def forward(self, params, x, context=INFERENCE):  # type: ignore[no-untyped-def]
        context.update("seen", context.latest("seen", np.zeros(())) + 1)
        return x, lambda dy: (dy, {})


def test_a_shared_layer_moves_its_statistics_once_for_each_call() -> None:
    x, counter = Input((4,)), Counter(name="counter")
    graph = Graph.between(x, counter(counter(counter(x))))
    inside = Sequential((replace(graph, name="inner"),))
    updates: dict[str, np.ndarray] = {}
    inside.forward({}, X, CallContext(True, updates=updates))
    assert updates == {"inner/counter/seen": 3}


def test_masks_go_along_the_edges() -> None:
    seen = []

    @dataclass(frozen=True)
    class Looking(Counter):
        def forward(self, params, x, context=INFERENCE):  # type: ignore[no-untyped-def]
            seen.append(context.mask)
            return x, lambda dy: (dy, {})

    x = Input((3, 4))
    joined = Add()(Looking(name="a")(x), Dense(4)(x))
    lost = Looking(name="c")(Flatten()(Looking(name="b")(joined)))
    graph, mask = Graph.between(x, lost), np.array([[True, True, False]])
    params, _ = graph.init(np.random.default_rng(0), (3, 4))
    seen.clear()  # of the calls that infer the shape
    graph.forward(params, np.ones((1, 3, 4), np.float32), CallContext(mask=mask))
    assert seen[0] is mask
    np.testing.assert_array_equal(seen[1], mask)
    assert seen[2] is None


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: Input(3), r"Input: shape is 3. Use Input\(\(3,\)\)"),  # type: ignore[arg-type]
        (lambda: Add()(Input((3,))), r"layer 'add': takes multiple inputs, got one.*\(3,\)"),
        (
            lambda: Add(name="sum")(Input((3,)), Input((2,))),
            r"layer 'sum': needs inputs of the same shape, or of .* It gets .*\(3,\), \(2,\)",
        ),
        (lambda: Graph.between(Input((3,)), Dense(1)(Input((3,)))), "is not given"),
        (lambda: Graph.between(Input((3,)), Dense(1)), "is not a node"),
        (lambda: Graph((Dense(1),), ((0, (1,)),), (1,)), "only 1 values before it"),
        (lambda: Graph((Dense(1),), ((2, (0,)),), (1,)), "names layer 2"),
        (lambda: Graph((Dense(1),), ((0, (0,)),), (5,)), "outputs are"),
        (
            lambda: Graph((Dense(1), Dense(1)), ((0, (0,)),), (1,)),
            "layer 'dense_1' is unused",
        ),
        (lambda: Graph((Dense(1),), ((0, (0,)),), (1,), 0), "needs an input"),
        (lambda: Input((-1, 4)), "must be a whole number ≥ 1, got -1"),
        (lambda: Input((2.5,)), "got 2.5"),  # type: ignore[list-item]
        (lambda: Input("28"), r"Input: shape is '28'. Use Input\(\(28, 28\)\)"),  # type: ignore[arg-type]
        (
            lambda: Graph((Dense(1),), ((0, (0,)),), (2,), 2),
            "input 1 is unused",
        ),
        (lambda: Graph.between([TWICE, TWICE], Dense(1)(TWICE)), r"shape \(7,\) is given twice"),
    ],
)
def test_refusals(draw, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(GlassnetError, match=message):
        draw()


def test_the_number_of_inputs_must_fit() -> None:
    with pytest.raises(GlassnetError, match="takes 1 inputs, got 2"):
        drawn().output_shape(((4,), (4,)))


def test_a_shared_layer_s_calls_must_need_the_same_weights() -> None:
    x, shared = Input((4,)), Dense(3)
    graph = Graph.between(x, shared(shared(x)))
    with pytest.raises(GlassnetError, match=r"'dense:1': is shared, but .* shape \(3,\)"):
        graph.weights((4,))


def decoder(ids: Node, words: Node, inner: Graph | None) -> Graph:
    """Attention to two sequences of words, each with its padding; in a graph of its own or not."""
    a, b = Embedding(5, 4, mask_zero=True)(ids), Embedding(5, 4, mask_zero=True)(words)
    joined = MultiHeadAttention(2, 3)(a, b) if inner is None else inner(a, b)
    return Graph.between([ids, words], GRU(3)(joined))


def test_a_graph_inside_another_gives_each_input_its_own_mask() -> None:
    shapes = ((4,), (3,))
    a, b = Input((4, 4)), Input((3, 4))
    inner = Graph.between([a, b], MultiHeadAttention(2, 3)(a, b), name="inner")
    flat, nested = (decoder(Input((4,)), Input((3,)), part) for part in (None, inner))
    params, _ = flat.init(np.random.default_rng(0), shapes, "float64")
    inside = {"multi_head_attention": params["multi_head_attention"]}
    renamed = {k: v for k, v in params.items() if k != "multi_head_attention"} | {"inner": inside}
    x = (np.array([[1, 2, 0, 0], [3, 4, 1, 0]]), np.array([[1, 0, 0], [2, 3, 0]]))
    (wanted, back_wanted), (found, back) = flat.forward(params, x), nested.forward(renamed, x)
    np.testing.assert_array_equal(found, wanted)
    grads, grads_wanted = back(found)[1], back_wanted(found)[1]
    for path, gradient in items({**grads, **grads["inner"], "inner": {}}):
        np.testing.assert_array_equal(gradient, dict(items(grads_wanted))[path])


def test_two_outputs_used_twice_add_their_gradients_up() -> None:
    a, x = Input((4,)), Input((4,))
    two = Graph.between(a, [Dense(3, "tanh")(a), Dense(3)(a)], name="two")
    both = two(x)
    graph = Graph.between(x, Add()(Add()(both), Multiply()(both)))
    params, _ = graph.init(np.random.default_rng(0), (4,), "float64")
    gradcheck(graph, X, params)


def test_calls_within_counts_shared_layers_each_time() -> None:
    """Without making the calls: of 60 such graphs inside each other there are 2⁶⁰."""
    network: Layer = Dense(3)
    for _ in range(60):
        network = Graph((network,), ((0, (0,)), (0, (1,))), (2,))
    assert network.calls_within == 2**61 - 1


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Dense(3), (4,)),
        (Flatten(), (4, 2)),
        (Normalization(), (4,)),
        (Embedding(5, 2), (4,)),
        (PositionEmbedding(4), (4, 2)),
        (Sequential((Dense(3),)), (4,)),
        (TimeDistributed(Dense(3)), (4, 2)),
        (Residual((Dense(4),)), (4,)),
    ],
)
def test_several_inputs_are_for_layers_that_join_them(layer: Layer, shape: tuple) -> None:
    with pytest.raises(GlassnetError, match=r"takes one input\..*Concatenate\(\)\(a, b\)"):
        layer([Input(shape), Input(shape)])


def test_a_shared_scale_is_fitted_to_all_that_reaches_it() -> None:
    a, b, scale = Input((4,)), Input((4,)), Normalization(name="scale")
    moved = Normalization(name="moved")(scale(a))
    graph = Graph.between([a, b], Add()(moved, scale(b)))
    params, _ = graph.init(np.random.default_rng(0), ((4,), (4,)), "float64")
    adapted = graph.adapted(params, lambda: [(X[:2], X[:2] + 9), (X[2:], X[2:] + 9)])
    both = np.concatenate([X, X + 9])
    np.testing.assert_allclose(adapted["scale"]["mean"], both.mean(axis=0))
    np.testing.assert_allclose(adapted["scale"]["variance"], both.var(axis=0))
    seen = (X - both.mean(axis=0)) / both.std(axis=0)
    np.testing.assert_allclose(adapted["moved"]["mean"], seen.mean(axis=0))


def test_a_scale_that_depends_on_itself_is_refused() -> None:
    x, scale = Input((4,)), Normalization(name="scale")
    graph = Graph.between(x, scale(scale(x)))
    params, _ = graph.init(np.random.default_rng(0), (4,), "float64")
    with pytest.raises(
        GlassnetError, match="layer 'scale': is fitted to data, but the input of one of"
    ):
        graph.adapted(params, lambda: [X])

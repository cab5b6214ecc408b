"""Values can be traced through networks; a new kind of network is one class."""

import tracemalloc
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pytest

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import register
from glassnet.core.trees import Array, Tree
from glassnet.layers import (
    INFERENCE,
    LSTM,
    Add,
    Bidirectional,
    CallContext,
    Dense,
    Dropout,
    Flatten,
    Graph,
    Input,
    Layer,
    Maximum,
    Residual,
    Sequential,
    TimeDistributed,
)
from glassnet.layers.names import named_layers
from glassnet.layers.network import Network, unfolds
from glassnet.model.diagram import plot_model
from glassnet.model.summary import summary_lines
from glassnet.ops import Pullback
from glassnet.training.output_activation import source_activation
from glassnet.verify.twin.kinks import find_kinks
from glassnet.verify.verify import verify_network


def graph() -> Graph:
    """Two inputs, a shared layer, a nested network, a residual branch."""
    x, y = Input((6, 3)), Input((6, 3))
    shared = Dense(3, "relu", name="shared")
    h = Sequential((Residual((Dense(3),), name="block"), Dense(3)), name="chain")(shared(x))
    return Graph.between([x, y], [Flatten()(Add()(h, shared(y))), shared(h)])


def test_a_trace_visits_every_call_with_what_comes_to_it() -> None:
    visited: dict[str, Any] = {}

    def visit(path: str, layer: Layer, sources: Any) -> str:
        visited[path] = type(layer).__name__, sources
        return path

    outputs = graph().trace(("x", "y"), visit)
    assert visited == {
        "shared": ("Dense", "x"),
        "chain/block/body/dense": ("Dense", "shared"),
        "chain/block": ("Add", ("chain/block/body/dense", "shared")),
        "chain/dense": ("Dense", "chain/block"),
        "shared:1": ("Dense", "y"),
        "add": ("Add", ("chain/dense", "shared:1")),
        "flatten": ("Flatten", "add"),
        "shared:2": ("Dense", "chain/dense"),
    }
    assert outputs == ("flatten", "shared:2")


def test_a_layer_that_is_no_network_is_one_visit() -> None:
    for layer in (Dense(3), TimeDistributed(Dense(3)), Bidirectional(LSTM(2))):
        assert layer.trace(1, lambda path, one, x: (path, one, x), "here") == ("here", layer, 1)
        assert not unfolds(layer)
    assert unfolds(graph())
    assert unfolds(Sequential(()))
    assert not unfolds(Residual((Dense(3),)))  # its outputs are added


def test_a_chain_takes_the_inputs_of_its_first_layer() -> None:
    x, y = Input((3,)), Input((3,))
    chain = Sequential((Graph.between([x, y], Add()(x, y)), Dense(2)))
    assert chain.inputs == 2
    assert [call.sources for call in chain.calls] == [(0, 1), (2,)]
    assert chain.ends == (3,)
    assert chain.shapes(((3,), (3,))) == [(3,), (3,), (3,), (2,)]
    assert Sequential(()).ends == (0,)


@pytest.mark.parametrize(
    ("network", "path"),
    [
        (graph(), "chain/block/body/dense"),
        (graph(), "shared:1"),
        (Residual((), (Dense(3),)), "shortcut/dense"),
        (Sequential((TimeDistributed(Dense(3)),)), "time_distributed/layer"),
        (Dense(3), ""),
    ],
)
def test_a_layer_is_found_and_replaced_at_its_path(network: Layer, path: str) -> None:
    layer = network.at(path)
    assert isinstance(layer, Dense)
    changed = network.with_layer(path, replace(layer, activation="tanh"))
    assert changed.at(path).output_activation == "tanh"
    back = changed.with_layer(path, layer)
    assert [path for path, _ in back.walk()] == [path for path, _ in network.walk()]
    assert [type(one) for _, one in back.walk()] == [type(one) for _, one in network.walk()]


@dataclass(frozen=True)
class Largest(Network):
    """y = the maximum of the layers' outputs for x: a kind of network that glassnet lacks."""

    layers: tuple[Layer, ...]

    sign: ClassVar[str] = "max"
    merge: ClassVar[Layer | None] = Maximum()

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        return named_layers(self.layers, "Largest")

    @property
    def ends(self) -> tuple[int, ...]:
        return tuple(range(1, len(self.layers) + 1))

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        calls = [
            layer.forward(params[name], x, context.child(name, context.wrt_x, context.mask))
            for name, layer in self.parts
        ]
        y, back_merge = Maximum().forward({}, tuple(y for y, _ in calls))

        def pullback(dy: Array) -> tuple[Array, Tree]:
            pairs = zip(self.parts, calls, back_merge(dy)[0], strict=True)
            made = {name: back(d) for (name, _), (_, back), d in pairs}
            return sum(dx for dx, _ in made.values()), {n: grads for n, (_, grads) in made.items()}

        return y, pullback


def test_everything_works_on_a_new_kind_of_network(own_registry: None) -> None:
    register("layer")(Largest)
    largest = Largest((Dense(5, "relu"), Dense(5, "tanh")))
    network = Sequential((Dense(6, "tanh"), Dropout(0.1), largest, Dense(3, "softmax")))
    model = Model(network, input_shape=(4,))
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    model.fit(x, np.arange(8) % 3, verbose=0)
    paths = ["dense", "dropout", "largest/dense", "largest/dense_1", "dense_1"]
    proofs = list(verify_network(network, model.params, x, keras=False))
    assert [proof.name.partition(" ")[0] for proof in proofs] == paths
    assert all(proof.ok for proof in proofs)
    assert "largest (Largest)" in "\n".join(summary_lines(network, (4,)))
    assert ">max<" in plot_model(model, None).svg
    assert source_activation(network) == "softmax"
    jumps = {jump.place: (jump.sources, jump.can_force_branch) for jump in find_kinks(network)}
    assert jumps == {
        "largest/dense": (("dropout",), True),
        "largest": (("largest/dense", "largest/dense_1"), False),
    }


@pytest.mark.parametrize("graph", [False, True])
def test_a_call_that_is_not_differentiable_keeps_nothing(graph: bool) -> None:
    layers = [Dense(4, "tanh") for _ in range(8)]
    node = x = Input((4,))
    for layer in layers:
        node = Add()(layer(node), node) if graph else layer(node)
    network = Graph.between(x, node) if graph else Sequential(tuple(layers))
    params, _ = network.init(np.random.default_rng(0), (4,))
    rows = np.ones((200_000, 4), "float32")
    outputs, peaks = [], []
    for context in (CallContext(), CallContext(differentiable=False)):
        tracemalloc.start()
        outputs.append(network.forward(params, rows, context))
        peaks.append(tracemalloc.get_traced_memory()[1] / rows.nbytes)
        tracemalloc.stop()
    np.testing.assert_array_equal(outputs[0][0], outputs[1][0])
    assert peaks[1] < 6 < peaks[0]
    with pytest.raises(GlassnetError, match="kept nothing for its pullback"):
        outputs[1][1](rows)


def test_layers_of_a_model_in_a_model_are_taken_by_name_as_of_a_model() -> None:
    body = Model([Dense(3, name="first"), Dense(2)], (4,))
    inner: Any = Model([body, Dense(1)], (4,)).layers[0]
    inner.get_layer("first").trainable = False
    assert [layer.trainable for layer in body.layers] == [False, True]
    assert inner.get_layer("dense") is inner.get_layer(index=-1) is body.layers[1]
    with pytest.raises(GlassnetError, match=r"get_layer: unknown layer 'frist'\. Did you mean"):
        inner.get_layer("frist")

"""Models drawn as graphs, with several inputs or outputs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Node
from glassnet.core.errors import GlassnetError
from glassnet.data import augmentation
from glassnet.layers import (
    Add,
    Concatenate,
    Dense,
    Flatten,
    GaussianNoise,
    Graph,
    Input,
    Normalization,
    Sequential,
)
from glassnet.model.model import Model
from glassnet.optimizers import Adam
from glassnet.training.callbacks import EarlyStopping

# IMAGES are bytes that nothing scales.
pytestmark = pytest.mark.filterwarnings("ignore::glassnet.doctor.DoctorWarning")

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 4, 4), dtype=np.uint8)
NUMBERS = RNG.standard_normal((60, 3))
Y = (IMAGES[:, 0, 0] > 127).astype(int) + (NUMBERS[:, 0] > 0)


def drawn(**options: Any) -> Model:
    """An image and some numbers, each with a branch of its own."""
    a, b = Input((4, 4)), Input((3,))
    h = Dense(8, "tanh", name="pixels")(Normalization()(Flatten()(a)))
    y = Dense(3, "softmax")(Concatenate()(h, Dense(4, "tanh")(b)))
    return Model(inputs=[a, b], outputs=y, **options)


def trained(engine: str = "numpy", **options: Any) -> Model:
    made = drawn(dtype="float64")
    made.compile(Adam(0.02), "sparse_categorical_crossentropy", ["accuracy"])
    made.fit([IMAGES, NUMBERS], Y, 8, verbose=0, engine=engine, **options)
    return made


def test_a_chain_drawn_is_the_chain() -> None:
    def nodes() -> tuple[Node, Node]:
        x = Input((4, 4))
        return x, Dense(3, "softmax")(Dense(5, "tanh")(Flatten()(x)))

    x, y = nodes()
    by_name, by_place = Model(inputs=x, outputs=y, seed=3), Model(*nodes(), seed=3)
    chain = Model([Flatten(), Dense(5, "tanh"), Dense(3, "softmax")], (4, 4), seed=3)
    for made in (by_name, by_place, chain):
        made.compile(Adam(0.01), "sparse_categorical_crossentropy")
        made.fit(IMAGES, Y, 7, 2, verbose=0)
    assert by_name.input_shape == by_place.input_shape == (4, 4)
    for made in (by_name, by_place):
        np.testing.assert_array_equal(made.predict(IMAGES), chain.predict(IMAGES))


def test_two_inputs_are_really_learned() -> None:
    made = drawn()
    assert made.built
    assert (made.input_shape, made.output_shape) == (((4, 4), (3,)), (3,))
    made.compile(Adam(0.02), "sparse_categorical_crossentropy", ["accuracy"])
    history = made.fit([IMAGES, NUMBERS], Y, 8, 40, verbose=0).history
    assert history["accuracy"][-1] > 0.95
    assert made.evaluate((IMAGES, NUMBERS), Y, verbose=0)[1] > 0.95
    probabilities = made.predict([IMAGES, NUMBERS])
    assert probabilities.shape == (60, 3)
    np.testing.assert_allclose(
        made.predict([IMAGES, NUMBERS], batch_size=7), probabilities, atol=1e-6
    )
    np.testing.assert_array_equal(made([IMAGES, NUMBERS]), probabilities)


def test_engines_agree() -> None:
    pytest.importorskip("jax")
    options: dict[str, Any] = {"epochs": 2, "sample_weight": RNG.uniform(0, 2, 60)}
    a, b = trained(**options), trained("jax", **options)
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


def test_validation_takes_rows_of_every_input() -> None:
    split, given = drawn(), drawn()
    for made in (split, given):
        made.compile(Adam(0.02), "sparse_categorical_crossentropy")
    x, y = [IMAGES, NUMBERS], Y
    first = split.fit(x, y, verbose=0, validation_split=0.25, callbacks=EarlyStopping())
    held_out = [IMAGES[45:], NUMBERS[45:]], Y[45:]
    second = given.fit([IMAGES[:45], NUMBERS[:45]], Y[:45], verbose=0, validation_data=held_out)
    assert first.history == second.history
    trained(validation_split=0.2, stratify=True)


def test_an_undrawn_graph_is_built_by_its_data() -> None:
    a, b = Input((4, 4)), Input((3,))
    graph = Graph.between([a, b], Add()(Dense(3)(Flatten()(a)), b))
    for network in (graph, Sequential((graph, Dense(2)))):
        made = Model(network.clone())
        made.compile("sgd", "mse")
        with pytest.raises(GlassnetError, match="x: is 1 array, but the network takes 2 inputs"):
            made.fit(IMAGES, Y, verbose=0)
        made.fit(
            [IMAGES, NUMBERS],
            np.zeros((60, made.network.output_shape(((4, 4), (3,)))[0])),
            verbose=0,
        )
        assert made.input_shape == ((4, 4), (3,))
    with pytest.raises(GlassnetError, match=r"input_shape: is 5\. Give the shape of one example"):
        Model(Dense(2), 5)
    built = Model(graph)
    built.build([(4, 4), [3]])
    assert built.input_shape == ((4, 4), (3,))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (IMAGES, r"^x: is 1 array, but the network takes 2 inputs.*\[x1, x2\]"),
        ([IMAGES, NUMBERS, NUMBERS], r"^x: is 3 arrays"),
        ([NUMBERS, IMAGES], r"^x\[0\]: has shape \(60, 3\), but the network takes \(N, 4, 4\)"),
        ([IMAGES, NUMBERS[:50]], r"^x\[1\]: has 50 rows, but x\[0\] has 60"),
        ([IMAGES, NUMBERS * np.nan], r"^x\[1\]: 60 of 60 rows contain NaN"),
    ],
)
def test_inputs_that_do_not_fit_are_named_by_their_place(x: Any, message: str) -> None:
    made = trained()
    for ask in (made.predict, lambda x: made.fit(x, Y, verbose=0), lambda x: made.evaluate(x, Y)):
        with pytest.raises(GlassnetError, match=message):
            ask(x)


def test_validation_names_them_too() -> None:
    with pytest.raises(GlassnetError, match=r"^validation_x\[1\]: has 5 rows"):
        trained(validation_data=([IMAGES, NUMBERS[:5]], Y))
    made = trained()
    with pytest.raises(GlassnetError, match=r"^y: has 3 rows, but x has 60"):
        made.fit([IMAGES, NUMBERS], Y[:3], verbose=0)


def test_save_and_load(tmp_path: Path) -> None:
    made = trained()
    made.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path)
    assert loaded.input_shape == made.input_shape
    x = [IMAGES, NUMBERS]
    np.testing.assert_array_equal(loaded.predict(x), made.predict(x))
    assert loaded.evaluate(x, Y, verbose=0) == made.evaluate(x, Y, verbose=0)


# -- several outputs -----------------------------------------------------------------------------


def test_several_outputs_are_predicted() -> None:
    x = Input((3,))
    h = Dense(4, "tanh")(x)
    made = Model(x, [Dense(2)(h), h])
    assert made.output_shape == ((2,), (4,))
    for batch_size in (None, 7):
        a, b = made.predict(NUMBERS, batch_size)
        assert (a.shape, b.shape) == ((60, 2), (60, 4))
    kernel, bias = made.get_weights()[2:]
    np.testing.assert_allclose(b @ kernel + bias, a, rtol=1e-5, atol=1e-6)
    with pytest.raises(
        GlassnetError, match=r"3 class names for outputs of shape \(\(2,\), \(4,\)\)"
    ):
        Model(x, [Dense(2)(h), h], class_names=("a", "b", "c"))


# -- parts ---------------------------------------------------------------------------------------


def test_layers_are_found_by_name_and_place() -> None:
    made = drawn()
    assert made.get_layer("pixels") == Dense(8, "tanh", name="pixels")
    assert made.get_layer(index=-1) == made.layers[-1]
    assert [type(layer).__name__ for layer in made.layers].count("Dense") == 3
    chain = Model([Flatten(), Dense(2)])
    assert chain.layers == [Flatten(), Dense(2)]
    assert chain.get_layer("dense") == chain.get_layer(index=1) == Dense(2)
    assert Model(Dense(2)).layers == [Dense(2)]
    with pytest.raises(GlassnetError, match=r"unknown layer 'pixel'. Did you mean 'pixels'"):
        made.get_layer("pixel")
    with pytest.raises(GlassnetError, match="layer 2: there are 2 layers"):
        chain.get_layer(index=2)


def test_a_model_called_on_a_node_is_its_network_as_a_layer() -> None:
    inner = Model([Dense(4, "tanh"), Dense(2)], input_shape=(3,))
    x = Input((3,))
    outer = Model(x, Dense(1)(inner(x)))
    assert outer.layers[0] == inner.network
    assert outer.predict(NUMBERS).shape == (60, 1)
    two = drawn()
    a, b = Input((4, 4)), Input((3,))
    assert Model([a, b], two([a, b])).predict([IMAGES, NUMBERS]).shape == (60, 3)
    np.testing.assert_array_equal(inner(NUMBERS), inner.predict(NUMBERS))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x, y: Model(), r"needs layers, or the nodes that it runs between.*Model\(\[Dense"),
        (lambda x, y: Model(inputs=x), r"Write .*Model\(inputs=x, outputs=y\)"),
        (lambda x, y: Model(outputs=y), "needs layers, or the nodes"),
        (lambda x, y: Model(x), "needs layers, or the nodes"),
        (lambda x, y: Model(x, (3,)), "needs layers, or the nodes"),
        (lambda x, y: Model([], y), "needs layers, or the nodes"),
        (lambda x, y: Model(Input((3,)), y), r"an input of shape \(3,\), which is not given"),
        (lambda x, y: Model(inputs=x, outputs=y, units=3), "unknown argument 'units'"),
    ],
)
def test_graphs_that_are_none(make: Any, message: str) -> None:
    x = Input((3,))
    with pytest.raises(GlassnetError, match=message):
        make(x, Dense(2)(x))


def test_a_summary_before_the_weights_says_what_to_do() -> None:
    with pytest.raises(GlassnetError, match=r"has no weights yet\. Call build\(input_shape\)"):
        Model([Dense(2)]).summary()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Model([]), "Model: has no layers"),
        (lambda: Model([Dense(2)], (0,)), "input_shape: must be a whole number ≥ 1, got 0"),
        (lambda: Model([Dense(2)], (2.5,)), "input_shape: must be a whole number"),
        (lambda: Model([GaussianNoise(0.1)], ()), "Model: has one scalar per example"),
        (lambda: augmentation.get(5), "augment: 5 is not an augmentation"),
    ],
)
def test_models_that_can_not_be(make: Any, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        make()


def test_layers_and_nodes_are_not_mixed() -> None:
    x = Input((4,))
    for said in ({"outputs": x}, {"inputs": x}):
        with pytest.raises(GlassnetError, match="Model: got both layers and nodes"):
            Model([Dense(3)], **said)

"""Models that share layers train as in Keras: the same program in both, compared after each fit."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

import glassnet
from glassnet.interop.keras.building.model import to_numpy
from glassnet.interop.keras.running.fit import fit
from glassnet.model.model import Model
from tests.interop.keras.on_backend import BACKEND, rows

X, X2, Z = (np.tanh(rows(48, n, seed=i)) for i, n in enumerate((4, 4, 3)))
Y, ONE, FIVE = (np.tanh(rows(48, n, seed=3 + i)) for i, n in enumerate((2, 1, 5)))

OURS = SimpleNamespace(
    Input=glassnet.Input, Model=Model, Sequential=Model, Dense=glassnet.Dense,
    BatchNormalization=glassnet.BatchNormalization, Concatenate=glassnet.Concatenate,
    Subtract=glassnet.Subtract, Embedding=glassnet.Embedding, Flatten=glassnet.Flatten,
    TimeDistributed=glassnet.TimeDistributed, GRU=glassnet.GRU, called=lambda layer, *x: layer(*x),
)  # fmt: skip
THEIRS = SimpleNamespace(
    Input=keras.Input, Model=keras.Model, Sequential=keras.Sequential,
    **{name: getattr(keras.layers, name) for name in vars(OURS) if hasattr(keras.layers, name)
       and name != "Input"},
    called=lambda layer, *x: layer(list(x)),
)  # fmt: skip

Trainings = list[tuple[Any, Any, Any]]  # (model, x, y), in this order
Program = Callable[[Any], tuple[list[Any], Trainings]]


def extractor(k: Any) -> tuple[list[Any], Trainings]:
    x = k.Input((4,))
    hidden = k.Dense(5, "tanh")(x)
    model = k.Model(x, k.Dense(2)(hidden))
    features = k.Model(x, hidden)
    head = k.Model(x, k.Dense(1)(features(x)))
    return [model, features, head], [(model, X, Y), (head, X, ONE), (features, X, FIVE)]


def autoencoder(k: Any) -> tuple[list[Any], Trainings]:
    x, code = k.Input((4,)), k.Input((2,))
    encoder = k.Model(x, k.Dense(2, "tanh", name="code")(k.Dense(6, "relu")(x)), name="encoder")
    decoder = k.Model(code, k.Dense(4)(k.Dense(6, "relu")(code)), name="decoder")
    whole = k.Model(x, decoder(encoder(x)))
    return [encoder, decoder, whole], [(whole, X, X), (decoder, Y, X), (whole, X2, X2)]


def gan(k: Any) -> tuple[list[Any], Trainings]:
    noise, x = k.Input((3,)), k.Input((4,))
    generator = k.Model(noise, k.Dense(4)(k.BatchNormalization()(k.Dense(6, "relu")(noise))))
    critic = k.Model(x, k.Dense(1, "sigmoid")(k.Dense(6, "relu")(x)))
    both = k.Model(noise, critic(generator(noise)))
    ones = np.ones((48, 1))
    steps = [(critic, X, ones), (critic, X2, 0 * ones), (both, Z, ones)]
    return [generator, critic, both], steps * 2


def siamese(k: Any) -> tuple[list[Any], Trainings]:
    a, b, x = k.Input((4,)), k.Input((4,)), k.Input((4,))
    tower = k.Model(x, k.Dense(3, "tanh")(k.Dense(5, "relu")(x)))
    distance = k.called(k.Subtract(), tower(a), tower(b))
    model = k.Model([a, b], k.Dense(1)(distance))
    return [model, tower], [(model, [X, X2], ONE), (tower, X, Z)]


def nested(k: Any) -> tuple[list[Any], Trainings]:
    inner = k.Sequential([k.Input((4,)), k.Dense(5, "relu"), k.Dense(3, "tanh")])
    outer = k.Sequential([k.Input((4,)), inner, k.Dense(2)])
    deeper = k.Sequential([k.Input((4,)), outer, k.Dense(1)])
    return [inner, outer, deeper], [(deeper, X, ONE), (inner, X, Z), (outer, X, Y)]


def twice(k: Any) -> tuple[list[Any], Trainings]:
    layer, x, x2 = k.Dense(4, "tanh"), k.Input((4,)), k.Input((4,))
    once = k.Model(x, layer(x))
    model = k.Model(x2, k.Dense(1)(layer(layer(x2))))
    return [once, model], [(model, X, ONE), (once, X, X2), (model, X2, ONE)]


def new_head(k: Any) -> tuple[list[Any], Trainings]:
    base = k.Sequential([k.Input((4,)), k.Dense(5, "relu"), k.Dense(5, "tanh"), k.Dense(3)])
    tuned = k.Sequential([k.Input((4,)), *base.layers[:-1], k.Dense(2)])
    return [base, tuned], [(base, X, Z), (tuned, X, Y), (base, X2, Z)]


def inside_and_outside(k: Any) -> tuple[list[Any], Trainings]:
    x, inner = k.Input((4,)), k.Dense(3, "tanh", name="inner")
    base = k.Model(x, k.Dense(2, name="head")(inner(x)))
    x2 = k.Input((4,))
    model = k.Model(x2, k.called(k.Concatenate(), base(x2), inner(x2)))
    return [base, model], [(model, X, FIVE), (base, X, Y)]


def each_step(k: Any) -> tuple[list[Any], Trainings]:
    steps, shared = k.Input((6, 4)), k.Dense(3, "tanh")
    x = k.Input((4,))
    once = k.Model(x, shared(x))
    model = k.Model(steps, k.Dense(1)(k.GRU(3)(k.TimeDistributed(shared)(steps))))
    return [once, model], [(model, rows(48, 6, 4), ONE), (once, X, Z)]


PROGRAMS = [
    extractor, autoencoder, gan, siamese, nested, twice, new_head, inside_and_outside, each_step,
]  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "jax", f"keras:{BACKEND}"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_models_that_share_layers_train_as_in_keras(program: Program, engine: str) -> None:
    (ours, our_fits), (theirs, their_fits) = program(OURS), program(THEIRS)
    for our, their in zip(ours, theirs, strict=True):
        assert our.count_params() == their.count_params()
        their.set_weights(our.get_weights())
    bridged = engine.startswith("keras")  # there, each fit begins with a new optimizer
    for model in (*ours, *theirs):
        model.compile("sgd" if bridged else "adam", "mse")
    for (our, x, y), (their, _, _) in zip(our_fits, their_fits, strict=True):
        if bridged:
            fit(our, x, y, batch_size=16, shuffle=False, backend=BACKEND)
        else:
            our.fit(x, y, 16, verbose=0, shuffle=False, engine=engine)
        their.fit(x, y, 16, verbose=0, shuffle=False)
        for a, b in zip(ours, theirs, strict=True):
            for weight, variable in zip(a.get_weights(), b.weights, strict=True):
                np.testing.assert_allclose(weight, to_numpy(variable), atol=1e-5)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_each_of_the_models_is_saved_and_loaded(program: Program, tmp_path: Path) -> None:
    models, fits = program(OURS)
    for model in models:
        model.compile("adam", "mse")
    for model, x, y in fits:
        model.fit(x, y, verbose=0)
    for model, x, _ in fits:
        model.save(tmp_path / "model.safetensors")
        loaded = Model.load(tmp_path / "model.safetensors")
        np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
        for a, b in zip(loaded.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

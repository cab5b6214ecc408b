"""Networks with several outputs, trained and used as Keras's are."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Activation, Dense, GlassnetError, Model
from glassnet.layers import Graph, Input
from glassnet.verify.twin.compare import twin
from glassnet.verify.twin.steppers import Setup

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 5)).astype(np.float32)
KINDS = (X @ RNG.standard_normal((5, 3))).argmax(axis=1)
PLACES = (X @ RNG.standard_normal((5, 2))).astype(np.float32)
Y = {"kind": KINDS, "place": PLACES}
LOSSES = {"kind": "sparse_categorical_crossentropy", "place": "mse"}
engines = pytest.mark.parametrize(
    "engine",
    ["numpy", pytest.param("jax", marks=pytest.mark.skipif(not find_spec("jax"), reason="no jax"))],
)


def drawn() -> Model:
    x = Input((5,))
    h = Dense(8, "tanh", name="h")(x)
    return Model(x, [Dense(3, "softmax", name="kind")(h), Dense(2, name="place")(h)], seed=1)


def compiled(**options: Any) -> Model:
    made = drawn()
    made.compile(SGD(0.5), **{"loss": LOSSES, "metrics": {"kind": ["accuracy"]}} | options)
    return made


@engines
def test_it_learns_both(engine: str) -> None:
    made = compiled()
    history = made.fit(X, Y, epochs=40, verbose=0, engine=engine, validation_split=0.2).history
    names = ["kind_accuracy", "kind_loss", "loss", "place_loss"]
    assert sorted(history) == sorted([*names, *(f"val_{name}" for name in names)])
    assert history["kind_accuracy"][-1] > 0.9
    assert history["place_loss"][-1] < history["place_loss"][0] / 4
    total = np.add(history["kind_loss"], history["place_loss"])
    np.testing.assert_allclose(history["loss"], total, rtol=1e-5)
    found = made.evaluate(X, Y, verbose=0, return_dict=True)
    assert isinstance(found, dict)
    assert list(found) == ["loss", "kind_loss", "place_loss", "kind_accuracy"]  # as Keras
    kinds, places = made.predict(X)
    assert found["kind_accuracy"] == pytest.approx((kinds.argmax(axis=1) == KINDS).mean())
    assert found["place_loss"] == pytest.approx(((places - PLACES) ** 2).mean(), rel=1e-5)


@engines
def test_a_list_is_a_dict_and_one_loss_is_for_all(engine: str) -> None:
    weights = RNG.uniform(0, 2, 60)
    found = []
    for listed in (True, False):
        shares: Any = [0.5, 2] if listed else {"kind": 0.5, "place": 2}
        made = compiled(loss=list(LOSSES.values()) if listed else LOSSES, loss_weights=shares)
        y: Any = list(Y.values()) if listed else Y
        weigh: Any = weights if listed else {"kind": weights, "place": weights[:, None]}
        made.fit(X, y, verbose=0, sample_weight=weigh, engine=engine)
        found.append(made.get_weights())
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
    made = compiled(loss="mse", metrics="mae")
    made.fit(X, [np.eye(3)[KINDS], PLACES], verbose=0, engine=engine)
    assert made.metrics == ("kind_loss", "place_loss", "kind_mae", "place_mae")


@engines
def test_an_output_without_a_loss_is_left_as_it_is(engine: str) -> None:
    made = compiled(loss={"kind": LOSSES["kind"], "place": None})
    before = [leaf.copy() for leaf in made.params["place"].values()]
    history = made.fit(X, [KINDS, None], verbose=0, engine=engine).history
    assert sorted(history) == ["kind_accuracy", "loss"]
    for a, b in zip(before, made.params["place"].values(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert made.evaluate(X, KINDS, verbose=0) == made.evaluate(X, {"kind": KINDS}, verbose=0)


def test_save_and_load(tmp_path: Path) -> None:
    made = compiled(loss_weights=[1, 0.25], weighted_metrics={"place": ["mae"], "kind": ["acc"]})
    made.fit(X, Y, verbose=0)
    made.save(tmp_path / "model.safetensors")
    loaded = Model.load(tmp_path)
    assert loaded.metrics == made.metrics
    assert loaded.about == made.about == {}
    assert loaded.evaluate(X, Y, verbose=0) == made.evaluate(X, Y, verbose=0)
    loaded.save(tmp_path / "again.safetensors")
    files = [tmp_path / name for name in ("again.safetensors", "model.safetensors")]
    assert files[0].read_bytes() == files[1].read_bytes()
    loaded.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": {"kind": "mse"}}, r"loss: has no entry for output 'place'.*\"place\": None"),
        ({"loss": {"kid": "mse"}}, "loss: has no entry for output 'kind'"),
        ({"loss": ["mse"]}, "loss: has 1 entry for 2 outputs: kind, place"),
        ({"loss": [None, None], "metrics": None}, "needs a loss"),
        ({"loss": None}, "needs a loss"),
        ({"loss": [None, "mse"]}, "output 'kind': has metrics, but no loss"),
        (
            {"loss": ["mse", "bce"], "metrics": None},
            "output 'place': BinaryCrossentropy: expects probabilities",
        ),
        ({"metrics": ["mae"]}, "metrics: has 1 entry"),
        ({"metrics": {"kid": "mae"}}, "metrics: unknown output 'kid'. Did you mean 'kind'"),
        ({"loss_weights": [1, float("nan")]}, "loss_weights: must be finite numbers, got nan"),
        ({"loss_weights": ["1", 1]}, "loss_weights: must be finite numbers, got '1'"),
    ],
)
def test_what_compile_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        compiled(**options)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"y": KINDS}, "y: is one array for 2 outputs"),
        ({"y": [KINDS]}, "y: has 1 entry for 2 outputs"),
        ({"y": {"kind": KINDS}}, "y: has no targets for output 'place'"),
        ({"y": {"kind": KINDS, "plaice": PLACES}}, "y: unknown output 'plaice'"),
        ({"y": [KINDS, PLACES[:5]]}, r"y\['place'\]: has 5 rows, but x has 60"),
        ({"y": [KINDS + 1, PLACES]}, r"y\['kind'\]: row .* has label 3"),
        ({"sample_weight": [None, -KINDS]}, r"sample_weight\['place'\]: row .* is below 0"),
        ({"class_weight": {0: 2.0}}, "class_weight: is for networks with one output"),
        ({"validation_split": 0.5, "stratify": True}, "stratify: takes the same share"),
        ({"augment": "mixup"}, "augment: mixes the targets of one output"),
        ({"validation_data": (X, [KINDS])}, "validation_y: has 1 entry"),
    ],
)
def test_what_fit_refuses(given: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        compiled().fit(**{"x": X, "y": Y, "verbose": 0} | given)


def test_names_that_would_mean_two_things_are_refused() -> None:
    x = Input((5,))
    last = Dense(2, name="last")
    h = last(x)
    with pytest.raises(GlassnetError, match=r"two outputs come from 'last'.*Activation"):
        Model(x, [h, h]).compile("sgd", "mse")
    named = Model(x, [h, Activation("linear", name="val")(h)])
    with pytest.raises(GlassnetError, match="two losses or metrics would be named 'val_loss'"):
        named.compile("sgd", "mse")
    one = Model(x, h)
    with pytest.raises(GlassnetError, match="loss_weights: weights the losses of multiple outputs"):
        one.compile("sgd", "mse", loss_weights=[1.0])


def test_the_certificate_says_that_it_is_for_one() -> None:
    made = compiled()
    assert made.optimizer is not None
    setup = Setup(made.network, (5,), made.params, SGD(), SGD(), "float32")  # type: ignore[arg-type]
    with pytest.raises(GlassnetError, match="has 2 outputs, but only networks with one"):
        twin(setup, ["numpy", "jax"], lambda: iter(()))


def test_several_outputs_at_the_end_of_a_list() -> None:
    x = Input((4,))
    model = Model([Dense(4), Graph.between(x, [Dense(3, name="a")(x), Dense(2, name="b")(x)])])
    model.compile("adam", "mse")
    history = model.fit(np.ones((8, 4)), [np.ones((8, 3)), np.ones((8, 2))], verbose=0)
    assert set(history.history) == {"loss", "a_loss", "b_loss"}
    assert [y.shape for y in model.predict(np.ones((5, 4)))] == [(5, 3), (5, 2)]

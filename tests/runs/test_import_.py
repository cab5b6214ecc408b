"""`glassnet import`: the shapes of data and file, open sizes, names that are taken."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as g
from glassnet import GlassnetError, layers
from glassnet.data import load
from glassnet.model.model import Model
from glassnet.runs import import_
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.import_ import import_model
from glassnet.runs.run import Run

DIGITS = (8, 8)


def reader(
    network: Any, accepted: tuple[int | None, ...], monkeypatch: pytest.MonkeyPatch
) -> Model:
    """Make `import_keras` return this network; return it as a model."""
    size = tuple(n or 8 for n in accepted)
    params, _ = network.init(np.random.default_rng(0), size)
    monkeypatch.setattr(
        "glassnet.interop.keras.reading.file.import_keras",
        lambda path: (network, accepted, params, "float32"),
    )
    model = Model(network)
    model.take(accepted, params)
    return model


CONVOLUTION = layers.Sequential(
    (layers.Conv2D(3, 3), layers.GlobalAveragePooling2D(), layers.Dense(10, "softmax"))
)
X = layers.Input((64,))
GRAPH = layers.Graph.between(X, layers.Dense(10, "softmax")(X + layers.Dense(64)(X)))
FIRST = layers.Sequential((layers.Permute((2, 3, 1)), *CONVOLUTION.layers))


@pytest.mark.parametrize("scaling", ["none", "unit"])
@pytest.mark.parametrize(
    ("network", "accepted"),
    [
        (layers.Sequential((layers.Dense(10, "softmax"),)), (64,)),
        (layers.Dense(10, "softmax"), (64,)),
        (GRAPH, (64,)),
        (CONVOLUTION, (8, 8, 1)),
        (CONVOLUTION, (None, None, 1)),
        (FIRST, (1, 8, 8)),
        (layers.Sequential((layers.Flatten(), layers.Dense(10, "softmax"))), (8, 8)),
    ],
)
def test_the_data_are_given_the_shape_that_the_file_takes(
    network: Any, accepted: tuple[int | None, ...], scaling: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    theirs = reader(network, accepted, monkeypatch)
    run = import_model("m.keras", "digits", scaling=scaling, out=str(tmp_path))
    model, x = Model.load(run.model), load("digits").x_test
    assert model.input_shape == DIGITS
    shaped = x.reshape(len(x), *(size or 8 for size in accepted))
    shaped = shaped / load("digits").x_train.max() if scaling == "unit" else shaped
    np.testing.assert_allclose(model.predict(x), theirs.predict(shaped), atol=1e-5)
    if scaling == "none":
        assert evaluate_run(str(run.folder)).test.accuracy == pytest.approx(
            (model.predict(x).argmax(-1) == load("digits").y_test).mean()
        )


@pytest.mark.parametrize("accepted", [(4, 16), (8, 8, 3), (65,)])
def test_other_shapes_are_refused(
    accepted: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = layers.Sequential((layers.Flatten(), layers.Dense(10, "softmax")))
    reader(network, accepted, monkeypatch)
    with pytest.raises(GlassnetError, match=r"has examples of shape \(8, 8\)"):
        import_model("m.keras", "digits", out=str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_taken_name_is_not_answered_with_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader(layers.Dense(10, "softmax"), (64,), monkeypatch)
    import_model("m.keras", name="mine", out=str(tmp_path))
    with pytest.raises(GlassnetError, match=r"already exists.* Choose another --name") as caught:
        import_model("m.keras", name="mine", out=str(tmp_path))
    assert "resume" not in str(caught.value)
    assert import_.Run is Run


def test_open_sizes_stay_open(tmp_path: Path) -> None:
    """Any length: predicted, trained, saved and loaded; other axes must fit."""
    network = layers.Sequential(
        (layers.Embedding(9, 4, mask_zero=True), layers.LSTM(3), layers.Dense(2, "softmax"))
    )
    params, _ = network.init(np.random.default_rng(0), (5,))
    model = Model(network)
    model.take((None,), params)
    ids = np.arange(48).reshape(4, 12) % 9
    for length in (3, 7, 12):
        expected = network.forward(params, ids[:, :length])[0]
        np.testing.assert_allclose(model.predict(ids[:, :length]), expected, atol=1e-6)
    with pytest.raises(GlassnetError, match=r"the network takes \(N, any\)"):
        model.predict(ids[:, :, None])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for length in (7, 12):
        model.fit(ids[:, :length], [0, 1, 0, 1], verbose=0)
    model.save(path := tmp_path / "m.safetensors")
    again = g.Model.load(path)
    assert again.accepted_shape == (None,)
    np.testing.assert_array_equal(again.predict(ids[:, :3]), model.predict(ids[:, :3]))

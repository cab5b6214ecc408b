"""What Keras users type gets one error that says what to write here."""

from collections.abc import Iterator

import numpy as np
import pytest

from glassnet import Dense, GlassnetError, Model

X, Y = np.random.default_rng(0).normal(size=(30, 4)), np.arange(30) % 2


def compiled() -> Model:
    model = Model([Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("workers", r"fit: takes no workers. Pass it to the data: PyDataset\(workers=4"),
        ("epoch", "Did you mean 'epochs'"),
    ],
)
def test_arguments_of_fit(option: str, message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        compiled().fit(X, Y, **{option: 2})


def test_arguments_of_layers() -> None:
    with pytest.raises(GlassnetError, match=r"Dense: takes no unroll. It has no effect on results"):
        Dense(2, unroll=True)  # type: ignore[call-arg]


def test_generators_hold_the_targets() -> None:
    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield X, Y

    with pytest.raises(GlassnetError, match=r"^y: is for arrays, but the data are batches"):
        compiled().fit(batches(), Y)
    with pytest.raises(GlassnetError, match=r"^y: is a generator.*numpy.concatenate"):
        compiled().fit(X, batches())
    with pytest.raises(GlassnetError, match=r"y: is missing. Write fit"):
        compiled().fit(X)


def test_methods() -> None:
    with pytest.raises(AttributeError, match=r"Model has no 'load_model'. Use Model.load"):
        _ = compiled().load_model
    assert not hasattr(compiled(), "something")


def test_rows_of_different_lengths() -> None:
    with pytest.raises(GlassnetError, match=r"x: has rows of different shapes"):
        compiled().fit([[1.0, 2.0], [3.0]], [0, 1])

"""Data sets as Keras returns them."""

from glassnet import load
from glassnet.datasets import digits


def test_pairs_of_arrays() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    data = load("digits")
    assert (x_train == data.x_train).all()
    assert (y_train == data.y_train).all()
    assert (x_test == data.x_test).all()
    assert (y_test == data.y_test).all()

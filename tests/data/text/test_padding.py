"""Sequences of different lengths as one array; values from Keras."""

import pytest

from glassnet import GlassnetError
from glassnet.utils import pad_sequences

RAW = [[1], [2, 3], [4, 5, 6]]


def test_sides() -> None:
    assert pad_sequences(RAW).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert pad_sequences(RAW, value=-1).tolist() == [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]
    assert pad_sequences(RAW, padding="post").tolist() == [[1, 0, 0], [2, 3, 0], [4, 5, 6]]
    assert pad_sequences(RAW, maxlen=2).tolist() == [[0, 1], [2, 3], [5, 6]]
    cut = pad_sequences(RAW, maxlen=2, truncating="post", padding="post")
    assert cut.tolist() == [[1, 0], [2, 3], [4, 5]]
    assert pad_sequences(RAW).dtype == "int32"


def test_steps_of_vectors() -> None:
    assert pad_sequences([[[1, 2]], [[3, 4], [5, 6]]], dtype="float32").shape == (2, 2, 2)


def test_what_is_refused() -> None:
    with pytest.raises(GlassnetError, match="padding: unknown side 'left'"):
        pad_sequences(RAW, padding="left")
    with pytest.raises(GlassnetError, match="list of sequences"):
        pad_sequences([1, 2])
    with pytest.raises(GlassnetError, match="sequences"):
        pad_sequences([["a"]])

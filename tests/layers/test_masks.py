"""Which values of a network have a padding mask."""

import warnings
from typing import Any

import numpy as np
import pytest

from glassnet import GlassnetError, Input, Model, layers
from glassnet.doctor import DoctorWarning
from glassnet.layers import GRU, Conv1D, Dense, Embedding, Flatten, GlobalAveragePooling1D, Masking
from glassnet.layers.masks import makes_mask, output_masked

IDS = np.array([[3, 1, 0, 0], [2, 0, 0, 0]])


def test_the_masks_of_layers() -> None:
    masked = Embedding(9, 2, mask_zero=True)
    assert makes_mask(Model([masked, GRU(2)]).network)
    assert not makes_mask(Model([Embedding(9, 2), GRU(2)]).network)
    assert output_masked(masked, (False,))
    assert output_masked(Dense(2), (True,))
    assert not output_masked(Conv1D(2, 2), (True,))
    assert not output_masked(layers.Add(), (True, False))
    assert output_masked(layers.Concatenate(), (True, False))


def test_compute_mask_is_that_of_keras() -> None:
    wanted = [[True, True, False, False], [True, False, False, False]]
    assert np.array_equal(Embedding(9, 2, mask_zero=True).compute_mask(IDS.tolist()), wanted)
    assert np.array_equal(Masking().compute_mask(IDS[..., None]), wanted)
    assert Embedding(9, 2).compute_mask(IDS) is None
    assert np.array_equal(Dense(2).compute_mask(IDS, np.array(wanted)), wanted)
    with pytest.raises(GlassnetError, match=r"compute_mask: takes arrays; in a graph.*mask=ids"):
        Masking().compute_mask(Input((4, 2)))


@pytest.mark.parametrize(
    ("rest", "lost"),
    [
        ([Conv1D(2, 2), GlobalAveragePooling1D()], "layer conv1d: Conv1D"),
        ([Dense(3), Flatten()], "layer flatten: Flatten"),
        ([layers.Reshape((8,))], "layer reshape: Reshape"),
        ([layers.GlobalMaxPooling1D()], "layer global_max_pooling1d: GlobalMaxPooling1D"),
        ([GlobalAveragePooling1D()], ""),
        ([layers.Dropout(0.1), GRU(2), layers.Reshape((1, 2)), Flatten()], ""),
        ([layers.Bidirectional(GRU(2)), Dense(2)], ""),
    ],
)
def test_a_lost_mask_is_a_warning(rest: list[Any], lost: str) -> None:
    model = Model([Embedding(9, 2, mask_zero=True), *rest, Dense(2)], (4,))
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(IDS, np.zeros((2, 2)), epochs=2, verbose=0)
    messages = [str(one.message) for one in caught if one.category is DoctorWarning]
    assert [message.split(" gets a padding mask")[0] for message in messages] == [lost] * bool(lost)

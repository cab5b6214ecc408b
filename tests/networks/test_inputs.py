"""The first layers of networks."""

import numpy as np

from glassnet.layers import Rescaling, Sequential
from glassnet.networks.inputs import image_input, sequence_input


def test_gray_images_get_a_channel() -> None:
    layers, shape = image_input((4, 6), Rescaling(0.5), "here")
    assert shape == (4, 6, 1)
    y, _ = Sequential(tuple(layers)).forward({}, np.ones((2, 4, 6)))
    assert y.shape == (2, 4, 6, 1)
    assert (y == 0.5).all()
    assert image_input((4, 6, 3), None, "here") == ([], (4, 6, 3))


def test_colours_of_a_row_are_its_features() -> None:
    (reshape,) = sequence_input((4, 6, 3), None, None, None, "here")
    assert reshape.output_shape((4, 6, 3)) == (4, 18)
    assert sequence_input((4, 6), None, None, None, "here") == []

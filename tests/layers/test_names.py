"""Layer names from class names, as in Keras."""

import pytest

from glassnet.core.names import snake_case


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Dense", "dense"),
        ("Conv2D", "conv2d"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("MaxPooling2D", "max_pooling2d"),
        ("LSTM", "lstm"),
        ("SimpleRNN", "simple_rnn"),
        ("GlobalAveragePooling1D", "global_average_pooling1d"),
        ("RMSNormalization", "rms_normalization"),
        ("MultiHeadAttention", "multi_head_attention"),
    ],
)
def test_names_are_keras_s(name: str, wanted: str) -> None:
    assert snake_case(name) == wanted

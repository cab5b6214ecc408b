"""A byte-level language model: a transformer that attends only to earlier bytes."""

from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.layers import (
    Dense,
    Dropout,
    Embedding,
    LayerNormalization,
    PositionEmbedding,
    Sequential,
)
from glassnet.layers.transformer import transformer_decoder
from glassnet.networks.inputs import require_tokens


def char_lm(
    classes: int,
    shape: Sequence[int],
    vocabulary: int | None,
    width: int = 96,
    depth: int = 3,
    heads: int = 4,
    dropout: float = 0.1,
    output_activation: str = "softmax",
) -> Sequential:
    """The probabilities of the next byte at each step.   (T,) -> (T, classes).

    Source: Radford et al. 2018, "Improving language understanding by generative pre-training".
    """
    length, ids = require_tokens(tuple(shape), vocabulary, "char-lm")
    depth = whole_number(depth, "char-lm: depth", 1)
    decoders = [transformer_decoder(width, heads, 4 * width, dropout) for _ in range(depth)]
    return Sequential(
        (
            Embedding(ids, width),
            PositionEmbedding(length),
            *([Dropout(dropout)] if dropout else []),
            *decoders,
            LayerNormalization(epsilon=1e-5),
            Dense(classes, output_activation),
        )
    )

"""A transformer that classifies texts."""

from collections.abc import Sequence

from glassnet.layers import (
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    PositionEmbedding,
    Sequential,
)
from glassnet.networks.inputs import require_tokens
from glassnet.networks.vit import blocks


def text_transformer(
    classes: int,
    shape: Sequence[int],
    vocabulary: int | None,
    width: int = 64,
    depth: int = 2,
    heads: int = 4,
    dropout: float = 0.1,
    output_activation: str = "softmax",
) -> Sequential:
    """Token and position embeddings, `depth` transformer blocks, then the mean over all tokens;
    padding is ignored throughout.

    Source: Vaswani et al. 2017, "Attention is all you need", the encoder.
    """
    length, ids = require_tokens(tuple(shape), vocabulary, "text-transformer")
    return Sequential(
        (
            Embedding(ids, width, mask_zero=True),
            PositionEmbedding(length),
            *([Dropout(dropout)] if dropout else []),
            *blocks(width, depth, heads, dropout, "text-transformer"),
            GlobalAveragePooling1D(),
            Dense(classes, output_activation),
        )
    )

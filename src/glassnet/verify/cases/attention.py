"""Attention: masked, causal, with dropout, over one, two and three sequences."""

import numpy as np

from glassnet import layers
from glassnet.ops import attention
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

Q, K, V = numbers(2, 2, 3, 4), numbers(2, 2, 5, 4, seed=1), numbers(2, 2, 5, 3, seed=2)
# All keys are masked for the first query of the second example.
MASK = np.array([[[1, 1, 0, 1, 0], [1] * 5, [0, 0, 0, 0, 1]], [[0] * 5, [1, 0, 1, 1, 1], [1] * 5]])
X, ENCODED = numbers(2, 4, 6, scale=0.4), numbers(2, 3, 5, seed=3, scale=0.4)
PADDED = np.array([[True, True, True, False], [True, True, False, False]])
PADDED_ENCODED = np.array([[True, False, True], [True, True, False]])
MultiHead = layers.MultiHeadAttention
SCORES = {"return_scores": True}
QVK = (X, numbers(2, 3, 2, seed=4), numbers(2, 3, 6, seed=5))  # query, value, key


def _called(layer: layers.Layer, *options: str) -> layers.Layer:
    return layer.called_with(dict.fromkeys(options, True))


def _masked_attention() -> layers.Graph:
    """Return self-attention with an attention mask, and with the scores as a second output."""
    x = layers.Input((4, 6))
    mask = layers.Activation("relu")(x[:, :, :4])  # 0 for about half of the pairs
    y, scores = MultiHead(2, 3)(x, x, attention_mask=mask, return_attention_scores=True)
    return layers.Graph.between(x, [y, scores])


OPS = [
    Case(attention.attention, (Q, K, V)),
    Case(attention.attention, (Q, K, V), {"mask": MASK[:, None] == 1}, "mask"),
    Case(attention.attention, (Q, K, V), {"rate": 0.4, "key": np.array([7], np.uint32)}, "dropout"),
    Case(attention.attention, (Q, K, V), {"mask": MASK[:, None] == 1, **SCORES}, "scores"),
    Case(attention.additive_attention, (Q, K, V, numbers(4, seed=3))),
    Case(
        attention.additive_attention,
        (Q, K, V, numbers(4, seed=3)),
        {"mask": MASK[:, None] == 1, **SCORES},
        "scores",
    ),
    Case(attention.to_heads, (X, numbers(6, 2, 3), numbers(2, 3))),
    Case(attention.to_heads, (X, numbers(6, 2, 3)), label="no-bias"),
    Case(attention.from_heads, (Q, numbers(2, 4, 3), numbers(3))),
    Case(attention.from_heads, (Q, numbers(2, 4, 3)), label="no-bias"),
]

LAYERS = [
    layer_case(MultiHead(2, 3), X),
    layer_case(MultiHead(2, 3, causal=True), X, "causal-mask", mask=PADDED),
    layer_case(
        MultiHead(2, 3, value_dim=2, dropout=0.3, use_bias=False, output_dim=5),
        (X, ENCODED),
        "cross",
        mask=(PADDED, PADDED_ENCODED),
        **TRAINING,
    ),
    layer_case(
        MultiHead(1, 3), (X, ENCODED, ENCODED[..., :4]), "three", mask=(None, None, PADDED_ENCODED)
    ),
    layer_case(
        _called(MultiHead(2, 3), *MultiHead.call_options), (X, X), "scores", mask=(None, PADDED)
    ),
    layer_case(_masked_attention(), X, "attention-mask"),
    layer_case(layers.Attention(), QVK[:1] + QVK[2:]),
    layer_case(layers.Attention(use_scale=True, dropout=0.3), QVK, "dropout", **TRAINING),
    layer_case(
        _called(layers.Attention(True, "concat"), *MultiHead.call_options),
        (X, X), "concat", mask=(PADDED, PADDED),
    ),
    layer_case(layers.AdditiveAttention(), QVK, mask=(PADDED, PADDED_ENCODED, None)),
    layer_case(layers.AdditiveAttention(use_scale=False), QVK[:1] + QVK[2:], "no-scale"),
]  # fmt: skip

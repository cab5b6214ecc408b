"""Transformer blocks, composed of other layers.

A block is a residual branch in which the steps of a sequence attend to each other, and one that
works on each step alone (two dense layers). Normalization comes before a branch, which trains well
without a warm-up, or with `normalize_first=False` after the sum, as in the paper.
Sources: Vaswani et al. 2017, "Attention is all you need"; Xiong et al. 2020, "On layer
normalization in the transformer architecture".
"""

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.layers.attention import MultiHeadAttention
from glassnet.layers.base import Layer
from glassnet.layers.dense import Dense
from glassnet.layers.dropout import Dropout
from glassnet.layers.functional import Input
from glassnet.layers.graph import Graph
from glassnet.layers.merging import Add
from glassnet.layers.normalization import LayerNormalization
from glassnet.layers.residual import Residual
from glassnet.layers.sequential import Sequential


def transformer_encoder(
    width: int,
    num_heads: int,
    intermediate_dim: int,
    dropout: float = 0.0,
    activation: str = "gelu",
    normalize_first: bool = True,
    name: str | None = None,
) -> Sequential:
    """A block in which every step attends to all steps.   (T, width) -> (T, width).

    The heads share the width: each gets width / num_heads.
    """
    attention = _attention(width, num_heads, dropout)
    return Sequential(
        (
            *_branch((attention,), dropout, normalize_first),
            *_branch(_dense(width, intermediate_dim, activation), dropout, normalize_first),
        ),
        name=name,
    )


def transformer_decoder(
    width: int,
    num_heads: int,
    intermediate_dim: int,
    dropout: float = 0.0,
    activation: str = "gelu",
    normalize_first: bool = True,
    cross: bool = False,
    name: str | None = None,
) -> Sequential | Graph:
    """A block in which each step attends to itself and earlier steps, to predict the next one.

    (T, width) -> (T, width). With `cross` it is called on two sequences, (T, width) and the output
    of an encoder, (S, any size), and has a third branch that attends to all of the latter.
    """
    self_attention = _branch(
        (_attention(width, num_heads, dropout, True),), dropout, normalize_first
    )
    feed_forward = _branch(_dense(width, intermediate_dim, activation), dropout, normalize_first)
    if not cross:
        return Sequential((*self_attention, *feed_forward), name=name)
    x, encoded = Input((1, width)), Input((1, width))  # works for any number of steps
    h = Sequential(self_attention)(x)
    norm = LayerNormalization(epsilon=1e-5)
    attended = _attention(width, num_heads, dropout)(norm(h) if normalize_first else h, encoded)
    h = Add()(h, Dropout(dropout)(attended) if dropout else attended)
    h = h if normalize_first else norm(h)
    return Graph.between([x, encoded], Sequential(feed_forward)(h), name=name)


def _branch(layers: tuple[Layer, ...], dropout: float, normalize_first: bool) -> tuple[Layer, ...]:
    """x + layers(x), with normalization before the layers or after the sum."""
    norm = LayerNormalization(epsilon=1e-5)  # as in PyTorch's and Keras Hub's blocks
    if dropout:
        layers = (*layers, Dropout(dropout))
    return (Residual((norm, *layers)),) if normalize_first else (Residual(layers), norm)


def _attention(
    width: int, num_heads: int, dropout: float, causal: bool = False
) -> MultiHeadAttention:
    if width % whole_number(num_heads, "transformer: num_heads", 1):
        raise GlassnetError(
            f"{num_heads} heads can't share a width of {width}.",
            where="transformer",
            fix="Use a num_heads that divides width.",
        )
    return MultiHeadAttention(num_heads, width // num_heads, dropout=dropout, causal=causal)


def _dense(width: int, intermediate_dim: int, activation: str) -> tuple[Layer, ...]:
    return Dense(intermediate_dim, activation), Dense(width)

"""Recurrent networks: they read pictures row by row, and texts token by token."""

from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Layer,
    Rescaling,
    Sequential,
    SimpleRNN,
)
from glassnet.networks.inputs import steps


def rnn(
    classes: int,
    shape: Sequence[int],
    units: int = 128,
    depth: int = 1,
    bidirectional: bool = False,
    embedding: int | None = None,
    dropout: float = 0.0,
    output_activation: str = "softmax",
    vocabulary: int | None = None,
    rescaling: Rescaling | None = None,
) -> Sequential:
    """Simple recurrent layers, the last state of the last one, then the outputs.

    Source: Elman 1990, "Finding structure in time".
    """
    start = steps(tuple(shape), vocabulary, embedding, rescaling, "rnn")
    body = _body(SimpleRNN, units, depth, bidirectional, dropout)
    return Sequential((*start, *body, Dense(classes, output_activation)))


def lstm(
    classes: int,
    shape: Sequence[int],
    units: int = 128,
    depth: int = 1,
    bidirectional: bool = False,
    embedding: int | None = None,
    dropout: float = 0.0,
    output_activation: str = "softmax",
    vocabulary: int | None = None,
    rescaling: Rescaling | None = None,
) -> Sequential:
    """Long short-term memories, the last state of the last one, then the outputs.

    Source: Hochreiter & Schmidhuber 1997, "Long short-term memory".
    """
    start = steps(tuple(shape), vocabulary, embedding, rescaling, "lstm")
    body = _body(LSTM, units, depth, bidirectional, dropout)
    return Sequential((*start, *body, Dense(classes, output_activation)))


def gru(
    classes: int,
    shape: Sequence[int],
    units: int = 128,
    depth: int = 1,
    bidirectional: bool = False,
    embedding: int | None = None,
    dropout: float = 0.0,
    output_activation: str = "softmax",
    vocabulary: int | None = None,
    rescaling: Rescaling | None = None,
) -> Sequential:
    """Gated recurrent units, the last state of the last one, then the outputs.

    Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    """
    start = steps(tuple(shape), vocabulary, embedding, rescaling, "gru")
    body = _body(GRU, units, depth, bidirectional, dropout)
    return Sequential((*start, *body, Dense(classes, output_activation)))


def _body(
    cell: type[SimpleRNN] | type[LSTM] | type[GRU],
    units: int,
    depth: int,
    bidirectional: bool,
    dropout: float,
) -> list[Layer]:
    """`depth` recurrent layers; all but the last hand on every state."""
    layers: list[Layer] = []
    depth = whole_number(depth, "depth", 1)
    for number in range(depth):
        layer = cell(units, return_sequences=number < depth - 1)
        layers.append(Bidirectional(layer) if bidirectional else layer)
        if dropout:
            layers.append(Dropout(dropout))
    return layers

"""Recurrent networks, which read images row by row and texts token by token.

Sources: Elman 1990, "Finding structure in time" (rnn); Hochreiter & Schmidhuber 1997, "Long
short-term memory" (lstm); Cho et al. 2014, "Learning phrase representations using RNN
encoder-decoder" (gru).
"""

from collections.abc import Callable, Sequence

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
from glassnet.networks.inputs import sequence_input


def _recipe(name: str, cell: type[SimpleRNN | LSTM | GRU]) -> Callable[..., Sequential]:
    """Return the recipe of networks with one kind of recurrent layer."""

    def recurrent(
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
        """`depth` recurrent layers, the last state of the last one, then the outputs."""
        layers: list[Layer] = sequence_input(tuple(shape), vocabulary, embedding, rescaling, name)
        depth = whole_number(depth, "depth", 1)
        for number in range(depth):
            layer = cell(units, return_sequences=number < depth - 1)
            layers.append(Bidirectional(layer) if bidirectional else layer)
            if dropout:
                layers.append(Dropout(dropout))
        return Sequential((*layers, Dense(classes, output_activation)))

    return recurrent


rnn = _recipe("rnn", SimpleRNN)
lstm = _recipe("lstm", LSTM)
gru = _recipe("gru", GRU)

"""Numbers for networks that continue a text, from their mean loss for a byte."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array


@dataclass(frozen=True)
class NextByte:
    """How well each byte of the test part was foretold from those before it in its window.

    Bits per byte is the loss as a length: what a perfect compressor with this network would need.
    Perplexity, 2 to that power, is among how many equally likely bytes it was in doubt. To compare:
    `by_frequency`, the bits needed by who only knows how frequent each byte is in training.
    """

    bits_per_byte: float
    perplexity: float
    accuracy: float
    loss: float
    by_frequency: float
    count: int


def next_byte(train: Array, test: Array, loss: float, accuracy: float) -> NextByte:
    """All numbers, from bytes to be foretold (of both parts) and the mean loss −log p on the test.

    Each byte counts once more than it was seen, so that unseen ones have a probability too.
    """
    seen = np.bincount(train.ravel(), minlength=256) + 1.0
    by_frequency = -float(np.log2(seen / seen.sum())[test.ravel()].mean())
    bits = loss / math.log(2)
    return NextByte(bits, 2.0**bits, accuracy, loss, by_frequency, test.size)

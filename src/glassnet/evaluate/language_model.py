"""The metrics of a network that continues texts, from its mean loss per byte."""

import math
from dataclasses import dataclass

import numpy as np

from glassnet.core.arrays import Array


@dataclass(frozen=True)
class NextByte:
    """The test results of predicting each byte from the bytes before it in its window.

    Bits per byte is the loss in bits: what an ideal compressor using this network would need.
    Perplexity, 2 to that power, is the equivalent number of equally likely bytes. For comparison,
    `by_frequency` is the bits per byte of a model that only knows the byte frequencies in training.
    """

    bits_per_byte: float
    perplexity: float
    accuracy: float
    loss: float
    by_frequency: float
    count: int

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_numbers

        return of_numbers(self.headline_numbers())

    def headline_numbers(self) -> list[tuple[str, str, str]]:
        """The most important numbers: (name, value, note)."""
        by_frequency = f"{self.by_frequency:.2f} from byte frequencies alone"
        return [
            ("bits per byte", f"{self.bits_per_byte:.3f}", by_frequency),
            ("perplexity", f"{self.perplexity:.2f}", ""),
            ("byte accuracy", f"{self.accuracy:.1%}", f"{self.count:,} bytes"),
        ]


def next_byte(train: Array, test: Array, loss: float, accuracy: float) -> NextByte:
    """All metrics, from the target bytes of both splits and the mean test loss −log p.

    Each byte is counted once more than it occurs, so that unseen bytes have a probability too.
    """
    counts = np.bincount(train.ravel(), minlength=256) + 1.0
    by_frequency = -float(np.log2(counts / counts.sum())[test.ravel()].mean())
    bits = loss / math.log(2)
    return NextByte(bits, 2.0**bits, accuracy, loss, by_frequency, test.size)

"""Texts from a network that foretells the next byte: one byte after the other."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.data.text.tokenizer import PADDING, ByteTokenizer
from glassnet.model.model import Model
from glassnet.model.readers import tokenizer_of


def generate(
    folder: str, prompt: str = "\n", length: int = 400, temperature: float = 0.8, seed: int = 0
) -> str:
    """The prompt, continued by `length` bytes that a run's network finds likely.

    Each is drawn with p^(1/temperature), made to sum to 1: below 1 the likely ones become likelier,
    and at 0 only the likeliest is taken. The same seed gives the same text. A character that the
    network did not finish is shown as �.
    """
    length = whole_number(length, "--length", 1)
    seed = whole_number(seed, "--seed", 0)
    if not 0 <= temperature <= 100:
        raise GlassnetError(f"must be from 0 to 100, got {temperature}.", where="--temperature")
    model = Model.load(folder)
    tokenizer = tokenizer_of(model, folder)
    if not isinstance(tokenizer, ByteTokenizer) or model.output_shape != (tokenizer.length, 256):
        raise GlassnetError(
            "does not continue texts.", where=folder, fix="Train one with --network char-lm."
        )
    start = prompt.encode("utf-8", "replace")
    if not start:
        raise GlassnetError("needs a byte to go on from.", where="--prompt")
    made = bytearray(start)
    for byte, _ in zip(_following(model, made, temperature, seed), range(length), strict=False):
        made.append(byte)
    return made.decode("utf-8", "replace")


def _following(model: Model, text: bytearray, temperature: float, seed: int) -> Iterator[int]:
    """The next byte of what `text` holds by then, for ever."""
    rng = np.random.default_rng(seed)
    window = model.input_shape[0]
    while True:
        known = np.frombuffer(bytes(text[-window:]), np.uint8)
        row = np.full((1, window), PADDING, np.uint16)
        row[0, : len(known)] = known + np.uint16(1)
        # No byte is foretold from those after it, so what fills up the row changes nothing.
        yield _drawn(model.predict(row)[0, len(known) - 1], temperature, rng)


def _drawn(probabilities: Array, temperature: float, rng: np.random.Generator) -> int:
    """A byte, by the probabilities at a temperature."""
    if temperature == 0:
        return int(probabilities.argmax())
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-300))
    with np.errstate(over="ignore"):  # at the coldest only the likeliest is left
        weights = np.exp((logs - logs.max()) / temperature)
    return int(rng.choice(256, p=weights / weights.sum()))

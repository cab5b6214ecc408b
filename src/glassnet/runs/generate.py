"""`glassnet generate`: generate text with a network that predicts the next byte."""

import logging

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.terminal import paced
from glassnet.data.text.tokenizer import PADDING, ByteTokenizer
from glassnet.model.model import Model
from glassnet.model.readers import tokenizer_of

log = logging.getLogger(__name__)


def generate(
    folder: str, prompt: str = "\n", length: int = 400, temperature: float = 0.8, seed: int = 0
) -> str:
    """Return the prompt, continued by `length` bytes sampled from a run's network.

    Bytes are sampled with probabilities proportional to p^(1/temperature): below 1, likely bytes
    become more likely; at 0, the most likely byte is taken. The same seed gives the same text. An
    incomplete UTF-8 character is shown as �.
    """
    length = whole_number(length, "--length", 1)
    seed = whole_number(seed, "--seed", 0)
    if not 0 <= temperature <= 100:
        raise GlassnetError(f"must be from 0 to 100, got {temperature}.", where="--temperature")
    model = Model.load(folder)
    tokenizer = tokenizer_of(model, folder)
    if not isinstance(tokenizer, ByteTokenizer) or model.output_shape != (tokenizer.length, 256):
        raise GlassnetError(
            "can't generate text.", where=folder, fix="Train a network with --network char-lm."
        )
    start = prompt.encode("utf-8", "replace")
    if not start:
        raise GlassnetError("must not be empty.", where="--prompt")
    text, rng = bytearray(start), np.random.default_rng(seed)
    progress = paced(log.info)
    for count in range(length):
        progress(f"{count} of {length} bytes generated")
        text.append(_sample(_next_byte(model, text), temperature, rng))
    return text.decode("utf-8", "replace")


def _next_byte(model: Model, text: bytearray) -> Array:
    """Return the probabilities of the byte after `text`."""
    window = model.input_shape[0]
    context = np.frombuffer(bytes(text[-window:]), np.uint8)
    row = np.full((1, window), PADDING, np.uint16)
    row[0, : len(context)] = context + np.uint16(1)
    # Predictions depend only on the bytes before them, so the padding changes nothing.
    return model.predict(row)[0, len(context) - 1]


def _sample(probabilities: Array, temperature: float, rng: np.random.Generator) -> int:
    """Sample a byte from the probabilities at a temperature."""
    if temperature == 0:
        return int(probabilities.argmax())
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-300))
    with np.errstate(over="ignore"):  # near temperature 0
        weights = np.exp((logs - logs.max()) / temperature)
    return int(rng.choice(256, p=weights / weights.sum()))

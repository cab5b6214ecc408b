"""What a network ends in, and whether the loss suits that."""

from collections.abc import Iterator

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Average,
    AveragePooling1D,
    AveragePooling2D,
    Cropping1D,
    Cropping2D,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Graph,
    Layer,
    Permute,
    RepeatVector,
    Reshape,
    Sequential,
    TimeDistributed,
    UpSampling2D,
)
from glassnet.losses import Crossentropy, Loss
from glassnet.training.step import last_activation

# Numbers stay what they are, or become means of such: probabilities remain some.
_KEEPING = (
    Reshape | Permute | Flatten | Cropping1D | Cropping2D | UpSampling2D
    | AveragePooling1D | AveragePooling2D | GlobalAveragePooling1D | GlobalAveragePooling2D
    | Average | RepeatVector
)  # fmt: skip


def made_by(network: Layer, output: int = 0) -> str | None:
    """The activation that made the outputs, whatever has moved or averaged them since."""
    found = {last_activation(layer) for layer in _makers(network, output)}
    return found.pop() if len(found) == 1 else None


def _makers(layer: Layer, output: int = 0) -> Iterator[Layer]:
    """The layers that make the outputs: after them, numbers are only moved or averaged."""
    if isinstance(layer, TimeDistributed):
        yield from _makers(layer.layer)
    elif isinstance(layer, Sequential):
        made = next((one for one in reversed(layer.layers) if not isinstance(one, _KEEPING)), None)
        if made is not None:
            yield from _makers(made)
    elif isinstance(layer, Graph):
        waiting = [layer.outputs[output] - layer.inputs]
        while waiting:
            if (call := waiting.pop()) < 0:  # an input
                yield layer
                continue
            number, sources = layer.wiring[call]
            if isinstance(inner := layer.layers[number], _KEEPING):
                waiting.extend(source - layer.inputs for source in sources)
            else:
                yield from _makers(inner)
    else:
        yield layer


def checked_loss(network: Layer, loss: Loss, output: int = 0) -> None:
    """Raise if the loss expects probabilities and the output is none, or the other way round.

    Keras trains on either mistake without a word.
    """
    last, name = made_by(network, output), type(loss).__name__
    if loss.ends_in and last not in loss.ends_in:
        raise GlassnetError(
            f"takes what {' or '.join(loss.ends_in)} gives, but the last layer ends in "
            f"{last or 'linear'}.",
            where=name,
            fix=f'End in activation="{loss.ends_in[0]}".',
        )
    for layer in _makers(network):
        units = getattr(layer, "units", getattr(layer, "filters", None))
        if units == 1 and last_activation(layer) == "softmax":
            raise GlassnetError(
                "of one number, softmax makes 1 whatever it is.",
                where="the last layer",
                fix="Take sigmoid and binary_crossentropy, or a unit for each class.",
            )
    if not isinstance(loss, Crossentropy):
        return
    if loss.from_logits and last in ("softmax", "sigmoid"):
        raise GlassnetError(
            f"expects logits (from_logits=True), but the last layer ends in {last}.",
            where=name,
            fix=f"Take the {last} out, or leave from_logits=False.",
        )
    if not loss.from_logits and last not in ("softmax", "sigmoid"):
        raise GlassnetError(
            f"expects probabilities, but the last layer ends in {last or 'linear'}.",
            where=name,
            fix=f'End in activation="{loss.joins}", or say {name}(from_logits=True).',
        )

"""What a network ends in, and whether the loss suits that."""

from collections.abc import Iterator
from dataclasses import replace

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Activation,
    Average,
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Cropping1D,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Graph,
    Layer,
    Permute,
    RepeatVector,
    Reshape,
    SeparableConv2D,
    Sequential,
    TimeDistributed,
    UpSampling2D,
)
from glassnet.losses import Crossentropy, Loss

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
            fix=f'End in activation="{loss.fused_activation}", or say {name}(from_logits=True).',
        )


# The layers whose outputs are an activation of sums; a recurrent one's are something else.
ACTIVATED = (
    Activation | Dense | Conv1D | Conv2D | Conv2DTranspose | DepthwiseConv2D | SeparableConv2D
)


def fuse_output_activation(network: Layer, loss: Loss, output: int = 0) -> tuple[Layer, Loss]:
    """The network without its last softmax or sigmoid, and the loss from logits: one stable op.

    The derivative of the two taken apart is 0/0 where a probability underflows; joined, it is the
    difference of probabilities and targets. The weights' paths stay the same. Of a network with
    several outputs, `output` is the number of the one that the loss is of.
    """
    if not isinstance(loss, Crossentropy) or loss.from_logits:
        return network, loss
    if last_activation(network, output) != loss.fused_activation or not _ends_alone(
        network, output
    ):
        return network, loss
    return _without_last_activation(network, output), loss.of_logits()


def last_activation(layer: Layer, output: int = 0) -> str | None:
    """The name of the activation that makes the output, None if it is linear."""
    number = _last(layer, output)
    if number is not None:
        return last_activation(layer.parts[number][1])
    if isinstance(layer, ACTIVATED):
        return None if layer.activation == "linear" else layer.activation
    return None


def _last(layer: Layer, output: int) -> int | None:
    """Which of the layers inside makes the output, if there is one."""
    if isinstance(layer, TimeDistributed):
        return 0
    if isinstance(layer, Sequential) and layer.layers:
        return len(layer.layers) - 1
    if isinstance(layer, Graph):
        call = layer.outputs[output] - layer.inputs
        return layer.wiring[call][0] if call >= 0 else None
    return None


def _ends_alone(layer: Layer, output: int = 0) -> bool:
    """Whether what the last layer makes is the output, and nothing else is made of it."""
    number = _last(layer, output)
    if number is None:
        return True
    if isinstance(layer, Graph):
        value = layer.outputs[output]
        calls = [called for called, _ in layer.wiring].count(number)
        uses = layer.outputs.count(value) + sum(value in sources for _, sources in layer.wiring)
        if calls > 1 or uses > 1:
            return False
    return _ends_alone(layer.parts[number][1])


def _without_last_activation(layer: Layer, output: int = 0) -> Layer:
    number = _last(layer, output)
    if number is None:
        assert isinstance(layer, ACTIVATED)
        return replace(layer, activation="linear")
    if isinstance(layer, TimeDistributed):
        return replace(layer, layer=_without_last_activation(layer.layer))
    assert isinstance(layer, Sequential | Graph)
    kept = [replace(inner, name=name) for name, inner in layer.parts]
    kept[number] = _without_last_activation(kept[number])
    return replace(layer, layers=tuple(kept))

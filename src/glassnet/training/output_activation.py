"""What a network ends in, and whether the loss suits that."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.layers import Layer, TimeDistributed
from glassnet.layers.base import one_or_tuple
from glassnet.layers.call import AGAIN
from glassnet.losses import Crossentropy, Loss


def made_by(network: Layer, output: int = 0) -> str | None:
    """The activation that made the outputs, whatever has moved or averaged them since."""
    names = {layer.output_activation if layer else None for layer in _makers(network, output)}
    return names.pop() if len(names) == 1 else None


def _makers(network: Layer, output: int = 0) -> Iterable[Layer | None]:
    """The layers that make the outputs: after them, numbers are only moved or averaged. None stands
    for an input.
    """

    def visit(path: str, layer: Layer, makers: Any) -> Any:
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(makers, visit)
        return reduce(or_, as_tuple(makers)) if layer.keeps_probabilities else {id(layer): layer}

    makers = as_tuple(network.trace(one_or_tuple([{0: None}] * network.inputs), visit))
    return makers[output].values()


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
        if layer and units == 1 and layer.output_activation == "softmax":
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


def fuse_output_activation(network: Layer, loss: Loss, output: int = 0) -> tuple[Layer, Loss]:
    """The network without its last softmax or sigmoid, and the loss from logits: one stable op.

    The derivative of the two taken apart is 0/0 where a probability underflows; joined, it is the
    difference of probabilities and targets. The weights' paths stay the same. Of a network with
    several outputs, `output` is the number of the one that the loss is of.
    """
    if not isinstance(loss, Crossentropy) or loss.from_logits:
        return network, loss
    path, alone = _last(network, output)
    if path is None or not alone:
        return network, loss
    last = network.at(path)
    if last.output_activation != loss.fused_activation:
        return network, loss
    linear: Layer = replace(last, activation="linear")  # type: ignore[call-arg]
    return network.with_layer(path, linear), loss.of_logits()


def last_activation(network: Layer, output: int = 0) -> str | None:
    """The name of the activation that makes the output, None if it is linear."""
    path, _ = _last(network, output)
    return None if path is None else network.at(path).output_activation


def _last(network: Layer, output: int) -> tuple[str | None, bool]:
    """(path of the layer that makes the output, whether it makes nothing else, and nothing else is
    made of it); the path of an input is None.
    """
    uses, calls = Counter[str | None](), Counter[str]()

    def visit(path: str, layer: Layer, sources: Any) -> Any:
        uses.update(as_tuple(sources))
        calls[AGAIN.sub("", path)] += 1
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(sources, visit, join_path(path, "layer"))
        return path

    made = as_tuple(network.trace(one_or_tuple([None] * network.inputs), visit))
    uses.update(made)
    path = made[output]
    return path, path is not None and uses[path] == 1 == calls[AGAIN.sub("", path)]

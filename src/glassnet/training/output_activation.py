"""The activation at a network's end: checked against the loss, and fused with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.layers import Activation, Layer, Softmax, TimeDistributed
from glassnet.layers.call import AGAIN
from glassnet.layers.shapes import one_or_tuple
from glassnet.losses import Crossentropy, Loss
from glassnet.ops.activations import ACTIVATIONS

_PROBABILITIES = ("softmax", "sigmoid", "sparsemax", "hard_sigmoid", "sparse_sigmoid")


def source_activation(network: Layer, output: int = 0) -> str | None:
    """Return the activation that computed the outputs; layers that only move or average its values
    may follow it. None if there is none, or more than one.
    """
    layers = _source_layers(network, output)
    names = {layer.output_activation if layer else None for layer in layers}
    return names.pop() if len(names) == 1 else None


def _source_layers(network: Layer, output: int = 0) -> Iterable[Layer | None]:
    """Return the layers that compute the outputs; after them, values are only moved or averaged.
    None stands for an input.
    """

    def visit(path: str, layer: Layer, sources: Any) -> Any:
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(sources, visit)
        return reduce(or_, as_tuple(sources)) if layer.keeps_probabilities else {id(layer): layer}

    sources = as_tuple(network.trace(one_or_tuple([{0: None}] * network.inputs), visit))
    return sources[output].values()


def checked_loss(network: Layer, loss: Loss, output: int = 0) -> None:
    """Raise if the loss expects probabilities and the outputs are something else, or vice versa.

    Keras trains with either mistake without a warning.
    """
    last, name = source_activation(network, output), type(loss).__name__
    if loss.unreduced:
        raise GlassnetError(
            f"has reduction={loss.reduction!r}, a value for each example; training minimizes one "
            "number.",
            where=name,
            fix="Leave reduction out, or call the loss yourself: loss(y_true, y_pred).",
        )
    if loss.ends_in and last not in loss.ends_in and (not last or last in ACTIVATIONS):
        raise GlassnetError(
            f"expects the outputs of {' or '.join(loss.ends_in)}, but the last layer ends in "
            f"{last or 'linear'}.",
            where=name,
            fix=f'Use activation="{loss.ends_in[0]}" in the last layer.',
        )
    for layer in _source_layers(network):
        units = getattr(layer, "units", getattr(layer, "filters", None))
        if layer and units == 1 and layer.output_activation == "softmax":
            raise GlassnetError(
                "has a softmax of one unit, whose output is always 1.",
                where="the last layer",
                fix="Use sigmoid and binary_crossentropy, or one unit per class.",
            )
    if not isinstance(loss, Crossentropy) or (last and last not in ACTIVATIONS):
        return  # an own activation may return probabilities or logits
    if loss.from_logits and last in _PROBABILITIES:
        raise GlassnetError(
            f"expects logits (from_logits=True), but the last layer ends in {last}.",
            where=name,
            fix=f"Remove the {last}, or leave from_logits=False.",
        )
    if not loss.from_logits and last not in _PROBABILITIES:
        raise GlassnetError(
            f"expects probabilities, but the last layer ends in {last or 'linear'}.",
            where=name,
            fix=f'Use activation="{loss.fused_activation}" in the last layer, or '
            f"{name}(from_logits=True).",
        )


def fuse_output_activation(network: Layer, loss: Loss, output: int = 0) -> tuple[Layer, Loss]:
    """Return the network without its last softmax or sigmoid, and the loss from logits.

    Computed separately, the derivative of the two is 0/0 where a probability underflows; as one
    stable op, it is the difference of probabilities and targets. The weights' paths stay the same.
    With multiple outputs, `output` is the index of the output that the loss belongs to.
    """
    if not isinstance(loss, Crossentropy) or loss.from_logits:
        return network, loss
    path, exclusive = _last(network, output)
    if path is None or not exclusive:
        return network, loss
    last = network.at(path)
    if last.output_activation != loss.fused_activation or last.activity_penalty is not None:
        return network, loss
    linear: Layer
    if isinstance(last, Softmax):
        linear = Activation("linear", name=path.rpartition("/")[2])
    else:
        linear = replace(last, activation="linear")  # type: ignore[call-arg]
    return network.with_layer(path, linear), loss.of_logits()


def last_activation(network: Layer, output: int = 0) -> str | None:
    """Return the name of the last layer's activation, None if it is linear."""
    path = last_path(network, output)
    return None if path is None else network.at(path).output_activation


def last_path(network: Layer, output: int = 0) -> str | None:
    """Return the path of the layer that computes the output; None if it is an input."""
    return _last(network, output)[0]


def _last(network: Layer, output: int) -> tuple[str | None, bool]:
    """Return (path of the layer that computes the output, True if it is used for nothing else).

    The path of an input is None.
    """
    uses, calls = Counter[str | None](), Counter[str]()

    def visit(path: str, layer: Layer, sources: Any) -> Any:
        uses.update(as_tuple(sources))
        calls[AGAIN.sub("", path)] += 1
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(sources, visit, join_path(path, "layer"))
        return path

    paths = as_tuple(network.trace(one_or_tuple([None] * network.inputs), visit))
    uses.update(paths)
    path = paths[output]
    return path, path is not None and uses[path] == 1 == calls[AGAIN.sub("", path)]

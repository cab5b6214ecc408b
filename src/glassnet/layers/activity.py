"""Penalties on the outputs of layers: `activity_regularizer`."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.registry import ADDED
from glassnet.core.trees import Array, Tree
from glassnet.layers import regularizers
from glassnet.layers.call import CallContext
from glassnet.layers.regularizers import Regularizer, RegularizerLike
from glassnet.ops import Pullback

if TYPE_CHECKING:
    from glassnet.layers.base import Layer


@dataclass(frozen=True)
class PenalizedActivity:
    """The field of all layers that says how their outputs are penalized."""

    activity_regularizer: RegularizerLike = field(default=None, kw_only=True, metadata=ADDED)

    @cached_property
    def activity_penalty(self) -> Regularizer | None:
        """The penalty on its outputs, which training adds to the loss."""
        return regularizers.get(self.activity_regularizer)


def check_activity(layer: "Layer") -> None:
    """Raise if the layer's outputs can't be penalized as it says."""
    if layer.activity_regularizer is None:
        return
    regularizers.get(layer.activity_regularizer, where="activity_regularizer")
    if layer.calls:
        raise GlassnetError(
            "is made of layers, and only they have activities that can be penalized.",
            where="activity_regularizer",
            fix="Put an ActivityRegularization layer after it.",
        )


def forward_penalized(
    layer: "Layer", params: Tree, x: Any, context: CallContext
) -> tuple[Any, Pullback]:
    """Return the layer's `forward`, with the penalty on y, if any, in `context.penalties`, and its
    gradient in the pullback: as in Keras, the mean over the batch of each example's penalty.
    """
    y, back = layer.forward(params, x, context)
    if context.penalties is None or (penalty := layer.activity_penalty) is None:
        return y, back
    share = 1 / len(as_tuple(y)[0])
    terms = [penalty(part) for part in as_tuple(y)]
    context.penalties += [value * share for value, _ in terms]

    def pullback(dy: Any) -> tuple[Array, Tree]:
        gradients = zip(as_tuple(dy), terms, strict=True)
        total = tuple(d + back_penalty(share) for d, (_, back_penalty) in gradients)
        return back(total if isinstance(y, tuple) else total[0])

    return y, pullback

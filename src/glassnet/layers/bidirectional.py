"""`Bidirectional`: a recurrent layer that reads in both directions."""

from dataclasses import dataclass, replace
from functools import cached_property

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.recurrent import Recurrent
from glassnet.ops import Pullback, merging
from glassnet.ops.activations import linear
from glassnet.ops.masking import keep_steps

_MERGES = {
    "concat": merging.concatenate,
    "sum": merging.add,
    "mul": merging.multiply,
    "ave": merging.average,
}


@register("layer")
@dataclass(frozen=True)
class Bidirectional(Layer):
    """y = layer(x) merged with the output of a second such layer that reads x from end to start.

    `merge_mode` is concat, sum, mul or ave. As in Keras, with return_sequences the output at a
    step of padding is 0. Source: Schuster & Paliwal 1997.
    """

    layer: Layer
    merge_mode: str = "concat"

    def __post_init__(self) -> None:
        if not isinstance(self.layer, Recurrent):
            raise GlassnetError(
                f"{self.layer!r:.80} is not a recurrent layer.",
                where="Bidirectional",
                fix="Give a SimpleRNN, LSTM or GRU layer.",
            )
        if self.layer.go_backwards:
            raise GlassnetError(
                "its layer has go_backwards=True, so both would read the same way.",
                where="Bidirectional",
                fix="Remove go_backwards.",
            )
        if self.merge_mode not in _MERGES:
            raise unknown("merge mode", self.merge_mode, _MERGES, where="Bidirectional")

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        backward = replace(self.layer, go_backwards=True)  # type: ignore[call-arg]
        return (("forward_layer", self.layer), ("backward_layer", backward))

    @property
    def sign(self) -> str:  # type: ignore[override]
        return self.merge_mode

    def output_shape(self, shape: Shape) -> Shape:
        *steps, units = self.layer.output_shape(shape)
        return (*steps, 2 * units if self.merge_mode == "concat" else units)

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return self.layer.output_mask(x, mask)

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        flip = namespace(x).flip
        (y_forward, back_forward), (y_backward, back_backward) = (
            layer.forward(params[name], x, context.child(name, context.wrt_x, context.mask))
            for name, layer in self.parts
        )
        sequences = y_forward.ndim == 3
        merged, back_merge = _MERGES[self.merge_mode](
            y_forward, flip(y_backward, axis=1) if sequences else y_backward
        )
        mask = context.mask if sequences else None
        y, back_mask = linear(merged) if mask is None else keep_steps(merged, mask)

        def pullback(dy: Array) -> tuple[Array | None, Tree]:
            dforward, dbackward = back_merge(back_mask(dy))
            dbackward = flip(dbackward, axis=1) if sequences else dbackward
            dx_forward, grads_forward = back_forward(dforward)
            dx_backward, grads_backward = back_backward(dbackward)
            grads = {"forward_layer": grads_forward, "backward_layer": grads_backward}
            return dx_forward + dx_backward if context.wrt_x else None, grads

        return y, pullback

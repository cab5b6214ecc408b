"""`Bidirectional`: a recurrent layer that reads in both directions."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from glassnet.core.arrays import as_tuple
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.activity import forward_penalized
from glassnet.layers.base import Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.shapes import input_shapes, one_or_tuple
from glassnet.ops import Pullback, merging
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

    `merge_mode` is concat, sum, mul or ave, or None to return both outputs. As in Keras, with
    return_sequences the output at a step of padding is 0. With the layer's `return_state`, it also
    returns the last states, first those of the forward layer; `initial_state` has the same order.
    Source: Schuster & Paliwal 1997.
    """

    layer: Layer
    merge_mode: str | None = "concat"

    ends_mask: ClassVar[bool] = True
    multi_input: ClassVar[bool] = True
    call_inputs: ClassVar[tuple[str, ...]] = Recurrent.call_inputs

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
        if self.merge_mode not in (*_MERGES, None):
            raise unknown("merge mode", str(self.merge_mode), _MERGES, where="Bidirectional")

    @cached_property
    def parts(self) -> tuple[tuple[str, Layer], ...]:
        backward = replace(self.layer, go_backwards=True)  # type: ignore[call-arg]
        return (("forward_layer", self.layer), ("backward_layer", backward))

    @property
    def sign(self) -> str:  # type: ignore[override]
        return self.merge_mode or ""

    @property
    def output_count(self) -> int:
        return 2 * self.layer.output_count - (self.merge_mode is not None)

    def output_shape(self, shape: Shape) -> Shape:
        shapes, states = self._split(input_shapes(shape))
        y, *last = self.layer.outputs_of(
            self.layer.output_shape(one_or_tuple([*shapes, *states[0]]))
        )
        if self.merge_mode == "concat":
            y = (*y[:-1], 2 * y[-1])
        outputs = (y,) if self.merge_mode else (y, y)
        return one_or_tuple([*outputs, *last, *last])

    def weights(self, shape: Shape) -> Tree:
        return super().weights(input_shapes(shape)[0])

    def largest_product(self, shape: Shape) -> int:
        return super().largest_product(input_shapes(shape)[0])

    def output_mask(self, x: Any, mask: Any) -> Any:
        mask = self.layer.output_mask(x, mask)
        return mask if self.merge_mode else (mask, mask, *(None,) * (self.output_count - 2))

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Any, Pullback]:
        inputs, states = self._split(as_tuple(x))
        (x,), mask = inputs, as_tuple(context.mask)[0]
        (y_forward, back_forward), (y_backward, back_backward) = (
            forward_penalized(
                layer,
                params[name],
                one_or_tuple([x, *initial]),
                context.child(name, context.wrt_x, mask),
            )
            for (name, layer), initial in zip(self.parts, states, strict=True)
        )
        (y_forward, *last), (y_backward, *last_backward) = map(
            self.layer.outputs_of, (y_forward, y_backward)
        )
        sequences = y_forward.ndim == 3
        y_backward = _flipped(y_backward) if sequences else y_backward
        merge = _MERGES[self.merge_mode] if self.merge_mode else _both
        outputs, back_merge = merge(y_forward, y_backward)
        mask = mask if sequences else None
        merged, backs = zip(*(keep_steps(y, mask) for y in as_tuple(outputs)), strict=True)

        def pullback(dy: Any) -> tuple[Any, Tree]:
            dy = as_tuple(dy)
            doutputs = [back(d) for back, d in zip(backs, dy, strict=False)]
            dforward, dbackward = back_merge(one_or_tuple(doutputs))
            dbackward = _flipped(dbackward) if sequences else dbackward
            dlast = dy[len(merged) : len(merged) + len(last)], dy[len(merged) + len(last) :]
            dx_forward, grads_forward = back_forward(one_or_tuple([dforward, *dlast[0]]))
            dx_backward, grads_backward = back_backward(one_or_tuple([dbackward, *dlast[1]]))
            grads = {"forward_layer": grads_forward, "backward_layer": grads_backward}
            if not context.wrt_x:
                return None, grads
            (dx, *dstates), (dx_backward, *dstates_backward) = map(
                as_tuple, (dx_forward, dx_backward)
            )
            return one_or_tuple([dx + dx_backward, *dstates, *dstates_backward]), grads

        return one_or_tuple([*merged, *last, *last_backward]), pullback

    def _split(self, inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, Any]]:
        """Return ((x,), (initial states of the forward layer, of the backward layer))."""
        half = 1 + len(inputs) // 2
        return inputs[:1], (inputs[1:half], inputs[half:])


def _both(a: Array, b: Array) -> tuple[Any, Pullback]:
    """Return both arrays, unmerged."""
    return (a, b), lambda dy: dy


def _flipped(a: Array) -> Array:
    return namespace(a).flip(a, axis=1)

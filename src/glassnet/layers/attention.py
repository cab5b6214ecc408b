"""Multi-head attention."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any, ClassVar

from glassnet.core.arrays import as_tuple, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import added, register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.dropout import check_rate
from glassnet.layers.initializers import AsMatrix, InitializerLike, get
from glassnet.layers.low_rank import LowRankLayer, add_adapters, rng_by_hand
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.shapes import input_shapes
from glassnet.layers.weights import check_weights, weight, with_bias
from glassnet.ops import Pullback
from glassnet.ops.attention import attention, from_heads, to_heads

_INPUTS = ("query", "value", "key")
_PROJECTIONS = ("query", "key", "value", "attention_output")  # the names of their weights


@register("layer")
@dataclass(frozen=True)
class MultiHeadAttention(LowRankLayer):
    """y = Σₕ softmax(qₕ kₕᵀ / √key_dim) vₕ @ kernelₕ + bias, with qₕ, kₕ, vₕ affine maps of the
    query, the key and the value.

    x is one sequence (T, d) that attends to itself, or (query, value), or (query, value, key). No
    step attends to padding, nor with `causal` (in a graph, the call's use_causal_mask) to later
    steps, nor where a fourth input (T, S), the call's attention_mask, is 0. With the call's
    return_attention_scores, the outputs are y and the weights (heads, T, S). The size of the output
    is `output_dim`, Keras's output_shape; None means the query's.

    With a `lora_rank`, the kernels of all `lora_projections` are not trained, but lora_alpha /
    lora_rank · a @ b is, which is added to them: a (..., lora_rank), b (lora_rank, last size of the
    kernel). The paper adapts ("query", "value"). In Keras, these are layers with adapters of their
    own: query_dense, key_dense, value_dense, output_dense.
    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    num_heads: int
    key_dim: int
    value_dim: int | None = None
    dropout: float = 0.0
    use_bias: bool = True
    output_dim: int | None = None
    kernel_initializer: InitializerLike = "glorot_uniform"
    bias_initializer: InitializerLike = "zeros"
    kernel_regularizer: RegularizerLike = None
    causal: bool = False
    kernel_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_constraint: ConstraintLike = field(default=None, kw_only=True)
    bias_regularizer: RegularizerLike = field(default=None, kw_only=True)
    lora_projections: tuple[str, ...] = added(_PROJECTIONS, kw_only=True)
    returns_scores: bool = field(default=False, init=False, repr=False)  # in this call

    learns: ClassVar[bool] = True
    keras_arguments: ClassVar[Mapping[str, str]] = {"output_shape": "output_dim"}
    multi_input: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    call_inputs: ClassVar[tuple[str, ...]] = (*_INPUTS, "attention_mask")
    call_masks: ClassVar[tuple[str, ...]] = ("query_mask", "value_mask", "key_mask")
    call_options: ClassVar[tuple[str, ...]] = ("use_causal_mask", "return_attention_scores")

    def __post_init__(self) -> None:
        where = "MultiHeadAttention"
        for name in ("num_heads", "key_dim", "value_dim", "output_dim"):
            if name in ("num_heads", "key_dim") or getattr(self, name) is not None:
                number = whole_number(getattr(self, name), f"{where}: {name}", 1)
                object.__setattr__(self, name, number)
        check_rate(self.dropout, where, "dropout")
        check_weights(self)
        object.__setattr__(self, "lora_projections", _checked_projections(self.lora_projections))
        super().__post_init__()

    @property
    def output_count(self) -> int:
        return 1 + self.returns_scores

    def call_sources(self, values: list[Any], named: Mapping[str, Any]) -> list[Any]:
        inputs = dict(zip(_INPUTS, values, strict=False))
        inputs |= {name: named[name] for name in _INPUTS if name in named}
        if len(values) > 3 or (inputs and tuple(inputs) not in (_INPUTS[:1], _INPUTS[:2], _INPUTS)):
            raise GlassnetError(
                "is called on a query, a value, and a key if it has one.",
                where="MultiHeadAttention's call",
                fix="Pass (query, value, key), and masks by name: attention_mask=m.",
            )
        sources = list(inputs.values())
        if sources and "attention_mask" in named:
            sources = [*_query_value_key(tuple(sources)), named["attention_mask"]]
        return sources

    def called_with(self, arguments: Mapping[str, bool]) -> Layer:
        causal = self.causal or arguments.get("use_causal_mask", False)
        variant = replace(self, causal=causal)
        scores = arguments.get("return_attention_scores", False)
        object.__setattr__(variant, "returns_scores", scores)
        object.__setattr__(variant, "_called", self._adapted)  # `enable_lora` may change it later
        return variant

    @property
    def lora_places(self) -> tuple[str, ...]:
        layer: Any = self._adapted
        projections: tuple[str, ...] = layer.lora_projections
        return projections

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
        projections: tuple[str, ...] | None = None,
    ) -> None:
        """Add adapters, as other layers do, to these projections; None: to `lora_projections`."""
        chosen = self.lora_projections if projections is None else projections
        adapted = replace(self, lora_rank=rank, lora_alpha=lora_alpha, lora_projections=chosen)
        add_adapters([(self, adapted)], rng_by_hand(), a_initializer, b_initializer)

    def output_shape(self, shape: Shape) -> Shape:
        shapes, attention_masks = input_shapes(shape)[:3], input_shapes(shape)[3:]
        if len(attention_masks) > 1 or any(len(axes) != 2 for axes in shapes):
            raise GlassnetError(
                "expects sequences of vectors, (steps, size): one, or (query, value), or "
                "(query, value, key).",
                where="MultiHeadAttention",
                fix="Reshape each example to (steps, size).",
            )
        if len(shapes) == 3 and shapes[1][0] != shapes[2][0]:
            raise GlassnetError(
                f"the value has {shapes[1][0]} steps, but the key has {shapes[2][0]}.",
                where="MultiHeadAttention",
                fix="Every value needs a key: compute both from the same sequence.",
            )
        (steps, size), (keys, _), _ = _query_value_key(shapes)
        if any(axes not in ((steps, keys), (1, keys)) for axes in attention_masks):
            raise GlassnetError(
                f"the attention_mask is of shape {attention_masks[0]}, but there are {steps} "
                f"queries and {keys} keys.",
                where="MultiHeadAttention",
                fix=f"Use Input(({steps}, {keys})), 1 where a query attends to a key, else 0.",
            )
        y = (steps, self.output_dim or size)
        return (y, (self.num_heads, steps, keys)) if self.returns_scores else y

    def weights(self, shape: Shape) -> Tree:
        (_, query), (_, value), (_, key) = _query_value_key(input_shapes(shape)[:3])
        heads, value_dim = self.num_heads, self.value_dim or self.key_dim
        return {
            "query": self._projection("query", (query,), (heads, self.key_dim)),
            "key": self._projection("key", (key,), (heads, self.key_dim)),
            "value": self._projection("value", (value,), (heads, value_dim)),
            "attention_output": self._projection(
                "attention_output", (heads, value_dim), (self.output_dim or query,)
            ),
        }

    def largest_product(self, shape: Shape) -> int:
        widest = max(self.key_dim, self.value_dim or self.key_dim, self.output_dim or 0)
        return max(math.prod(axes) for axes in input_shapes(shape)[:3]) * self.num_heads * widest

    def _projection(self, name: str, inputs: Shape, outputs: Shape) -> Tree:
        """The weights of an affine map between these axes, drawn as one matrix."""
        draw = AsMatrix(get(self.kernel_initializer), tuple(range(len(inputs))))
        kernel = weight(self, "kernel", inputs + outputs, draw)
        return self.with_adapters(with_bias(self, {"kernel": kernel}, outputs), name)

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Any, Pullback]:
        inputs, attention_masks = as_tuple(x)[:3], as_tuple(x)[3:]
        query, value, key = _query_value_key(inputs)
        q, back_q = self.affine(to_heads, params["query"], query, context.wrt_x)
        # The key's bias adds the same number to all scores of a query, which softmax ignores: it is
        # omitted, and its gradient is exactly 0 instead of rounding noise that Adam would amplify.
        key_kernels = {name: w for name, w in params["key"].items() if name != "bias"}
        k, back_k = self.affine(to_heads, key_kernels, key, context.wrt_x)
        v, back_v = self.affine(to_heads, params["value"], value, context.wrt_x)
        rate = float(self.dropout) if context.training else 0.0
        dropout_key = context.key(namespace(q)) if rate else None
        mask = self._mask(q, k, context.mask, attention_masks)
        attended, back_attention = attention(
            q, k, v, mask, rate, dropout_key, return_scores=self.returns_scores
        )
        attended, *scores = self.outputs_of(attended)
        y, back_output = self.affine(from_heads, params["attention_output"], attended)

        def pullback(dy: Any) -> tuple[Any, Tree]:
            dy, *dscores = self.outputs_of(dy)
            dattended, doutput = back_output(dy)
            dq, dk, dv = back_attention((dattended, *dscores) if dscores else dattended)
            (dquery, dq), (dkey, dk), (dvalue, dv) = back_q(dq), back_k(dk), back_v(dv)
            if self.use_bias:
                bias = params["key"]["bias"]
                dk["bias"] = namespace(bias).zeros_like(bias)
            grads = {"query": dq, "key": dk, "value": dv, "attention_output": doutput}
            dx = _dx(dquery, dvalue, dkey, len(inputs)) if context.wrt_x else (None,) * len(inputs)
            dx = (*dx, *(namespace(m).zeros_like(m) for m in attention_masks))
            return dx if isinstance(x, tuple) else dx[0], grads

        return (y, *scores) if scores else y, pullback

    def _mask(self, q: Array, k: Array, mask: Any, attention_masks: Any) -> Array | None:
        """True where a query attends to a key, broadcastable to (N, H, T, S): neither is padding,
        as in Keras, with `causal` the key is not later, and the attention_mask is not 0.
        """
        xp = namespace(q)
        masks = mask[:3] if isinstance(mask, tuple) else (mask, mask)
        allowed = [] if masks[0] is None else [masks[0][:, None, :, None]]
        allowed += [other[:, None, None, :] for other in masks[1:] if other is not None]
        if self.causal:
            steps = (xp.arange(a.shape[2]) for a in (q, k))
            allowed.append(next(steps)[:, None] >= next(steps))
        allowed += [other[:, None] != 0 for other in attention_masks]
        return reduce(and_, allowed) if allowed else None

    def output_mask(self, x: Array, mask: Any) -> Array | None:
        """The query's mask."""
        return mask[0] if isinstance(mask, tuple) else mask


def _query_value_key(inputs: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """A single input is all three; of two inputs, the second is both value and key."""
    return inputs[0], inputs[min(1, len(inputs) - 1)], inputs[-1]


def _dx(dquery: Array, dvalue: Array, dkey: Array, inputs: int) -> tuple[Array, ...]:
    """The gradients of the inputs that served as query, value and key."""
    if inputs == 3:
        return dquery, dvalue, dkey
    return (dquery, dvalue + dkey) if inputs == 2 else (dquery + dvalue + dkey,)


def _checked_projections(names: Any) -> tuple[str, ...]:
    """Return the names of projections in the order of their weights; raises for others."""
    if not isinstance(names, tuple | list) or not names or not {*names} <= {*_PROJECTIONS}:
        raise GlassnetError(
            f"must be some of {', '.join(_PROJECTIONS)}, got {names!r:.80}.",
            where="MultiHeadAttention: lora_projections",
        )
    return tuple(name for name in _PROJECTIONS if name in names)

"""Attention without projections: `Attention` and `AdditiveAttention`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape, Weight
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.dropout import check_rate
from glassnet.layers.initializers import Ones, get
from glassnet.layers.shapes import input_shapes, select
from glassnet.ops import Pullback
from glassnet.ops.attention import additive_attention, attention
from glassnet.ops.masking import keep_steps


@dataclass(frozen=True)
class _SingleHead(Layer):
    """Called on (query (T, n), value (S, m)), or (query, value, key (S, n)).   -> y (T, m).

    No step attends to the value's padding, nor with the call's use_causal_mask to later steps; y is
    0 at the query's padding. With the call's return_attention_scores, the outputs are y and the
    weights (T, S), here before dropout.
    """

    causal: bool = field(default=False, init=False, repr=False)  # in this call
    returns_scores: bool = field(default=False, init=False, repr=False)

    multi_input: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    call_options: ClassVar[tuple[str, ...]] = ("use_causal_mask", "return_attention_scores")

    @property
    def output_count(self) -> int:
        return 1 + self.returns_scores

    def called_with(self, arguments: Mapping[str, bool]) -> Layer:
        variant = replace(self)
        scores = arguments.get("return_attention_scores", False)
        object.__setattr__(variant, "causal", arguments.get("use_causal_mask", False))
        object.__setattr__(variant, "returns_scores", scores)
        return variant

    def output_shape(self, shape: Shape) -> Shape:
        where, shapes = type(self).__name__, input_shapes(shape)
        if len(shapes) not in (2, 3) or any(len(axes) != 2 for axes in shapes):
            raise GlassnetError(
                "expects sequences of vectors, (steps, size): [query, value], or [query, value, "
                "key].",
                where=where,
                fix=f"For self-attention: {where}()([x, x]).",
            )
        (steps, size), (keys, width), (count, key_size) = select(shapes, (0, 1, -1))
        if key_size != size or count != keys:
            raise GlassnetError(
                f"a query of size {size} and {count} keys of size {key_size} for {keys} values.",
                where=where,
                fix="Every value needs a key, and keys the size of the queries: use Dense.",
            )
        return ((steps, width), (steps, keys)) if self.returns_scores else (steps, width)

    def _scored(
        self, params: Tree, query: Array, key: Array, value: Array, options: Mapping[str, Any]
    ) -> tuple[Any, Pullback]:
        """Return the op's value and a pullback dy -> (dquery, dkey, dvalue, grads)."""
        raise NotImplementedError

    def forward(
        self, params: Tree, x: Any, context: CallContext = INFERENCE
    ) -> tuple[Any, Pullback]:
        xp, masks = namespace(x[0]), context.mask or (None,) * len(x)
        query, value, key = select(x, (0, 1, -1))
        allowed = [] if masks[1] is None else [masks[1][:, None, :]]
        if self.causal:
            allowed.append(xp.arange(query.shape[1])[:, None] >= xp.arange(key.shape[1]))
        rate = float(self.dropout) if context.training else 0.0  # type: ignore[attr-defined]
        outputs, back = self._scored(params, query, key, value, {
            "mask": reduce(and_, allowed) if allowed else None,
            "rate": rate,
            "key": context.key(xp) if rate else None,
            "return_scores": self.returns_scores,
        })  # fmt: skip
        y, *scores = self.outputs_of(outputs)
        y, back_mask = keep_steps(y, masks[0])

        def pullback(dy: Any) -> tuple[tuple[Array, ...], Tree]:
            dy, *dscores = self.outputs_of(dy)
            dy = back_mask(dy)
            dquery, dkey, dvalue, grads = back((dy, *dscores) if dscores else dy)
            dx = (dquery, dvalue, dkey) if len(x) == 3 else (dquery, dvalue + dkey)
            return dx, grads

        return (y, *scores) if scores else y, pullback

    def output_mask(self, x: Any, mask: Any) -> Array | None:
        """The query's mask."""
        return mask[0] if isinstance(mask, tuple) else mask


@register("layer")
@dataclass(frozen=True)
class Attention(_SingleHead):
    """y = softmax(S) value,   S = query keyᵀ, or for `score_mode` "concat" S[t, s] = w · Σ tanh(
    query[t] + key[s]).

    With `use_scale`, a learned number multiplies query keyᵀ, or what tanh is applied to. Unlike in
    MultiHeadAttention, scores are not divided by √n. Source: Luong et al. 2015.
    """

    use_scale: bool = False
    score_mode: str = "dot"
    dropout: float = 0.0

    @property
    def learns(self) -> bool:
        return self.use_scale or self.score_mode == "concat"

    def __post_init__(self) -> None:
        check_rate(self.dropout, "Attention", "dropout")
        if self.score_mode not in ("dot", "concat"):
            raise GlassnetError(
                f"must be 'dot' or 'concat', got {self.score_mode!r:.80}.",
                where="Attention: score_mode",
            )

    def weights(self, shape: Shape) -> Tree:
        names = ["scale"] * self.use_scale + ["concat_score_weight"] * (self.score_mode == "concat")
        return {name: Weight((), Ones()) for name in names}

    def _scored(
        self, params: Tree, query: Array, key: Array, value: Array, options: Mapping[str, Any]
    ) -> tuple[Any, Pullback]:
        xp, scale, dot = namespace(query), params.get("scale"), self.score_mode == "dot"
        q, k = query, key
        if scale is not None:
            q, k = query * scale, key if dot else key * scale
        if dot:
            y, back_op = attention(q, k, value, scale=1.0, **options)
        else:
            weights = params["concat_score_weight"] * xp.ones(q.shape[-1:], dtype=q.dtype)
            y, back_op = additive_attention(q, k, value, weights, **options)

        def pullback(dy: Any) -> tuple[Any, ...]:
            dq, dk, dvalue, *dweights = back_op(dy)
            grads = {}
            if scale is not None:
                grads["scale"] = (dq * query).sum() + (0 if dot else (dk * key).sum())
                dq, dk = dq * scale, dk if dot else dk * scale
            if dweights:
                grads["concat_score_weight"] = dweights[0].sum()
            return dq, dk, dvalue, grads

        return y, pullback


@register("layer")
@dataclass(frozen=True)
class AdditiveAttention(_SingleHead):
    """y = softmax(S) value,   S[t, s] = Σ scale · tanh(query[t] + key[s]).

    Without `use_scale`, scale is 1. Source: Bahdanau et al. 2015.
    """

    use_scale: bool = True
    dropout: float = 0.0

    @property
    def learns(self) -> bool:
        return self.use_scale

    def __post_init__(self) -> None:
        check_rate(self.dropout, "AdditiveAttention", "dropout")

    def weights(self, shape: Shape) -> Tree:
        size = input_shapes(shape)[0][-1]
        return {"scale": Weight((size,), get("glorot_uniform"))} if self.use_scale else {}

    def _scored(
        self, params: Tree, query: Array, key: Array, value: Array, options: Mapping[str, Any]
    ) -> tuple[Any, Pullback]:
        scale = params.get("scale")
        weights = (
            namespace(query).ones(query.shape[-1:], dtype=query.dtype) if scale is None else scale
        )
        y, back_op = additive_attention(query, key, value, weights, **options)

        def pullback(dy: Any) -> tuple[Any, ...]:
            dquery, dkey, dvalue, dscale = back_op(dy)
            return dquery, dkey, dvalue, {} if scale is None else {"scale": dscale}

        return y, pullback

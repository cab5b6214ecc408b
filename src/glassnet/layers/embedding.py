"""Embeddings of tokens, and of positions in a sequence."""

import math
from dataclasses import dataclass, field
from typing import ClassVar

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.core.trees import Tree
from glassnet.layers.base import Layer, Shape, Weight, weightless
from glassnet.layers.call import INFERENCE, CallContext
from glassnet.layers.constraints import ConstraintLike
from glassnet.layers.initializers import InitializerLike, get
from glassnet.layers.low_rank import LowRankLayer
from glassnet.layers.regularizers import RegularizerLike
from glassnet.layers.weights import check_weights, weight
from glassnet.ops import Pullback
from glassnet.ops.activations import linear
from glassnet.ops.embedding import lookup
from glassnet.ops.low_rank import low_rank_lookup
from glassnet.ops.positions import add_positions, sinusoids


@register("layer")
@dataclass(frozen=True)
class Embedding(LowRankLayer):
    """y = embeddings[x].   x (N, ...) whole numbers below input_dim -> y (N, ..., output_dim).

    With `mask_zero`, 0 stands for padding and is masked. An index outside the table is an error
    on NumPy and NaN under XLA. With a `lora_rank`, the embeddings are not trained, but
    lora_alpha / lora_rank · a @ b is, which is added to them: a (input_dim, lora_rank), b
    (lora_rank, output_dim).
    """

    input_dim: int
    output_dim: int
    embeddings_initializer: InitializerLike = "uniform"
    embeddings_regularizer: RegularizerLike = field(default=None, kw_only=True)
    embeddings_constraint: ConstraintLike = field(default=None, kw_only=True)
    mask_zero: bool = field(default=False, kw_only=True)

    learns: ClassVar[bool] = True
    any_scale: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    adapted_weight: ClassVar[str] = "embeddings"

    def __post_init__(self) -> None:
        for name in ("input_dim", "output_dim"):
            number = whole_number(getattr(self, name), f"Embedding: {name}", 1)
            object.__setattr__(self, name, number)
        check_weights(self)
        super().__post_init__()

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape, self.output_dim)

    def weights(self, shape: Shape) -> Tree:
        shape = (self.input_dim, self.output_dim)
        return self.with_adapters({"embeddings": weight(self, "embeddings", shape)})

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        xp = namespace(x)
        whole = xp.isdtype(x.dtype, "integral")  # a data set of floats may hold whole numbers
        indices = x if whole else xp.astype(x, xp.int32)
        embeddings, a = params["embeddings"], params.get("lora_embeddings_a")
        if a is None:
            y, back = lookup(embeddings, indices)
            return y, lambda dy: (None, {"embeddings": back(dy)})
        y, back = low_rank_lookup(
            a, params["lora_embeddings_b"], embeddings=embeddings, indices=indices,
            scale=self.lora_scale,
        )  # fmt: skip

        def pullback(dy: Array) -> tuple[None, Tree]:
            da, db = back(dy)
            return None, {"lora_embeddings_a": da, "lora_embeddings_b": db}

        return y, pullback

    def output_mask(self, x: Array, mask: Array | None) -> Array | None:
        return x != 0 if self.mask_zero else None


@register("layer")
@dataclass(frozen=True)
class PositionEmbedding(Layer):
    """y[:, t] = x[:, t] + embeddings[t]: a learned vector for each of `sequence_length` positions.

    x (N, T, d), T at most sequence_length -> y (N, T, d). Source: Gehring et al. 2017.
    """

    sequence_length: int
    initializer: InitializerLike = "glorot_uniform"

    learns: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        length = whole_number(self.sequence_length, "PositionEmbedding: sequence_length", 1)
        object.__setattr__(self, "sequence_length", length)
        get(self.initializer, where="PositionEmbedding")

    def output_shape(self, shape: Shape) -> Shape:
        steps, _ = _sequence(shape, "PositionEmbedding")
        if steps > self.sequence_length:
            raise GlassnetError(
                f"has {self.sequence_length} positions, but the sequences have {steps} steps.",
                where="PositionEmbedding",
                fix=f"Use PositionEmbedding({steps}), or shorten the sequences.",
            )
        return shape

    def weights(self, shape: Shape) -> Tree:
        return {"embeddings": Weight((self.sequence_length, shape[-1]), get(self.initializer))}

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        y, back = add_positions(x, params["embeddings"])

        def pullback(dy: Array) -> tuple[Array, Tree]:
            dx, dembeddings = back(dy)
            return dx, {"embeddings": dembeddings}

        return y, pullback


@register("layer")
@dataclass(frozen=True)
class SinusoidalPositions(Layer):
    """y[:, t] = x[:, t] + waves[t]: sines and cosines that distinguish positions, without weights.

    x (N, T, d) -> y (N, T, d), of any T. Source: Vaswani et al. 2017.
    """

    max_wavelength: float = 10_000.0

    keeps_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 1 <= self.max_wavelength < math.inf:
            raise GlassnetError(
                f"max_wavelength must be a number ≥ 1, got {self.max_wavelength}.",
                where="SinusoidalPositions",
            )

    def output_shape(self, shape: Shape) -> Shape:
        _sequence(shape, "SinusoidalPositions")
        return shape

    def forward(
        self, params: Tree, x: Array, context: CallContext = INFERENCE
    ) -> tuple[Array, Pullback]:
        waves = sinusoids(x.shape[1], x.shape[2], float(self.max_wavelength))
        y, back = linear(x + namespace(x).asarray(waves, dtype=x.dtype))
        return y, weightless(back)


def _sequence(shape: Shape, where: str) -> tuple[int, int]:
    if len(shape) != 2:
        raise GlassnetError(
            "needs sequences of vectors: examples of shape (steps, features).",
            where=where,
            fix="Token ids need an Embedding first.",
        )
    return shape[0], shape[1]

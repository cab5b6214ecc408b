"""Low-rank adapters (LoRA) of dense layers, embeddings and attention."""

import numpy as np

from glassnet import layers
from glassnet.layers.regularizers import L2
from glassnet.ops import attention, low_rank
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

X, STEPS = numbers(3, 4), numbers(2, 4, 6, scale=0.4)
INDICES = np.array([[1, 0], [4, 1], [1, 1]])
HEADS = numbers(2, 2, 3, 4)
DENSE = {"kernel": numbers(4, 5), "scale": 0.7}
TO_HEADS = {"kernel": numbers(6, 2, 3), "scale": 0.7, "product": attention.to_heads}
FROM_HEADS = {"kernel": numbers(2, 4, 5), "scale": 0.7, "product": attention.from_heads}


def _contraction(equation: str, x: tuple[int, ...], kernel: tuple[int, ...]) -> Case:
    a, b = numbers(*kernel[:-1], 2), numbers(2, kernel[-1])
    constants = {"kernel": numbers(*kernel), "equation": equation, "scale": 0.7}
    return Case(low_rank.low_rank_contraction, (numbers(*x), a, b), constants, equation)


OPS = [
    Case(low_rank.low_rank, (X, numbers(4, 2), numbers(2, 5), numbers(5)), DENSE),
    Case(low_rank.low_rank, (X, numbers(4, 2), numbers(2, 5)), DENSE, "no-bias"),
    Case(
        low_rank.low_rank, (STEPS, numbers(6, 2, 2), numbers(2, 3), numbers(2, 3)), TO_HEADS,
        "to-heads",
    ),
    Case(
        low_rank.low_rank, (HEADS, numbers(2, 4, 2), numbers(2, 5), numbers(5)), FROM_HEADS,
        "from-heads",
    ),
    _contraction("abc,cd->abd", (2, 3, 4), (4, 5)),
    _contraction("...c,dec->...ed", (2, 3, 4), (5, 2, 4)),  # the last axis is summed
    _contraction("abc,bcd->acd", (3, 4, 2), (4, 2, 3)),
    _contraction("abc,bc->ac", (2, 3, 4), (3, 4)),  # and here it is shared with x and y
    _contraction("ab...,bc->ac...", (2, 3, 4), (3, 2)),
    Case(
        low_rank.low_rank_lookup, (numbers(5, 2), numbers(2, 3)),
        {"embeddings": numbers(5, 3), "indices": INDICES, "scale": 0.7},
    ),
]  # fmt: skip

LAYERS = [
    layer_case(layers.Dense(3, "tanh", lora_rank=2, lora_alpha=3.0), X, "lora"),
    layer_case(
        layers.Dense(3, use_bias=False, kernel_regularizer=L2(), lora_rank=1), STEPS, "lora-steps",
        **TRAINING,
    ),
    layer_case(
        layers.EinsumDense("...bc,cde->...dbe", (2, 4, 2), None, "de", lora_rank=2), STEPS, "lora"
    ),
    layer_case(layers.EinsumDense("abc,cb->ab", 4, lora_rank=2, lora_alpha=1.0), STEPS, "lora-sum"),
    layer_case(layers.Embedding(5, 3, lora_rank=2, lora_alpha=1.0), INDICES, "lora"),
    layer_case(layers.MultiHeadAttention(2, 3, lora_rank=2, lora_alpha=1.0), STEPS, "lora"),
    layer_case(
        layers.MultiHeadAttention(
            2, 3, use_bias=False, causal=True, lora_rank=1, lora_projections=("query", "value")
        ),
        STEPS, "lora-query-value",
    ),
]  # fmt: skip

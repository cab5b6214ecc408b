"""Encodings of categories, whose gradients are 0."""

import numpy as np

from glassnet import layers
from glassnet.ops import categories
from glassnet.verify.cases.base import Case, layer_case, numbers

X = numbers(2, 3, 4)
NUMBERS = np.array([[1.0, 0.0, 1.0], [3.0, 2.0, 1.0]])

OPS = [
    *(Case(categories.encode_categories, (NUMBERS,), {"num_tokens": 5, "output_mode": mode}, mode)
      for mode in ("multi_hot", "one_hot", "count")),
    Case(categories.discretize, (X,), {"bin_boundaries": (-1.0, 0.0, 0.5)}),
]  # fmt: skip

LAYERS = [
    layer_case(layers.CategoryEncoding(5), NUMBERS),
    layer_case(layers.CategoryEncoding(5, "count"), NUMBERS, "count"),
    layer_case(layers.CategoryEncoding(5, "one_hot"), NUMBERS[:, :1], "one_hot"),
    layer_case(layers.Discretization((-1.0, 0.0, 0.5)), X),
]

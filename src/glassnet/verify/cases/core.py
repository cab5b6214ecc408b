"""Dense networks: activations, dropout, penalties, scaling."""

import numpy as np

from glassnet import layers
from glassnet.layers.regularizers import L2
from glassnet.ops import (
    activations,
    ambiguity,
    contraction,
    dropout,
    linear,
    penalties,
    piecewise,
    scaling,
)
from glassnet.verify.cases.base import TRAINING, Case, layer_case, numbers

X = numbers(5, 4, scale=2.0)
MEMBERS = numbers(2, 3, 4)
KEY = np.array([7], np.uint32)

OPS = [
    *(Case(op, (X,)) for op in dict.fromkeys(activations.ACTIVATIONS.values())),
    Case(piecewise.leaky_relu, (X,), {"negative_slope": 0.01}, "slope"),
    Case(activations.elu, (X,), {"alpha": 0.5}, "alpha"),
    Case(piecewise.bounded_relu, (X,)),
    Case(
        piecewise.bounded_relu, (X,),
        {"max_value": 1.5, "negative_slope": 0.1, "threshold": 0.4}, "options",
    ),
    Case(activations.celu, (X,), {"alpha": 0.5}, "alpha"),
    Case(activations.gelu, (X,), {"approximate": True}, "approximate"),
    Case(activations.softmax, (numbers(2, 3, 4),), label="three-axes"),
    Case(activations.softmax, (numbers(2, 3, 4),), {"axis": (1, 2)}, "two-axes"),
    Case(activations.softmax, (numbers(3, 1),), label="one-class"),
    Case(activations.gelu, (np.array(0.3),), label="a-number"),
    Case(piecewise.prelu, (X, numbers(4))),
    Case(piecewise.prelu, (numbers(2, 3, 4), numbers(1, 4)), label="shared"),
    Case(linear.affine, (X, numbers(4, 3), numbers(3))),
    Case(linear.affine, (X, numbers(4, 3)), label="no-bias"),
    Case(linear.affine, (numbers(2, 3, 4), numbers(4, 5), numbers(5)), label="three-axes"),
    Case(linear.affine, (numbers(1, 1), numbers(1, 1), numbers(1)), label="size-1"),
    *(
        Case(
            contraction.contraction, (numbers(2, 3, 4), numbers(*kernel)),
            {"equation": equation}, equation,
        )
        for equation, kernel in (
            ("abc,cd->abd", (4, 5)), ("...c,dec->...ed", (5, 2, 4)), ("ab...,bc->ac...", (3, 2)),
            ("abc,bcd->acd", (3, 4, 2)), ("abc,bd->ad", (3, 2)), ("abc,c->ab", (4,)),
            ("abc,de->adbce", (2, 3)),
        )
    ),
    Case(dropout.dropout, (X,), {"rate": 0.4, "key": KEY}),
    Case(penalties.l1_l2, (X,), {"l1": 0.3, "l2": 0.2}),
    *(Case(ambiguity.ambiguity, (MEMBERS,), {"activation": name}, name)
      for name in ambiguity.ACTIVATIONS),
    Case(scaling.rescale, (X,), {"scale": numbers(4), "offset": numbers(4, seed=1)}),
    Case(scaling.rescale, (X,), {"scale": 0.5, "offset": -1.0}, "numbers"),
]  # fmt: skip

NETWORK = layers.Sequential(
    (
        layers.Normalization(),
        layers.Flatten(),
        layers.Dense(6, "gelu", kernel_regularizer=L2()),
        layers.Dropout(0.4),
        layers.Sequential((layers.Dense(5, "tanh", use_bias=False), layers.Activation("elu"))),
        layers.Dense(3, "softmax"),
    )
)

LAYERS = [
    layer_case(layers.Dense(3), X),
    layer_case(layers.Dense(3, "silu", kernel_regularizer=L2()), X, "activation", **TRAINING),
    layer_case(layers.Dense(3, "softmax", use_bias=False), numbers(2, 3, 4), "no-bias"),
    layer_case(layers.EinsumDense("ab,bc->ac", 3, "tanh", "c"), X),
    layer_case(
        layers.EinsumDense("...bc,cde->...dbe", (2, 3, 2), None, "de"), numbers(2, 3, 4), "heads"
    ),
    layer_case(layers.EinsumDense("ab...,bc->ac...", 2, None, "c"), numbers(2, 3, 4), "dots-last"),
    layer_case(layers.EinsumDense("abc,cb->ab", 3), numbers(2, 3, 4), "no-bias"),
    layer_case(layers.Activation("softplus"), X),
    layer_case(layers.Lambda(activations.silu), X),
    layer_case(layers.ReLU(), X),
    layer_case(layers.ReLU(1.5, 0.1, 0.4), X, "options"),
    layer_case(layers.LeakyReLU(0.0625), X),  # exact in float32, in which TensorFlow keeps it
    layer_case(layers.PReLU(), X),
    layer_case(layers.PReLU(shared_axes=(1, 2)), numbers(2, 3, 4, 2), "shared"),
    layer_case(layers.ELU(0.5), X),
    layer_case(layers.Softmax(), X),
    layer_case(layers.Softmax((1, 2)), numbers(2, 3, 4), "axes"),
    layer_case(layers.Softmax(), X, "mask", mask=X > -1),
    layer_case(layers.Identity(), X),
    layer_case(layers.ActivityRegularization(0.1, 0.2), X, **TRAINING),
    layer_case(layers.Flatten(), numbers(2, 3, 4)),
    layer_case(layers.Rescaling(0.3, -2.0), X, **TRAINING),
    layer_case(layers.Normalization(), X),
    layer_case(layers.Normalization(axis=1), numbers(2, 3, 4), "axis-1", **TRAINING),
    layer_case(layers.Normalization(axis=None), X, "all"),
    layer_case(layers.Dropout(0.4), X, **TRAINING),
    layer_case(layers.Dropout(0.4), X, "inference"),
    layer_case(NETWORK, numbers(4, 2, 3), **TRAINING),
    layer_case(NETWORK, numbers(4, 2, 3), "inference"),
]

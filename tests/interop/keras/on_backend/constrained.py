"""Two networks in which every kind of weight has a constraint, each along another axis."""

from glassnet import layers as L  # noqa: N812
from glassnet.layers import Layer, Sequential
from glassnet.layers.constraints import MaxNorm, NonNeg, UnitNorm

SHORT, UNIT, ABOVE = MaxNorm(0.3, 1), UnitNorm((0, 1)), NonNeg()
BIAS = MaxNorm(0.01)

IMAGES: Layer = Sequential(
    (
        L.Conv2D(4, 2, activation="tanh", kernel_constraint=UNIT, bias_constraint=BIAS),
        L.BatchNormalization(gamma_constraint=UnitNorm(), beta_constraint=BIAS),
        L.DepthwiseConv2D(2, depthwise_constraint=SHORT, bias_constraint=BIAS),
        L.GroupNormalization(2, gamma_constraint=UnitNorm(), beta_constraint=BIAS),
        L.SeparableConv2D(
            4, 2, depthwise_constraint=ABOVE, pointwise_constraint=UnitNorm(2), bias_constraint=BIAS
        ),
        L.Conv2DTranspose(3, 2, kernel_constraint=SHORT, bias_constraint=BIAS),
        L.Flatten(),
        L.Dense(3, "softmax", kernel_constraint=SHORT, bias_constraint=BIAS),
    )
)
WORDS: Layer = Sequential(
    (
        L.Embedding(7, 6, embeddings_constraint=SHORT),
        L.LayerNormalization(gamma_constraint=UnitNorm(), beta_constraint=BIAS),
        L.MultiHeadAttention(2, 3, kernel_constraint=UNIT, bias_constraint=BIAS),
        L.Conv1D(5, 2, kernel_constraint=UNIT, bias_constraint=BIAS),
        L.Bidirectional(
            L.LSTM(
                3, return_sequences=True,
                kernel_constraint=SHORT, recurrent_constraint=UNIT, bias_constraint=BIAS,
            )
        ),
        L.GRU(
            3, return_sequences=True,
            kernel_constraint=UNIT, recurrent_constraint=SHORT, bias_constraint=BIAS,
        ),
        L.SimpleRNN(3, kernel_constraint=ABOVE, recurrent_constraint=UNIT, bias_constraint=BIAS),
        L.Dense(3, "softmax", bias_constraint=ABOVE),
    )
)  # fmt: skip

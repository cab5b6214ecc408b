"""The recommender: from the items that a user has, the probability of each item.

A denoising autoencoder. Source: Liang et al. 2018, "Variational autoencoders for collaborative
filtering" (Mult-DAE).
"""

from collections.abc import Sequence

from glassnet.layers import Dense, Dropout, Layer, Sequential, UnitNormalization


def recommender(
    classes: int,
    hidden: Sequence[int] = (128,),
    activation: str = "tanh",
    dropout: float = 0.7,
    output_activation: str = "softmax",
) -> Sequential:
    """Scale a user's items to length 1, drop some of them, then Dense layers to all items.

    The rows of the first kernel are embeddings of the items that are read; their sum is that of the
    user. The columns of the last kernel are embeddings of the items that are recommended.
    """
    layers: list[Layer] = [UnitNormalization()]
    if dropout:
        layers.append(Dropout(dropout))
    layers += [Dense(units, activation) for units in hidden]
    return Sequential((*layers, Dense(classes, output_activation)))

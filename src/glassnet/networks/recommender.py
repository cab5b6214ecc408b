"""The recommender: from the items that a user has, the probability of each item; or ratings."""

from collections.abc import Sequence

from glassnet.data.preprocessing import Features
from glassnet.layers import Dense, Dropout, Layer, Sequential, UnitNormalization
from glassnet.networks.inputs import table_input


def recommender(
    classes: int,
    hidden: Sequence[int] = (128,),
    activation: str = "tanh",
    dropout: float = 0.7,
    output_activation: str = "softmax",
    features: Features | None = None,
) -> Sequential:
    """Scale a user's items to length 1, drop some of them, then Dense layers to all items.

    The rows of the first kernel are embeddings of the items that are read; their sum is that of the
    user. The columns of the last kernel are embeddings of the items that are recommended. A
    denoising autoencoder. Source: Liang et al. 2018, "Variational autoencoders for collaborative
    filtering" (Mult-DAE).

    With `features`, a user and an item, whose rating is predicted: their embeddings, then dropout
    and Dense layers. Source: He et al. 2017, "Neural collaborative filtering" (its MLP).
    """
    if features is not None:
        return _of_ratings(classes, hidden, activation, dropout, output_activation, features)
    layers: list[Layer] = [UnitNormalization()]
    if dropout:
        layers.append(Dropout(dropout))
    layers += [Dense(units, activation) for units in hidden]
    return Sequential((*layers, Dense(classes, output_activation)))


def _of_ratings(
    classes: int,
    hidden: Sequence[int],
    activation: str,
    dropout: float,
    output_activation: str,
    features: Features,
) -> Sequential:
    layers = table_input(features)
    for units in (*hidden, None):
        if dropout:
            layers.append(Dropout(dropout))
        if units is not None:
            layers.append(Dense(units, activation))
    return Sequential((*layers, Dense(classes, output_activation)))

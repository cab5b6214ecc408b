"""A network for tables: numbers encoded by bins, and an ensemble of small networks."""

from collections.abc import Sequence

from glassnet.core.arrays import whole_number
from glassnet.core.errors import GlassnetError
from glassnet.data.preprocessing import Features
from glassnet.layers import (
    Activation,
    Dense,
    Dropout,
    EinsumDense,
    GlobalAveragePooling1D,
    Reshape,
    Sequential,
)
from glassnet.layers.regularizers import Ambiguity
from glassnet.networks.inputs import encoded_numbers, table_input
from glassnet.ops.ambiguity import ACTIVATIONS


def tabular(
    classes: int,
    hidden: Sequence[int] = (32, 32),
    members: int = 16,
    activation: str = "relu",
    dropout: float = 0.0,
    output_activation: str = "softmax",
    features: Features | None = None,
) -> Sequential:
    """Encode the numbers, then `members` networks in parallel, then the mean before the output.

    Each member has its own first layer, of the size hidden[0], and its own last one; the layers
    between are shared. Training minimizes the mean of the members' losses (`Ambiguity`). Sources:
    Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning", for the
    encoding; Gorishniy et al. 2025, "TabM", for members that share layers.
    """
    if not hidden:
        raise GlassnetError("needs at least one number.", where="tabular: hidden")
    whole_number(members, "tabular: members", 1)
    sizes = [whole_number(units, "tabular: hidden", 1) for units in hidden]
    layers = [*encoded_numbers(features), *table_input(features)]
    layers += [Dense(members * sizes[0], activation), Reshape((members, sizes[0]))]
    for number, units in enumerate(sizes):
        if number:
            layers.append(Dense(units, activation))
        if dropout:
            layers.append(Dropout(dropout))
    disagreement = Ambiguity(output_activation) if output_activation in ACTIVATIONS else None
    head = EinsumDense(
        "bmh,mho->bmo", (members, classes), None, "mo", activity_regularizer=disagreement
    )
    return Sequential((*layers, head, GlobalAveragePooling1D(), Activation(output_activation)))

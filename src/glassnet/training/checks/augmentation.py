"""Check that an augmentation fits the network and the loss."""

from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.data import augmentation
from glassnet.data.augmentation import Augmentation
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.losses import Crossentropy, Loss
from glassnet.training.checks.inputs import embedding_inputs


def checked_augmentation(
    value: Any, network: Layer, shape: Shape | None, loss: Loss | None
) -> Augmentation | None:
    """Return the augmentation; raise if it does not fit the inputs or the loss.

    With multiple outputs, the loss is None.
    """
    augment = augmentation.get(value)
    if augment is None:
        return None
    if embedding_inputs(network):
        raise GlassnetError(
            "changes the inputs, so an Embedding would look up other rows, and a "
            "CategoryEncoding would encode other categories.",
            where="augment",
            fix="Leave it out; Dropout after the Embedding also regularizes.",
        )
    augment.check(shape or ())
    if augment.mixes_targets:
        if loss is None:
            raise GlassnetError(
                "mixes the targets of one output, but there is more than one.",
                where="augment",
                fix="Leave out mixup and cutmix.",
            )
        if not isinstance(loss, Crossentropy) and loss.labels:
            raise GlassnetError(f"mixes targets, which {type(loss).__name__} can't take.")
    return augment

"""Whether an augmentation suits network and loss; checked before the first step."""

from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.data import augmentation
from glassnet.data.augmentation import Augmentation
from glassnet.layers import Layer
from glassnet.layers.base import Shape
from glassnet.losses import Crossentropy, Loss
from glassnet.training.checks.inputs import looked_up


def checked_augmentation(
    value: Any, network: Layer, shape: Shape | None, loss: Loss | None
) -> Augmentation | None:
    """The augmentation; raises if it does not suit inputs or loss.

    With multiple outputs, the loss is None.
    """
    change = augmentation.get(value)
    if change is None:
        return None
    if looked_up(network):
        raise GlassnetError(
            "changes inputs, and an Embedding would look up other rows.",
            where="augment",
            fix="Leave it out; Dropout after the Embedding disturbs training too.",
        )
    change.check(shape or ())
    if change.mixes_targets:
        if loss is None:
            raise GlassnetError(
                "mixes the targets of one output, and there are several.",
                where="augment",
                fix="Leave out mixup and cutmix.",
            )
        if not isinstance(loss, Crossentropy) and loss.labels:
            raise GlassnetError(f"mixes targets, which {type(loss).__name__} can't take.")
    return change

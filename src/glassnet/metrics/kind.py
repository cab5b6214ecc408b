"""`OutputKind`: what the numbers of outputs and targets stand for."""

from dataclasses import dataclass

from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.protocols import Array
from glassnet.ops.activations import ACTIVATIONS
from glassnet.ops.losses import one_hot


@dataclass(frozen=True)
class OutputKind:
    """The kind of a network's outputs and targets, as its loss interprets them."""

    classes: int  # the length of the last axis of the outputs
    labels: bool = False  # targets are class indices, one axis fewer than the outputs
    exclusive: bool = False  # exactly one class is true; else each output is a yes or no
    activation: str | None = None  # turns outputs into probabilities; None if they are
    threshold: float = 0.5  # an output above it means yes
    fused: bool = False  # the network's last activation is computed by the loss, not before it

    def probabilities(self, outputs: Array) -> Array:
        """The outputs as probabilities, with the activation that the loss is fused with applied."""
        return ACTIVATIONS[self.activation or "linear"](outputs)[0]

    def values(self, outputs: Array, targets: Array) -> Array:
        """The targets in the shape of the outputs."""
        return one_hot(targets, outputs) if self.labels else targets

    def decided(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Return (true, predicted): class indices (M,), or booleans (M, classes)."""
        rows = outputs.reshape(-1, self.classes)
        if self.exclusive:
            true = targets if self.labels else targets.argmax(axis=-1)
            return true.reshape(-1), rows.argmax(axis=-1)
        return targets.reshape(rows.shape) > 0.5, rows > self.threshold

    def require_outputs(
        self, metric: str, *, class_id: int | None = None, top_k: int | None = None
    ) -> None:
        """Raise if there is no output of this class, or fewer than k to choose from."""
        for name, value, needed in (
            ("class_id", class_id, (class_id or 0) + 1),
            ("top_k", top_k, max(top_k or 0, 2)),  # the largest of one output is that one
        ):
            if value is not None and self.classes < needed:
                raise GlassnetError(
                    f"{name} is {value}, but an example has {counted(self.classes, 'output')}.",
                    where=f"metric {metric!r}",
                    fix="The outputs of multiple classes have shape (N, classes).",
                )

"""The loss of sequences of labels that are not aligned with the steps."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from glassnet.core import arrays
from glassnet.core.errors import GlassnetError
from glassnet.core.protocols import Array, namespace
from glassnet.core.registry import register
from glassnet.losses.base import Loss
from glassnet.ops import Pullback
from glassnet.ops.ctc import ctc


@register("loss", "ctc")
@dataclass(frozen=True)
class CTC(Loss):
    """−log of the probability that the outputs read as the labels: connectionist temporal
    classification, for speech and handwriting.

    Outputs are logits (N, T, C) of which class 0 is the blank; targets are labels (N, L) from 1 to
    C − 1, followed by zeros if a sequence has fewer than L. Source: Graves et al. 2006.
    """

    labels: ClassVar[bool] = True
    aligned: ClassVar[bool] = False

    each = staticmethod(ctc)

    def forward(
        self,
        outputs: Array,
        targets: Array,
        weights: Array | None = None,
        mask: Array | None = None,
    ) -> tuple[Array, Pullback]:
        if mask is not None:
            raise GlassnetError(
                "takes all steps, but the outputs have a padding mask, which it would not see.",
                where="CTC",
                fix="Leave out mask_zero and Masking: the blank can stand for padding.",
            )
        return super().forward(outputs, targets, weights)

    def checked_labels(self, y: arrays.Array, outputs: tuple[int, ...], what: str) -> arrays.Array:
        """Return the labels (N, L) as integers; raises unless outputs (T, C) can read as them."""
        if len(outputs) != 2:
            raise GlassnetError(
                f"reads sequences, but the outputs of one example have shape {outputs}.",
                where="CTC",
                fix="They must be logits of shape (steps, classes).",
            )
        steps, classes = outputs
        if y.ndim != 2:
            raise GlassnetError(
                f"has shape {y.shape}, but CTC takes the labels of each sequence: (N, L).",
                where=what,
                fix="Fill up shorter sequences with zeros: pad_sequences(y, padding='post').",
            )
        if (row := _first((y != np.round(y)) | (y < 0) | (y >= classes))) is not None:
            raise GlassnetError(
                f"row {row} has labels outside 1 to {classes - 1}.",
                where=what,
                fix="Label 0 is the blank and the padding; the last layer has one unit for each "
                "label and one for the blank.",
            )
        if (row := _first((y[:, :-1] == 0) & (y[:, 1:] != 0))) is not None:
            raise GlassnetError(
                f"row {row} has a 0, which stands for padding, before other labels.",
                where=what,
                fix="Number the labels from 1, and put zeros at the end: padding='post'.",
            )
        needed = (y != 0).sum(axis=1) + ((y[:, :-1] == y[:, 1:]) & (y[:, 1:] != 0)).sum(axis=1)
        if (row := _first(needed > steps)) is not None:
            raise GlassnetError(
                f"row {row} has {(y[row] != 0).sum()} labels, which take at least {needed[row]} "
                f"steps (one for each, and one between equal ones), but the outputs have {steps}.",
                where=what,
                fix="Give the outputs more steps, as by fewer strides, or shorten the labels.",
            )
        return y.astype(np.int64)

    def _fitting(self, targets: Array, outputs: Array) -> Array:
        known = targets if isinstance(targets, np.ndarray) else np.zeros(targets.shape)
        self.checked_labels(known, outputs.shape[1:], "y_true")
        if len(targets) != len(outputs):
            raise GlassnetError(
                f"y_true has {len(targets)} rows, but y_pred has {len(outputs)}.",
                where="CTC",
                fix="The targets come first, as in Keras: loss(y_true, y_pred).",
            )
        xp = namespace(outputs)
        return xp.asarray(targets).astype(xp.int32)


def _first(wrong: arrays.Array) -> int | None:
    """Return the first row with a True, or None."""
    rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    return int(rows[0]) if len(rows) else None

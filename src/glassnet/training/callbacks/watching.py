"""Which of an epoch's numbers a callback watches, and when that number got better."""

from collections.abc import Mapping

from glassnet.core.errors import GlassnetError, unknown
from glassnet.training.callbacks.base import Callback

# How the names of numbers end that are better when larger, or when smaller.
RISING = ("acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score")
FALLING = ("loss", "error", "mse", "mae", "rmse")


class Watching(Callback):
    """Watches one number; what it makes of it is its children's. Arguments as in Keras."""

    def __init__(self, monitor: str, mode: str, min_delta: float = 0) -> None:
        if not isinstance(monitor, str):
            what = f"monitor must be the name of a number, got {monitor!r:.80}."
            raise GlassnetError(what, where=type(self).__name__)
        if mode not in (modes := ("auto", "min", "max")):
            raise unknown("mode", mode, modes, where=type(self).__name__)
        if mode == "auto" and not monitor.endswith(RISING + FALLING):
            raise GlassnetError(
                f"{monitor!r:.80} does not say whether larger or smaller is better.",
                where=type(self).__name__,
                fix='Give mode="max" or mode="min".',
            )
        up = mode == "max" or (mode == "auto" and monitor.endswith(RISING))
        self.monitor, self.min_delta = monitor, abs(min_delta)
        self.mode = "max" if up else "min"
        self._sign = -1.0 if up else 1.0  # so that smaller is better

    def watched(self, logs: Mapping[str, float]) -> float:
        """The number; raises where there is none, as Keras only warns."""
        if self.monitor not in logs:
            raise GlassnetError(
                f"there is no {self.monitor!r} to watch; there are {', '.join(logs)}.",
                where=type(self).__name__,
                fix="Give fit a validation_split or validation_data, or watch another number.",
            )
        return logs[self.monitor]

    def better(self, value: float, than: float) -> bool:
        """Whether the number got better by more than `min_delta`; NaN is never better."""
        return self._sign * value + self.min_delta < self._sign * than

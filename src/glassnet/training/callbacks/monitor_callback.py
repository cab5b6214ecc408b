"""`MonitorCallback`: base class of callbacks that watch for improvements of one metric."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from glassnet.core.errors import GlassnetError, did_you_mean, unknown
from glassnet.training.callbacks.base import Callback, Record, restored_value

# Suffixes of the names of metrics that are better when larger, or when smaller.
RISING = ("acc", "accuracy", "auc", "precision", "recall", "f1", "f1_score")
FALLING = ("loss", "error", "mse", "mae", "rmse")
USUAL = ("loss", "val_loss", "accuracy", "val_accuracy")


class MonitorCallback(Callback):
    """Monitors one of an epoch's logs, for subclasses. Arguments as in Keras.

    Its state is the best value, and the subclass's `counters`: {name in checkpoints: attribute}.
    """

    counters: ClassVar[Mapping[str, str]] = {}

    def __init__(self, monitor: str, mode: str, min_delta: float = 0) -> None:
        if not isinstance(monitor, str):
            what = f"monitor must be the name of a metric, got {monitor!r:.80}."
            raise GlassnetError(what, where=type(self).__name__)
        if mode not in (modes := ("auto", "min", "max")):
            raise unknown("mode", mode, modes, where=type(self).__name__)
        if mode == "auto" and not monitor.endswith(RISING + FALLING):
            raise GlassnetError(
                f"it is not known whether larger or smaller values of {monitor!r:.80} are better.",
                where=type(self).__name__,
                fix=f'{did_you_mean(monitor, USUAL, 0.8)} Use mode="max" or mode="min".'.lstrip(),
            )
        up = mode == "max" or (mode == "auto" and monitor.endswith(RISING))
        self.monitor, self.min_delta = monitor, abs(min_delta)
        self.mode = "max" if up else "min"
        self._sign = -1.0 if up else 1.0  # so that smaller is better
        self.reset()

    def reset(self) -> None:
        """Forget the best value, and set the counters to 0."""
        self.best = math.inf * self._sign
        for attribute in self.counters.values():
            setattr(self, attribute, 0)

    def get_state(self) -> dict[str, Any]:
        best = {"best": repr(self.best)}  # JSON has no infinity
        return best | {name: getattr(self, attribute) for name, attribute in self.counters.items()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best = float(restored_value(state, "best", str))
        for name, attribute in self.counters.items():
            setattr(self, attribute, restored_value(state, name, int))

    def monitored(self, record: Record) -> float | None:
        """Return the monitored value, None in an epoch that is not validated; raise if there is no
        such value (Keras only warns).
        """
        if self.monitor in record.logs:
            return record.logs[self.monitor]
        if self.monitor.startswith("val_") and not record.validated:
            return None
        validated = any(name.startswith("val_") for name in record.logs)
        typo = validated or not self.monitor.startswith("val_")
        raise GlassnetError(
            f"there is no {self.monitor!r} to monitor; there are {', '.join(record.logs)}.",
            where=type(self).__name__,
            fix=(did_you_mean(self.monitor, record.logs) if typo else "")
            or "Pass validation_split or validation_data to fit, or monitor another metric.",
        )

    def improved(self, value: float, than: float) -> bool:
        """True if the value is better by more than `min_delta`; NaN is never better."""
        return self._sign * value + self.min_delta < self._sign * than

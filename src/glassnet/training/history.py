"""`History`: what an epoch's loss and metrics were."""

import math
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """Loss and metrics of each epoch: `history` maps each name to a list, as in Keras.

    `params` has the numbers of `epochs` and `steps`.
    """

    epoch: list[int] = field(default_factory=list)
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict, compare=False)
    _model: Any = field(default=None, init=False, repr=False, compare=False)

    @property
    def model(self) -> Any:
        """The trained model; None once nothing else uses it, and in a copy or a pickle."""
        return None if self._model is None else self._model()

    def belongs_to(self, model: Any, params: dict[str, Any]) -> None:
        """Set `model` and `params`."""
        self._model, self.params = weakref.ref(model), params

    def _repr_html_(self) -> str:
        from glassnet.training.representation import html_of

        return html_of(self)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_model": None}

    def append(self, epoch: int, logs: Mapping[str, float], seconds: float) -> None:
        """Add an epoch; where an epoch lacks a number that others have, it is NaN."""
        for name in {**self.history, **logs}:
            before = [math.nan] * len(self.epoch)
            self.history.setdefault(name, before).append(logs.get(name, math.nan))
        self.epoch.append(epoch)
        self.seconds.append(seconds)

    def drop_unvalidated(self, validated: Callable[[int], bool]) -> None:
        """Drop the NaN of validation in epochs that were not validated, as Keras does; no more
        `rows` then.
        """
        for name, values in self.history.items():
            if name.startswith("val_"):
                pairs = zip(self.epoch, values, strict=True)
                values[:] = [value for epoch, value in pairs if validated(epoch)]

    def rows(self) -> Iterator[tuple[int, dict[str, float], float]]:
        """Yield (epoch, logs, seconds) of each epoch."""
        for i, epoch in enumerate(self.epoch):
            logs = {name: values[i] for name, values in self.history.items()}
            yield epoch, logs, self.seconds[i]

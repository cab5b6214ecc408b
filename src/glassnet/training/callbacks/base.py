"""What may watch training, and the little that it may ask for.

A callback is told what happened in an immutable record. What it wants goes back as a `Request`:
there is no other way to reach into training, so that a resumed run can repeat it exactly. What it
remembers from one point to the next, `get_state` tells and `set_state` takes back.
"""

import inspect
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.trees import Tree


class Snapshot(Protocol):
    """A copy of the model at one moment of its training."""

    @property
    def params(self) -> Tree:
        """Its weights."""

    def save(self, path: str | Path) -> None:
        """Write the model file."""

    def save_weights(self, path: str | Path) -> None:
        """Write the weights alone."""


def no_model() -> Snapshot:
    """The snapshot of a record that was created outside of a training."""
    raise GlassnetError("there is no model in this record.", where="Record")


@dataclass(frozen=True)
class Record:
    """Where training is. Epochs and steps are counted from 0; logs hold the latest numbers.

    `model()` copies the model as it is when it is asked, with the weights' averages in their place
    if the optimizer keeps them, as validation judged it. What is done to the copy changes nothing.
    """

    epoch: int
    epochs: int
    step: int = 0  # steps done in this epoch
    steps: int = 0  # steps in an epoch
    logs: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0  # since the epoch began
    learning_rate: float = 0.0  # of the latest step; where a training or epoch begins, of the next
    examples: int = 0  # seen in this epoch
    model: Callable[[], Snapshot] = field(default=no_model, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "logs", MappingProxyType(dict(self.logs)))  # only to be read


@dataclass(frozen=True)
class Request:
    """What a callback asks for: stop; keep these weights; put the kept weights back.

    To stop where a segment ends ends the epoch there: it is validated and told as it is.
    `learning_rate` is that of all steps to come. As in Keras, an optimizer with a schedule takes
    none. `logs`, asked for where an epoch ends, join its numbers: later callbacks and the history
    have them.
    """

    stop: bool = False
    keep: bool = False
    restore: bool = False
    learning_rate: float | None = None
    logs: Mapping[str, float] = field(default_factory=dict)


class Callback:
    """Does nothing at every point; override what you need, and answer with a `Request` or None."""

    def on_train_begin(self, record: Record) -> Request | None:
        """Before the first epoch."""

    def on_epoch_begin(self, record: Record) -> Request | None:
        """Before an epoch's first step."""

    def on_segment_end(self, record: Record) -> Request | None:
        """After each segment of steps, a few times a second."""

    def on_epoch_end(self, record: Record) -> Request | None:
        """After an epoch and its validation."""

    def on_train_end(self, record: Record) -> Request | None:
        """After the last epoch, also when stopped early."""

    def get_state(self) -> dict[str, Any]:
        """What it must know to go on when training is resumed, as JSON values."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `get_state` gave; called after `on_train_begin` of a resumed training."""


def restored_value(state: Mapping[str, Any], name: str, *kinds: type) -> Any:
    """A value of a memory; TypeError unless it is of one of these types, and not negative."""
    value = state[name]
    if type(value) not in kinds or (type(value) in (int, float) and value < 0):
        raise TypeError(f"{name!r} is {value!r:.80}")
    return value


def say(message: str) -> None:
    """Tell the person at the terminal, on a line of its own also where a bar is being drawn."""
    wipe = "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"
    sys.stderr.write((wipe if sys.stderr.isatty() else "") + message + "\n")


POINTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


def checked_callbacks(callbacks: Callback | Sequence[Callback] | None) -> list[Callback]:
    """The callbacks as a list; raises where one is written for Keras, and would see nothing."""
    found = [*callbacks] if isinstance(callbacks, Sequence) else [callbacks] if callbacks else []
    for callback in found:
        name = type(callback).__name__
        if not isinstance(callback, Callback):
            raise GlassnetError(
                f"{name} is not a glassnet callback.",
                where="callbacks",
                fix="Write class Mine(glassnet.Callback) with on_epoch_end(self, record).",
            )
        for point in dir(callback):
            if not point.startswith("on_"):
                continue
            if point not in POINTS:
                raise unknown("method", point, POINTS, where=f"callback {name}")
            _told_a_record(getattr(callback, point), f"callback {name}", point)
    return found


def _told_a_record(method: Any, where: str, point: str) -> None:
    names = list(inspect.signature(method).parameters)
    if len(names) != 1 or names[0] in ("epoch", "logs"):
        raise GlassnetError(
            f"{point}({', '.join(['self', *names])}) is Keras's way; here it gets one record.",
            where=where,
            fix=f"Write {point}(self, record): it has record.epoch, record.logs, record.step.",
        )

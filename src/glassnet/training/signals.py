"""Ctrl-C and termination between two segments instead of in the middle of a step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupted(KeyboardInterrupt):
    """Training was ended by Ctrl-C between two segments: nothing that was learned is lost."""


class Terminated(SystemExit):
    """Likewise by SIGTERM; if nobody catches it, the process ends with exit code 143."""


class Interrupts:
    """Whether a signal came; `forced` after the second one, which ends at once."""

    def __init__(self) -> None:
        self.asked = self.forced = False
        self.number = 0

    def note(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler."""
        self.forced = self.asked
        self.asked, self.number = True, number
        if self.forced:
            raise SystemExit(128 + number) if number == signal.SIGTERM else KeyboardInterrupt

    def end_if_asked(self) -> None:
        """Raise what the signal means, if one came, now that a segment has ended."""
        if self.asked:
            raise Terminated(128 + self.number) if self.number == signal.SIGTERM else Interrupted


@contextmanager
def deferred_interrupts(terminations: bool = False) -> Iterator[Interrupts]:
    """Note the first Ctrl-C instead of raising KeyboardInterrupt wherever the program just is.

    A step that is cut in two would leave weights and moments of two different steps. With
    `terminations`, SIGTERM too. Only the main thread can do this; in another one, and where
    somebody handles the signal already, nothing changes.
    """
    usual: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
    if terminations:
        usual[signal.SIGTERM] = signal.SIG_DFL
    main = threading.current_thread() is threading.main_thread()
    ours = {
        number: default
        for number, default in usual.items()
        if main and signal.getsignal(number) is default
    }
    interrupts = Interrupts()
    for number in ours:
        signal.signal(number, interrupts.note)
    try:
        yield interrupts
    finally:
        for number, default in ours.items():
            signal.signal(number, default)

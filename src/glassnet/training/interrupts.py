"""Ctrl-C between two segments instead of in the middle of a step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Whether Ctrl-C was pressed; `forced` after the second time, which ends at once."""

    def __init__(self) -> None:
        self.asked = self.forced = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler."""
        self.forced = self.asked
        self.asked = True
        if self.forced:
            raise KeyboardInterrupt


@contextmanager
def deferred_interrupts() -> Iterator[Interrupts]:
    """Note the first Ctrl-C instead of raising KeyboardInterrupt wherever the program just is.

    A step that is cut in two would leave weights and moments of two different steps. Only the main
    thread can do this; in another one, and where somebody handles the signal already, nothing
    changes.
    """
    interrupts = Interrupts()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupts
        return
    signal.signal(signal.SIGINT, interrupts.note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)

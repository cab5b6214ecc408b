"""Ctrl-C and SIGTERM, deferred to the end of a segment of training steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended training between two segments: the weights trained so far are kept."""


class Terminated(SystemExit):
    """SIGTERM ended training between two segments; uncaught, it gives exit code 143."""


class Interrupts:
    """The signals received so far; `forced` after the second one, which ends training at once."""

    def __init__(self) -> None:
        self.received = self.forced = False
        self.number = 0

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: note the first one, raise at the second one."""
        self.forced = self.received
        self.received, self.number = True, number
        if self.forced:
            raise SystemExit(128 + number) if number == signal.SIGTERM else KeyboardInterrupt

    def raise_if_received(self) -> None:
        """Raise the exception of the signal, if one was received; called between segments."""
        if self.received:
            raise Terminated(128 + self.number) if self.number == signal.SIGTERM else Interrupted


@contextmanager
def deferred_interrupts(terminations: bool = False) -> Iterator[Interrupts]:
    """Context that notes the first Ctrl-C instead of raising KeyboardInterrupt at once.

    An interrupted step would leave weights and moments of two different steps. With
    `terminations`, SIGTERM is deferred too. Only the main thread can do this; in other threads,
    and for signals that already have a handler, nothing changes.
    """
    defaults: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
    if terminations:
        defaults[signal.SIGTERM] = signal.SIG_DFL
    main = threading.current_thread() is threading.main_thread()
    deferred = {
        number: default
        for number, default in defaults.items()
        if main and signal.getsignal(number) is default
    }
    interrupts = Interrupts()
    for number in deferred:
        signal.signal(number, interrupts.note)
    try:
        yield interrupts
    finally:
        for number, default in deferred.items():
            signal.signal(number, default)

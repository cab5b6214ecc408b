"""Memory: what is freed stays with the process, and how much something takes."""

import ctypes
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of glibc's mallopt
_KEPT = 2**30  # bytes at the end of the heap


@cache
def keep_freed_memory() -> bool:
    """Ask glibc not to give freed arrays back to the system; whether it does so.

    By default it gives back every array above some size and maps new pages, zeroed one by one, for
    the next one, and each of XLA's threads has a heap of its own. For a convolutional network that
    were thousands of page faults a step, a quarter of its time on NumPy and 15% on JAX. The most
    memory that the process holds stays what it was.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library
        return False
    return bool(
        mallopt(_TRIM_THRESHOLD, _KEPT) and mallopt(_MMAP_MAX, 0) and mallopt(_ARENA_MAX, 1)
    )


_ONE_AT_A_TIME = threading.Lock()  # tracing is on or off for the whole process


def held_by(run: Callable[[], object]) -> int:
    """Bytes that what `run` answers holds on to, as NumPy and Python count them."""
    run()  # the first time, something may be imported
    with _ONE_AT_A_TIME:
        traced = tracemalloc.is_tracing()
        if not traced:
            tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            answer = run()
            held = tracemalloc.get_traced_memory()[0] - before
            del answer
        finally:
            if not traced:
                tracemalloc.stop()
    return held


def peak() -> int | None:
    """The most bytes that this process has held in memory so far; None where no system says so."""
    if os.path.exists("/proc/self/status"):  # getrusage begins with what the parent process held
        with open("/proc/self/status") as status:
            (line,) = (line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if find_spec("resource") is None:  # Windows
        return None
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

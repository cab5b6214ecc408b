"""Memory: keep or release what was freed, and measure how much is used."""

import ctypes
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of glibc's mallopt
_TRIM_BYTES = 2**30  # free bytes at the end of the heap before it is trimmed


@cache
def keep_freed_memory() -> bool:
    """Ask glibc not to return freed arrays to the system; return True if it complies.

    By default it returns every array above some size and maps new pages, zeroed one by one, for the
    next one, and each of XLA's threads has its own heap. For a convolutional network, this caused
    thousands of page faults per step: a quarter of its time on NumPy and 15% on JAX. The peak
    memory of the process does not change.

    It applies to the whole process. The command line calls it; `Model.fit` does not, because the
    process belongs to the program that calls it: call this function there for the same speed.
    """
    try:
        mallopt = _glibc().mallopt
    except (AttributeError, OSError):  # another system or C library
        return False
    return bool(
        mallopt(_TRIM_THRESHOLD, _TRIM_BYTES) and mallopt(_MMAP_MAX, 0) and mallopt(_ARENA_MAX, 1)
    )


def release_freed_memory() -> None:
    """Return to the system what glibc holds of freed memory; its settings don't change."""
    with suppress(AttributeError, OSError):
        _glibc().malloc_trim(0)


def _glibc() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):
        raise OSError("glibc is for Linux")
    return ctypes.CDLL(None)


_ONE_AT_A_TIME = threading.Lock()  # tracing is on or off for the whole process


def result_bytes(run: Callable[[], object]) -> int:
    """Return the bytes held by the result of `run`, as NumPy and Python count them."""
    run()  # the first call may import modules
    with _ONE_AT_A_TIME:
        traced = tracemalloc.is_tracing()
        if not traced:
            tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            result = run()
            held = tracemalloc.get_traced_memory()[0] - before
            del result
        finally:
            if not traced:
                tracemalloc.stop()
    return held


def physical() -> int:
    """Return the machine's memory in bytes; 16 GiB if the system does not report it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 16 * 2**30


def available() -> int:
    """Return the bytes that new arrays can take without swapping, or half of the memory if the
    system does not report them. In a container, no more than its limit leaves.
    """
    limits = []
    with suppress(OSError, StopIteration), open("/proc/meminfo") as info:
        line = next(line for line in info if line.startswith("MemAvailable"))
        limits.append(int(line.split()[1]) * 1024)
    with (
        suppress(OSError, ValueError),  # without a limit, the file has the word "max"
        open("/sys/fs/cgroup/memory.max") as limit,
        open("/sys/fs/cgroup/memory.current") as used,
    ):
        limits.append(max(0, int(limit.read()) - int(used.read())))
    return min(limits, default=physical() // 2)


def peak() -> int | None:
    """Return this process's peak memory so far, in bytes; None if the system does not report it."""
    if os.path.exists("/proc/self/status"):  # getrusage starts from the parent process's memory
        with open("/proc/self/status") as status:
            (line,) = (line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    if find_spec("resource") is None:  # Windows
        return None
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

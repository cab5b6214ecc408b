"""Freed memory stays, or the question is answered with no; what is held is counted."""

import sys
import tracemalloc

import numpy as np

from glassnet.engines.memory import held_by, keep_freed_memory


def test_it_says_whether_it_could() -> None:
    kept = keep_freed_memory()
    assert isinstance(kept, bool)
    assert kept or sys.platform != "linux" or "glibc" not in sys.version


def test_what_is_held_is_counted_and_what_is_dropped_is_not() -> None:
    def run() -> object:
        np.ones(10**6)
        kept = np.ones(10**5)
        return lambda: kept

    assert 8 * 10**5 <= held_by(run) < 9 * 10**5
    assert not tracemalloc.is_tracing()
    tracemalloc.start()  # somebody else's
    assert 8 * 10**5 <= held_by(run) < 9 * 10**5
    assert tracemalloc.is_tracing()
    tracemalloc.stop()

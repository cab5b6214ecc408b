"""Freed memory stays, or the question is answered with no."""

import sys

from glassnet.engines.memory import keep_freed_memory


def test_it_says_whether_it_could() -> None:
    kept = keep_freed_memory()
    assert isinstance(kept, bool)
    assert kept or sys.platform != "linux" or "glibc" not in sys.version

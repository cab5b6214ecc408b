"""Freed memory is kept where possible, and held memory is counted."""

import subprocess
import sys
import tracemalloc
from io import StringIO

import numpy as np
import pytest

from glassnet.core.memory import available, keep_freed_memory, peak, physical, result_bytes


def test_it_says_whether_it_could() -> None:
    kept = keep_freed_memory()
    assert isinstance(kept, bool)
    assert kept or sys.platform != "linux" or "glibc" not in sys.version


@pytest.mark.parametrize(
    ("program", "calls"),
    [
        ("fit(engine='numpy')", 0),
        ("fit(engine='jax')", 0),
        ("main()", 3),  # the command line owns its process
    ],
)
def test_only_the_command_line_changes_the_allocator(program: str, calls: int) -> None:
    if "jax" in program:
        pytest.importorskip("jax", reason="JAX is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("glibc is for Linux")
    start = """
import sys
import numpy as np
from glassnet.core import memory

class Libc:
    calls = 0

    def mallopt(self, option, value):
        Libc.calls += 1
        return 1

    def malloc_trim(self, pad):
        pass

memory._glibc = Libc

def fit(engine):
    from glassnet import Dense, Model
    model = Model([Dense(2)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((4, 3)), np.zeros((4, 2)), verbose=0, engine=engine)

def main():
    from glassnet.cli import main
    sys.argv = ["glassnet", "--version"]
    try:
        main()
    except SystemExit:
        pass
"""
    done = subprocess.run(
        [sys.executable, "-c", f"{start}\n{program}\nprint(Libc.calls)"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) == calls


def test_what_is_held_is_counted_and_what_is_dropped_is_not() -> None:
    def run() -> object:
        np.ones(10**6)
        kept = np.ones(10**5)
        return lambda: kept

    assert 8 * 10**5 <= result_bytes(run) < 9 * 10**5
    assert not tracemalloc.is_tracing()
    tracemalloc.start()  # started by other code
    assert 8 * 10**5 <= result_bytes(run) < 9 * 10**5
    assert tracemalloc.is_tracing()
    tracemalloc.stop()


def test_the_peak_stays_when_memory_is_freed() -> None:
    before = peak()
    if before is None:
        pytest.skip("this system does not say")
    block = np.ones(2**24)
    block.fill(2.0)
    held = peak()
    del block
    assert held is not None
    after = peak()
    assert after is not None
    # Linux counts pages in batches for each processor, so that the peak is off by a few of them.
    assert abs(after - held) < 2**22 < 2**27 < min(after, held)
    assert held > before - 2**22


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"meminfo": "MemFree: 1 kB\nMemAvailable:   8 kB\n"}, 8192),
        ({"meminfo": "MemAvailable: 8 kB\n", "max": "max\n", "current": "7\n"}, 8192),
        ({"meminfo": "MemAvailable: 8 kB\n", "max": "5000\n", "current": "3000\n"}, 2000),
        ({}, physical() // 2),
    ],
)
def test_available_memory_ends_at_the_limit_of_a_container(
    files: dict[str, str], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(path: str) -> StringIO:
        name = path.replace(".", "/").rpartition("/")[2]
        if name not in files:
            raise FileNotFoundError(path)
        return StringIO(files[name])

    assert 0 < available() <= physical()
    monkeypatch.setattr("builtins.open", opened)
    assert available() == expected

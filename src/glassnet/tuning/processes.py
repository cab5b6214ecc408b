"""The worker processes of a study on this machine."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from glassnet.core.errors import GlassnetError

WATCH = 1.0  # seconds between two looks at a study
_RESTARTS = 20  # of all workers, after one of them was killed
# Each process computes with one thread, so that the last bits don't depend on how many there are.
_ONE_THREAD = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


def run_workers(
    count: int, function: Callable[..., Any], *arguments: Any, watch: Callable[[], None]
) -> None:
    """Call a function in so many processes, and `watch` once a second meanwhile."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with _watched(watch), _environment(_ONE_THREAD):
        for _ in range(_RESTARTS):
            # With one job, joblib would work in this process.
            parallel = Parallel(max(count, 2), backend="loky", inner_max_num_threads=1)
            try:
                call = delayed(_until_parent_ends)
                parallel(call(os.getpid(), function, *arguments) for _ in range(count))
                return
            except TerminatedWorkerError:  # what it trained goes on from its checkpoint
                continue
    raise GlassnetError(
        f"worker processes were killed {_RESTARTS} times.",
        where="tune",
        fix="If the memory is full, use fewer --workers.",
    )


def _until_parent_ends(parent: int, function: Callable[..., Any], *arguments: Any) -> None:
    """Call a function; if the parent process is killed, this one ends, too."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    function(*arguments)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Context in which new processes have these variables."""
    before = {name: os.environ.get(name) for name in values}
    for name, value in values.items():
        os.environ[name] = f"{os.environ.get(name, '')} {value}".strip()
    try:
        yield
    finally:
        for name, old in before.items():
            if old is None:
                del os.environ[name]
            else:
                os.environ[name] = old


@contextmanager
def _watched(watch: Callable[[], None]) -> Iterator[None]:
    """Context in which another thread calls `watch` once a second; it is called at the end, too."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(WATCH):
            watch()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    watch()

"""The worker processes of a study on this machine."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

from glassnet.core.errors import GlassnetError

WATCH = 1.0  # seconds between two looks at a study
_RESTARTS = 20  # of all workers, after one of them was killed
# Each process computes with one thread, so that the last bits don't depend on how many there are.
_THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM", "NUMEXPR")
_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def run_workers(
    count: int, function: Callable[..., Any], *arguments: Any, watch: Callable[[], None]
) -> None:
    """Call a function in so many processes, and `watch` once a second meanwhile."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    environment = {f"{name}_NUM_THREADS": "1" for name in _THREADS}
    environment["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_XLA}".strip()
    call = partial(_until_parent_ends, os.getpid(), os.getcwd(), function, *arguments)
    with _watched(watch):
        for _ in range(_RESTARTS):
            executor = get_reusable_executor(count, env=environment)
            try:
                futures = [executor.submit(call) for _ in range(count)]
                for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                    future.result()
                return
            except TerminatedWorkerError:  # what it trained goes on from its checkpoint
                executor.shutdown(kill_workers=True)
            except BaseException:
                executor.shutdown(kill_workers=True)
                raise
    raise GlassnetError(
        f"worker processes were killed {_RESTARTS} times.",
        where="tune",
        fix="If the memory is full, use fewer --workers.",
    )


def _until_parent_ends(
    parent: int, folder: str, function: Callable[..., Any], *arguments: Any
) -> None:
    """Call a function in a folder; if the parent process is killed, this one ends, too."""
    os.chdir(folder)  # the process may be from an earlier call, when the parent was elsewhere

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    function(*arguments)


@contextmanager
def _watched(watch: Callable[[], None]) -> Iterator[None]:
    """Context in which another thread calls `watch` once a second; it is called at the end, too."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(WATCH):
            try:
                watch()
            except Exception:  # such as without the database: it raises in a worker or below, too
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    watch()

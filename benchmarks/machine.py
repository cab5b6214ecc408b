"""Describe the machine of a benchmark, and measure memory and processor limits."""

import importlib.metadata
import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

PACKAGES = (
    "glassnet", "numpy", "scipy", "scikit-learn", "torch", "keras", "tensorflow", "tensorflow-cpu",
    "jax",
)  # fmt: skip


_PINNED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NVPL_BLAS_DEBUG_CPU_TYPE")


def as_users_have_it() -> None:
    """Restart the process without variables that pin BLAS to the kernels of another processor.

    Some machines set them so that all compute the same bits. NumPy, SciPy and scikit-learn are then
    slower than on the same processor elsewhere, while PyTorch and XLA, which have their own
    kernels, are not.
    """
    if pinned := [name for name in _PINNED if name in os.environ]:
        unpinned = {name: value for name, value in os.environ.items() if name not in pinned}
        os.execve(sys.executable, [sys.executable, *sys.argv], unpinned)


def description() -> dict[str, str]:
    """Return processor, cores, load, system and versions."""
    return {
        "processor": _processor(),
        "cores": f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} usable",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)",
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {v}" for name in PACKAGES if (v := _version(name))),
    }


def memory_peak() -> float:
    """Return the peak memory of this process so far, in MB.

    ru_maxrss is used only without VmHWM: on Linux it starts at the peak of the parent process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if platform.system() == "Darwin" else peak / 1024


def machine_limit(batch: int = 32, hidden: int = 128) -> str:
    """Return a lower bound for a step of 784-128-10: its matrix products and one pass of Adam.

    The products are timed at the best rate of NumPy's BLAS on large matrices, the pass as a copy of
    the optimizer's four vectors (gradient, two moments, weights) by one thread. Other libraries may
    have faster products (NumPy's OpenBLAS does not use AVX-512 on every processor that has it).
    """
    import time

    import numpy as np

    def best(work: Any, count: int) -> float:
        times = []
        for _ in range(count):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return min(times)

    a = np.ones((2048, 2048), np.float32)
    rate = 2 * 2048**3 / best(lambda: a @ a, 5)
    n = 784 * hidden + hidden + hidden * 10 + 10
    vectors = np.ones((4, n), np.float32)
    copies = np.empty_like(vectors)
    memory = best(lambda: np.copyto(copies, vectors), 200)
    flops = 2 * batch * (2 * 784 * hidden + 3 * hidden * 10)  # no gradient of the input
    products, step = flops / rate * 1e6, (flops / rate + memory) * 1e6
    return (
        f"Lower bound at NumPy's speed, batch {batch}: {products:.0f} µs of matrix products "
        f"at {rate / 1e9:.0f} GFLOP/s, {memory * 1e6:.0f} µs for one pass over the "
        f"optimizer's memory, {step:.0f} µs a step."
    )


def environment(threads: int) -> dict[str, str]:
    """Return the variables that limit a process to so many threads, for every library."""
    count = str(threads)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    return dict.fromkeys(names, count)


def hold_to_cores(count: int) -> None:
    """Restrict this process and its children to the first `count` cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def _processor() -> str:
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None

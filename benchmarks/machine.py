"""The machine that a benchmark ran on, and what a process takes of it."""

import importlib.metadata
import os
import platform
import resource
from pathlib import Path

PACKAGES = (
    "glassnet", "numpy", "scipy", "scikit-learn", "torch", "keras", "tensorflow", "tensorflow-cpu",
    "jax",
)  # fmt: skip


def description() -> dict[str, str]:
    """Processor, cores, load, system and versions."""
    return {
        "processor": _processor(),
        "cores": f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} usable",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)",
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
    }


def memory_peak() -> float:
    """The most memory, in MB, that this process has held so far.

    ru_maxrss only where there is no VmHWM: on Linux it starts at what the parent process held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if platform.system() == "Darwin" else peak / 1024


def environment(threads: int) -> dict[str, str]:
    """The variables that hold a process to so many threads, whichever library it uses."""
    count = str(threads)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
    return dict.fromkeys(names, count)


def hold_to_cores(count: int) -> None:
    """Let this process and its children run on the first so many cores only."""
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

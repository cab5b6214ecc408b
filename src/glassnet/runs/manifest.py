"""A run's manifest: the environment that, with its settings, determines its results.

Two trainings with the same settings and the same manifest give the same results bit for bit, on the
engines numpy and jax. The fields are numbers and strings, so manifests are compared by field.
"""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from glassnet import __version__

Manifest = dict[str, Any]
_PACKAGES = ("numpy", "scipy", "jax", "jaxlib", "keras", "tensorflow", "tensorflow-cpu", "torch")
_VARIABLES = (  # that set instructions, precision or threads; those of BLAS show in its own fields
    "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "XLA_FLAGS", "NPROC", "JAX_PLATFORMS",
    "JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS",
)  # fmt: skip
_GIT_TIMEOUT = 5.0  # seconds


def manifest(seed: int | None = None, data: str | None = None) -> Manifest:
    """Return the environment of this process, with the seed and the data's hash of a training."""
    return {
        "seed": seed,
        "data": data,
        "glassnet": __version__,
        "python": platform.python_version(),
        **{name: number for name in _PACKAGES if (number := _version(name))},
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "processors": processors(),
        **_blas(),
        **{name: os.environ[name] for name in _VARIABLES if name in os.environ},
        **_git(),
    }


@dataclass(frozen=True)
class Change:
    """A field in which two manifests differ."""

    field: str
    was: Any
    now: Any

    def __str__(self) -> str:
        was, now = ("none" if value is None else value for value in (self.was, self.now))
        return f"{self.field}: {was} then, {now} now"


def changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Return the fields in which an earlier manifest differs from a later one."""
    return [
        Change(field, was.get(field), now.get(field))
        for field in dict.fromkeys((*was, *now))
        if was.get(field) != now.get(field)
    ]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    """Return the name of the processor, as far as the system provides it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        text = ""
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return name[1].strip() if name else platform.processor()


def processors() -> int:
    """Return the number of processors that this process may use; XLA starts as many threads."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _blas() -> Manifest:
    """Return NumPy's BLAS, its kernel for this processor and its threads."""
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # SciPy loads a BLAS of its own when it is imported; training doesn't use it.
    pool: Manifest = min(pools, key=lambda pool: "numpy" not in pool["filepath"], default={})
    named = (pool.get("internal_api"), pool.get("version"))
    return {
        "blas": " ".join(filter(None, named)) or None,
        "kernel": pool.get("architecture"),
        "threads": pool.get("num_threads"),
    }


def _git() -> Manifest:
    """Return the commit of the current git repository, and whether it has uncommitted changes.

    Untracked files don't count, because a run's own folder is one.
    """
    command = (
        "git", "--no-optional-locks", "-c", "core.fsmonitor=false",  # a repository's own program
        "status", "--porcelain=v2", "--branch", "--untracked-files=no",
    )  # fmt: skip
    try:
        result = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_GIT_TIMEOUT
        )
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": None}
    commit = re.search(r"^# branch\.oid ([0-9a-f]+)$", result.stdout, re.MULTILINE)
    if result.returncode or not commit:
        return {"commit": None, "dirty": None}
    dirty = any(not line.startswith("#") for line in result.stdout.splitlines())
    return {"commit": commit[1], "dirty": dirty}

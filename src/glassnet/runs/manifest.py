"""A run's manifest: what decides the bits of its results, beside its settings.

Two trainings with the same settings and the same manifest end in the same bits, on the engines
numpy and jax. The fields are numbers and texts, so that two manifests differ field by field.
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
_VARIABLES = (  # that choose instructions, precision or threads; BLAS's own show in what it says
    "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "XLA_FLAGS", "NPROC", "JAX_PLATFORMS",
    "JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS",
)  # fmt: skip
_PATIENCE = 5.0  # seconds for git


def manifest(seed: int | None = None, data: str | None = None) -> Manifest:
    """What this process computes with, for a training with this seed and this hash of its data."""
    return {
        "seed": seed,
        "data": data,
        "glassnet": __version__,
        "python": platform.python_version(),
        **{name: found for name in _PACKAGES if (found := _version(name))},
        "system": platform.system(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "processors": _processors(),
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
    """The fields in which a manifest of then differs from one of now."""
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
    """The processor's name, as far as the system tells it."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        told = ""
    name = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return name[1].strip() if name else platform.processor()


def _processors() -> int | None:
    """How many processors this process may use: as many threads has XLA."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _blas() -> Manifest:
    """NumPy's BLAS, its kernel for this processor, its threads."""
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    # SciPy brings a BLAS of its own, which no training uses; it is there only once it is imported.
    pool: Manifest = min(pools, key=lambda pool: "numpy" not in pool["filepath"], default={})
    named = (pool.get("internal_api"), pool.get("version"))
    return {
        "blas": " ".join(filter(None, named)) or None,
        "kernel": pool.get("architecture"),
        "threads": pool.get("num_threads"),
    }


def _git() -> Manifest:
    """The commit of the repository in which this process works, and whether it is changed.

    Files that git does not know don't count: a run's own folder is one of them.
    """
    command = (
        "git", "--no-optional-locks", "-c", "core.fsmonitor=false",  # a repository's own program
        "status", "--porcelain=v2", "--branch", "--untracked-files=no",
    )  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": None}
    commit = re.search(r"^# branch\.oid ([0-9a-f]+)$", done.stdout, re.MULTILINE)
    if done.returncode or not commit:
        return {"commit": None, "dirty": None}
    dirty = any(not line.startswith("#") for line in done.stdout.splitlines())
    return {"commit": commit[1], "dirty": dirty}

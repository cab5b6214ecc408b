"""Every planted fault is found and named; healthy jobs are left in peace; the docs say the same."""

import inspect
from pathlib import Path

import pytest

from tests.doctor.faults import FAULTS, Fault
from tests.doctor.healthy import JOBS

CASES = [(fault, engine) for fault in FAULTS for engine in fault.engines or ("",)]


def told_of(fault: Fault, engine: str, folder: Path) -> list[tuple[str, str]]:
    takes = inspect.signature(fault.plant).parameters
    given = {"engine": engine, "folder": folder}
    return fault.plant(**{name: value for name, value in given.items() if name in takes})


def test_there_are_at_least_sixty() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize(("fault", "engine"), CASES, ids=lambda v: getattr(v, "name", v))
def test_a_planted_fault_is_found_and_named(fault: Fault, engine: str, tmp_path: Path) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    told = told_of(fault, engine, tmp_path)
    assert any(
        level == fault.level and all(word in message for word in fault.words)
        for level, message in told
    ), told


@pytest.mark.parametrize("name", JOBS)
def test_a_healthy_job_is_left_in_peace(name: str) -> None:
    if name.endswith(", jax"):
        pytest.importorskip("jax")
    assert JOBS[name]() == []


def test_there_are_fifty_healthy_jobs() -> None:
    assert len(JOBS) >= 50

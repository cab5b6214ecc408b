"""Every planted fault is found and named, healthy jobs raise nothing, and the docs agree."""

import re
import time
from pathlib import Path

import numpy as np
import pytest

from glassnet import Dense
from glassnet.doctor import examine, symptoms
from glassnet.runs.doctor import diagnose_run
from tests.doctor.faults import FAULTS, Fault, subject
from tests.doctor.given import SOFTMAX
from tests.doctor.healthy import JOBS
from tests.doctor.page import PAGE, findings_of, fits, opening

CASES = [(fault, engine) for fault in FAULTS for engine in fault.engines or ("",)]
WRITTEN = PAGE.read_text(encoding="utf-8")


def test_there_are_at_least_sixty_faults_and_fifty_healthy_jobs() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 60
    assert len(JOBS) >= 50


@pytest.mark.parametrize(("fault", "engine"), CASES, ids=lambda v: getattr(v, "name", v))
def test_a_planted_fault_is_found_named_and_documented(
    fault: Fault, engine: str, tmp_path: Path
) -> None:
    if engine == "jax":
        pytest.importorskip("jax")
    findings = findings_of(fault, engine, tmp_path)
    messages = [message for level, message in findings if fits(fault, level, message)]
    assert messages, findings
    if engine != "jax":  # its last digits differ
        line = f"| {fault.name} | {fault.by} | {fault.level} | {messages[0].replace('|', '¦')} |\n"
        assert without_digits(line) in without_digits(WRITTEN), "run python -m tests.doctor.page"


def test_a_run_gets_the_same_findings_about_its_test_set(tmp_path: Path) -> None:
    (fault,) = (fault for fault in FAULTS if fault.name == "test columns in another order")
    findings = findings_of(fault, "", tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    messages = [str(finding).replace(f"{tmp_path}/", "") for finding in diagnose_run(str(run))]
    assert messages == [message for _, message in findings]
    (run / "metrics.json").unlink()  # as if it had been interrupted
    (finding,) = diagnose_run(str(run))
    assert finding.what == "training has not ended: 10 of 10 epochs are done."


def test_dropout_in_the_training_loss_is_no_failure() -> None:
    bad, good = [1.2] * 20, [0.5] * 20
    for history in ({"loss": bad, "val_loss": good}, {"loss": good, "val_loss": [0.55] * 20}):
        assert symptoms(subject(*SOFTMAX), history) == []
    (found,) = symptoms(subject(*SOFTMAX), {"loss": bad, "val_loss": [1.3] * 20})
    assert found.what.startswith("is 1.2 after 20 epochs")


def test_a_training_that_time_ended_early_is_not_blamed() -> None:
    """Its last epoch may have had 8 steps, at learning rates near 0."""
    bad = {"loss": [1.2] * 3}  # of 10 epochs of 4 steps, so 12 steps at most
    long = {"loss": [1.2] * 40}
    assert symptoms(subject(*SOFTMAX), {"loss": [1.2]}, time_up=True) == []
    assert symptoms(subject(*SOFTMAX), bad, time_up=True) == []
    (finding,) = symptoms(subject(*SOFTMAX), long, time_up=True)
    assert "Nothing was learned" in finding.what


def test_the_doctor_is_fast_on_wide_and_long_tables() -> None:
    """Its time grows with the number of values, not with a square of rows or columns."""
    rng = np.random.default_rng(0)
    seconds = []
    for rows, columns in ((2_000, 200), (20_000, 200), (2_000, 2_000)):
        x = rng.normal(size=(rows, columns)).astype(np.float32)
        case = subject(*SOFTMAX, x=x, y=x[:, :3].argmax(axis=1))
        start = time.process_time()
        assert examine(case, first_step=False) == []
        seconds.append(time.process_time() - start)
    assert max(seconds[1:]) < 40 * seconds[0] + 1  # 10 times the values


def test_a_penalty_is_named_if_nothing_is_learned() -> None:
    layers = (Dense(3, "softmax", kernel_regularizer="l2"),)
    (found,) = symptoms(subject(*layers), {"loss": [9.0] * 20})
    assert "--l2" in found.fix


def without_digits(text: str) -> str:
    """Return the text with 0 for every number with a fraction, which may differ by machine."""
    return re.sub(r"\d+(\.\d+)?e[+-]\d+|\d+\.\d+", "0", text)


def test_the_page_has_nothing_else() -> None:
    assert WRITTEN.startswith(opening()), "run python -m tests.doctor.page"
    assert len(WRITTEN.removeprefix(opening()).splitlines()) == len(FAULTS)


@pytest.mark.parametrize("name", JOBS)
def test_a_healthy_job_has_no_findings(name: str) -> None:
    if name.endswith(", jax"):
        pytest.importorskip("jax")
    assert JOBS[name]() == []

"""Start the systems, each in its own process, and measure them in turn."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from machine import environment
from peers import ALL
from setup import Setup


@dataclass
class Result:
    """The measurements of one system with one batch size."""

    system: str
    batch_size: int
    missing: str | None = None  # the module that is not installed
    microseconds: list[float] = field(default_factory=list)  # per step, for each repeat
    cores: list[float] = field(default_factory=list)  # processor time / wall time, for each repeat
    idle_cores: list[float] = field(default_factory=list)  # the same, while others were measured
    build_seconds: float = 0.0  # building, compiling and the first pass
    accuracy: float = 0.0  # on the validation rows, after all repeats
    megabytes: float = 0.0  # peak resident memory of the whole process

    @property
    def median(self) -> float:
        """The median of microseconds per step."""
        return statistics.median(self.microseconds)

    def times_faster(self, other: "Result") -> float:
        """Return the median of the other's time / this time, both from the same round."""
        pairs = zip(self.microseconds, other.microseconds, strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)


class Worker:
    """The process of a system; `ask` sends it a command and waits for the answer."""

    def __init__(self, system: str, setup: Setup) -> None:
        self.system = system
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed with the worker)
        self._process = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("worker.py"),
                system,
                json.dumps(asdict(setup)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | environment(setup.threads) | ALL[system].environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: Any) -> None:
        assert self._process.stdin is not None
        if problem[0] is not None:
            self._process.kill()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()

    def ask(self, command: str) -> dict[str, Any]:
        """Send a command and return the answer."""
        assert self._process.stdin is not None
        print(command, file=self._process.stdin, flush=True)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Return the next line of the process."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()  # until then it may be writing its error
            self._errors.seek(0)
            raise RuntimeError(f"{self.system} failed:\n{self._errors.read()[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def cpu_seconds(self) -> float:
        """Return the processor time of the process so far; 0 on systems without /proc."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        if not stat.exists():
            return 0.0
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measure(jobs: Sequence[tuple[str, Setup]], repeats: int) -> list[Result]:
    """Train each system once per round, for `repeats` rounds after a first pass."""
    results = []
    with ExitStack() as stack:
        running: list[tuple[Worker, Result]] = []
        for name, setup in jobs:  # one after the other, so that none compiles while another runs
            say(f"batch {setup.batch_size}: building {name}")
            worker = stack.enter_context(Worker(name, setup))
            result = Result(name, setup.batch_size, **worker.answer())
            results.append(result)
            if not result.missing:
                running.append((worker, result))
        for repeat in range(repeats):
            say(f"round {repeat + 1} of {repeats}")
            for worker, result in running:
                _one_turn(worker, result, [other for other in running if other[0] is not worker])
        for worker, result in running:
            scores = worker.ask("evaluate")
            result.accuracy, result.megabytes = scores["accuracy"], scores["megabytes"]
    return results


def _one_turn(worker: Worker, result: Result, others: Sequence[tuple[Worker, Result]]) -> None:
    """Measure one repeat of one system, and the processor use of the waiting ones."""
    settle([worker, *(other for other, _ in others)])
    before = [other.cpu_seconds() for other, _ in others]
    answer = worker.ask("train")
    result.microseconds.append(answer["microseconds"])
    result.cores.append(answer["cores"])
    for (other, idler), cpu in zip(others, before, strict=True):
        idler.idle_cores.append((other.cpu_seconds() - cpu) / answer["seconds"])


def settle(workers: Sequence[Worker], quiet: float = 0.05, patience: float = 5.0) -> None:
    """Wait until no worker uses processor time: thread pools keep spinning after their work."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        before = [worker.cpu_seconds() for worker in workers]
        time.sleep(quiet)
        if before == [worker.cpu_seconds() for worker in workers]:
            return


def say(text: str) -> None:
    """Print progress on stderr."""
    print(text, file=sys.stderr, flush=True)

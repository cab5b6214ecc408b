"""Runs that are killed, or refused by the system, at chosen operations on their files.

As a program it trains one small run again and again, kills it (SIGKILL) at an operation or at a
random time, lets it go on, and compares what comes of it with an uninterrupted run. The processes
are forks, so that each needs no start of Python.
"""

import builtins
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.runs.resume import train_or_resume
from glassnet.runs.settings import Settings
from glassnet.runs.train import Checkpoints
from glassnet.training.callbacks.backup_and_restore import FILES

OPERATIONS = ("open", "write", "fsync", "replace", "open of a folder")


def data_file(path: Path) -> str:
    """Small pictures of three classes."""
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    x = (rng.normal(size=(60, 4, 4)) + y[:, None, None]).astype(np.float32)
    np.savez(path, x_train=x, y_train=y, x_test=x[:9], y_test=y[:9])
    return str(path)


def train(folder: Path, engine: str = "numpy", **chosen: Any) -> Any:
    """The small run in this folder, begun or gone on with: all that a resumed run must repeat.

    With the engine "numpy+from" it is fine-tuned: its body is frozen for an epoch.
    """
    engine, _, tuned = engine.partition("+")
    if tuned:
        chosen = {
            "from_": str(source(folder.parent)), "network": "source", "hidden": None,
            "dropout": None, "normalization": None, "freeze": "all-but-head", "unfreeze_at": 1,
            "layer_decay": 0.5,
        } | chosen  # fmt: skip
    settings = Settings(**{
        "data": str(folder.parent / "data.npz"), "hidden": (6, 5), "dropout": 0.2,
        "normalization": "batch", "augment": "shift", "schedule": "constant", "batch_size": 10,
        "epochs": 3, "validation_split": 0.2, "ema": 0.9, "early_stopping": 2, "engine": engine,
        "learning_rate": 0.01,
    } | chosen)  # fmt: skip
    return train_or_resume(
        settings, out=str(folder.parent), name=folder.name, data_dir=None,
        checkpoints=Checkpoints(steps=3),
    )  # fmt: skip


def source(root: Path) -> Path:
    """A trained model to start from; it is trained if it is not there."""
    path = root / "source.safetensors"
    if not path.exists():
        options = {"network": "mlp", "epochs": 1, "early_stopping": None}
        train(root / "source", **options).model.save(path)
    return path


def result(folder: Path) -> dict[str, Any]:
    """What came of a run, bit for bit: all but times."""
    from glassnet.core.tensor_file import open_tensors

    found: dict[str, Any] = {"model": (folder / "model.safetensors").read_bytes()}
    lines = (folder / "history.jsonl").read_text().splitlines()
    found["history"] = [{**json.loads(line), "seconds": 0} for line in lines]
    told = (folder / "metrics.json").read_text().replace(str(folder.parent), "")
    found["metrics"] = {**json.loads(told), "seconds": 0, "run": 0}
    positions = []
    for name in FILES:
        with open_tensors(folder / name, "checkpoint", 2**20) as stored:
            tensors = stored.read(stored.kinds)
        at = stored.header["epoch"], stored.header["epoch_step"]
        said = {key: value for key, value in stored.header.items() if key != "seconds"}
        bits = {n: a.tobytes() for n, a in tensors.items() if n != "history/seconds"}
        positions.append((at, said, bits))
    found["position"] = max(positions, key=lambda position: position[0])
    return found


@contextmanager
def watched(folder: Path, act: Callable[[str, Path, Callable[[], None]], None]) -> Iterator[None]:
    """Call `act(operation, path, half)` before each operation on the folder's files.

    `half` does half of a write.
    """
    opened, os_open, fsync, replace = builtins.open, os.open, os.fsync, os.replace
    names: dict[int, Path] = {}

    class File:
        """A file that is written to."""

        def __init__(self, path: Path, file: Any) -> None:
            self.path, self.file = path, file
            names[file.fileno()] = path

        def __enter__(self) -> "File":
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def write(self, data: Any) -> None:
            def half() -> None:
                self.file.write(data[: len(data) // 2])
                self.file.flush()

            act("write", self.path, half)
            self.file.write(data)

    def of_run(path: Any) -> bool:
        return isinstance(path, str | Path) and Path(path).is_relative_to(folder)

    def watched_open(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if not (of_run(path) and set(mode) & set("wax")):
            return opened(path, mode, *rest, **options)
        act("open", Path(path), lambda: None)
        return File(Path(path), opened(path, mode, *rest, **options))

    def watched_os_open(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if of_run(path) and flags == os.O_RDONLY:
            act("open of a folder", Path(path), lambda: None)
        number = os_open(path, flags, *rest, **options)
        if of_run(path):
            names[number] = Path(path)
        return number

    def watched_fsync(number: int) -> None:
        act("fsync", names.get(number, folder), lambda: None)
        fsync(number)

    def watched_replace(source: Any, target: Any) -> None:
        act("replace", Path(target), lambda: None)
        replace(source, target)

    builtins.open, os.open = watched_open, watched_os_open  # type: ignore[assignment]
    os.fsync, os.replace = watched_fsync, watched_replace  # type: ignore[assignment]
    try:
        yield
    finally:
        builtins.open, os.open, os.fsync, os.replace = opened, os_open, fsync, replace  # type: ignore[assignment]


def count(folder: Path, engine: str = "numpy") -> list[tuple[str, str]]:
    """Train, and list the operations with their files' names."""
    found: list[tuple[str, str]] = []
    with watched(folder, lambda operation, path, half: found.append((operation, path.name))):
        train(folder, engine)
    return found


def _child(folder: Path, engine: str, at: int | None) -> int:
    """Train in a fork, which kills itself before (or halfway through) the operation `at`."""
    if child := os.fork():
        return child
    done = 0

    def act(operation: str, path: Path, half: Callable[[], None]) -> None:
        nonlocal done
        done += 1
        if done == at:
            half()
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with watched(folder, act):
            train(folder, engine)
        code = 0
    finally:
        os._exit(code)


def main(engine: str, kills: int, seed: int, root: Path) -> dict[str, Any]:
    """So many kills or a few more: of each run the first at an operation, in turn, and others at
    random times or operations. The tally.
    """
    draw = random.Random(seed)
    data_file(root / "data.npz")
    if engine.endswith("+from"):
        source(root)
    if engine == "jax":
        import glassnet.engines.jax  # noqa: F401  once for all forks; XLA starts in each
    operations = count(root / "counted")
    began = time.monotonic()
    if os.waitpid(_child(root / "whole", engine, None), 0)[1]:
        raise SystemExit("the whole run failed")
    took, wanted = time.monotonic() - began, result(root / "whole")
    order = draw.sample(range(1, len(operations) + 1), len(operations))
    tally = {"engine": engine, "operations": len(operations), "killed at": 0, "at times": 0}
    tally |= {"runs": 0, "identical": 0}
    while tally["killed at"] + tally["at times"] < kills:
        folder = root / "cut"
        shutil.rmtree(folder, ignore_errors=True)
        at: int | None = order[tally["runs"] % len(order)]
        while True:
            child = _child(folder, engine, at)
            if at is None:
                time.sleep(draw.uniform(0.0, took))
                os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            if os.WIFSIGNALED(status):
                tally["killed at" if at else "at times"] += 1
            elif status:
                raise SystemExit(f"a run failed instead of being killed: {status}")
            if not status or draw.random() < 0.5:
                break
            at = draw.choice([None, draw.randint(1, 20)])
        if os.waitpid(_child(folder, engine, None), 0)[1]:
            raise SystemExit("a run could not be resumed")
        tally["runs"] += 1
        tally["identical"] += result(folder) == wanted
    return tally


if __name__ == "__main__":
    engine, kills, seed, root = sys.argv[1:]
    sys.stdout.write(json.dumps(main(engine, int(kills), int(seed), Path(root))) + "\n")

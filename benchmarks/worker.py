"""Run one system in its own process: `python worker.py NAME SETUP`, then one line per command.

It answers each line of its standard input with a line of JSON, and blocks while it waits for one.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from machine import memory_peak
from peers import ALL
from setup import Setup, read


def serve(system: str, setup: Setup, answer: Callable[[Mapping[str, Any]], None]) -> None:
    """Build the system, then train or evaluate at each command; end with the input."""
    began = time.perf_counter()
    spec = ALL[system]
    try:
        peer = importlib.import_module(f"peers.{spec.module}")
        train, predict = peer.build(setup, read(setup, "train"), **spec.options)
    except ModuleNotFoundError as error:
        answer({"missing": error.name})
        return
    train()
    answer({"build_seconds": time.perf_counter() - began})
    for command in sys.stdin:
        if command.strip() == "train":
            began, cpu = time.perf_counter(), time.process_time()
            train()
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            step = seconds / (setup.steps * setup.epochs) * 1e6
            answer({"seconds": seconds, "microseconds": step, "cores": cpu / seconds})
        else:
            peak = memory_peak()  # before the evaluation, which is not part of training
            data = read(setup, "validation")
            right = np.argmax(predict(data.floats()), axis=-1) == data.y
            answer({"accuracy": float(right.mean()), "megabytes": peak})


def main() -> None:
    name, text = sys.argv[1:]
    with os.fdopen(os.dup(1), "w", buffering=1) as stream:  # what libraries print is no answer
        os.dup2(2, 1)
        serve(name, Setup(**json.loads(text)), lambda reply: print(json.dumps(reply), file=stream))


if __name__ == "__main__":
    main()

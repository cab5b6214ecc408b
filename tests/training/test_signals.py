"""Ctrl-C ends training between two segments, and the trained weights are kept."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from glassnet import Dense, EarlyStopping, Model
from glassnet.training.callbacks import Callback, Record
from glassnet.training.signals import Terminated, deferred_interrupts
from tests.cli.conftest import after_an_epoch

X = np.random.default_rng(0).normal(size=(200, 5)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


class Press(Callback):
    """Presses Ctrl-C in an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_segment_end(self, record: Record) -> None:
        if record.epoch == self.epoch:
            signal.raise_signal(signal.SIGINT)


def model() -> Model:
    made = Model([Dense(8, "tanh"), Dense(1)], input_shape=(5,))
    made.compile("adam", "mse")
    return made


def test_the_first_ctrl_c_keeps_what_was_learned() -> None:
    stopped, per_dataset = model(), model()
    start = per_dataset.get_weights()
    with pytest.raises(KeyboardInterrupt):
        stopped.fit(X, Y, epochs=50, verbose=0, callbacks=[Press(3)])
    assert 3 * 7 < stopped._step <= 4 * 7  # in the fourth epoch of 7 steps
    assert all((a != b).any() for a, b in zip(start, stopped.get_weights(), strict=True))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    stopped.fit(X, Y, epochs=1, verbose=0)  # and goes on


def test_the_best_weights_are_put_back() -> None:
    made = model()
    early = EarlyStopping("val_loss", patience=100, restore_best_weights=True)
    noise = np.random.default_rng(1).normal(size=(50, 1)).astype("float32")
    with pytest.raises(KeyboardInterrupt):
        made.fit(
            X,
            Y,
            epochs=40,
            verbose=0,
            validation_data=(X[:50], noise),
            callbacks=[early, Press(30)],
        )
    assert made.evaluate(X[:50], noise, verbose=0) == pytest.approx(early.best, rel=1e-6)


def test_the_second_ctrl_c_ends_at_once() -> None:
    with deferred_interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        assert interrupts.received
        assert not interrupts.forced
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interrupts.forced


def test_termination_is_deferred_only_where_it_is_asked_for() -> None:
    with deferred_interrupts():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    with deferred_interrupts(terminations=True) as interrupts:
        signal.raise_signal(signal.SIGTERM)
        assert interrupts.received
        with pytest.raises(Terminated) as first:
            interrupts.raise_if_received()
        with pytest.raises(SystemExit) as second:
            signal.raise_signal(signal.SIGTERM)
    assert first.value.code == second.value.code == 143
    assert type(second.value) is not Terminated
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_other_threads_and_other_handlers_are_left_alone() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            model().fit(X, Y, verbose=0)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failures
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred_interrupts():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_command_line_saves_and_exits_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from glassnet.cli import main; main()",
         "train", "digits", "--epochs", "100000", "--name", "long"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    after_an_epoch(process)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told
    assert "the weights so far are in" in told
    Model.load(tmp_path / "runs/long")

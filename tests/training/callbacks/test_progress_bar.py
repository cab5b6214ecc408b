"""Progress: plain rows in a file, and a bar below the rows in a terminal."""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.training.callbacks import Record, progress_bar
from glassnet.training.callbacks.progress_bar import Progress, duration, progress_callbacks
from glassnet.training.callbacks.terminals import Plain, Terminal

LOGS = {"accuracy": 0.5, "loss": 1.25}
RECORD = Record(1, 12, 3, 10, LOGS, 2.0, examples=3000)


class Noting:
    """An output that records its rows and lines."""

    live = True

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.drawn: list[str] = []
        self.done: list[float] = []

    def row(self, parts: Sequence[str]) -> None:
        self.rows.append("  ".join(parts))

    def draw(self, done: float, parts: Sequence[str]) -> None:
        self.drawn.append("  ".join(parts))
        self.done.append(done)

    def wipe(self) -> None:
        self.done.append(0)


def played(progress: Progress) -> None:
    progress.on_train_begin(replace(RECORD, step=0))
    for _ in range(20):  # sooner than the bar may be drawn again
        progress.on_segment_end(RECORD)
    progress.on_epoch_end(replace(RECORD, step=10, logs=LOGS | {"val_loss": 1.5}))


def test_a_file_gets_one_plain_row_an_epoch() -> None:
    stream = io.StringIO()
    played(Progress(Plain(stream)))
    text = stream.getvalue()
    row = "epoch  2/12  accuracy 0.5000  loss 1.2500  val_loss 1.5000  best so far  2.0 s"
    assert text.startswith(f"{row}  1,500 examples/s  ")
    assert text.endswith(" s left\n")
    assert text.count("\n") == 1
    assert "\r" not in text
    assert "\x1b" not in text


def test_a_bar_for_the_whole_run_is_drawn_at_most_ten_times_a_second() -> None:
    to = Noting()
    played(Progress(to))
    (bar,) = to.drawn
    assert to.done == [pytest.approx(1.3 / 12)]
    assert bar.startswith("epoch 2/12  ")
    for part in (" s left", "accuracy 0.5000  loss 1.2500", "1,500 examples/s"):
        assert part in bar
    (row,) = to.rows
    assert "left" not in row  # the bar says it


def test_a_bar_names_the_best_epoch_and_rows_mark_each_best_so_far() -> None:
    to = Noting()
    progress = Progress(to)
    progress.on_train_begin(Record(0, 4))
    for epoch, loss in enumerate((3.0, 2.0, float("nan"), 2.5)):
        progress.on_epoch_end(Record(epoch, 4, 1, 1, {"val_loss": loss}))
    assert ["best so far" in row for row in to.rows] == [True, True, False, False]
    resumed = Progress(to)
    resumed.on_train_begin(Record(3, 4))
    resumed.set_state(progress.get_state())
    resumed.on_segment_end(Record(3, 4, 1, 1, {}, 1.0))
    assert to.drawn[-1].endswith("best epoch 2")
    resumed.set_state({})  # of a training that showed nothing


def test_the_bar_goes_where_training_ends() -> None:
    to = Noting()
    progress = Progress(to)
    progress.on_train_begin(replace(RECORD, step=0))
    progress.on_segment_end(RECORD)
    progress.release()
    assert to.done[-1] == 0


@pytest.mark.parametrize(("verbose", "drawn"), [("auto", 1), (1, 1), (True, 1), (2, 0)])
def test_verbose_as_in_keras(verbose: Any, drawn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    to = Noting()
    monkeypatch.setattr("glassnet.training.callbacks.progress_bar.surface", lambda live: to)
    (progress,) = progress_callbacks(verbose)
    assert isinstance(progress, Progress)
    played(progress)
    assert (len(to.rows), len(to.drawn)) == (1, drawn)


def test_verbose_0_shows_nothing_and_others_are_refused() -> None:
    assert progress_callbacks(0) == []
    with pytest.raises(GlassnetError, match='must be "auto", 0, 1 or 2, got 3'):
        progress_callbacks(3)


def test_a_bar_is_wiped_before_a_row() -> None:
    stream = io.StringIO()
    played(Progress(Terminal(stream)))
    assert stream.getvalue().rpartition("\r\x1b[2K")[2].startswith("epoch  2/12")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (130, "2 min"), (3600, "1 h 00 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_time_left_leaves_out_the_first_segment_in_which_engines_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, to = [0.0], Noting()
    monkeypatch.setattr(progress_bar.time, "perf_counter", lambda: now[0])
    progress = Progress(to)
    progress.on_train_begin(Record(0, 10))
    for now[0], step in ((50.0, 1), (51.0, 2), (54.0, 5)):  # 50 s for the first step, then 1 s each
        progress.on_segment_end(Record(0, 10, step, 10, LOGS, now[0], examples=step))
    assert ["95 s left" in bar for bar in to.drawn] == [False, False, True]
    assert "98 s left" in to.drawn[1]
    resumed = Progress(to)
    resumed.on_train_begin(Record(5, 10, 0, 10))
    for now[0], step in ((94.0, 1), (98.0, 5)):
        resumed.on_segment_end(Record(5, 10, step, 10, LOGS, now[0], examples=step))
    assert "45 s left" in to.drawn[-1]

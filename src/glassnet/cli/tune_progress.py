"""The progress of `glassnet tune`: a live table on a terminal, else a line for each trial."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from glassnet.core.terminal import is_quiet, say

if TYPE_CHECKING:
    from glassnet.tuning.study import Study, Trial

_ROWS = 8  # of the live table


@contextmanager
def progress_of(as_json: bool) -> Iterator[Callable[["Study"], None]]:
    """Context with the function that shows the progress of a study; it is called once a second."""
    if is_quiet():
        yield lambda study: None
    elif sys.stderr.isatty() and not as_json:
        with _live() as show:
            yield show
    else:
        yield _Lines().show


class _Lines:
    """Prints a line for each trial that ends, and for each training with a fresh seed."""

    def __init__(self) -> None:
        self.shown, self.fresh, self.clock = 0, 0, _Clock()

    def show(self, study: "Study") -> None:
        """Print what ended since the last call."""
        left = self.clock.left(study)
        for trial in study.trials[self.shown :]:
            if not trial.ended:
                break
            self.shown += 1
            count = f"{self.shown} of {study.planned}"
            say(f"trial {trial.number} ({count}): {_outcome(study, trial)}{left}")
        if study.fresh_ended > self.fresh:
            self.fresh = study.fresh_ended
            say(_fresh(study))


class _Clock:
    """Predicts how long the rest of a search takes."""

    def __init__(self) -> None:
        self.start, self.before = time.monotonic(), -1

    def left(self, study: "Study") -> str:
        """Return the time left as text, once a trial has ended since the start."""
        ended = sum(trial.ended for trial in study.trials)
        if self.before < 0:
            self.before = ended
        new, remaining = ended - self.before, study.planned - ended
        if not new or not remaining:
            return ""
        seconds = (time.monotonic() - self.start) / new * remaining
        return f"  {seconds:.0f} s left" if seconds < 120 else f"  {seconds / 60:.0f} min left"


def _fresh(study: "Study") -> str:
    count = f"{study.fresh_ended} of {len(study.fresh)}"
    return f"winner and default settings with fresh seeds: {count} trainings"


def _outcome(study: "Study", trial: "Trial") -> str:
    from glassnet.tuning.sentences import score_of

    score = "" if trial.score is None else f", {score_of(study, trial.score)}"
    best = "  best so far" if trial is study.winner else ""
    return f"{trial.state}{score}{f': {trial.error}' if trial.error else ''}{best}"


@contextmanager
def _live() -> Iterator[Callable[["Study"], None]]:
    """Context with a function that shows a study as a table that changes in place."""
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    clock = _Clock()

    def drawn(study: "Study") -> Table:
        running = [trial for trial in study.trials if trial.state == "running"]
        ended = [trial for trial in study.trials if trial.ended]
        newest = sorted([*ended, *running], key=lambda trial: trial.number)[-_ROWS:]
        if study.winner is not None and study.winner not in newest:
            newest = [study.winner, *newest[1:]]
        title = f"{len(ended)} of {study.planned} trials{clock.left(study)}"
        if study.fresh:
            title = _fresh(study)
        table = Table("trial", "state", "epochs", "settings", title=title)
        for trial in newest:
            settings = ", ".join(
                f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
                for name, value in trial.params.items()
            )
            table.add_row(
                str(trial.number), _outcome(study, trial), str(len(trial.curve)), settings
            )
        return table

    with Live(console=Console(stderr=True), refresh_per_second=4, transient=True) as live:
        yield lambda study: live.update(drawn(study))

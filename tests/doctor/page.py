"""Writes docs/doctor.md from the faults that the tests plant:   python -m tests.doctor.page"""

import inspect
import tempfile
from pathlib import Path

from tests.doctor.faults import FAULTS, Fault
from tests.doctor.given import Told
from tests.doctor.healthy import EXAMINED, FITTED, TRAINED

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
INTRODUCTION = """# The doctor

`glassnet train` looks at model and data together before the first epoch, and `glassnet doctor
[DATA|RUN]` does nothing else; `Model.fit` asks what costs no more than a look. An error stops (exit
code 2, nothing is written), a warning doesn't. While training, every step's loss and gradients are
looked at before the weights move: a step that would spoil them is not done. After training, `train`
and `doctor RUN` say how it went; `metrics.json` has it as `findings`.

The tests plant each of these {faults} faults and wait for the message. Healthy jobs over data sets,
networks, losses and engines get none: {examined} as `doctor` looks at them, {trained} as `train`
does, before and after training, and {fitted} as `Model.fit` does.
`python -m tests.doctor.page` writes this page.

| planted fault | found by | | what is said |
|---|---|---|---|
"""


def told_of(fault: Fault, engine: str, folder: Path) -> Told:
    """What is said of a fault on an engine ("" where none has to do with it)."""
    takes = inspect.signature(fault.plant).parameters
    given = {"engine": engine, "folder": folder}
    return fault.plant(**{name: value for name, value in given.items() if name in takes})


def fits(fault: Fault, level: str, message: str) -> bool:
    """Whether this is what should be said of the fault."""
    return level == fault.level and all(word in message for word in fault.words)


def row(fault: Fault) -> str:
    """The fault's line in the table."""
    with tempfile.TemporaryDirectory() as folder:
        told = told_of(fault, (*fault.engines, "")[0], Path(folder))
    message, *_ = (message for level, message in told if fits(fault, level, message))
    return f"| {fault.name} | {fault.by} | {fault.level} | {message.replace('|', '¦')} |\n"


def opening() -> str:
    """What stands before the table."""
    return INTRODUCTION.format(
        faults=len(FAULTS), examined=len(EXAMINED), trained=len(TRAINED), fitted=len(FITTED)
    )


def page() -> str:
    """The whole page."""
    return opening() + "".join(map(row, FAULTS))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Write docs/doctor.md from the faults that the tests plant:   python -m tests.doctor.page"""

import inspect
import tempfile
from pathlib import Path

from tests.doctor.faults import FAULTS, Fault
from tests.doctor.given import Told
from tests.doctor.healthy import EXAMINED, FITTED, TRAINED, TUNED

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"
INTRODUCTION = """# The doctor

The doctor checks model and data together. `glassnet train` runs it before the first epoch,
`glassnet doctor [DATA|RUN]` runs nothing else, and `Model.fit` runs its cheap checks;
`fine_tune` also runs those of fine-tuning. An error
stops training (exit code 2, nothing is written), a warning doesn't. During training on numpy and
jax, the loss and gradients of every step are checked before the weights are updated: a step with
non-finite values is not applied. After training, `train` and `doctor RUN` report how it went; the
findings are in `metrics.json` under `findings`. `Model.fit` names trained weights that did not
change in a bit.

The tests plant each of these {faults} faults and check the message. Healthy jobs across data sets,
networks, losses and engines get no findings: {examined} checked by `doctor`, {trained} by `train`
before and after training, {fitted} by `Model.fit`, and {tuned} that train a trained network again.
`python -m tests.doctor.page` writes this page.

| planted fault | found by | level | message |
|---|---|---|---|
"""


def findings_of(fault: Fault, engine: str, folder: Path) -> Told:
    """Plant a fault and return the findings; `engine` is "" if the fault has none."""
    takes = inspect.signature(fault.plant).parameters
    arguments = {"engine": engine, "folder": folder}
    return fault.plant(**{name: value for name, value in arguments.items() if name in takes})


def fits(fault: Fault, level: str, message: str) -> bool:
    """True if this is the expected message for the fault."""
    return level == fault.level and all(word in message for word in fault.words)


def row(fault: Fault) -> str:
    """Return the fault's row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        findings = findings_of(fault, (*fault.engines, "")[0], Path(folder))
    message, *_ = (message for level, message in findings if fits(fault, level, message))
    return f"| {fault.name} | {fault.by} | {fault.level} | {message.replace('|', '¦')} |\n"


def opening() -> str:
    """Return the text before the table, and its header."""
    return INTRODUCTION.format(
        faults=len(FAULTS),
        examined=len(EXAMINED),
        trained=len(TRAINED),
        fitted=len(FITTED),
        tuned=len(TUNED),
    )


def page() -> str:
    """Return the whole page."""
    return opening() + "".join(map(row, FAULTS))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

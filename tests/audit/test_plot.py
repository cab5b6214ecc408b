"""The plot of suspects."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.audit import Audit, Place, Suspect
from glassnet.audit.plot import write_suspects
from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.dataset import make_dataset

SUSPECTS = (
    Suspect(Place("train", 0), "Trouser", 0.01, "Ankle boot", 0.98),
    Suspect(Place("test", 1), "Shirt", 0.2, "Coat", 0.3),
)


def found(*suspects: Suspect) -> Audit:
    return Audit("a", "", {"train": 9, "test": 9}, {}, (), suspects, (), 0)


def test_both_splits_are_drawn(fashion: Dataset, tmp_path: Path) -> None:
    path = write_suspects(found(*SUSPECTS), fashion, str(tmp_path / "suspects.svg"))
    text = path.read_text()
    assert text.startswith("<?xml")
    for word in ("Ankle boot", "98%", "Coat"):
        assert word in text


def test_what_can_not_be_drawn(fashion: Dataset, tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="no label is suspect"):
        write_suspects(found(), fashion, str(tmp_path / "a.svg"))
    x, y = np.random.default_rng(0).random((20, 4)), np.arange(20) % 2
    table = make_dataset("table", x, y, x[:4], y[:4], ("a", "b"), "a test")
    with pytest.raises(GlassnetError, match="does not contain images"):
        write_suspects(found(*SUSPECTS), table, str(tmp_path / "a.svg"))

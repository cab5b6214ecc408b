"""What people type from Keras's guides works with Keras's numbers, or one sentence helps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import GlassnetError
from tests.keras_guides.guide import Program, plain, programs, run

KERAS = json.loads(Path(__file__).with_name("keras.json").read_text())
ALL = list(programs())
README = Path(__file__).parents[2].joinpath("README.md").read_text()


def close(a: Any, b: Any) -> bool:
    """True if two results are equal, numbers but for rounding in float32."""
    if isinstance(a, dict):
        return isinstance(b, dict) and {*a} == {*b} and all(close(a[n], b[n]) for n in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, str | bool) or a is None:
        return bool(a == b)
    return bool(np.isclose(a, b, rtol=2e-4, atol=2e-5))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_a_program(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_registry: None
) -> None:
    monkeypatch.chdir(tmp_path)
    if program.needs:
        pytest.importorskip(program.needs)
    if not program.refused:
        result = plain(run(program, glassnet))
        assert result is not None
        if not program.offline:
            wanted = KERAS[program.name]
            assert close(result, wanted) is not bool(program.differs), (result, wanted)
        assert program.differs in README
        return
    with pytest.raises((GlassnetError, AttributeError, ImportError)) as caught:
        run(program, glassnet)
    text = str(caught.value)
    assert program.refused in text
    assert "\n" not in text
    assert "has no attribute" not in text


def test_most_programs_work() -> None:
    works = [program for program in ALL if not (program.refused or program.differs)]
    assert len(ALL) >= 150
    assert len(works) >= 0.75 * len([program for program in ALL if not program.wrong])

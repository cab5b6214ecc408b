"""Log messages: printed by the command line, and left as they are for programs."""

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet.cli import main
from glassnet.core.errors import GlassnetError
from glassnet.runs.settings import Settings
from glassnet.runs.train import run_training


def test_a_message_is_printed_once_and_the_logger_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("text,label\n" + "".join(f"word{i % 2} again,{i % 2}\n" for i in range(20)))
    monkeypatch.setattr(sys, "argv", ["glassnet", "data", str(table)])
    root, logger = logging.getLogger(), logging.getLogger("glassnet")
    handler = logging.StreamHandler(sys.stderr)
    root.addHandler(handler)
    before = (logger.level, logger.propagate, list(logger.handlers))
    try:
        with pytest.raises(SystemExit) as end:
            main()
    finally:
        root.removeHandler(handler)
    assert not end.value.code
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
    assert capsys.readouterr().err.count("texts are in column") == 1


def test_weighted_examples_that_would_be_mixed_are_refused_before_there_is_a_run(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((40, 8, 8)), np.arange(40) % 2
    path = tmp_path / "weighted.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x, y_test=y, weights_train=rng.random(40))
    with pytest.raises(GlassnetError, match="weighted examples can't be mixed"):
        run_training(Settings(data=str(path), augment="mixup"), out=str(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()

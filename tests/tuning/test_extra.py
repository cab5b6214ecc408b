"""What is not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from glassnet import GlassnetError
from glassnet.tuning.extra import require_optuna
from glassnet.tuning.space import Space


def test_without_optuna_spaces_are_read_and_its_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_optuna()
    monkeypatch.setitem(sys.modules, "optuna", None)
    space = Space.from_dict({"epochs": [1, 2], "x": {"low": 0, "high": 1}})
    assert len(space.grid()) == 4
    with pytest.raises(GlassnetError, match=r"Run: pip install 'glassnet\[tune\]'"):
        space.distributions()
    with pytest.raises(GlassnetError, match=r"glassnet tune: optuna is not installed\."):
        require_optuna()


def test_without_optuna_tune_is_one_error_and_all_else_works() -> None:
    program = """
import subprocess
import sys
from pathlib import Path
sys.modules["optuna"] = None
import glassnet
from glassnet import *
try:
    tune("digits")
except glassnet.GlassnetError as error:
    print(error)
sys.argv = ["glassnet", "tune", "digits"]
from glassnet.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    message = "glassnet tune: optuna is not installed. Run: pip install 'glassnet[tune]'\n"
    assert done.stdout == message
    assert done.stderr == f"error: {message}"


def test_the_level_of_optuna_s_messages_is_the_user_s(tmp_path: Path) -> None:
    program = f"""
import optuna
import glassnet as gn
optuna.logging.enable_propagation()
gn.tune(lambda params, seed: params["x"], {{"x": [1.0, 2.0]}}, out={str(tmp_path)!r})
print(optuna.logging.get_verbosity() == optuna.logging.INFO)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, "A new study" in done.stderr) == ("True\n", False), done.stderr

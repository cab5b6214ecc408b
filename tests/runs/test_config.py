"""Settings from an earlier run or a file."""

from pathlib import Path

import pytest

from glassnet import GlassnetError
from glassnet.runs.config import configured
from glassnet.runs.run import Run, settings_of
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training


def test_of_a_run(tmp_path: Path) -> None:
    settings = choose("digits", "numbers", epochs=1, hidden=(8,), seed=3)
    run_training(settings, out=str(tmp_path), name="r")
    options = configured(str(tmp_path / "r"), {"epochs": 5})
    assert (options["data"], options["hidden"], options["seed"]) == ("digits", (8,), 3)
    assert options["epochs"] == 5
    again = choose(options.pop("data"), "numbers", **options)
    old = settings_of(Run(tmp_path / "r"))
    assert vars(again) == vars(old) | {"epochs": 5}


def test_another_network_keeps_what_both_have(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('network = "mlp"\nhidden = [8]\nlearning-rate = 0.5\nseed = 7\n')
    assert configured(str(file), {"network": "cnn"}) == {"network": "cnn", "seed": 7}
    assert configured(str(file), {})["hidden"] == (8,)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.toml", "epoch = 3", r"unknown setting 'epoch'. Did you mean 'epochs'"),
        ("c.toml", "epochs = '3'", r"Settings.epochs: '3' is not a whole number"),
        ("c.toml", "hidden = '3'", r"Settings.hidden: '3' is not a list or null"),
        ("c.toml", "epochs = ", r"is not valid TOML"),
        ("c.json", '{"epochs": "3"}', r"Settings.epochs: '3' is not"),
        ("c.json", "[1]", r"c.json"),
        ("c.yaml", "epochs: 3", r"is neither a run nor a .json or .toml file"),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(GlassnetError, match=message):
        configured(str(tmp_path / name), {})


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="is not the folder of a run"):
        configured(str(tmp_path), {})
    with pytest.raises(GlassnetError, match=r"no.toml"):
        configured(str(tmp_path / "no.toml"), {})

"""Files of spaces: the lines of mistakes, and the spaces that ship."""

from pathlib import Path

import optuna
import pytest

from glassnet import GlassnetError, networks
from glassnet.networks import recipe_for
from glassnet.runs.defaults import DEFAULTS, NETWORKS
from glassnet.runs.settings import Sizes, choose
from glassnet.tuning.space import Space
from glassnet.tuning.space_file import read_space, shipped

FILE = """# A space.
network = ["mlp", "cnn"]
epochs = 10
learning-rate = {{ low = 1e-4, high = 1e-2, log = true }}
augment = [
    "default",  # none
    "flip",
]

[hidden]
low = 32
high = 64
layers = [1, 2]
when = {{ network = ["mlp"] }}

[dropout]
{}
"""


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(FILE.format("low = 0.0\nhigh = 0.5"))
    space = read_space(str(path), {"batch_size": 32})
    assert [p.name for p in space.parameters] == [
        "network", "epochs", "learning_rate", "augment",
        "hidden.layers", "hidden.1", "hidden.2", "dropout",
    ]  # fmt: skip
    assert Space.from_dict(space.to_dict()) == space


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("epochs = 10", "epoch = 10", 3, "epoch: unknown setting 'epoch'. Did you mean 'epochs'"),
        ("low = 1e-4", "min = 1e-4", 4, "learning_rate.min: unknown key 'min'. Did you mean 'low'"),
        ("1e-4", "0.0", 4, "learning_rate.low: a logarithmic range starts above 0"),
        ('"flip",', '"flop",', 5, "augment: unknown augmentation 'flop'"),
        ('"flip",', '"default",', 5, "augment: has the choice 'default' twice"),
        ("low = 32", "low = 320", 11, "hidden.low: must be below high, 64; got 320"),
        ('["mlp"]', '["nlp"]', 14, "hidden.when.network: network is never 'nlp'. Did you mean"),
        ("when = {{ network", "when = {{ netwrk", 14, "hidden.when.netwrk: 'netwrk' is not a"),
        ('when = {{ network = ["mlp"] }}', "", 10, "hidden: is for mlp, not for cnn"),
        ("high = 0.5", "high = 1.5", 18, "dropout.high: must be at least 0 and below 1, got 1.5"),
        ("[dropout]", "[batch-size]", 16, "batch_size: is also fixed, by --batch-size 32"),
        ("epochs = 10", "epochs = ", 3, "is not valid TOML: Invalid value"),
        ("epochs = 10", "network = 10", 3, "is not valid TOML: Cannot overwrite"),
        ("[hidden]", "[hidden", 10, "is not valid TOML"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    path = tmp_path / "space.toml"
    text = FILE.replace(old, new).format("low = 0.0\nhigh = 0.5".replace(old, new))
    path.write_text(text)
    with pytest.raises(GlassnetError) as error:
        read_space(str(path), {"batch_size": 32})
    assert str(error.value).startswith(f"{path}, line {line}: {message}")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"space\.json: is not a \.toml file"):
        read_space("space.json", {})
    with pytest.raises(GlassnetError, match=r"no\.toml"):
        read_space(str(tmp_path / "no.toml"), {})
    (tmp_path / "large.toml").write_text("# " * 9000)
    with pytest.raises(GlassnetError, match="more than 16,384"):
        read_space(str(tmp_path / "large.toml"), {})


@pytest.mark.parametrize("network", NETWORKS)
def test_trials_of_a_shipped_space_are_networks(network: str) -> None:
    space = shipped(network, {})
    names = {p.name.partition(".")[0] for p in space.parameters}
    assert 5 <= len(names) <= 9
    assert "learning_rate" in names
    space.grid()  # not too large
    kind = DEFAULTS[network].reads[0]
    tokens = kind in ("texts", "corpus")
    data = {"classes": 3, "shape": (16,) if tokens else (32, 32), "rescaling": None,
            "vocabulary": 50 if tokens else None, "inputs": (), "features": None}  # fmt: skip
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    for _ in range(5):
        options = space.options(space.suggest(study.ask()))
        settings = choose("data", kind, network, **options)
        assert vars(settings).items() >= options.items()
        if network != "joined":  # which needs the columns of a table
            assert recipe_for(network, data, **settings.of(Sizes))


def test_what_is_fixed_is_not_in_a_shipped_space() -> None:
    names = {
        p.name for p in shipped("mlp", {"hidden": (8,), "dropout": 0.1, "l2": None}).parameters
    }
    assert names == {
        "activation",
        "normalization",
        "learning_rate",
        "weight_decay",
        "label_smoothing",
    }
    everything = {"learning_rate": 0.1, "freeze": "a", "layer_decay": 0.8, "epochs": 1,
                  "batch_size": 8, "weight_decay": 0.1, "from_": "runs/a"}  # fmt: skip
    with pytest.raises(GlassnetError, match=r"the options fix all that spaces/source\.toml"):
        shipped("source", everything)


def test_the_space_of_a_fine_tuning() -> None:
    space = shipped("source", {"from_": "runs/a"})
    names = {p.name for p in space.parameters}
    assert {"learning_rate", "freeze", "layer_decay"} <= names
    assert not names & {*networks.options_of("mlp")}
    with pytest.raises(GlassnetError, match=r"unknown network 'mpl'\. Did you mean 'mlp'"):
        shipped("mpl", {})

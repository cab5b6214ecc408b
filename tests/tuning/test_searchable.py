"""Which settings can be searched, and with which values."""

from typing import Any

import pytest

from glassnet import GlassnetError
from glassnet.tuning.searchable import ALIASES, SEARCHED, SETTINGS, SHARED, require_settings
from glassnet.tuning.space import Space

BOTH = {"network": ["mlp", "cnn"]}
RATE = {"low": 1e-4, "high": 1e-2}


def require(table: dict[str, Any], **fixed: Any) -> None:
    require_settings(Space.from_dict(table), "space", fixed)


def test_spaces_of_settings_pass() -> None:
    require({"learning_rate": RATE, "epochs": {"low": 1, "high": 9}, "dropout": [0, 0.5]})
    require({"hidden": [[8], [8, 8]], "augment": ["default", "flip,shift"]}, network="mlp")
    require(BOTH | {"hidden": {"choices": ["8", ""], "when": {"network": "mlp"}}})
    require(BOTH | {"dropout": {"low": 0.0, "high": 0.5}})  # an option of both
    require(
        {"optimizer": ["sgd", "adam"], "momentum": {"choices": [0.9], "when": {"optimizer": "sgd"}}}
    )
    require({"momentum": [0.0, 0.9]}, optimizer="rmsprop")
    require({"reduce_on_plateau": [3, 5], "schedule": "constant"})
    require({"freeze": ["none", "all-but-head"], "lora": [2, 4]}, from_="runs/a")
    require({"max_length": [32, 64], "embedding": [16, 32]}, network="gru")
    require({"learning_rate": RATE}, epochs=None)  # None: not typed
    require({"units": [8, 16], "patch": 4})  # the network is not known yet


def test_a_condition_on_a_condition_decides_on_the_network() -> None:
    table = BOTH | {
        "normalization": {"choices": ["none", "batch"], "when": {"network": "mlp"}},
        "l2": {"choices": [0.0, 0.1], "when": {"normalization": "none"}},
    }
    require(table)
    table["l2"] = {"choices": [0.0, 0.1]}
    with pytest.raises(GlassnetError, match="space: l2: is for mlp, not for cnn"):
        require(table)


def test_every_setting_is_searched_or_shared() -> None:
    assert {*SEARCHED, *SHARED} == {*SETTINGS}
    assert {"network", "hidden", "optimizer", "engine", "image_size", "max_length"} <= {*SEARCHED}


def test_names_of_other_libraries_stand_for_settings_that_can_be_searched() -> None:
    assert set(ALIASES.values()) <= set(SEARCHED)
    assert not set(ALIASES) & set(SETTINGS)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"learning_rat": RATE}, "space: learning_rat: unknown setting .* mean 'learning_rate'"),
        ({"lr": RATE}, r"lr: unknown setting 'lr'\. Did you mean 'learning_rate'\?$"),
        ({"augment": ["none", "flip"]}, r'none.* leave the option out, write "default"'),
        ({"seed": [1, 2]}, "space: seed: is the same in all trials.* command: --seed"),
        ({"from": "runs/a"}, "space: from: is the same in all trials.* command: --from"),
        ({"data": "digits"}, r"space: data: is the same in all trials.* to the command\.$"),
        ({"epochs": [1, "2"]}, "space: epochs: must be a whole number, got '2'"),
        ({"epochs": [1.0]}, r"must be a whole number, got 1\.0"),
        ({"epochs": [True]}, "must be a whole number, got True"),
        ({"epochs": {"low": 1, "high": 5.5}}, r"space: epochs\.high: .* got 5\.5\. Write low and"),
        ({"epochs": {"low": 0, "high": 5}}, r"space: epochs\.low: must be at least 1, got 0"),
        ({"learning_rate": {"low": 0, "high": 1}}, r"learning_rate\.low: .* Write low = 0\.0 and"),
        ({"learning_rate": {"low": 0.0, "high": 0.1}}, r"low: must be above 0, got 0\.0"),
        ({"dropout": {"low": 0.5, "high": 1.0}}, r"high: must be at least 0 and below 1, got 1\.0"),
        ({"weight_decay": [0.1, -0.1]}, r"weight_decay: must be at least 0, got -0\.1"),
        ({"ema": [1.5]}, r"ema: must be at least 0 and at most 1, got 1\.5"),
        ({"optimizer": ["adam", "sdg"]}, r"space: optimizer: unknown .* mean 'sgd'"),
        ({"optimizer": [3]}, "optimizer: must be a text, got 3"),
        ({"optimizer": RATE}, r"optimizer: must be a text, got a range of numbers\. Name the"),
        ({"network": ["mlp", "cmn"]}, "space: network: unknown network 'cmn'. Did you mean 'cnn'"),
        ({"activation": ["relo"]}, "space: activation: unknown activation"),
        ({"augment": ["flip,shfit"]}, "space: augment: unknown .* mean 'shift'"),
        ({"loss": ["hubber"]}, "space: loss: unknown loss 'hubber'. Did you mean 'huber'"),
        ({"schedule": ["cosin"]}, "mean 'cosine'"),
        ({"engine": ["jx"]}, "mean 'jax'"),
        ({"normalization": ["bach"]}, "mean 'batch'"),
        ({"stem": ["patch"]}, "mean 'patches'"),
        ({"tokenizer": ["words"]}, "mean 'word'"),
        ({"class_weight": ["balance"]}, "mean 'balanced'"),
        ({"bidirectional": ["yes"]}, "must be true or false, got 'yes'"),
        ({"hidden": [8, 16]}, r"hidden: must be a list of sizes, got 8.*\[\[128\], \[256, 128\]\]"),
        ({"hidden": ["8;8"]}, "hidden: '8;8' is not a list of whole numbers"),
        ({"hidden": {"low": 8, "high": 16}}, r"hidden: must be a list of sizes.*layers = \[1, 3\]"),
        ({"units": {"low": 8, "high": 16, "layers": 2}}, r"units\.layers: units is not a list"),
        (BOTH | {"units": [8]}, r"units: is not an option of mlp and cnn\. It is for rnn, lstm"),
        (BOTH | {"hidden": ["8"]}, r'not for cnn\. Search it .* when = \{network = \["mlp"\]\}'),
        (BOTH | {"max_length": [8]}, "max_length: is not an option of mlp and cnn"),
        ({"momentum": [0.9]}, "momentum: is for sgd and rmsprop, and optimizer can be adam"),
        (
            {"optimizer": ["sgd", "muon"], "momentum": [0.9]},
            r'optimizer can be muon\. .* when = \{optimizer = \["sgd", "rmsprop"\]\}',
        ),
        ({"reduce_on_plateau": [3], "schedule": ["constant", "default"]}, "can be default"),
        ({"reduce_on_plateau": [3]}, "is for constant, and schedule can be cosine"),
        ({"lora": [2]}, "lora: is for starting from a trained model. Name .* --from RUN"),
    ],
)  # fmt: skip
def test_mistakes(table: dict[str, Any], message: str) -> None:
    with pytest.raises(GlassnetError, match=message):
        require(table)


def test_what_is_fixed_is_not_searched() -> None:
    with pytest.raises(
        GlassnetError, match=r"^space: batch_size: is also fixed, by --batch-size 8"
    ):
        require({"batch_size": [4, 8]}, batch_size=8)
    with pytest.raises(GlassnetError, match="space: filters: is not an option of mlp"):
        require({"filters": ["8"]}, network="mlp")
    with pytest.raises(GlassnetError, match="momentum: is for sgd and rmsprop, and optimizer can"):
        require({"momentum": [0.9]}, optimizer=None)
    for name in ("network", "hidden", "tokenizer"):
        with pytest.raises(GlassnetError, match=f"^space: {name}: is decided by the model in"):
            require({name: "byte" if name == "tokenizer" else "8" if name == "hidden" else "mlp"},
                    from_="runs/a")  # fmt: skip


def test_the_default_network_decides_where_none_is_named() -> None:
    cnn = Space.from_dict({"filters": ["8", "16"]})
    require_settings(cnn, "space", {}, "cnn")
    require_settings(cnn, "space", {"network": "resnet"}, "mlp")
    with pytest.raises(GlassnetError, match="space: filters: is not an option of mlp"):
        require_settings(cnn, "space", {}, "mlp")
    both = Space.from_dict({"network": ["cnn", "resnet"], "filters": ["8", "16"]})
    require_settings(both, "space", {}, "mlp")  # which the space overrides
    with pytest.raises(GlassnetError, match="network: is also fixed, by --network cnn"):
        require_settings(both, "space", {"network": "cnn"}, "mlp")

"""The command that has the settings of a training."""

from glassnet.runs.command import option_string, train_command
from glassnet.runs.settings import Settings


def test_settings_as_they_are_typed() -> None:
    options = {
        "network": "mlp",
        "hidden": (),
        "filters": (2, 3),
        "bidirectional": True,
        "data_dir": "my data",
    }
    same = {"optimizer": None, "seed": Settings().seed, "epochs": None}
    assert (
        option_string(options | same)
        == "--network mlp --hidden '' --filters 2,3 --bidirectional --data-dir 'my data'"
    )


def test_names_of_columns_are_typed_one_by_one() -> None:
    assert option_string({"target": ["a", "b c"]}) == "--target a --target 'b c'"


def test_a_switch_that_is_off_is_left_out() -> None:
    assert option_string({"bidirectional": False, "merge_lora": True}) == "--merge-lora"


def test_lists_from_a_file_are_those_of_the_command_line() -> None:
    assert option_string({"hidden": [64, 32]}) == "--hidden 64,32"


def test_without_options_there_is_only_the_data() -> None:
    assert train_command("my data", {"epochs": None}) == "glassnet train 'my data'"

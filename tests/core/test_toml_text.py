"""TOML: the lines of keys and of mistakes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import GlassnetError
from glassnet.core.toml_text import key_lines, parsed_toml

TEXT = '''# a comment: a = 1

epochs = 10
text = """
dropout = 1
[units]
"""
sizes = [
    1,  # ]
    2,
]
"learning-rate" = { low = 1, high = 2 }
units.low = 3
[dropout]  # low = 9
low = 0.0

when = { network = "mlp" }
[hidden.when]
network = ["cnn"]
'''


def test_the_lines_of_keys() -> None:
    assert key_lines(TEXT) == {
        ("epochs",): 3,
        ("text",): 4,
        ("sizes",): 8,
        ("learning-rate",): 12,
        ("learning-rate", "low"): 12,
        ("learning-rate", "high"): 12,
        ("units",): 13,
        ("units", "low"): 13,
        ("dropout",): 14,
        ("dropout", "low"): 15,
        ("dropout", "when"): 17,
        ("dropout", "when", "network"): 17,
        ("hidden",): 18,
        ("hidden", "when"): 18,
        ("hidden", "when", "network"): 19,
    }
    assert key_lines(TEXT.replace("\n", "\r\n")) == key_lines(TEXT)


KEYS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=8, unique=True)
VALUES = ['"x = 1"', "[\n1,\n2]", "'''\nb = 2\n'''", "{ low = 1 }", "3  # c = 4"]


@given(KEYS, st.data())
def test_each_key_is_on_the_line_where_it_was_written(keys: list[str], data: st.DataObject) -> None:
    text, lines = "", {}
    for key in keys:
        text += "\n" * data.draw(st.integers(0, 2))
        lines[key] = text.count("\n") + 1
        text += f"{key} = {data.draw(st.sampled_from(VALUES))}\n"
    assert {path[0]: line for path, line in key_lines(text).items() if len(path) == 1} == lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = = 2\nc = 3", 2),
        ("a = 1\n\nb = [1,\nc = 3\n", 3),  # where the array begins
        ("a = 1\nb = 2\na = 3\n", 3),
        ("a = 1\n[a]\n", 2),
        ("[t]\nx = 1\n[t]\n", 3),
        ("a = '", 1),
        ("a =\n", 1),
        ("x = " + "[" * 5000, 1),
    ],
)
def test_the_line_of_a_mistake(text: str, line: int) -> None:
    with pytest.raises(GlassnetError, match="is not valid TOML") as error:
        parsed_toml(text.encode(), "s.toml", "Fix it.")
    assert error.value.where == f"s.toml, line {line}"


def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(GlassnetError, match=r"s\.toml: is not valid TOML: .*utf-8.* Fix it\."):
        parsed_toml(b"a = '\xff'", "s.toml", "Fix it.")

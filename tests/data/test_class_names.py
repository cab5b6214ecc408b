"""Labels that are missing, and names that are probably one class, wherever labels are read."""

from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import load
from glassnet.data.class_names import is_missing, require_labels, same_names, same_names_text
from glassnet.layers import Dense
from glassnet.model.model import Model


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (("spam", "ham"), []),
        (("spam", "Spam", "ham", "SPAM "), [("spam", "Spam", "SPAM ")]),
        (("café", "cafe\u0301"), [("café", "cafe\u0301")]),
        (("not  good", "not good", "not\u00a0good"), [("not  good", "not good", "not\u00a0good")]),
        (("a\u200b", "a"), [("a\u200b", "a")]),
        (("ß", "SS"), [("ß", "SS")]),
        (("１", "1", "2"), [("１", "1")]),
        (("T-shirt", "T shirt", "1", "-1", "1.5", "10", "+"), []),
        (("1", "0", "1.0", "01", "0.00", "-1"), [("1", "1.0", "01"), ("0", "0.00")]),
        (("v1.0", "v1", "1.2.0", "1.2", "100", "1"), []),
    ],
)
def test_names_that_are_probably_one_class(
    names: tuple[str, ...], groups: list[tuple[str, ...]]
) -> None:
    assert same_names(names) == groups


def test_names_that_look_the_same_are_shown_with_escapes() -> None:
    assert same_names_text(["café", "cafe\u0301"]).startswith(r"'caf\xe9' and 'cafe\u0301' differ")
    assert same_names_text(["Straße", "STRASSE"]).startswith("'Straße' and 'STRASSE' differ only")
    assert same_names_text(["a", "b"]) == ""
    assert same_names_text(["1", "1.0"]) == "'1' and '1.0' are one number, but are 2 classes."


def test_missing_labels_are_named_with_their_rows() -> None:
    assert [name for name in ("", " ", "NaN", "<NA>", "NaT", "nana", "0") if is_missing(name)] == [
        "", " ", "NaN", "<NA>", "NaT"
    ]  # fmt: skip
    labels = ["a", "nan", "a", *["nan"] * 8]
    with pytest.raises(GlassnetError) as caught:
        require_labels(labels, range(len(labels)), "here")
    assert (
        "here: row 1: the label is 'nan', a missing value; likewise rows 3, 4, 5, 6, 7 and 3"
        in (str(caught.value))
    )
    with pytest.raises(GlassnetError, match=r"line 7: the label is empty\."):
        require_labels(["a", ""], [4, 7], "here", "line")


def test_names_that_may_stand_for_missing_labels_are_announced(messages: list[str]) -> None:
    require_labels(["a", "None", "None", "N/A"], range(4), "here")
    assert messages == [
        "warning: here: row 3: the label is 'N/A', which is a class, but reads like a missing "
        "value. If it is one, fill it in, or remove the row.",
        "warning: here: row 1: the label is 'None', which is a class, but reads like a missing "
        "value; likewise row 2. If it is one, fill it in, or remove the row.",
    ]


def save(path: Path, labels: list[str], **more: object) -> str:
    y, x = np.array(labels), np.arange(2.0 * len(labels)).reshape(-1, 2)
    np.savez(path, x_train=x, y_train=y, x_test=x[:2], y_test=y[:2], **more)
    return str(path)


def test_a_table_of_texts(tmp_path: Path, messages: list[str]) -> None:
    rows = [f"text {i},{('spam', 'Spam', 'ham')[i % 3]}" for i in range(30)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))
    load(tmp_path / "a.csv")
    assert any("'Spam' and 'spam' differ only by case" in message for message in messages)
    rows[4] = rows[9] = "text,nan"
    rows[11] = "text,"
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))
    with pytest.raises(GlassnetError, match=r"line 6: .* is 'nan', a .*; likewise lines 11, 13"):
        load(tmp_path / "a.csv")
    rows = [f"text {i},{('spam', 'ham')[i % 2]},{('train', 'test')[i > 20]}" for i in range(30)]
    rows[25] = "text,SPAM,test"
    (tmp_path / "a.csv").write_text("\n".join(["text,label,split", *rows]))
    with pytest.raises(GlassnetError, match=r"label 'SPAM', which .* Did you mean 'spam'"):
        load(tmp_path / "a.csv")


def test_arrays(tmp_path: Path, messages: list[str]) -> None:
    load(save(tmp_path / "a.npz", ["cat", "Cat "] * 4))
    assert any("differ only by case" in message for message in messages)
    with pytest.raises(GlassnetError, match=r"y_train: row 1: the label is 'nan', a missing value"):
        load(save(tmp_path / "a.npz", ["cat", "nan"] * 4))
    labels = np.array(["\u00e4", "b"] * 4)
    decomposed = {"y_train": labels, "y_test": np.array(["a\u0308", "b"])}
    np.savez(tmp_path / "a.npz", x_train=np.eye(8), x_test=np.eye(8)[:2], **decomposed)
    with pytest.raises(GlassnetError, match=r"y_test: row 0 .* Did you mean '\\xe4'\? Fix"):
        load(tmp_path / "a.npz")
    with pytest.raises(GlassnetError, match=r"class_names: 'nan' stands for a missing value"):
        load(save(tmp_path / "a.npz", [0, 1] * 4, class_names=np.array(["a", "nan"])))  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array(["a", "A"] * 4), r"'a' and 'A' differ only by case"),
        (np.array(["a", "b"] * 4), r"numpy\.unique\(y, return_inverse=True\)\.$"),
        (np.array(["a", None] * 4, object), r"y: row 1: the label is empty.*likewise rows 3, 5, 7"),
        (np.array(["a", float("nan")] * 4, object), "row 1: the label is 'nan', a missing value"),
    ],
)
def test_fit_in_python(labels: np.ndarray, words: str) -> None:
    model = Model([Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(GlassnetError, match=words):
        model.fit(np.zeros((8, 3)), labels, verbose=0)


@pytest.mark.parametrize(
    ("label", "hint"),
    [("A\u0308", r"Did you mean '\xc4'?"), ("ä ", r"Did you mean 'Ä'?"), ("b", "")],
)
def test_a_label_that_looks_like_a_class_is_named_with_it(
    label: str, hint: str, tmp_path: Path
) -> None:
    x, y = np.arange(16.0).reshape(8, 2), np.array(["Ä", "o"] * 4)
    path = str(tmp_path / "a.npz")
    np.savez(path, x_train=x, y_train=y, x_test=x[:2], y_test=np.array([label, "o"]))
    with pytest.raises(GlassnetError) as caught:
        load(path)
    assert f"among the classes. {hint}" in str(caught.value)
    assert ("Did you mean" in str(caught.value)) == bool(hint)

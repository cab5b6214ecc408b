"""`.npz` files: valid ones in all their forms, and invalid ones, each with one clear error."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.errors import GlassnetError
from glassnet.data.sources import npz as module
from glassnet.data.sources.npz import read_npz

RIGHT: dict[str, Any] = {
    "x_train": np.arange(24, dtype=np.float32).reshape(6, 2, 2),
    "y_train": np.array([0, 1, 2, 0, 1, 2]),
    "x_test": np.ones((3, 2, 2), np.float32),
    "y_test": np.array([2, 1, 0]),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.npz"


def save(path: Path, **changes: Any) -> Path:
    """The valid arrays with changes; None leaves one out."""
    arrays = {key: value for key, value in (RIGHT | changes).items() if value is not None}
    np.savez_compressed(path, **arrays)
    return path


def header_says(shape: str, descr: str = "'<f4'", rest: bytes = b"") -> bytes:
    """An .npy file with this header, whatever follows."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + rest


def save_raw(path: Path, **members: bytes) -> Path:
    """The valid arrays, with some replaced by raw bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, array in RIGHT.items():
            data = io.BytesIO()
            np.save(data, array)
            archive.writestr(f"{key}.npy", members.get(key, data.getvalue()))
    return path


def test_plain(path: Path) -> None:
    dataset = read_npz(save(path))
    assert dataset.name == "mine"
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.y_test.tolist() == [2, 1, 0]
    np.testing.assert_array_equal(dataset.x_train, RIGHT["x_train"])


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint64, np.float16, np.float64, ">i4"])
def test_labels_of_any_number_type(path: Path, dtype: Any) -> None:
    column = RIGHT["y_train"].astype(dtype)[:, None]
    dataset = read_npz(save(path, y_train=column, y_test=RIGHT["y_test"].astype(dtype)))
    assert dataset.y_train.tolist() == RIGHT["y_train"].tolist()
    assert dataset.y_train.dtype == np.int64


@pytest.mark.parametrize("dtype", [np.uint8, ">f4", np.float16, bool])
def test_examples_keep_their_type(path: Path, dtype: Any) -> None:
    x = RIGHT["x_train"].astype(dtype)
    dataset = read_npz(save(path, x_train=x, x_test=x[:3]))
    assert dataset.x_train.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(dataset.x_train, x)


def test_fortran_order(path: Path) -> None:
    dataset = read_npz(save(path, x_train=np.asfortranarray(RIGHT["x_train"])))
    assert dataset.sha256 == read_npz(save(path)).sha256


@pytest.mark.parametrize("kind", ["U", "S"])
def test_class_names_and_labels_that_are_strings(path: Path, kind: str) -> None:
    words = np.array(["cat", "ant", "bee"])
    y = {key: words[RIGHT[key]].astype(kind) for key in ("y_train", "y_test")}
    dataset = read_npz(save(path, **y))
    assert dataset.class_names == ("ant", "bee", "cat")
    assert dataset.y_train.tolist() == [2, 0, 1, 2, 0, 1]
    dataset = read_npz(save(path, **y, class_names=words.astype(kind)))
    assert dataset.class_names == ("cat", "ant", "bee")
    assert dataset.y_train.tolist() == RIGHT["y_train"].tolist()
    dataset = read_npz(save(path, class_names=words.astype(kind)))
    assert dataset.class_names == ("cat", "ant", "bee")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x_test": None, "y_test": None}, "mine.npz: does not contain x_test, y_test"),
        ({"y_train": np.array([0, 1, 2, 0, 1, 2.5])}, "y_train: row 5 has label 2.5"),
        ({"y_train": np.array([0, 1, np.nan, 0, 1, 2])}, "y_train: row 2 has label nan"),
        ({"y_train": np.array([0, 1, 1e300, 0, 1, 2])}, r"y_train: row 2 has label 1e\+300"),
        ({"y_train": np.array([0, 1, -1, 0, 1, 2])}, "y_train: row 2 has label -1"),
        ({"y_train": np.array([0, 1, 2**64 - 1, 0, 1, 2], np.uint64)}, "y_train: row 2 has label"),
        ({"y_train": np.array([0, 1, 10**9, 0, 1, 2])}, "row 2 has label 1000000000, but 6 rows"),
        ({"y_train": np.array([1, 2, 3, 1, 2, 3])}, r"class 0 \(0\) does not occur.*subtract 1"),
        ({"y_test": np.array([0, 1, 3])}, "y_test: row 2 has label 3, but the 3 classes"),
        ({"y_test": np.array(["0", "1", "2"])}, "y_test: row 0 has label '0', which is not"),
        ({"y_train": np.eye(3)[RIGHT["y_train"]]}, r"y_train: (has shape|holds)"),
        ({"y_train": np.array([0, 1])}, "y_train: has 2 labels for 6 rows"),
        ({"x_train": np.zeros((6, 2))}, r"x_test: has rows of shape \(2, 2\)"),
        ({"x_train": np.array(5.0)}, r"x_train: has shape \(\)"),
        ({"x_train": np.zeros((0, 2, 2)), "y_train": np.zeros(0, int)}, "x_train: is empty"),
        ({"x_train": np.full((6, 2, 2), np.nan)}, "x_train: 6 of 6 rows contain NaN"),
        ({"x_train": np.array([[None]])}, "x_train: holds Python objects"),
        ({"x_train": np.zeros(6, [("a", "f4")])}, "x_train: holds Python objects"),
        ({"x_train": np.zeros((6, 2), "M8[s]")}, "x_train: holds datetime64"),
        ({"class_names": np.array(["a", "b"])}, "y_train: row 2 has label 2, but the 2 classes"),
        ({"class_names": np.array([["a", "b", "c"]])}, "class_names: is"),
        ({"class_names": np.array([1, 2, 3])}, "class_names: is int64"),
        ({"class_names": np.array([b"a", b"b", b"\xff"])}, "class_names: .* not UTF-8"),
        ({"class_names": np.array(["a", "b", "c", "d"])}, r"class 3 \(d\) does not occur"),
    ],
)
def test_wrong_arrays(path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(GlassnetError, match=words) as caught:
        read_npz(save(path, **changes))
    assert str(caught.value).startswith(str(path))


def test_not_an_npz(path: Path) -> None:
    with pytest.raises(GlassnetError, match="No such file"):
        read_npz(path)
    path.write_text("x,y\n1,2\n")
    with pytest.raises(GlassnetError, match=r"is not a complete .npz file"):
        read_npz(path)
    data = save(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(GlassnetError, match=r"is not a complete .npz file"):
        read_npz(path)


@pytest.mark.parametrize(
    "member",
    [
        b"",
        b"no numpy",
        header_says("(6, 2, 2)"),
        header_says("(99999999999, 2)", rest=bytes(96)),
        header_says("(-6, 2)", rest=bytes(96)),
        header_says("(6, 2, 2)", rest=bytes(97)),
        header_says("(6, 'a')", rest=bytes(96)),
        header_says("(6, 4)", descr="'<q9'", rest=bytes(96)),
        header_says("(6, 4)", descr="__import__('os').abort()", rest=bytes(96)),
        header_says("(6, 4)").replace(b"\x01\x00", b"\x03\x00", 1),
        header_says("(6, 4)").replace(b"\x01\x00", b"\x09\x00", 1),
    ],
)
def test_damaged_members(path: Path, member: bytes) -> None:
    with pytest.raises(GlassnetError, match=r"mine.npz: x_train: is damaged"):
        read_npz(save_raw(path, x_train=member))


def test_a_bomb_is_refused_before_it_is_unpacked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "physical", lambda: 2**20)
    save(path, x_train=np.zeros((6, 100_000), np.uint8))
    assert path.stat().st_size < 5000
    with pytest.raises(GlassnetError, match="unpacks to"):
        read_npz(path)


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_damage_anywhere(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int, cut: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    data = bytearray(save(path).read_bytes())
    where = int(place * len(data))
    if cut:
        del data[where:]
    else:
        data[where] ^= 1 << bit
    path.write_bytes(data)
    try:
        dataset = read_npz(path)
    except GlassnetError as error:
        assert str(path) in str(error)  # noqa: PT017 (either outcome is right)
        return
    np.testing.assert_array_equal(dataset.x_train, RIGHT["x_train"])  # for example, a timestamp


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("weights_train", np.ones(3), "weights_train: has shape .* 6 examples"),
        ("weights_train", np.array([1, -1.0, 1, 1, 1, 1]), "row 1 is below 0"),
        ("weights_train", np.full(6, np.nan), "weights_train"),
        ("weights_train", np.zeros(6), "no example counts"),
        ("groups_train", np.arange(6.0), "groups_train: is float64"),
        ("groups_train", np.zeros(6, int), "only one group"),
    ],
)
def test_odd_weights_and_groups(tmp_path: Path, name: str, value: Any, what: str) -> None:
    path = tmp_path / "d.npz"
    y = np.array([0, 1] * 3)
    np.savez(path, x_train=np.ones((6, 2)), y_train=y, x_test=np.ones((6, 2)), y_test=y,
             **{name: value})  # fmt: skip
    with pytest.raises(GlassnetError, match=what):
        read_npz(path)


def test_whatever_the_libraries_raise_is_one_error(path: Path) -> None:
    """TokenError, MemoryError, SystemError at first use: none is a ValueError."""
    unclosed = b"{'descr': '<f4', 'shape': (6, 2"
    deep = b"-" * 9000 + b"1"
    for header in (unclosed, deep):
        raw = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        with pytest.raises(GlassnetError, match=r"mine.npz: x_train: is damaged"):
            read_npz(save_raw(path, x_train=raw))
    for code in (0x7FFFFFFF, 0x110000, 0xD800):
        labels = header_says("(6,)", "'<U1'", code.to_bytes(4, "little") * 6)
        with pytest.raises(GlassnetError, match=r"y_train: is damaged.*not characters of Unicode"):
            read_npz(save_raw(path, y_train=labels))
    for y in (np.int64(3), np.complex64(3), np.array("a")):
        with pytest.raises(GlassnetError, match="y_train"):
            read_npz(save(path, y_train=y))


def test_members_without_a_suffix_are_read_as_numpy_reads_them(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for key, array in RIGHT.items():
            data = io.BytesIO()
            np.save(data, array)
            archive.writestr(key, data.getvalue())
    with np.load(path) as stored:
        np.testing.assert_array_equal(read_npz(path).x_train, stored["x_train"])

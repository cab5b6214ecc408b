"""Checked tensors: there and back, and every header that lies about the bytes refused by name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from glassnet.core.errors import GlassnetError
from glassnet.core.tensor_file import open_tensors, write_tensors

TENSORS = {
    "a/kernel": np.arange(6, dtype="float32").reshape(2, 3),
    "b": np.array(2.5),
    "count": np.array([1, 2, 3], "int64"),
    "key": np.array([7], "uint32"),
}
KINDS = {name: (values.shape, values.dtype.name) for name, values in TENSORS.items()}


def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.safetensors"
    write_tensors(path, {"step": 3}, TENSORS, "checkpoint")
    return path


def test_there_and_back_under_its_own_key(tmp_path: Path) -> None:
    with open_tensors(file(tmp_path), "checkpoint") as stored:
        assert stored.header == {"step": 3}
        assert stored.kinds == KINDS
        for name, values in stored.read(KINDS).items():
            np.testing.assert_array_equal(values, TENSORS[name])
    with pytest.raises(GlassnetError, match="no glassnet description"), open_tensors(
        file(tmp_path), "glassnet"
    ):  # fmt: skip
        pass


def test_the_library_reads_the_same(tmp_path: Path) -> None:
    for name, values in safetensors.numpy.load_file(file(tmp_path)).items():
        np.testing.assert_array_equal(values, TENSORS[name])


def test_what_would_be_refused_is_not_written(tmp_path: Path) -> None:
    for header, tensors, message in (
        ({"text": "x" * 70_000}, {}, "a header of"),
        ({"seed": 10**30}, {}, "has the number 10+"),
        ({"text": "\ud800"}, {}, "is not valid Unicode"),
        ({}, {"w": np.array([np.inf])}, "weight 'w' holds NaN or infinity"),
    ):
        with pytest.raises(GlassnetError, match=message):
            write_tensors(tmp_path / "new", header, tensors)
    assert not list(tmp_path.iterdir())


LONG = {"names": ["ü" * 50] * 3000, "about": {"words": "\U0001f600 " * 9000}}


def test_long_fields_are_stored_where_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    for fields, in_tensor in (({"names": ["a"], "about": {}}, False), (LONG, True)):
        write_tensors(path, {"step": 3, **fields}, TENSORS, long_fields=("names", "about"))
        assert ("@header" in safetensors.numpy.load_file(path)) == in_tensor
        with open_tensors(path) as stored:
            assert stored.header == {"step": 3, **fields}
            assert stored.kinds == KINDS
            stored.read(KINDS)
    short = {"step": 3, "names": ["a"], "about": {}}
    write_tensors(path, short, TENSORS)
    plain = path.read_bytes()
    write_tensors(path, short, TENSORS, long_fields=("names", "about"))
    assert path.read_bytes() == plain


def test_long_fields_have_a_limit(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"names take 17,000,013 bytes, more than 16,777,216"):
        write_tensors(tmp_path / "a", {"names": "x" * 17_000_000}, {}, long_fields=("names",))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.frombuffer(b'{"step": 4}', np.uint8), "has the field 'step' twice"),
        (np.frombuffer(b'{"sha256": ""}', np.uint8), "has the field 'sha256' twice"),
        (np.frombuffer(b"[1]", np.uint8), "its JSON is not an object"),
        (np.frombuffer(b'{"a": NaN}', np.uint8), "has the number NaN"),
        (np.frombuffer(b"\xff{}", np.uint8), "is not valid JSON"),
        (np.zeros(0, np.uint8), "is not valid JSON"),
        (np.zeros((2, 2), np.uint8), r"are uint8 of shape \(2, 2\)"),
        (np.zeros(3, np.int64), r"are int64 of shape \(3,\)"),
        (np.zeros(2**24 + 1, np.uint8), "are uint8 of shape"),
    ],
)
def test_long_fields_are_checked(tmp_path: Path, values: Any, message: str) -> None:
    path = tmp_path / "some.safetensors"
    header = json.dumps({"step": 3, "sha256": "0"})
    path.write_bytes(safetensors.numpy.save({"@header": values}, {"glassnet": header}))
    with pytest.raises(GlassnetError, match=message), open_tensors(path):
        pass


def test_altered_long_fields_don_t_match_the_checksum(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    write_tensors(path, {"step": 3, **LONG}, TENSORS, long_fields=("names", "about"))
    data = path.read_bytes()
    path.write_bytes(data.replace("ü".encode(), "ä".encode(), 1))
    with (
        open_tensors(path) as stored,
        pytest.raises(GlassnetError, match="its checksum does not match"),
    ):
        stored.read(KINDS)


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes


OTHER = entry(data_offsets=[8, 16])
LIES = [
    ({"w": entry()}, "16 bytes of weights where its header says 8"),
    ({"w": entry(), "v": entry()}, "weight 'w': begins at byte 0 of the weights, not at 8"),
    ({"w": entry(), "v": entry(data_offsets=[4, 12])}, "'v': begins at byte 4 of the weights"),
    ({"w": entry(), "v": entry(data_offsets=[12, 20])}, "'v': begins at byte 12 of the weights"),
    ({"w": OTHER}, "'w': begins at byte 8 of the weights, not at 0"),
    ({"w": entry(), "v": OTHER | {"path": "/etc/passwd"}}, "'v': is not described by"),
    ({"w": entry(), "v": ["/etc/passwd"]}, "'v': is not described by"),
    ({"w": entry(shape=[2**60]), "v": OTHER}, "'w': has the offsets"),
    ({"w": entry(shape=[1] * 33 + [2]), "v": OTHER}, "'w': has the shape"),
    ({"w": entry(shape=[-1, -2]), "v": OTHER}, "'w': has the shape"),
    ({"w": entry(shape=[2.0]), "v": OTHER}, "'w': has the shape"),
    ({"w": entry(shape=[True, 2]), "v": OTHER}, "'w': has the shape"),
    ({"w": entry(shape="2"), "v": OTHER}, "'w': has the shape"),
    ({"w": entry(data_offsets=[8, 0]), "v": OTHER}, "'w': has the offsets"),
    ({"w": entry(data_offsets=[0, 4, 8]), "v": OTHER}, "'w': has the offsets"),
    ({"w": entry(dtype="object"), "v": OTHER}, "'w': has the dtype 'object'"),
    ({"w": entry(dtype=["F32"]), "v": OTHER}, "'w': has the dtype"),
    ({"w": entry(), "v": OTHER}, None),
]


@pytest.mark.parametrize(("entries", "message"), LIES)
def test_headers_that_lie(tmp_path: Path, entries: dict[str, Any], message: str | None) -> None:
    header = {"__metadata__": {"glassnet": '{"sha256": ""}'}, **entries}
    refused(tmp_path, json.dumps(header), message)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ('{"w": {}, "w": {}}', "a key twice"),
        ('{"__metadata__": {"glassnet": "{}", "more": "{}"}}', "no glassnet description"),
        ('{"__metadata__": {"glassnet": 3}}', "no glassnet description"),
        ('{"__metadata__": []}', "no glassnet description"),
        ('{"__metadata__": {"glassnet": "{}"}}', "lacks a valid 'sha256'"),
        ('{"\\ud800": 1}', "is not valid Unicode"),
        ("[" * 1000, "not valid JSON"),
    ],
)
def test_headers_that_are_none(tmp_path: Path, header: str, message: str) -> None:
    refused(tmp_path, header, message)


def refused(tmp_path: Path, header: str, message: str | None) -> None:
    path = tmp_path / "lie"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + bytes(16))
    if message is None:
        with open_tensors(path) as stored:
            assert stored.kinds == {"w": ((2,), "float32"), "v": ((2,), "float32")}
        return
    with pytest.raises(GlassnetError, match=message) as error, open_tensors(path):
        pass
    assert error.value.where.startswith(str(path))

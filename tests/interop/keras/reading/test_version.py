"""The versions of Keras, and what the files of one of them don't say."""

import zipfile
from pathlib import Path

import pytest

from glassnet import GlassnetError
from glassnet.interop.keras.reading.file import import_keras
from glassnet.interop.keras.reading.version import KERAS_3, NEWEST, read_version
from tests.interop.keras.reading.test_file import write
from tests.interop.keras.reading.test_graph import INPUT, graph, square, tensor


@pytest.mark.parametrize(
    ("text", "version"),
    [("3.15.1", (3, 15)), ("2.4.0", (2, 4)), ("3.0.0.dev2024", (3, 0)), ("2.2.4-tf", (2, 2)),
     ("", NEWEST), (None, NEWEST), ("x", NEWEST), (3.1, NEWEST), ("9" * 5000, NEWEST)],
)  # fmt: skip
def test_versions(text: object, version: tuple[int, int]) -> None:
    assert read_version(text) == version
    assert (version < KERAS_3) == (version[0] == 2)


def test_calls_of_a_shared_layer_are_lost_in_files_of_keras_3_2(tmp_path: Path) -> None:
    twice = graph(square("a", INPUT, tensor("a")), square("b", tensor("a", 1)))
    for version, readable in (("3.1.1", True), ("3.2.1", False), ("3.3.0", True)):
        path = write(tmp_path / "m.keras", twice, metadata=f'{{"keras_version": "{version}"}}')
        if readable:
            assert len(import_keras(path)[0].calls) == 3
            continue
        with pytest.raises(GlassnetError, match=r"'a': is called 2 times, and Keras 3\.2 writes"):
            import_keras(path)
    with zipfile.ZipFile(path) as archive:
        assert b"3.3.0" in archive.read("metadata.json")

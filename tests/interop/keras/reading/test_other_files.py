"""Files that are not .keras files of Keras 3: one sentence each, with what to do."""

import io
from pathlib import Path

import pytest

from tests.interop.keras.reading.test_file import model, refusal, weights, write

h5py = pytest.importorskip("h5py", reason="h5py reads Keras's weights: glassnet[keras]")


def hdf5(**attributes: str) -> bytes:
    with h5py.File(buffer := io.BytesIO(), "w") as file:
        file.attrs.update(attributes)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "what", "fix"),
    [
        ("m.h5", hdf5(), "holds weights alone", "model.load_weights(path)"),
        ("m.weights.h5", weights(), "holds weights alone", "model.load_weights(path)"),
        ("m.onnx", b"\x08\x07", "is an ONNX file", "In Keras 3, build the network"),
        ("m.pt", b"PK\x03\x04", "is a PyTorch file", "load_weights"),
        ("m.safetensors", b"12345678{}", "glassnet's own format", "Model.load"),
    ],
)
def test_other_files_are_named(
    name: str, content: bytes, what: str, fix: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert what in message
    assert fix in message


def test_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/saved_model.pb").write_bytes(b"")
    assert "is a SavedModel folder" in refusal(tmp_path / "saved")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/model.safetensors").write_bytes(b"")
    assert "is a run of glassnet's" in refusal(tmp_path / "run")
    (tmp_path / "best.keras").write_bytes(b"")
    assert f"is a folder, not a .keras file. {tmp_path} has best.keras" in refusal(tmp_path)


def test_a_missing_file_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    assert "doesn't exist. Name a file that Keras wrote" in refusal(tmp_path / "nofile.keras")
    write(tmp_path / "fashion.keras")
    assert f"Did you mean {tmp_path / 'fashion.keras'}?" in refusal(tmp_path / "fashoin.keras")
    for number in range(9):
        (tmp_path / f"epoch-{number}.keras").write_bytes(b"")
    assert "epoch-4.keras and 5 more." in refusal(tmp_path / "zzz")


def test_a_layer_with_files_of_its_own_is_named_before_the_files(tmp_path: Path) -> None:
    text = {"module": "keras.layers", "class_name": "TextVectorization", "config": {"name": "t"}}
    path = write(tmp_path / "m.keras", model(text), **{"assets/t/vocabulary.txt": b"a"})
    assert "layer 't': is 'TextVectorization', which turns texts into token ids" in refusal(path)
    path = write(tmp_path / "m.keras", **{"assets/t/vocabulary.txt": b"a"})
    assert "assets/t/vocabulary.txt: is a file of a layer" in refusal(path)

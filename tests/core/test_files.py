"""Whole or not at all, with the operating system's own refusals."""

import os
import socket
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from glassnet import BackupAndRestore, CSVLogger, Dense, Model, ModelCheckpoint
from glassnet.core.errors import GlassnetError
from glassnet.core.files import make_durable, read_file, write_whole
from glassnet.data import load
from glassnet.data.images.photo import read_photo
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.data.sources.idx import read_idx
from glassnet.interop.keras.reading.file import import_keras
from glassnet.model.file import read_model


def test_a_new_file_and_an_overwritten_one(tmp_path: Path) -> None:
    target = tmp_path / "file"
    for data in (b"first", b"the second, longer", b""):
        write_whole(target, data)
        assert target.read_bytes() == data
        assert os.listdir(tmp_path) == ["file"]


def test_a_link_is_replaced_and_what_it_points_to_is_left_alone(tmp_path: Path) -> None:
    precious, link = tmp_path / "precious", tmp_path / "link"
    precious.write_bytes(b"precious")
    link.symlink_to(precious)
    write_whole(link, b"new")
    assert precious.read_bytes() == b"precious"
    assert link.read_bytes() == b"new"


def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def no_folder(tmp_path: Path) -> Path:
    return tmp_path / "missing" / "file"


def under_a_file(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(b"old")
    return tmp_path / "file" / "inside"


def too_long_a_name(tmp_path: Path) -> Path:
    return tmp_path / ("x" * 300)


@pytest.mark.parametrize("place", [folder, no_folder, under_a_file, too_long_a_name])
def test_what_cannot_be_written_is_one_error_with_the_path(tmp_path: Path, place) -> None:  # type: ignore[no-untyped-def]
    target = place(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(
        GlassnetError, match=r"can't be written: [A-Z].*Nothing was changed"
    ) as error:
        write_whole(target, b"data")
    assert error.value.where == str(target)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(GlassnetError, match="Permission denied"):
            write_whole(target, b"new")
    finally:
        tmp_path.chmod(0o700)
    assert target.read_bytes() == b"old"


def test_no_room_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    """The system itself stops the write after 1000 bytes."""
    target = tmp_path / "file"
    target.write_bytes(b"old")
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"from glassnet.core.files import write_whole; write_whole({str(target)!r}, bytes(5000))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert f"{target}: can't be written: File too large" in done.stderr
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def special(folder: Path) -> list[Path]:
    """A pipe, a socket, a device, a folder, a link to itself and a link to nothing."""
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server, chdir(folder):
        server.bind("socket")
    for name, target in (("device", "/dev/zero"), ("loop", "loop"), ("nothing", "nowhere")):
        (folder / name).symlink_to(target)
    (folder / "folder").mkdir()
    return sorted(folder.iterdir())


@pytest.mark.parametrize(
    "read",
    [
        lambda path: read_file(path, 9, ""),
        load,
        lambda path: load(path.parents[1] / "t.csv", test_file=path),
        import_keras,
        lambda path: read_idx(path, (1,)),
        lambda path: read_photo(path, Preprocessing(8, 8, 0, 1, "dark")),
        read_model,
    ],
)
def test_no_reader_waits_for_what_is_not_a_file(tmp_path: Path, read: Any) -> None:
    """Whoever waits fails by pytest's time limit."""
    (tmp_path / "t.csv").write_text("text,label\n" + "some text,a\nanother,b\n" * 9)
    (tmp_path / "special").mkdir()
    for path in special(tmp_path / "special"):
        with pytest.raises(GlassnetError) as error:
            read(path)
        assert str(path) in error.value.where


def test_the_fix_for_a_missing_file_is_not_that_for_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"No such file or directory\. Check the path\."):
        read_file(tmp_path / "missing.pth", 9, "Save it again.")


def test_names_that_no_file_has(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match="zero byte"):
        read_file("a\0b", 9, "")
    with pytest.raises(GlassnetError, match="File name too long"):
        read_file(tmp_path / ("n" * 300), 9, "")
    with pytest.raises(GlassnetError, match="not a name in UTF-8"):
        load(os.fsdecode(b"caf\xe9.npz"))


def test_what_was_appended_is_flushed_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda n: flushed.append(os.readlink(f"/proc/self/fd/{n}")))
    path = tmp_path / "history.jsonl"
    path.write_text("{}")
    make_durable(path)
    assert flushed == [str(path), str(tmp_path)]


@pytest.mark.parametrize("path", ["", "  ", None, 3, b"name"])
@pytest.mark.parametrize(
    "use",
    [
        BackupAndRestore,
        ModelCheckpoint,
        CSVLogger,
        Model.load,
        lambda path: model().save(path),
        lambda path: model().save_weights(path),
        lambda path: model().load_weights(path),
        lambda path: write_whole(path, b""),
    ],
)
def test_what_is_no_path_is_refused(path: Any, use: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GlassnetError, match="needs a path, got"):
        use(path)
    assert not list(tmp_path.iterdir())


def model() -> Model:
    return Model([Dense(2)], input_shape=(3,))

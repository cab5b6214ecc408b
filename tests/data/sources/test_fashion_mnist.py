"""Fashion-MNIST, and the order in which places are searched for it."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data import Dataset
from glassnet.data.sources import fashion_mnist as module
from glassnet.data.sources.fashion_mnist import FILES, fashion_mnist


@pytest.fixture(autouse=True)
def _nowhere_else(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the system's installed copy; the other places are below `alone`."""
    found = [place for place in module._other_folders() if not str(place).startswith("/usr")]
    monkeypatch.setattr(module, "_other_folders", lambda: iter(found))


def put(raw_files: Path, folder: Path) -> Path:
    """Put the four files into a folder, without copying them."""
    folder.mkdir(parents=True)
    for path in raw_files.iterdir():
        (folder / path.name).symlink_to(path)
    return folder


def test_it_is_the_real_one(fashion: Dataset) -> None:
    assert fashion.x_train.shape == (60000, 28, 28)
    assert fashion.x_test.shape == (10000, 28, 28)
    assert fashion.x_train.dtype == fashion.x_test.dtype == np.uint8
    assert np.bincount(fashion.y_train).tolist() == [6000] * 10
    assert np.bincount(fashion.y_test).tolist() == [1000] * 10
    assert fashion.y_train[:8].tolist() == [9, 0, 0, 3, 0, 2, 7, 2]
    assert fashion.y_test[:8].tolist() == [9, 2, 1, 1, 6, 1, 4, 6]
    assert fashion.x_train.mean() == pytest.approx(72.94035223214286)  # as often published: 0.2860
    assert fashion.class_names[9] == "Ankle boot"


@pytest.mark.parametrize("below", [".", "FashionMNIST/raw", "fashion-mnist"])
def test_the_folder_given(raw_files: Path, fashion: Dataset, alone: Path, below: str) -> None:
    folder = put(raw_files, alone / "given" / below)
    dataset = fashion_mnist(alone / "given")
    assert dataset.sha256 == fashion.sha256
    assert dataset.source == str(folder)


def test_the_folder_given_by_the_environment(
    raw_files: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_DATA", str(put(raw_files, alone / "given")))
    assert fashion_mnist().source == str(alone / "given")
    with pytest.raises(GlassnetError, match="no such folder"):
        fashion_mnist(alone / "other")  # the argument takes precedence


def test_a_folder_given_is_an_order(raw_files: Path, alone: Path) -> None:
    put(raw_files, alone / "data/FashionMNIST/raw")  # would be found
    (alone / "empty").mkdir()
    with pytest.raises(GlassnetError, match=r"empty: train-images-idx3-ubyte.gz is not there"):
        fashion_mnist(alone / "empty")
    with pytest.raises(GlassnetError, match="is not a folder"):
        fashion_mnist(raw_files / FILES[1].name)


def test_a_damaged_file_in_the_folder_given_is_named(raw_files: Path, alone: Path) -> None:
    folder = put(raw_files, alone / "given")
    labels = folder / FILES[1].name
    data = bytearray(labels.read_bytes())
    labels.unlink()
    data[3] ^= 1
    labels.write_bytes(data)
    with pytest.raises(GlassnetError, match="starts with 0x00000800") as caught:
        fashion_mnist(folder)
    assert caught.value.where == str(labels)


@pytest.mark.parametrize(
    "place",
    [
        ".cache/glassnet/fashion-mnist",
        ".keras/datasets/fashion-mnist",
        "data/FashionMNIST/raw",
        "FashionMNIST/raw",
    ],
)
def test_places_where_they_are_found(raw_files: Path, alone: Path, place: str) -> None:
    put(raw_files, alone / place)
    assert fashion_mnist().source == str(alone / place)


def test_a_damaged_cache_is_said_and_passed_over(
    raw_files: Path, alone: Path, messages: list[str]
) -> None:
    cache = put(raw_files, alone / ".cache/glassnet/fashion-mnist")
    (cache / FILES[3].name).unlink()
    (cache / f"{FILES[3].name}.gz").write_bytes(gzip.compress(b"no")[:-3])
    put(raw_files, alone / "FashionMNIST/raw")
    assert fashion_mnist().source == str(alone / "FashionMNIST/raw")
    assert len(messages) == 1
    assert "t10k-labels-idx1-ubyte.gz: the gzip file is damaged" in messages[0]


def test_nowhere(alone: Path) -> None:
    with pytest.raises(GlassnetError) as caught:
        fashion_mnist()
    message = str(caught.value)
    for words in (
        ".cache/glassnet",
        ".keras",
        "FashionMNIST/raw",
        "GLASSNET_OFFLINE",
        "--data-dir",
    ):
        assert words in message
    for file in FILES:
        assert file.name in message


class Copied:
    """Obtains the files without a network, and counts its calls."""

    def __init__(self, raw_files: Path) -> None:
        self.raw_files, self.times = raw_files, 0

    def __call__(self, folder: Path) -> str:
        self.times += 1
        shutil.copytree(self.raw_files, folder, dirs_exist_ok=True)
        return "a copy"


def test_what_is_obtained_is_kept(
    raw_files: Path, fashion: Dataset, alone: Path, messages: list[str]
) -> None:
    dataset = module._verified(Copied(raw_files), module._cache())
    assert dataset.sha256 == fashion.sha256
    assert dataset.source == "a copy"
    assert sorted(path.name for path in module._cache().iterdir()) == sorted(f.name for f in FILES)
    assert fashion_mnist().source == str(alone / ".cache/glassnet/fashion-mnist")


def test_a_cache_that_cannot_be_written_is_no_failure(
    raw_files: Path, alone: Path, messages: list[str]
) -> None:
    (alone / ".cache").write_text("a file where the folder would be")
    dataset = module._verified(Copied(raw_files), module._cache())
    assert len(dataset.x_train) == 60000
    assert messages[-1].startswith("Not stored in the cache")


def test_without_a_home_nothing_is_kept(raw_files: Path, alone: Path, messages: list[str]) -> None:
    module._verified(Copied(raw_files), Path("~/.cache/glassnet"))
    assert "there is no home folder" in messages[-1]
    assert not (alone / "~").exists()


def test_what_is_obtained_damaged_is_not_kept(raw_files: Path, alone: Path) -> None:
    def damaged(folder: Path) -> str:
        Copied(raw_files)(folder)
        (folder / FILES[2].name).write_bytes(b"\0\0\10\3")
        return "a copy"

    with pytest.raises(GlassnetError, match="t10k-images-idx3-ubyte: is too short"):
        module._verified(damaged, module._cache())
    assert not module._cache().exists()

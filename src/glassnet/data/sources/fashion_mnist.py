"""Fashion-MNIST: search for its four files, and download them if they are not found.

Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms", 2017.
"""

import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from glassnet.core.errors import GlassnetError
from glassnet.core.files import write_whole
from glassnet.data.dataset import Dataset, make_dataset
from glassnet.data.sources import debian, fetch
from glassnet.data.sources.fetch import File
from glassnet.data.sources.idx import read_idx

log = logging.getLogger(__name__)

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FILES = (
    File(
        "train-images-idx3-ubyte",
        (60000, 28, 28),
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        26421880,
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    ),
    File(
        "train-labels-idx1-ubyte",
        (60000,),
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        29515,
        "25c81989df183df01b3e8a0aad5dffbe",
    ),
    File(
        "t10k-images-idx3-ubyte",
        (10000, 28, 28),
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        4422102,
        "bef4ecab320f06d8554ea6380940ec79",
    ),
    File(
        "t10k-labels-idx1-ubyte",
        (10000,),
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        5148,
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
)


def fashion_mnist(data_dir: str | Path | None = None) -> Dataset:
    """Return Fashion-MNIST: 60,000 + 10,000 grayscale images of 28×28 bytes, ten balanced classes.

    If `data_dir` or the environment variable GLASSNET_DATA is set, only that folder is searched.
    Otherwise these are tried: glassnet's cache, the folders of other programs, the published
    addresses, and Debian's package; downloads are stored in the cache. GLASSNET_OFFLINE=1 disables
    downloads. The contents are always verified. Raises GlassnetError, naming the damaged file or
    all the places that were tried.
    """
    folder_name = data_dir if data_dir is not None else os.environ.get("GLASSNET_DATA") or None
    if folder_name is not None:
        return _read(_data_folder(Path(folder_name)))
    cache, tried = _cache(), []
    for folder in (cache, *_other_folders()):
        if not any(_present(folder)):
            tried.append(f"{folder}: not there.")
            continue
        try:
            return _read(folder)
        except GlassnetError as error:
            tried.append(str(error))
            log.warning(f"{error} Trying the next source.")
    if os.environ.get("GLASSNET_OFFLINE", "0") not in ("", "0"):
        tried.append("the network: not tried, because GLASSNET_OFFLINE is set.")
    else:
        for obtain in (partial(fetch.fetch, FILES), debian.unpack):
            try:
                return _verified(obtain, cache)
            except GlassnetError as error:
                tried.append(str(error))
    places = "\n".join(f"  - {reason}" for reason in tried)
    names = ", ".join(f"{file.name}.gz" for file in FILES)
    raise GlassnetError(
        f"not found, and could not be downloaded. Tried:\n{places}\n",
        where="Fashion-MNIST",
        fix=f"Put {names} into a folder and pass it with --data-dir FOLDER (or GLASSNET_DATA); "
        "or, on Debian and Ubuntu, apt install dataset-fashion-mnist.",
    )


def _data_folder(top: Path) -> Path:
    """Return the folder with the files: this one, or a subfolder that other programs make."""
    if not os.path.isdir(top):
        what = "is not a folder." if os.path.exists(top) else "no such folder."
        raise GlassnetError(what, where=str(top), fix="Give the folder with the four files.")
    folders = (top, top / "FashionMNIST" / "raw", top / "fashion-mnist")
    return next((folder for folder in folders if any(_present(folder))), top)


def _cache() -> Path:
    import platformdirs  # not at the top: `import glassnet.data` needs only NumPy

    return Path(platformdirs.user_cache_dir("glassnet", appauthor=False)) / "fashion-mnist"


def _other_folders() -> Iterator[Path]:
    """Yield the folders in which Keras, torchvision and Debian store the same files."""
    keras = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    yield Path(keras) / "datasets" / "fashion-mnist"
    yield Path("data") / "FashionMNIST" / "raw"
    yield Path("FashionMNIST") / "raw"
    yield Path("/usr/share/datasets/fashion-mnist")


def _present(folder: Path) -> Iterator[Path]:
    """Yield the paths of those of the four files that are in the folder, unzipped ones first."""
    for file in FILES:
        for name in (file.name, f"{file.name}.gz"):
            # Not Path.is_file, which raises if the folder is not readable.
            if os.path.isfile(folder / name):
                yield folder / name
                break


def _read(folder: Path, source: str = "") -> Dataset:
    """Read and verify the four files."""
    paths = {path.name.removesuffix(".gz"): path for path in _present(folder)}
    for file in FILES:
        if file.name not in paths:
            raise GlassnetError(
                f"{file.name}.gz is not there.",
                where=str(folder),
                fix="All four files of Fashion-MNIST must be in this folder.",
            )
    x, y, x_test, y_test = (read_idx(paths[file.name], file.shape, file.sha256) for file in FILES)
    source = source or str(folder.absolute())
    return make_dataset("fashion-mnist", x, y, x_test, y_test, CLASS_NAMES, source, objects=True)


def _verified(obtain: Callable[[Path], str], cache: Path) -> Dataset:
    """Download the files to a temporary folder, verify them, and then copy them to the cache."""
    try:
        with TemporaryDirectory(prefix="glassnet-", ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary)
            dataset = _read(folder, obtain(folder))
            _store(folder, cache)
            return dataset
    except OSError as error:  # no temporary folder, a full disk
        raise GlassnetError(f"{error.strerror}.", where=str(error.filename or "")) from error


def _store(folder: Path, cache: Path) -> None:
    """Copy the files to the cache; a failure is only reported, because the data are loaded."""
    try:
        if not cache.is_absolute():  # no home folder: "~" was not expanded
            raise GlassnetError("there is no home folder.", where=str(cache))
        cache.mkdir(parents=True, exist_ok=True)
        for path in _present(folder):
            write_whole(cache / path.name, path.read_bytes())
            if path.suffix == ".gz":  # an unzipped file of the same name would be read first
                (cache / path.stem).unlink(missing_ok=True)
    except OSError as error:
        log.warning(f"Not stored in the cache: {error.filename}: {error.strerror}.")
    except GlassnetError as error:
        log.warning(f"Not stored in the cache: {error}")
    else:
        log.info(f"Fashion-MNIST is now in {cache}")

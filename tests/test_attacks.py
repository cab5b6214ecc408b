"""Model files from strangers: each is read as what it says, or refused in one line that names it.

In each case within a second and within memory, and without importing, running or opening anything.
"""

import io
import random
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from glassnet import Model
from glassnet.core.errors import GlassnetError
from glassnet.core.strict_json import as_json
from glassnet.core.trees import items
from glassnet.data import load
from glassnet.data.images.out_of_distribution import OutOfDistributionDetector
from glassnet.data.images.photo import read_photo
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Add, Concatenate, Dense, Flatten, Input
from glassnet.model.file import read_model
from glassnet.model.readers import preprocessing_of, tokenizer_of
from glassnet.networks import recipe
from glassnet.training.callbacks import (
    CSVLogger,
    EarlyStopping,
    MaxTime,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from glassnet.training.callbacks.backup_and_restore import BackupAndRestore
from glassnet.training.checkpoint import read_checkpoint
from tests.attacks import ATTACKS, mutated, scrambled

WATCHED = (
    "import", "exec", "compile", "code.__new__", "pickle.", "marshal.", "socket.", "subprocess.",
    "ctypes.", "urllib.", "ftplib.", "shutil.", "tempfile.", "webbrowser.", "mmap.",
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.remove",
    "os.rename", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate", "os.putenv",
)  # fmt: skip
_seen: list[str] | None = None  # what the hook has seen since it was asked to look


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and (event == "open" or event.startswith(WATCHED)):
        _seen.append(f"{event} {str(arguments[0] if arguments else '')[:200]}")


sys.addaudithook(_hook)


@contextmanager
def watched(path: Path) -> Iterator[None]:
    """Fail if anything but this file is opened, or anything at all imported, run or sent.

    Also if it takes a second of this thread, or much more memory than the file has bytes.
    """
    global _seen
    size = path.stat().st_size
    tracemalloc.start()
    _seen, started = [], time.thread_time()
    try:
        yield
    finally:
        seen, _seen = _seen, None
        took, memory = time.thread_time() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert [event for event in seen if event != f"open {path}"] == []
    assert took < 2  # seconds of this thread; half of it or less where nothing else runs
    assert memory < 2 * size + 64 * 2**20


def outcome(read: Callable[[Path], Any], path: Path) -> Any:
    """What is read, or None if the file is refused as it should be."""
    with watched(path):
        try:
            return read(path)
        except GlassnetError as error:
            message = str(error)
    assert str(path) in message
    assert message.isprintable()
    assert len(message) < 3000
    return None


# -- the good files -----------------------------------------------------------------------------


def branched() -> Model:
    a, b = Input((4,)), Input((2, 3))
    shared = Dense(5, "tanh")
    left, right = shared(a), shared(Dense(4)(Flatten()(b)))
    made = Add()(left, right)
    return Model(inputs=[a, b], outputs=Dense(3, "softmax")(Concatenate()(made, left)))


def models() -> dict[str, Model]:
    made = {
        "mlp": Model(
            recipe("mlp", classes=3, hidden=(6,), normalization="batch"), (4, 5),
            class_names=["a", "b", "ç"],
        ),
        "cnn": Model(recipe("cnn", classes=3, shape=(8, 8), filters=(2,)), (8, 8)),
        "resnet": Model(recipe("resnet", classes=3, shape=(8, 8), filters=(2, 3)), (8, 8)),
        "lstm": Model(recipe("lstm", classes=2, shape=(6,), vocabulary=5, units=3), (6,)),
        "transformer": Model(
            recipe("text-transformer", classes=2, shape=(6,), vocabulary=257, width=4, heads=2),
            (6,),
        ),
        "char-lm": Model(
            recipe("char-lm", classes=257, shape=(6,), vocabulary=257, width=4, heads=2, depth=1),
            (6,),
        ),
        "graph": branched(),
    }  # fmt: skip
    for name in ("mlp", "cnn", "lstm", "graph"):
        made[name].compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    pictures, rng = Preprocessing(4, 5, 0.0, 255.0, "dark"), np.random.default_rng(0)
    x, y = rng.integers(0, 255, (90, 4, 5)), np.arange(90) % 3
    made["mlp"].about["preprocessing"] = as_json(pictures)
    made["mlp"].typical = OutOfDistributionDetector.fitted(x, y, x, 3, pictures)
    made["lstm"].about["tokenizer"] = {"class": "WordTokenizer", "length": 6, "words": "a b c"}
    for name in ("transformer", "char-lm"):
        made[name].about["tokenizer"] = {"class": "ByteTokenizer", "length": 6}
    return made


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Small model files of all kinds; all that reading them imports is imported."""
    found = {}
    for name, model in models().items():
        path = tmp_path_factory.mktemp("good") / "model.safetensors"
        model.save(path)
        Model.load(path)
        found[name] = path.read_bytes()
    return found


def said(path: Path) -> Any:
    """All that a model file says, in a form that can be compared."""
    found = read_model(path)
    arrays = vars(found.typical) if found.typical else {}
    tensors = {
        name: (np.shape(v), np.asarray(v).tobytes())
        for name, v in [*items(found.params), *arrays.items()]
    }
    return repr(
        (found.network, found.input_shape, found.dtype, found.class_names, found.about)
    ), tensors


def loaded(path: Path) -> Any:
    """The same of the model that a person gets, with what prepares its photos or texts."""
    found = Model.load(path)
    lines: list[Any] = []
    if found.about.get("preprocessing") is not None:
        lines.append(preprocessing_of(found, str(path)))
    if found.about.get("tokenizer") is not None:
        lines.append(tokenizer_of(found, str(path)))
    lines.append(found.describe())
    weights = [values.tobytes() for values in found.get_weights()]
    return repr((found.network, found.loss, found.optimizer, found.metrics, lines)), weights


READERS: tuple[Callable[[Path], Any], ...] = (said, loaded)


@pytest.mark.parametrize(
    "harm",
    [
        lambda: open(__file__).close(),
        lambda: eval("1"),
        lambda: __import__("this_is_no_module"),
        lambda: subprocess.run(["true"], check=True),
        lambda: np.zeros(70 * 2**20, "uint8").sum(),
    ],
)
def test_the_watch_sees_harm(tmp_path: Path, harm: Callable[[], Any]) -> None:
    (path := tmp_path / "file").write_bytes(b"")
    with pytest.raises(AssertionError), watched(path), suppress(ImportError):
        harm()


# -- attacks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_class_of_attack(good: dict[str, bytes], tmp_path: Path, attack: str) -> None:
    make, word = ATTACKS[attack]
    path = tmp_path / "model.safetensors"
    path.write_bytes(make(good["mlp"]))
    with pytest.raises(GlassnetError) as error:
        loaded(path)
    assert outcome(loaded, path) is None
    assert word in str(error.value)


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.slow)])
def test_files_changed_by_chance(good: dict[str, bytes], tmp_path: Path, count: int) -> None:
    rng, path, read = random.Random(count), tmp_path / "model.safetensors", 0
    for i in range(count):
        name = rng.choice(sorted(good))
        data, may_differ = mutated(good[name], rng)
        path.write_bytes(data)
        for reader in READERS:
            try:
                found = outcome(reader, path)
            except BaseException as error:
                error.add_note(f"file {i} of {count}, a {name}, read by {reader.__name__}")
                raise
            if found is not None and not may_differ:
                path.write_bytes(good[name])
                assert found == reader(path)
                path.write_bytes(data)
            if found is not None and may_differ and reader is said:
                read += 1
                read_model(path).save(path)  # what was read says what the file said
                assert reader(path) == found
                path.write_bytes(data)
    assert read > count / 50  # or the changes were all so coarse that nothing deep was reached


# -- checkpoints ------------------------------------------------------------------------------


class Resuming:
    """A small training with all callbacks that remember, and its checkpoint after two epochs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "checkpoint.safetensors"
        self.train(2)
        self.good = self.path.read_bytes()
        backup = self.train(2)
        self.kinds = backup._kinds

    def train(self, epochs: int) -> BackupAndRestore:
        """Train up to this epoch, from the checkpoint if there is one."""
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(24, 3)).astype("float32"), np.arange(24) % 3
        model = Model([Dense(4, "tanh"), Dense(3, "softmax")], (3,), seed=1)
        model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
        backup = BackupAndRestore(self.folder, delete_checkpoint=False)
        callbacks = [
            EarlyStopping(patience=9, restore_best_weights=True),
            ReduceLROnPlateau(patience=1),
            ModelCheckpoint(str(self.folder / "best.safetensors"), save_best_only=True),
            CSVLogger(self.folder / "log.csv"),
            MaxTime("1h"),
            backup,
        ]
        model.fit(x, y, 8, epochs, verbose=0, callbacks=callbacks, validation_split=0.25)
        return backup

    def read(self, path: Path) -> Any:
        """All that a checkpoint says, in a form that can be compared."""
        position, training = read_checkpoint(path, self.kinds, 6)
        states = [position.state, *position.saved_states.values()]
        arrays = [
            a.tobytes() for one in states for _, a in items({"params": one.params, **one.slots})
        ]
        said = {k: v for k, v in vars(position).items() if k not in ("state", "kept")}
        said |= {"means": vars(position.means), "history": vars(position.history)}
        return repr((said, [one.step for one in states], training)), arrays


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_checkpoints_changed_by_chance(tmp_path: Path, count: int) -> None:
    """Each says what the good one says or is refused; what is read can be gone on from, or not,
    in one clear error.
    """
    rng, resuming, read = random.Random(count), Resuming(tmp_path), 0
    path, whole = resuming.path, resuming.read(resuming.path)
    for i in range(count):
        data, may_differ = mutated(resuming.good, rng, "checkpoint")
        path.write_bytes(data)
        try:
            found = outcome(resuming.read, path)
            if found is not None and not may_differ:
                assert found == whole
            if found is not None and may_differ:
                read += 1
                with suppress(GlassnetError):
                    resuming.train(3)
        except BaseException as error:
            error.add_note(f"file {i} of {count}")
            raise
    assert read > count / 50


# -- other files from strangers -----------------------------------------------------------------


def picture(kind: str) -> bytes:
    held = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (40, 30), "uint8")
    PIL.Image.fromarray(pixels).save(held, kind)
    return held.getvalue()


def arrays(save: Callable[..., None]) -> bytes:
    held, rng = io.BytesIO(), np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)), np.arange(60) % 3
    save(held, x_train=x, y_train=y, x_test=x[:9], y_test=y[:9], class_names=np.array([*"abc"]))
    return held.getvalue()


TABLE = b"text,label\n" + b"".join(b'"good, %d",%d\n' % (i, i % 3) for i in range(40))
OTHERS = {
    "plain.npz": lambda: arrays(np.savez),
    "packed.npz": lambda: arrays(np.savez_compressed),
    "table.csv": lambda: TABLE,
    "long.txt": lambda: TABLE * 9,
} | {f"photo.{kind}": partial(picture, kind) for kind in ("png", "jpeg", "gif", "bmp", "webp")}


@pytest.mark.parametrize("name", OTHERS)
def test_data_changed_by_chance(tmp_path: Path, name: str) -> None:
    """Read as some data, or refused: decoders of others may import, but raise nothing else."""
    rng, path, messages, good = random.Random(0), tmp_path / name, [], OTHERS[name]()
    for _ in range(150):
        path.write_bytes(scrambled(good, rng))
        try:
            if name.startswith("photo"):
                read_photo(path, Preprocessing(28, 28, 0, 1, "dark"))
            else:
                load(path)
        except GlassnetError as error:
            messages.append(str(error))
    assert len(messages) > 10
    assert all(name in message and "\n" not in message for message in messages)

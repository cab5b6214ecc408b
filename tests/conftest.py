"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from glassnet.core import functions, registry
from glassnet.data import Dataset, load
from tests.messages import recorded

# No deadline: the machine is shared. The same examples at every run: a failure is no accident.
settings.register_profile("glassnet", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("glassnet")

LONGEST = "test_export.py"  # tests/interop/keras: all checks again, on TensorFlow
os.environ["GLASSNET_REPORT"] = "0"  # hundreds of trainings, of which few are looked at


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes name a test by their number: readable, and alike in all processes of `make test`."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file with the longest test begins: as the last one, it would keep one process waiting."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session")
def fashion() -> Dataset:
    """As a user gets it: from this machine if it is there, else fetched into the cache."""
    return load("fashion-mnist")


@pytest.fixture(scope="session", autouse=True)
def own_audits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's cache is left alone; other programs that are run need XDG_CACHE_HOME."""
    folder: Path = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glassnet.audit.cache.user_cache_path", lambda name: folder / name)
        patch.setattr("glassnet.core.mapped.cache_folder", lambda: folder / "glassnet")
        yield


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes and functions that a test registers are forgotten after it."""
    for module, name in ((registry, "_CLASSES"), (registry, "_NAMED"), (functions, "_FUNCTIONS")):
        copies = {kind: dict(parts) for kind, parts in getattr(module, name).items()}
        monkeypatch.setattr(module, name, copies)


@pytest.fixture
def messages() -> Iterator[list[str]]:
    """What glassnet logs in a test, a line each."""
    with recorded() as lines:
        yield lines

"""Which module reads and writes a file, by its suffix."""

from importlib import import_module
from pathlib import Path

import glassnet
from glassnet.core.file_formats import FORMATS, format_of


def test_files_of_other_libraries_are_known_once_the_package_is_imported() -> None:
    assert glassnet.__version__
    assert {".keras", ".h5"} <= {*FORMATS}
    for name in {*FORMATS.values()}:
        module = import_module(name)
        assert callable(module.read)
        assert callable(module.write)


def test_glassnet_s_own_files_have_none() -> None:
    assert format_of(Path("model.safetensors")) is None
    assert format_of(Path("run")) is None
    assert format_of(Path("model.KERAS")) is format_of(Path("model.keras"))

"""The arrays in a file of weights alone: their names and shapes, read one by one."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.safetensors_file import open_foreign_tensors
from glassnet.core.tensor_file import is_described, open_tensors
from glassnet.interop.weights.torch_file import read_torch_file
from glassnet.layers.base import Shape

_FIX = "Nothing was loaded; use a file of weights of PyTorch or Keras."


@dataclass(frozen=True)
class Theirs:
    """The arrays in a file of weights; `ordered` if they have the order of the program."""

    where: str
    shapes: Mapping[str, Shape]
    read: Callable[[str], Array]
    ordered: bool
    own: bool = False  # glassnet wrote the file: all names and arrays are as here


@contextmanager
def open_theirs(path: Path) -> Iterator[Theirs]:
    """Yield the arrays in a .safetensors, .pt or .pth file."""
    if path.suffix.lower() in (".pt", ".pth"):
        arrays = read_torch_file(path)
        shapes = {name: array.shape for name, array in arrays.items()}
        yield Theirs(str(path), shapes, arrays.__getitem__, ordered=True)
        return
    if is_described(path):
        with open_tensors(path) as stored:
            weights = {n: kind[0] for n, kind in stored.kinds.items() if not n.startswith("@")}
            tensors = cache(lambda: stored.read(stored.kinds))  # all, whose checksum is compared
            yield Theirs(str(path), weights, lambda n: tensors()[n], ordered=False, own=True)
        return
    try:
        with open_foreign_tensors(path, _FIX) as file:  # sorted by name when they were written
            yield Theirs(str(path), file.tensors.shapes, file.read, ordered=False)
    except GlassnetError as error:
        fix = _FIX if error.fix.startswith("Nothing was loaded") else error.fix
        raise GlassnetError(error.what, where=error.where, fix=fix) from error

"""Data: where they come from, what is checked, how they are split.

`load` is the one door: whatever it returns has passed every check in `dataset.py`.
"""

import os
from collections.abc import Callable
from pathlib import Path

from glassnet.data.dataset import Dataset
from glassnet.data.digits import digits as _digits
from glassnet.data.fashion_mnist import fashion_mnist as _fashion_mnist
from glassnet.data.npz import read_npz
from glassnet.errors import GlassnetError, unknown

__all__ = ["NAMES", "Dataset", "load"]

NAMES = ("digits", "fashion-mnist")


def load(
    name: str | Path,
    data_dir: str | Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Dataset:
    """The data set called "fashion-mnist" or "digits", or the one in a `.npz` file.

    `data_dir` is where Fashion-MNIST's files lie, if they are to be looked for nowhere else;
    `report` takes a line of text now and then while something is fetched. Raises GlassnetError.
    """
    name = str(name)
    if name.replace("_", "-") == "fashion-mnist":
        return _fashion_mnist(data_dir, report)
    if data_dir is not None and (name == "digits" or os.path.isfile(name)):
        raise GlassnetError(f"is for fashion-mnist; {name} needs none.", where="--data-dir")
    if name == "digits":
        return _digits()
    if os.path.isfile(name):
        return read_npz(name)
    if os.path.isdir(name):
        raise GlassnetError("is a folder.", where=name, fix="Name the .npz file in it.")
    if name.endswith(".npz") or "/" in name or os.sep in name:
        raise GlassnetError("no such file.", where=name, fix="Check the path.")
    raise unknown("data set", name, (*NAMES, "FILE.npz"))

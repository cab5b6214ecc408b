"""scikit-learn's digits: real handwritten digits of 8×8 pixels, installed with the library."""

from pathlib import Path

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.dataset import Dataset, make_dataset
from glassnet.data.splits import stratified_split

_SEED = 0  # the split is part of the data set: always the same rows


def digits() -> Dataset:
    """Return 1,797 grayscale images of 8×8, uint8 0..16; 1,438 for training, 359 for testing.

    The split is stratified.
    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """
    table = _table()
    x = table[:, :64].reshape(-1, 8, 8).astype(np.uint8)
    y = table[:, 64].astype(np.int64)
    train, test = stratified_split(y, 0.2, _SEED)
    names = tuple(str(digit) for digit in range(10))
    return make_dataset(
        "digits", x[train], y[train], x[test], y[test], names, "sklearn.datasets.load_digits",
        objects=True,
    )  # fmt: skip


def _table() -> np.ndarray:
    """Return the 1,797 rows of 64 pixels and a label, from the file that scikit-learn installs.

    Not read by load_digits, because importing sklearn.datasets costs 1 s and 90 MB.
    """
    from importlib.util import find_spec

    spec = find_spec("sklearn")  # does not import it
    if spec is None or spec.origin is None:
        raise GlassnetError(
            "scikit-learn is not installed.", where="digits", fix="pip install scikit-learn"
        )
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if path.is_file():
        return np.loadtxt(path, delimiter=",")
    from sklearn.datasets import load_digits  # for versions that store it elsewhere

    return np.column_stack(load_digits(return_X_y=True))

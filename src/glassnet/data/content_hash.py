"""The hash of the cells of a table: equal hashes mean equal data."""

import hashlib
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np

from glassnet.data.cache import digests
from glassnet.data.targets import Target

if TYPE_CHECKING:
    import polars as pl


def hash_of(
    target: Target, parts: Iterable[tuple[np.ndarray, "pl.DataFrame"]], files: Collection[str]
) -> str:
    """Return the SHA-256 of what the target is, and of the targets and typed cells of each part.

    Of columns of `files`, it is that of their contents.
    """
    import polars as pl

    digest = hashlib.sha256(repr((target.kind, target.columns, target.class_names)).encode())
    for values, typed in parts:
        digest.update(f"{values.dtype.str} {values.shape}\n".encode())
        digest.update(np.ascontiguousarray(values).data)
        for column in typed:
            digest.update(f"{column.name}\n".encode())
            digest.update(column.is_null().to_numpy().data)
            if column.name in files:
                digest.update(np.ascontiguousarray(digests(column.drop_nulls().to_list())).data)
            elif column.dtype == pl.String:
                texts = column.fill_null("")
                digest.update(texts.str.len_bytes().to_numpy().data)
                digest.update((texts.str.join("").item() or "").encode())
            else:
                digest.update(column.to_physical().fill_null(0).to_numpy().data)
    return digest.hexdigest()

"""Inputs that are numbers of rows: whole, and rows that there are.

On arrays of floats an Embedding would drop the fractions, and compiled it can't raise an error: so
the data are looked at once, when they come in.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.layers import (
    Embedding,
    Flatten,
    Graph,
    Layer,
    Permute,
    Reshape,
    Residual,
    Sequential,
    TimeDistributed,
)


def checked_rows(network: Layer, x: Any, what: str = "x") -> None:
    """Raise if an Embedding would look up what is no row of its table."""
    for number, table in looked_up(network):
        array = x[number] if isinstance(x, tuple) else x
        where = f"{what}[{number}]" if isinstance(x, tuple) else what
        rows = array.reshape(len(array), -1)
        if array.dtype.kind == "f" and (broken := (rows != np.floor(rows)).any(axis=1)).any():
            raise GlassnetError(
                f"row {broken.argmax()} holds numbers that are not whole, which an Embedding "
                "can't look up.",
                where=where,
                fix="Give whole numbers below its input_dim.",
            )
        if rows.size and not (rows.min() >= 0 and rows.max() < table.input_dim):
            outside = ((rows < 0) | (rows >= table.input_dim)).any(axis=1).argmax()
            row = rows[outside]
            wrong = row[(row < 0) | (row >= table.input_dim)][0]
            raise GlassnetError(
                f"row {outside} looks up row {wrong:.0f} of an Embedding's table that has the rows "
                f"0 to {table.input_dim - 1}.",
                where=where,
                fix="Let input_dim be the largest number in the data plus 1.",
            )


def looked_up(network: Layer) -> Iterator[tuple[int, Embedding]]:
    """(number of the input, the layer that looks its numbers up), for each such layer."""
    if isinstance(network, Embedding):
        yield 0, network
    elif isinstance(network, Sequential):
        for layer in network.layers:
            yield from looked_up(layer)
            if not isinstance(
                layer, Flatten | Reshape | Permute
            ):  # which leave numbers as they are
                break
    elif isinstance(network, Residual | TimeDistributed):
        for _, part in network.parts:
            yield from looked_up(part)
    elif isinstance(network, Graph):
        origins: list[int | None] = list(range(network.inputs))  # of each value that is an input's
        for _, layer, _, sources in network.calls:
            found = list(looked_up(layer))
            for number, table in found:
                if (origin := origins[sources[number]]) is not None:
                    yield origin, table
            alike = isinstance(layer, Flatten | Reshape | Permute)
            origins.append(origins[sources[0]] if alike else None)

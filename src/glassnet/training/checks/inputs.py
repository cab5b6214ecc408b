"""Are the inputs numbers, and of the network's shape? Asked once, before the first step."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, as_array, require_finite
from glassnet.core.errors import GlassnetError
from glassnet.core.keras_hints import require_arrays
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
from glassnet.layers.base import is_multi_input


def checked_inputs(x: Any, shape: Any, dtype: str, what: str = "x", inputs: int = 1) -> Any:
    """The inputs as numbers, (N, *shape), all finite. Bytes stay bytes, to be cast by batch.

    A shape of None is not known yet. Of several inputs, shape and answer are tuples.
    """
    require_arrays(x, what)
    if inputs > 1 or is_multi_input(shape):
        return _checked_several(x, shape or (None,) * inputs, dtype, what)
    x = as_array(x, what)
    if x.dtype.kind not in "biuf":
        texts = (
            'Texts: from glassnet.runs.predict import predict; predict("runs/NAME", ["a text"]).'
        )
        raise GlassnetError(
            f"has dtype {x.dtype}, not numbers.",
            where=what,
            fix=texts if x.dtype.kind == "U" else "",
        )
    if x.ndim < 1 or (shape is not None and x.shape[1:] != shape):
        raise GlassnetError(
            f"has shape {x.shape}, but the network takes {('N', *(shape or ()))}.".replace("'", ""),
            where=what,
            fix="For a single example, give it a first axis of 1: x[None].",
        )
    if x.dtype.kind == "f":
        return require_finite(x, what, dtype)
    # JAX would cut off what int32 can't hold.
    return x if x.dtype.itemsize <= 2 else x.astype(dtype)


def _checked_several(x: Any, shapes: Any, dtype: str, what: str) -> tuple[Array, ...]:
    if not isinstance(x, list | tuple) or len(x) != len(shapes):
        count = len(x) if isinstance(x, list | tuple) else 1
        names = ", ".join(f"{what}{i}" for i in range(1, len(shapes) + 1))
        raise GlassnetError(
            f"is {count} array{'s' * (count != 1)}, but the network takes {len(shapes)} inputs.",
            where=what,
            fix=f"Give a list with an array for each: [{names}].",
        )
    pairs = enumerate(zip(x, shapes, strict=True))
    arrays = tuple(checked_inputs(one, shape, dtype, f"{what}[{i}]") for i, (one, shape) in pairs)
    for i, one in enumerate(arrays):
        if len(one) != len(arrays[0]):
            raise GlassnetError(
                f"has {len(one)} rows, {what}[0] has {len(arrays[0])}.", where=f"{what}[{i}]"
            )
    return arrays


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

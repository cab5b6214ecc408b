"""Check that inputs are finite numbers of the network's shape, and integers where it needs them."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from glassnet.core.arrays import (
    Array,
    as_array,
    as_numbers,
    as_tuple,
    require_finite,
    warn_if_merged,
)
from glassnet.core.columns import Names, column_names, columns_in_order
from glassnet.core.errors import GlassnetError, unknown
from glassnet.layers import CategoryEncoding, Embedding, Layer, TimeDistributed
from glassnet.layers.open_shape import fits, is_open
from glassnet.layers.shapes import is_multi_input, one_or_tuple

_TEXTS = 'For texts: from glassnet.runs.predict import predict; predict("runs/NAME", ["a text"]).'


@dataclass(frozen=True)
class InputNames:
    """The names of the inputs, None for one without, and the names of the columns of each input
    that was a table in training, else None.
    """

    inputs: tuple[str | None, ...] = ()
    columns: tuple[Names | None, ...] = ()

    def with_columns_of(self, x: Any, inputs: int, what: str = "x") -> Self:
        """Return these names, with those of the tables in x where the columns have none yet."""
        old = self.columns or (None,) * inputs
        new = [column_names(table, what) for table in self._arrays(x, inputs, what)]
        if len(new) != inputs:
            return self
        return replace(self, columns=tuple(a or b for a, b in zip(old, new, strict=True)))

    def in_order(self, x: Any, inputs: int, what: str) -> Any:
        """Return the inputs in the network's order, and the columns of tables in theirs."""
        arrays = self._arrays(x, inputs, what)
        if len(arrays) != inputs:
            return x  # refused by `checked_arrays`
        places = [what] if inputs == 1 else [f"{what}[{i}]" for i in range(inputs)]
        columns = self.columns or (None,) * inputs
        ordered = [columns_in_order(*each) for each in zip(arrays, columns, places, strict=True)]
        return ordered if inputs > 1 else ordered[0]

    def _arrays(self, x: Any, inputs: int, what: str) -> Sequence[Any]:
        """Return the value of each input."""
        if isinstance(x, Mapping):
            x = _in_order(x, self.inputs, inputs, what)
        return x if inputs > 1 and isinstance(x, list | tuple) else [x]


UNNAMED = InputNames()


def checked_inputs(
    x: Any, network: Layer, shape: Any, dtype: str, names: InputNames, what: str = "x"
) -> Any:
    """Return the inputs as the network takes them; x may be a dict by the inputs' `names`."""
    inputs = network.inputs
    x = checked_arrays(names.in_order(x, inputs, what), shape, dtype, what, inputs)
    if is_open(shape or ()):  # else it was checked when the network was built
        network.output_shape(one_or_tuple([a.shape[1:] for a in as_tuple(x)]))
    checked_rows(network, x, what)
    return x


def _in_order(x: Mapping[str, Any], names: Sequence[str | None], inputs: int, what: str) -> Any:
    """Return the arrays in the network's order."""
    if len(names) != inputs or None in names:
        raise GlassnetError(
            "is a dict, but the inputs have no names.",
            where=what,
            fix='Name them: Input(shape, name="left"), or pass a list of arrays.',
        )
    for name in x:
        if name not in names:
            raise unknown("input", name, map(str, names), where=what)
    if missing := [name for name in names if name not in x]:
        raise GlassnetError(f"has no array for the input {missing[0]!r}.", where=what)
    arrays = [x[str(name)] for name in names]
    return arrays if inputs > 1 else arrays[0]


Tables = list[tuple[int, Embedding | CategoryEncoding]]


def checked_arrays(x: Any, shape: Any, dtype: str, what: str = "x", inputs: int = 1) -> Any:
    """Return the inputs as finite numbers, (N, *shape). Bytes stay bytes; batches are cast.

    A shape of None accepts any. With multiple inputs, shape and result are tuples.
    """
    if inputs > 1 or is_multi_input(shape):
        return _checked_tuple(x, shape or (None,) * inputs, dtype, what)
    x = as_array(x, what)
    x = as_numbers(x, what, _TEXTS if x.dtype.kind == "U" else "")
    if x.ndim < 1 or (shape is not None and not fits(x.shape[1:], shape)):
        sizes = ["any" if size is None else size for size in shape or ()]
        raise GlassnetError(
            f"has shape {x.shape}, but the network takes {('N', *sizes)}.".replace("'", ""),
            where=what,
            fix="For a single example, add a first axis of 1: x[None]."
            if shape is not None and fits(x.shape, shape)
            else "Reshape it, or build a network for such examples.",
        )
    if x.dtype.kind == "f":
        numbers = require_finite(x, what, dtype)
    else:  # JAX would truncate integers that don't fit into int32
        small = x.dtype.newbyteorder("=") if x.dtype.itemsize <= 2 else dtype
        numbers = x.astype(small, copy=False)
    warn_if_merged(x, numbers, what)
    return numbers


def _checked_tuple(x: Any, shapes: Any, dtype: str, what: str) -> tuple[Array, ...]:
    x = x if isinstance(x, list | tuple) else [as_array(x, what)]
    if len(x) != len(shapes):
        count = len(x)
        names = ", ".join(f"{what}{i}" for i in range(1, len(shapes) + 1))
        raise GlassnetError(
            f"is {count} array{'s' * (count != 1)}, but the network takes {len(shapes)} inputs.",
            where=what,
            fix=f"Pass a list with one array per input: [{names}]. Batches hold it in a tuple: "
            f"([{names}], y), or for predict ([{names}],).",
        )
    pairs = enumerate(zip(x, shapes, strict=True))
    arrays = tuple(checked_arrays(a, shape, dtype, f"{what}[{i}]") for i, (a, shape) in pairs)
    for i, array in enumerate(arrays):
        if len(array) != len(arrays[0]):
            raise GlassnetError(
                f"has {len(array)} rows, but {what}[0] has {len(arrays[0])}.", where=f"{what}[{i}]"
            )
    return arrays


def checked_rows(network: Layer, x: Any, what: str = "x") -> None:
    """Raise if an input is not a row number of an Embedding's table, or a category."""
    for number, table in embedding_inputs(network):
        array = x[number] if isinstance(x, tuple) else x
        where = f"{what}[{number}]" if isinstance(x, tuple) else what
        encodes = isinstance(table, CategoryEncoding)
        argument = "num_tokens" if encodes else "input_dim"
        impossible = "a CategoryEncoding can't encode" if encodes else "an Embedding can't look up"
        size: int = getattr(table, argument)
        rows = array.reshape(len(array), -1)
        if array.dtype.kind == "f" and (fractional := (rows != np.floor(rows)).any(axis=1)).any():
            raise GlassnetError(
                f"row {fractional.argmax()} contains numbers that are not integers, which "
                f"{impossible}.",
                where=where,
                fix=f"Use integers below its {argument}.",
            )
        if rows.size and not (rows.min() >= 0 and rows.max() < size):
            outside = ((rows < 0) | (rows >= size)).any(axis=1).argmax()
            row = rows[outside]
            wrong = row[(row < 0) | (row >= size)][0]
            raise GlassnetError(
                f"row {outside} contains {wrong:.0f}, but CategoryEncoding encodes 0 to {size - 1}."
                if encodes
                else f"row {outside} looks up row {wrong:.0f} of an Embedding whose table has rows "
                f"0 to {size - 1}.",
                where=where,
                fix=f"Set {argument} to the largest number in the data plus 1.",
            )
        if array.dtype.kind == "f" and (large := rows >= _limit(array)).any():
            raise GlassnetError(
                f"row {large.any(axis=1).argmax()} looks up row {rows[large][0]:.0f} of an "
                f"Embedding, but {array.dtype} does not hold every whole number from "
                f"{_limit(array):,}: it may be another row's number.",
                where=where,
                fix='Use Model(..., dtype="float64"), or fewer rows.',
            )


def _limit(array: Array) -> int:
    """Return the least whole number that another one may be rounded to."""
    return int(2 ** (np.finfo(array.dtype).nmant + 1))


_tables: dict[int, Tables] = {}  # by the id of the network: `predict` of one row asks each time


def embedding_inputs(network: Layer) -> Tables:
    """Return (index of the input, layer) for each layer that takes an input as integers."""
    if not network.calls:  # a single layer, which its own table would keep alive
        return _embedding_inputs(network)
    if (tables := _tables.get(id(network))) is None:
        tables = _tables[id(network)] = _embedding_inputs(network)
        weakref.finalize(network, _tables.pop, id(network), None).atexit = False
    return tables


def _embedding_inputs(network: Layer) -> Tables:
    tables: Tables = []

    def visit(path: str, layer: Layer, source: Any) -> Any:
        """Return the index of the input that a value is, or None for a computed value."""
        if isinstance(layer, TimeDistributed):
            return layer.layer.trace(source, visit)
        if isinstance(layer, Embedding | CategoryEncoding) and source is not None:
            tables.append((source, layer))
        return source if layer.rearranges else None

    network.trace(one_or_tuple(range(network.inputs)), visit)
    return tables

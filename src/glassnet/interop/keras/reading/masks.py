"""Checking that the masks in a functional Keras model are those that glassnet's layers compute.

For a Masking or Embedding layer, Keras writes operations that compute the padding mask (`NotEqual`,
`Any`, `LogicalOr`) and passes their result to later layers as an argument. glassnet's layers
compute the same masks themselves; any other mask is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.interop.keras.reading.entry import Value, refuse, tensor
from glassnet.layers import AttachMask, Layer, PositionEmbedding, Sequential

MERGING = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
OPERATIONS = ("Any", "LogicalOr", "NotEqual")  # the mask operations that can be read
_DEEPEST = 100


class Masks:
    """The mask of each value, as glassnet's layers and as Keras's operations compute it.

    Equal masks have the same number, so comparing them is cheap however they are computed.
    """

    def __init__(self, operations: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
        self._operations = operations  # name -> (kind, calls)
        self._ours: dict[Value, int | None] = {}
        self._read: dict[str, int] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._expressions: list[tuple[Any, ...]] = []

    def follow(self, value: Value, sources: Sequence[Value], kind: str, layer: Layer) -> None:
        """Record the mask of a layer's output."""
        masks = [self._ours.get(source) for source in sources]
        mask: int | None = None
        if isinstance(layer, PositionEmbedding):  # a model in Keras, which passes the mask on
            mask = masks[0]
        elif kind == "Masking":
            mask = self._number("any", sources[0], float(getattr(layer, "mask_value", 0)))
        elif kind == "Embedding" and getattr(layer, "mask_zero", False):
            mask = self._number("!=", sources[0], 0.0)
        elif isinstance(layer, AttachMask):
            mask = self._number("!=", sources[1], 0.0)
        elif kind in ("Embedding", "Functional", "Sequential", "Concatenate"):
            pass  # Keras writes no mask of a model's output; a Concatenate's mask is not read
        elif kind in MERGING:
            mask = masks[0]
            for other in masks[1:]:
                union = None if None in (mask, other) else self._number("or", mask, other)
                mask = mask if mask == other else union
        elif kind in ("AdditiveAttention", "Attention", "MultiHeadAttention") or _keeps_mask(layer):
            mask = masks[0]
        self._ours[value] = mask

    def has_mask(self, value: Value) -> bool:
        """True if the value has a padding mask."""
        return self._ours.get(value) is not None

    def other(self, mask: Any, source: Value, where: str) -> Value | None:
        """Return the value whose zeros are the padding, if the mask that a call gets is not that of
        its input; None if it is. Raises if the mask can't be read.
        """
        number = self._read_mask(mask, where, 0)
        if number == self._ours.get(source):
            return None
        sign, value, *zero = self._expressions[number]
        if sign != "!=" or zero != [0.0]:
            refuse(where, "is called with a mask that glassnet doesn't compute itself.")
        return value

    def _number(self, *expression: Any) -> int:
        if expression not in self._numbers:
            self._numbers[expression] = len(self._expressions)
            self._expressions.append(expression)
        return self._numbers[expression]

    def _read_mask(self, data: Any, where: str, depth: int) -> int:
        """Return the number of the mask that an argument refers to."""
        name, call, output = value = tensor(data) or ("", -1, -1)
        if name in self._read:
            return self._read[name]
        kind, calls = self._operations.get(name, ("InputLayer" if name else "", ()))
        if kind == "InputLayer":  # or the output of a layer
            return self._number("!=", value, 0.0)
        expression: tuple[Any, ...] | None = None
        if call == output == 0 and len(calls) == 1 and depth < _DEEPEST:
            expression = self._expression(kind, calls[0], where, depth + 1)
        if expression is None:
            refuse(where, "is called with a mask that glassnet can't read.")
        same = expression[0] == "or" and expression[1] == expression[2]
        self._read[name] = expression[1] if same else self._number(*expression)
        return self._read[name]

    def _expression(self, kind: str, call: Any, where: str, depth: int) -> tuple[Any, ...] | None:
        """Return how an operation computes a mask, or None if it can't be read."""
        arguments = call.get("args") if isinstance(call, dict) else None
        if kind == "NotEqual" and isinstance(arguments, list) and len(arguments) == 2:
            value, number = tensor(arguments[0]), arguments[1]
            return ("!=", value, float(number)) if value and type(number) in (int, float) else None
        if kind == "LogicalOr" and isinstance(arguments, list) and len(arguments) == 2:
            return ("or", *(self._read_mask(mask, where, depth) for mask in arguments))
        if kind == "Any" and isinstance(arguments, list) and len(arguments) == 1:
            inner = self._read_mask(arguments[0], where, depth)
            sign, *rest = self._expressions[inner]
            return ("any", *rest) if sign == "!=" else None
        return None


def _keeps_mask(layer: Layer) -> bool:
    """True if the mask of the layer's output is that of its input."""
    layers = layer.layers if isinstance(layer, Sequential) else (layer,)
    return all(part.output_mask(_ANY, _ANY) is _ANY for part in layers)


_ANY: Any = object()

"""The masks that a functional Keras model writes out, which must be those that layers make.

Where a Masking or Embedding layer marks padding, Keras writes operations that compute the mask
(`NotEqual`, `Any`, `LogicalOr`), and hands their result to later layers as an argument. glassnet's
layers find the same masks on their own; a mask from anywhere else is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from glassnet.interop.keras.reading.entry import Value, refuse, tensor
from glassnet.layers import Layer, PositionEmbedding

MERGING = ("Add", "Average", "Concatenate", "Maximum", "Multiply", "Subtract")
OPERATIONS = ("Any", "LogicalOr", "NotEqual")  # those that it can read
_DEEPEST = 100


class Masks:
    """The mask of each value as glassnet's layers make it, and as Keras's operations do.

    Equal masks have one number, so that comparing them takes no time however they are made.
    """

    def __init__(self, operations: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
        self._operations = operations  # name -> (kind, calls)
        self._ours: dict[Value, int | None] = {}
        self._read: dict[str, int] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._made_so: list[tuple[Any, ...]] = []

    def follow(self, value: Value, sources: Sequence[Value], kind: str, layer: Layer) -> None:
        """Note the mask of what a layer makes."""
        masks = [self._ours.get(source) for source in sources]
        mask: int | None = None
        if isinstance(layer, PositionEmbedding):  # a model in Keras, which hands the mask on
            mask = masks[0]
        elif kind == "Masking":
            mask = self._number("any", sources[0], float(getattr(layer, "mask_value", 0)))
        elif kind == "Embedding" and getattr(layer, "mask_zero", False):
            mask = self._number("!=", sources[0], 0.0)
        elif kind in ("Embedding", "Functional", "Sequential", "Concatenate"):
            pass  # Keras writes no mask that comes out of a model; of joint ones we write none
        elif kind in MERGING:
            mask = masks[0]
            for other in masks[1:]:
                joint = None if None in (mask, other) else self._number("or", mask, other)
                mask = mask if mask == other else joint
        elif kind == "MultiHeadAttention" or layer.output_mask(_ANY, _ANY) is _ANY:
            mask = masks[0]
        self._ours[value] = mask

    def marks(self, value: Value) -> bool:
        """Whether the layer that makes the value marks padding in it."""
        return self._ours.get(value) is not None

    def check(self, given: Any, sources: Sequence[Value], where: str) -> None:
        """Raise unless the mask that a call is given is that of its input."""
        for one, source in zip(
            given if isinstance(given, list) else [given], sources, strict=False
        ):
            if one is not None and self._made(one, where, 0) != self._ours.get(source):
                refuse(where, "is called with a mask that glassnet doesn't make itself.")

    def _number(self, *how: Any) -> int:
        if how not in self._numbers:
            self._numbers[how] = len(self._made_so)
            self._made_so.append(how)
        return self._numbers[how]

    def _made(self, data: Any, where: str, depth: int) -> int:
        """The mask that an argument stands for."""
        name, call = tensor(data) or ("", -1)
        if name in self._read:
            return self._read[name]
        kind, calls = self._operations.get(name, ("", ()))
        how: tuple[Any, ...] | None = None
        if call == 0 and len(calls) == 1 and depth < _DEEPEST:
            how = self._how(kind, calls[0], where, depth + 1)
        if how is None:
            refuse(where, "is called with a mask that glassnet can't read.")
        same = how[0] == "or" and how[1] == how[2]
        self._read[name] = how[1] if same else self._number(*how)
        return self._read[name]

    def _how(self, kind: str, call: Any, where: str, depth: int) -> tuple[Any, ...] | None:
        arguments = call.get("args") if isinstance(call, dict) else None
        if kind == "NotEqual" and isinstance(arguments, list) and len(arguments) == 2:
            value, number = tensor(arguments[0]), arguments[1]
            return ("!=", value, float(number)) if value and type(number) in (int, float) else None
        if kind == "LogicalOr" and isinstance(arguments, list) and len(arguments) == 2:
            return ("or", *(self._made(one, where, depth) for one in arguments))
        if kind == "Any" and isinstance(arguments, list) and len(arguments) == 1:
            inner = self._made(arguments[0], where, depth)
            sign, *rest = self._made_so[inner]
            return ("any", *rest) if sign == "!=" else None
        return None


_ANY: Any = object()

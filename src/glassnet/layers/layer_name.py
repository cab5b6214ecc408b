"""The names of layers: their own, or the one that they have in a model."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from glassnet.core.names import GeneratedName, snake_case

if TYPE_CHECKING:
    from glassnet.layers.base import Layer


class LayerName:
    """The attribute `name` of a layer. Without a name of its own, it is the one in its model.

    A generated name is not part of the layer: it is not compared, not written to files, and not
    passed on by `dataclasses.replace`.
    """

    def __get__(self, layer: "Layer | None", owner: type) -> Any:
        if layer is None:
            return None  # the field's default
        return (
            own_name(layer)
            or vars(layer).get("_generated")
            or GeneratedName(snake_case(owner.__name__))
        )

    def __set__(self, layer: "Layer", name: str | None) -> None:
        vars(layer)["name"] = None if isinstance(name, GeneratedName) else name


def own_name(layer: "Layer") -> str | None:
    """Return the name that was passed to the layer; None if it has none."""
    name: str | None = vars(layer).get("name")
    return name


def compared(layer: Any) -> tuple[Any, ...]:
    """Return the values of the fields that are compared, with the layer's own name."""
    names = (field.name for field in fields(layer) if field.compare)
    return tuple(own_name(layer) if name == "name" else getattr(layer, name) for name in names)


def shown(layer: Any) -> str:
    """Return the layer as a call of its class, with its own name."""
    values = {field.name: getattr(layer, field.name) for field in fields(layer) if field.repr}
    values["name"] = own_name(layer)
    return f"{type(layer).__qualname__}({', '.join(f'{k}={v!r}' for k, v in values.items())})"


def set_generated_name(layer: "Layer", name: str) -> None:
    """Set the name of a layer without a name of its own."""
    vars(layer)["_generated"] = GeneratedName(name)

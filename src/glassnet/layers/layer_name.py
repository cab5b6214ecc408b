"""The names of layers: their own, or the one that they have in a model."""

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
        return own_name(layer) or vars(layer).get("_generated") or GeneratedName(
            snake_case(owner.__name__)
        )

    def __set__(self, layer: "Layer", name: str | None) -> None:
        vars(layer)["name"] = None if isinstance(name, GeneratedName) else name


def own_name(layer: "Layer") -> str | None:
    """Return the name that was passed to the layer; None if it has none."""
    name: str | None = vars(layer).get("name")
    return name


def set_generated_name(layer: "Layer", name: str) -> None:
    """Set the name of a layer without a name of its own."""
    vars(layer)["_generated"] = GeneratedName(name)
